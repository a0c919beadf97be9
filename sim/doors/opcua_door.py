"""The OPC UA door: a PLC's OPC UA server that can be refused, reset, frozen half-open, restarted and made to misbehave.

Comes in: connections on loopback. Goes out: answers of the nodes that stand behind it (`sim/doors/opcua`), treated as
`sim/faults/at_opcua.py` says. The address space stays while the door is closed; connections and sessions do not: to a
client that is a restart of the server. Never here: the nodes, when a fault begins or ends.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from asyncua.server.internal_session import InternalSession

from sim.doors.opcua.connection import Connection
from sim.doors.opcua.locks import Locks
from sim.doors.opcua.standing import StandingServer
from sim.doors.ports import LOOPBACK
from sim.faults.at_opcua import Manners, Mischief


class Furnishing(Protocol):
    """Nodes that stand behind a door."""

    async def furnish(self, server: StandingServer) -> None:
        """Builds them; called once, before the first connection."""


class Entrance(NamedTuple):
    """Where the door is and how it is locked."""

    port: int
    path: str = ""
    locks: Locks = Locks()


class OpcUaDoor:
    """One server on one port."""

    def __init__(
        self,
        entrance: Entrance,
        furnishings: Sequence[Furnishing],
        mischief: Mischief,
        manners: Manners | None = None,
    ) -> None:
        self.port = entrance.port
        self.url = f"opc.tcp://{LOOPBACK}:{entrance.port}{entrance.path}"
        self.locks = entrance.locks
        self.mischief = mischief
        self.manners = manners or Manners()
        self.server = StandingServer(self.url)
        self.freezes_new = False
        """A new connection is frozen as soon as it stands."""
        self.connections: list[Connection] = []
        self.requests = 0
        self.renewals = 0
        """Of secure channels."""
        self.closed_for_room = 0
        self._furnishings = furnishings
        self._gone: list[Connection] = []
        self._listener: asyncio.Server | None = None
        self._stands = False

    @property
    def listens(self) -> bool:
        """Newcomers can connect."""
        return self._listener is not None

    @property
    def sessions(self) -> int:
        """Sessions that stand, with or without a connection."""
        return len(self._open_sessions())

    async def open(self) -> None:
        """Listens; does nothing if it already does. The first time in a process takes a second or two."""
        if not self._stands:
            self._stands = True
            await self.server.stand(self.locks)
            for furnishing in self._furnishings:
                await furnishing.furnish(self.server)
        if self._listener is None:
            await self._clear_up()
            self._keep_manners()
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(lambda: Connection(self), LOOPBACK, self.port, reuse_address=True)

    async def lock(self, locks: Locks) -> None:
        """Other keys, certificates and users for connections from now on."""
        self.locks = locks
        if self._stands:
            await self.server.lock(locks)

    def refuse(self) -> None:
        """New connections are refused from now on; the ones that stand go on."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def reset(self) -> None:
        """Every connection is cut hard. Their sessions stand until they time out."""
        for connection in list(self.connections):
            connection.reset()

    def close(self) -> None:
        """The server is down: nobody listens, every connection is closed, no session is kept beyond the next `open`."""
        self.refuse()
        for connection in list(self.connections):
            connection.close()

    async def end(self) -> None:
        """Closed for good; nothing is left running."""
        self.close()
        await self._clear_up()
        if self._stands:
            self._stands = False
            await self.server.end()

    def freeze(self, *, new_as_well: bool = False) -> None:
        """The standing connections go silent: nothing is read, nothing answered, nothing closed."""
        self.freezes_new = new_as_well
        for connection in self.connections:
            connection.freeze()

    def thaw(self) -> None:
        """What was frozen goes on, with the requests that came meanwhile: late blocks are carried out."""
        self.freezes_new = False
        for connection in list(self.connections):
            connection.thaw()

    def take_in(self, newcomer: Connection) -> None:
        """Makes room for a connection that was just accepted."""
        self._keep_manners()
        while len(self.connections) >= self.manners.connections_max:
            self.closed_for_room += 1
            min(self.connections, key=lambda connection: connection.heard_at).close()
        self.connections.append(newcomer)
        if self.freezes_new:
            newcomer.freeze()

    def let_go(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
            self._gone = [gone for gone in self._gone if not gone.is_over]
            self._gone.append(connection)

    async def _clear_up(self) -> None:
        gone, self._gone = self._gone, []
        for connection in gone:
            await connection.ended()
        for session in self._open_sessions():
            await session.close_session(True)

    def _keep_manners(self) -> None:
        core, manners = self.server.iserver, self.manners
        core.min_session_timeout_ms, core.max_session_timeout_ms = manners.session_timeout_ms
        core.max_monitored_item_queue_size = manners.queue_max
        self.server.publishing.shortest_ms = manners.publishing_interval_min_ms

    def _open_sessions(self) -> list[InternalSession]:
        return list(self.server.iserver._external_sessions.values())  # noqa: SLF001 asyncua has no other list of them
