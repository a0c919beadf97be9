"""A scanner behind a serial device server: one TCP port, one client, raw bytes.

Comes in: telegrams. Goes out: bytes to the client; without one they are lost. A further client is turned away while one
is served, unless that one is frozen. Can be frozen half-open, cut, and taken off the network.
Never here: what a telegram says.
"""

import asyncio
import socket
from typing import Final

from sim.doors.paced import Paced
from sim.doors.ports import LOOPBACK, lingering_reset
from sim.faults.on_line import LineMischief

UNSENT_BYTES_MAX: Final = 4096
"""What a device server holds back for a slow client; more is lost."""


class TcpScanner:
    """One scanner on one port. Made unplugged."""

    def __init__(self, port: int, mischief: LineMischief) -> None:
        self.port = port
        self.mischief = mischief
        self.sent = 0
        self.lost_bytes = 0
        self.clients: list[Client] = []
        self._server: asyncio.Server | None = None
        self._paced = Paced(self._write)

    @property
    def plugged(self) -> bool:
        return self._server is not None

    async def plug(self) -> None:
        """Listens; does nothing if it already does."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: Client(self), LOOPBACK, self.port, reuse_address=True)

    def unplug(self) -> None:
        """Off the network: nobody listens, the client is cut hard."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._paced.forget()
        for client in list(self.clients):
            client.cut()

    close = unplug

    def freeze(self) -> None:
        """The client's connection goes silent; a new one is served."""
        for client in self.clients:
            client.freeze()

    def thaw(self) -> None:
        for client in self.clients:
            client.thaw()

    def noise(self, data: bytes) -> None:
        """Bytes that are no telegram."""
        if not self._paced.put(data):
            self.lost_bytes += len(data)

    def has_reader(self) -> bool:
        """Somebody is connected and served."""
        return any(not client.frozen for client in self.clients)

    def send(self, telegram: bytes) -> None:
        """One telegram, as the line's mischief lets it through. Never blocks."""
        self.sent += 1
        for piece in self.mischief.pass_on(telegram):
            if not self._paced.put(piece.data, pause_s=piece.pause_ms / 1000):
                self.lost_bytes += len(piece.data)

    def _write(self, data: bytes) -> None:
        if not any(client.take(data) for client in self.clients):
            self.lost_bytes += len(data)


class Client(asyncio.Protocol):
    """One connection to the scanner."""

    def __init__(self, scanner: TcpScanner) -> None:
        self._scanner = scanner
        self._transport: asyncio.Transport | None = None
        self.frozen = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._scanner.has_reader():
            transport.close()
            return
        self._transport = transport
        self._socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._scanner.clients.append(self)

    def data_received(self, data: bytes) -> None:
        """A trigger or a setting; this scanner reads by itself."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self in self._scanner.clients:
            self._scanner.clients.remove(self)

    def take(self, data: bytes) -> bool:
        """Writes, if this client is served and keeps up."""
        if self.frozen or self._transport is None or self._transport.is_closing():
            return False
        if self._transport.get_write_buffer_size() + len(data) > UNSENT_BYTES_MAX:
            return False
        self._transport.write(data)
        return True

    def freeze(self) -> None:
        self.frozen = True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def thaw(self) -> None:
        if self.frozen and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        self.frozen = False

    def cut(self) -> None:
        if self in self._scanner.clients:
            self._scanner.clients.remove(self)
        if self._transport is not None:
            lingering_reset(self._socket())
            self._transport.abort()

    def _socket(self) -> socket.socket:
        assert self._transport is not None
        found: socket.socket = self._transport.get_extra_info("socket")
        return found
