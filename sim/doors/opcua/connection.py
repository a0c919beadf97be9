"""Connection: one client's TCP connection to an OPC UA door, which can be frozen half-open, reset and closed.

Comes in: bytes in any pieces. Goes out: messages to a `Desk`, one after the other. While it is frozen nothing is read and
nothing leaves; what came meanwhile is carried out when it thaws. Never here: what a message says.
"""

import asyncio
import socket
from typing import Any, Protocol

from asyncua.server.binary_server_asyncio import OPCUAProtocol

from sim.doors.opcua.desk import Desk, Place
from sim.doors.opcua.outlet import Outlet
from sim.doors.ports import lingering_reset


class Threshold(Place, Protocol):
    """The door, as a connection sees it."""

    def take_in(self, newcomer: "Connection") -> None: ...
    def let_go(self, connection: "Connection") -> None: ...


class Connection(OPCUAProtocol):
    """One client."""

    def __init__(self, door: Threshold) -> None:
        server = door.server
        super().__init__(server.iserver, server.policies, [], [], server.limits)
        self._door = door
        self._outlet: Outlet | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends: asyncio.Task[None] | None = None
        self.frozen = False
        self.heard_at = asyncio.get_running_loop().time()

    # ------------------------------------------------------------------------------------ what the network does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.peer_name = transport.get_extra_info("peername")
        self.transport = transport
        self._socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._outlet = Outlet(transport)
        self.processor = Desk(self._door, self._outlet)
        self._task = asyncio.create_task(self._process_received_message_loop(), name="opcua requests")
        self._door.take_in(self)

    def data_received(self, data: bytes) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        super().data_received(data)

    def connection_lost(self, ex: BaseException | None) -> None:  # noqa: ARG002
        self._door.let_go(self)
        if self._outlet is not None:
            self._outlet.forget()
        if self._ends is None:
            self._ends = asyncio.create_task(self._part(), name="opcua connection ends")

    async def _process_one_msg(self, header: Any, buf: Any) -> bool:
        await self._flows.wait()
        return await super()._process_one_msg(header, buf)

    async def _part(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(self.processor, Desk):
            await self.processor.part()

    # ------------------------------------------------------------------------------------ what the door does

    def freeze(self) -> None:
        self.frozen = True
        self._flows.clear()
        if self._outlet is not None:
            self._outlet.freeze()
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def thaw(self) -> None:
        if self.frozen and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()
        self.frozen = False
        if self._outlet is not None:
            self._outlet.thaw()
        self._flows.set()

    def reset(self) -> None:
        if self.transport is not None:
            lingering_reset(self._socket())
            self.transport.abort()
        self._door.let_go(self)

    def close(self) -> None:
        # At once, not when the loop next turns: the door's count must be right for the next newcomer.
        self._door.let_go(self)
        if self._outlet is not None:
            self._outlet.forget()
        if self.transport is not None:
            self.transport.close()

    @property
    def is_over(self) -> bool:
        """Nothing of it runs any more."""
        return self._ends is not None and self._ends.done()

    async def ended(self) -> None:
        """Returns when nothing of this connection runs any more."""
        self.connection_lost(None)
        if self._ends is not None:
            await self._ends

    def _socket(self) -> socket.socket:
        assert self.transport is not None
        found: socket.socket = self.transport.get_extra_info("socket")
        return found
