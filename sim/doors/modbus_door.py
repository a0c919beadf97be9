"""The Modbus door: a PLC's Modbus TCP server that can be refused, reset, frozen half-open and made to misbehave.

Comes in: connections on loopback, requests in any pieces, several in one segment. Goes out: one answer each, in order,
treated as `sim/faults` says. At most `connections_max` connections; a further one closes the one silent longest.
Never here: the registers (`sim/doors/registers.py`), when a fault begins or ends.
"""

import asyncio
import socket
from typing import Final

from sim.doors.mbap import Envelopes, NotModbus, Request, envelope
from sim.doors.paced import Paced
from sim.doors.ports import LOOPBACK, lingering_reset
from sim.doors.registers import Registers, exception_pdu
from sim.faults.at_modbus import Mischief, Treatment

CONNECTIONS_MIN: Final = 3
"""The contract asks for at least so many."""
NO_SUCH_UNIT: Final = 11
PIECE_PAUSE_S: Final = 0.001


class ModbusDoor:
    """One PLC's server on one port."""

    def __init__(
        self, registers: Registers, unit: int, mischief: Mischief, port: int, connections_max: int = CONNECTIONS_MIN
    ) -> None:
        self.registers = registers
        self.unit = unit
        self.mischief = mischief
        self.port = port
        self.connections_max = connections_max
        self.freezes_new = False
        """A new connection is frozen as soon as it stands."""
        self.connections: list[Connection] = []
        self.requests = 0
        self.closed_for_room = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listens; does nothing if it already does."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: Connection(self), LOOPBACK, self.port, reuse_address=True)

    def refuse(self) -> None:
        """New connections are refused from now on; the ones that stand go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def reset(self) -> None:
        """Every connection is cut hard."""
        for connection in list(self.connections):
            connection.reset()

    def close(self) -> None:
        """Nobody listens any more and every connection is closed."""
        self.refuse()
        for connection in list(self.connections):
            connection.close()

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

    def take_in(self, newcomer: "Connection") -> None:
        """Makes room for a connection that was just accepted."""
        while len(self.connections) >= self.connections_max:
            self.closed_for_room += 1
            min(self.connections, key=lambda connection: connection.heard_at).close()
        self.connections.append(newcomer)
        if self.freezes_new:
            newcomer.freeze()

    def let_go(self, connection: "Connection") -> None:
        if connection in self.connections:
            self.connections.remove(connection)


class Connection(asyncio.Protocol):
    """One client. Answers leave in the order of the requests, whatever each has to wait for."""

    def __init__(self, door: ModbusDoor) -> None:
        self._door = door
        self._loop = asyncio.get_running_loop()
        self._envelopes = Envelopes()
        self._paced = Paced(self._write)
        self._transport: asyncio.Transport | None = None
        self.frozen = False
        self.heard_at = self._loop.time()

    # ------------------------------------------------------------------------------------ what the network does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._door.take_in(self)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        try:
            requests = self._envelopes.feed(data)
        except NotModbus:
            self.close()
            return
        for request in requests:
            self._serve(request)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._door.let_go(self)
        self._paced.forget()

    # ------------------------------------------------------------------------------------ what the door does

    def freeze(self) -> None:
        self.frozen = True
        self._paced.forget()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def thaw(self) -> None:
        if self.frozen and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        self.frozen = False

    def reset(self) -> None:
        if self._transport is not None:
            lingering_reset(self._socket())
            self._transport.abort()
        self._door.let_go(self)

    def close(self) -> None:
        # At once, not when the loop next turns: the door's count must be right for the next newcomer.
        self._door.let_go(self)
        self._paced.forget()
        if self._transport is not None:
            self._transport.close()

    # ------------------------------------------------------------------------------------ one request

    def _serve(self, request: Request) -> None:
        if self.frozen:
            return
        self._door.requests += 1
        function = request.pdu[0]
        treatment = self._door.mischief.treat(function)
        if request.unit != self._door.unit:
            answer = exception_pdu(function, NO_SUCH_UNIT)
        elif treatment.exception:
            answer = exception_pdu(function, treatment.exception)
        elif treatment.apply:
            answer = self._door.registers.answer(request.pdu, tear=treatment.tear)
        else:
            return
        if treatment.answer:
            self._send(envelope(request.transaction + treatment.transaction_off, request.unit, answer), treatment)

    def _send(self, data: bytes, treatment: Treatment) -> None:
        size = treatment.piece_bytes or len(data)
        for start in range(0, len(data), size):
            taken = self._paced.put(
                data[start : start + size], wait_s=treatment.delay_ms / 1000, pause_s=PIECE_PAUSE_S if start else 0.0
            )
            if not taken:
                self.close()
                return

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _socket(self) -> socket.socket:
        assert self._transport is not None
        found: socket.socket = self._transport.get_extra_info("socket")
        return found
