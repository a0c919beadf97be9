"""Session: the way from an address to a session that takes requests, and back. One object, one connection.

Comes in: the connection's settings, the keys. Goes out: asyncua's client with a session that is proven, answers. The whole
way up has one limit of time; a session that was made is closed again whatever happens, as far as the server can still be
told: a server has few of them, and keeps one that was left behind until its time-out.
Never here: which nodes, what the values mean.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from sortctl.drivers import sockets
from sortctl.drivers.keys import Keys
from sortctl.drivers.opcua import faults, identity, user, words
from sortctl.drivers.opcua.connection import Connection
from sortctl.drivers.opcua.guard import CONNECTING, Guard
from sortctl.drivers.opcua.stack import ua
from sortctl.drivers.ports import LinkError, ReplyRefused
from sortctl.site.model import Reader
from sortctl.site.wires import OpcUaPlc

ENDPOINTS_LIFETIME_MS: Final = 60_000
T = TypeVar("T")


class Session:
    """One session on one channel. `guard`: what may be asked on it. `on_end`: called when nothing more can be asked."""

    def __init__(
        self,
        where: str,
        peer: OpcUaPlc | Reader,
        keys: Keys | None,
        guard: Guard,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        if keys is None and peer.security.policy != identity.NONE:
            raise ValueError(f"{where}: without keys there is no connection with security")
        self.where = where
        self.request_s = peer.request_timeout_ms / 1000
        self._peer = peer
        self._keys = keys
        self._guard = guard
        self._on_end = on_end
        self._url = f"opc.tcp://{peer.address}{peer.path}"
        self._connection: Connection | None = None
        self._uris: list[str] = []

    async def open(self) -> None:
        """Connect, judge the server, open channel and session. The caller sets the limit of time, and closes."""
        try:
            await self._open()
        except ReplyRefused as refused:
            raise LinkError(f"{self.where}: {refused.name}") from refused

    @property
    def connection(self) -> Connection:
        """The connection. LinkError: there is none yet."""
        if self._connection is None:
            raise LinkError(f"{self.where}: not connected")
        return self._connection

    def allow(self, guard: Guard) -> None:
        """From now on, this may be asked."""
        self.connection.client.uaclient.observer = guard

    async def ask(self, request: Callable[[Any], Awaitable[T]]) -> T:
        """A request to asyncua's services, to its end within `request_timeout_ms`. ReplyRefused, LinkError."""
        connection = self.connection
        return await connection.ask(lambda: request(connection.client.uaclient), self.request_s)

    async def read(self, wanted: Sequence[tuple[Any, int]]) -> list[Any]:
        """Data values of nodes and attributes, in this order. LinkError, ReplyRefused."""
        asked = words.read_of(wanted)
        return self.all_of(await self.ask(lambda services: services.read(asked)), len(wanted))

    async def find(self, start: Any, paths: Sequence[str]) -> list[Any]:
        """The nodes at the ends of these paths, in one request, as browsing takes minutes. None where there is none."""
        client = self.connection.client
        found = await self.connection.ask(lambda: client.translate_browsepaths(start, paths), self.request_s)
        return [
            each.Targets[0].TargetId if faults.is_good(int(each.StatusCode.value)) and each.Targets else None
            for each in self.all_of(found, len(paths))
        ]

    async def namespace_index(self, uri: str) -> int:
        """The number of this namespace on this server, today. LinkError: it has none."""
        if not await self.has_namespace(uri):
            known = ", ".join(self._uris[1:])[:300] or "none"
            raise LinkError(f"{self.where}: it has no namespace {uri}, but {known}: correct the site file")
        return self._uris.index(uri)

    async def has_namespace(self, uri: str) -> bool:
        """Whether the server has this namespace."""
        if not self._uris:
            (told,) = await self.read([(ua.NodeId(ua.ObjectIds.Server_NamespaceArray), ua.AttributeIds.Value)])
            self._uris = [str(each) for each in told.Value.Value or ()] if told.Value is not None else []
        return uri in self._uris

    def all_of(self, found: list[T] | None, count: int) -> list[T]:
        """What came, if it is as much as was asked for."""
        if len(found or ()) != count:
            raise self.connection.fail(f"{count} results were asked for, {len(found or ())} came")
        return found or []

    async def close(self) -> None:
        """Close session, channel and socket; returns when the socket is closed."""
        if self._connection is not None:
            await self._connection.close()

    # ------------------------------------------------------------------------------------------- the way up

    async def _open(self) -> None:
        peer = self._peer
        user.forbid_readable(self.where, peer.security, peer.user)
        server = await self._server()
        connection = self._connection = Connection(self.where, self._url, self._guard, self._on_end)
        client = connection.client
        identity.introduce(client, server)
        client.session_timeout = peer.session_timeout_ms
        await connection.open(server.policy, peer.channel_lifetime_ms)
        # asyncua looks whether the server signed our random number, and showed the certificate of the channel.
        made = await connection.ask(client.create_session, unreadable=identity.UNPROVEN)
        endpoint = identity.proven_endpoint(self.where, server, made)
        secret = self._keys.secret if self._keys is not None else None
        activate = user.Activation(self.where, client, server, endpoint).of(peer.user, secret)
        await connection.ask(activate, unreadable=user.UNTOLD)

    async def _server(self) -> identity.Judged:
        if self._keys is None or self._peer.security.policy == identity.NONE:
            return identity.unprotected()
        # Held in the same place, so that `close` finds it wherever the way up is broken off.
        connection = self._connection = Connection(self.where, self._url, Guard(CONNECTING))
        await connection.open(identity.unprotected().policy, ENDPOINTS_LIFETIME_MS)
        offers = await connection.ask(connection.client.get_endpoints) or []
        await connection.close()
        host, _ = sockets.endpoint(self._peer.address)
        return await identity.judged(self.where, self._peer.security, host, offers, self._keys)


def node_id(identifier: str, namespace: int) -> Any:
    """The node that the site file calls `identifier`."""
    return ua.NodeId.from_string(f"ns={namespace};{identifier}")


async def within(where: str, limit_ms: int, opening: Awaitable[None]) -> None:
    """Await the opening of a connection; LinkError when it takes longer."""
    try:
        async with asyncio.timeout(limit_ms / 1000):
            await opening
    except TimeoutError as error:
        raise LinkError(f"{where}: no answer within {limit_ms} ms: check power, cable and address") from error
