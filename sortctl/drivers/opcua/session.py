"""Session: the way from an address to a session that takes requests, and back. One object, one connection.

Comes in: the connection's settings, the keys. Goes out: services. The whole way up has one limit of time; a session that was
made is closed again whatever happens, as far as the server can still be told: a server has few of them, and keeps one that
was left behind until its time-out. Never here: which nodes, what the values mean.
"""

import asyncio
from typing import Any, Final

from sortctl.drivers import sockets
from sortctl.drivers.keys import Keys
from sortctl.drivers.opcua import identity, user
from sortctl.drivers.opcua.channel import Channel
from sortctl.drivers.opcua.guard import CONNECTING, Guard
from sortctl.drivers.opcua.stack import create_nonce, ua
from sortctl.drivers.ports import LinkError, ReplyRefused
from sortctl.site.model import Reader
from sortctl.site.wires import OpcUaPlc

FAREWELL_S: Final = 0.25
"""For the answer to CloseSession; a server that is mute gets it all the same, when it wakes up."""


class Session:
    """One session on one channel. `guard`: what may be asked on it."""

    def __init__(self, where: str, peer: OpcUaPlc | Reader, keys: Keys | None, guard: Guard) -> None:
        if keys is None and peer.security.policy != identity.NONE:
            raise ValueError(f"{where}: without keys there is no connection with security")
        self.where = where
        self.request_s = peer.request_timeout_ms / 1000
        self._peer = peer
        self._keys = keys
        self._guard = guard
        self._url = f"opc.tcp://{peer.address}{peer.path}"
        self._channel: Channel | None = None
        self._uris: list[str] = []
        self._stands = False

    @property
    def channel(self) -> Channel:
        """The channel, while it stands. LinkError: it does not."""
        if self._channel is None:
            raise LinkError(f"{self.where}: not connected")
        if self._channel.cause:
            raise LinkError(f"{self.where}: {self._channel.cause}")
        return self._channel

    async def open(self) -> None:
        """Connect, judge the server, open channel and session. The caller sets the limit of time, and closes."""
        peer = self._peer
        user.forbid_readable(self.where, peer.security, peer.user)
        host, port = sockets.endpoint(peer.address)
        server = await self._server(host, port)
        channel = self._channel = Channel(self.where, server.policy, peer.channel_lifetime_ms, self._guard)
        await channel.open(host, port, self._url)
        try:
            await self._introduce(channel, server)
        except ReplyRefused as refused:
            raise LinkError(f"{self.where}: {refused.name}") from refused

    async def ask(self, request: Any, answer: type) -> Any:
        """A request to its end, within `request_timeout_ms`. ReplyRefused, LinkError."""
        return await self.channel.ask(request, answer, self.request_s)

    async def read(self, wanted: list[tuple[Any, int]]) -> list[Any]:
        """Data values of nodes and attributes, in this order. LinkError, ReplyRefused."""
        request = ua.ReadRequest()
        request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Neither
        request.Parameters.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=kind) for node, kind in wanted]
        found = (await self.ask(request, ua.ReadResponse)).Results or []
        if len(found) != len(wanted):
            self.channel.drop(f"{len(wanted)} values were asked for, {len(found)} came")
        return list(found)

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

    async def close(self) -> None:
        """Close session, channel and socket; returns when the socket is closed."""
        channel, stands = self._channel, self._stands
        if channel is None:
            return
        self._stands = False
        try:
            if stands and not channel.cause:
                await channel.ask(_goodbye(), ua.CloseSessionResponse, FAREWELL_S)
            elif stands:
                channel.farewell(_goodbye())
        except (LinkError, ReplyRefused):
            pass  # it is closed one way or the other
        finally:
            await channel.close()

    # ------------------------------------------------------------------------------------------- the way up

    async def _server(self, host: str, port: int) -> identity.Judged:
        if self._keys is None or self._peer.security.policy == identity.NONE:
            return identity.unprotected()
        # Held in the same place, so that `close` finds it wherever the way up is broken off.
        channel = self._channel = Channel(self.where, identity.unprotected().policy, 60_000, Guard(CONNECTING))
        await channel.open(host, port, self._url)
        request = ua.GetEndpointsRequest()
        request.Parameters.EndpointUrl = self._url
        try:
            offers = (await channel.ask(request, ua.GetEndpointsResponse)).Endpoints or []
        except ReplyRefused as refused:
            raise LinkError(f"{self.where}: {refused.name}") from refused
        await channel.close()
        return await identity.judged(self.where, self._peer.security, host, offers, self._keys)

    async def _introduce(self, channel: Channel, server: identity.Judged) -> None:
        nonce = create_nonce(identity.NONCE_BYTES)
        request = identity.introduction(server, nonce)
        request.Parameters.EndpointUrl = self._url
        request.Parameters.RequestedSessionTimeout = float(self._peer.session_timeout_ms)
        made = (await channel.ask(request, ua.CreateSessionResponse)).Parameters
        channel.token = made.AuthenticationToken
        self._stands = True
        endpoint = identity.proven_endpoint(self.where, server, nonce, made)
        activation = user.Activation(self.where, server, endpoint, bytes(made.ServerNonce or b""))
        secret = self._keys.secret if self._keys is not None else None
        await channel.ask(activation.request(self._peer.user, secret), ua.ActivateSessionResponse)


def _goodbye() -> Any:
    request = ua.CloseSessionRequest()
    request.DeleteSubscriptions = True
    return request


def node_id(identifier: str, namespace: int) -> Any:
    """The node that the site file calls `identifier`."""
    return ua.NodeId.from_string(f"ns={namespace};{identifier}")


async def within(where: str, limit_ms: int, opening: Any) -> None:
    """Await the opening of a connection; LinkError when it takes longer."""
    try:
        async with asyncio.timeout(limit_ms / 1000):
            await opening
    except TimeoutError as error:
        raise LinkError(f"{where}: no answer within {limit_ms} ms: check power, cable and address") from error
