"""Scanners for the driver tests: a pseudo terminal, a TCP device server, an RFC 2217 server; and an ear that listens.

Not the simulator's doors: these can be unplugged, frozen and broken in the middle of anything.
"""

import asyncio
import contextlib
import os
import select
import socket
import threading
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import serial
from serial import rfc2217

from sortctl.drivers import ScannerWire
from sortctl.site.model import Line

LINE = Line(baudrate=115_200, bytesize=8, parity="none", stopbits=1, flow="none")


class PtyScanner:
    """One end of a pseudo terminal; the other is at `path`, a link that can be laid to the next one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends: list[int] = []

    def plug(self) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        self._ends = [master]
        target = os.ttyname(slave)
        os.close(slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(target)

    def say(self, data: bytes) -> None:
        os.write(self._ends[0], data)

    def unplug(self) -> None:
        for end in self._ends:
            os.close(end)
        self._ends = []
        self.path.unlink(missing_ok=True)


class TcpScanner:
    """A raw device server. `greeting` is what it pours out at once when somebody connects."""

    def __init__(self) -> None:
        self.url = ""
        self.greeting = b""
        self.clients: list[asyncio.StreamWriter] = []
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients.append(writer)
        self.open += 1
        writer.write(self.greeting)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        self.open -= 1
        writer.close()

    def say(self, data: bytes) -> None:
        self.clients[-1].write(data)


@asynccontextmanager
async def tcp_scanner() -> AsyncIterator[TcpScanner]:
    scanner = TcpScanner()
    server = await asyncio.start_server(scanner.serve, "127.0.0.1", 0)
    scanner.url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield scanner
    finally:
        server.close()
        for client in scanner.clients:
            client.transport.abort()
        await asyncio.sleep(0)
        await server.wait_closed()


class LinelessPort(serial.Serial):
    """A pseudo terminal has no modem lines; the server asks for them all the same."""

    cts = dsr = ri = cd = False

    def _update_rts_state(self) -> None:
        pass

    _update_dtr_state = _update_break_state = _update_rts_state


class Rfc2217Server:
    """pyserial's server side over a pseudo terminal; serves one client after another in a thread."""

    def __init__(self, scanner: PtyScanner) -> None:
        self.scanner = scanner
        self.port = LinelessPort(str(scanner.path), timeout=0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"rfc2217://127.0.0.1:{self._listening.getsockname()[1]}"
        self._stop = threading.Event()
        self._cut = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, data: bytes) -> None:
        self.scanner.say(data)

    def cut(self) -> None:
        self._cut.set()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.port.close()
        self._listening.close()

    def write(self, data: bytes) -> None:
        """What the port manager calls to answer."""
        with contextlib.suppress(OSError):
            self._client.sendall(data)

    def _serve(self) -> None:
        self._listening.settimeout(0.02)
        while not self._stop.is_set():
            try:
                self._client, _ = self._listening.accept()
            except TimeoutError:
                continue
            with self._client:
                self._talk()
            self._cut.clear()

    def _talk(self) -> None:
        # The stubs know only one kind of port, and no connection.
        port: Any = self.port
        connection: Any = self
        manager = rfc2217.PortManager(port, connection)
        while not self._stop.is_set() and not self._cut.is_set():
            both: list[Any] = [self._client, self.port.fileno()]
            ready, _, _ = select.select(both, [], [], 0.02)
            try:
                if self.port.fileno() in ready:
                    self.write(b"".join(manager.escape(self.port.read(1024))))
                if self._client in ready:
                    heard = self._client.recv(1024)
                    if not heard:
                        return
                    self.port.write(b"".join(manager.filter(heard)))
            except OSError:
                return


class Ear:
    """Listens to a wire in a task, and remembers."""

    def __init__(self, wire: ScannerWire) -> None:
        self.wire = wire
        self.heard = b""
        self.opened = asyncio.Event()
        self.opens = 0
        self.on_bytes: Callable[[bytes], None] = self._hear
        self.task: asyncio.Task[None] = asyncio.create_task(wire.listen(self._open, self._any))

    def _open(self) -> None:
        assert not self.heard
        self.opens += 1
        self.opened.set()

    def _any(self, data: bytes) -> None:
        self.on_bytes(data)

    def _hear(self, data: bytes) -> None:
        self.heard += data


@asynccontextmanager
async def listening(wire: ScannerWire) -> AsyncIterator[Ear]:
    """The wire is open when this begins, and closed when it ends."""
    ear = Ear(wire)
    opened = asyncio.create_task(ear.opened.wait())
    try:
        await asyncio.wait([opened, ear.task], return_when=asyncio.FIRST_COMPLETED, timeout=5)
        if ear.task.done():
            await ear.task
        assert ear.opened.is_set(), "neither open nor lost"
        yield ear
    finally:
        opened.cancel()
        ear.task.cancel()
        await asyncio.wait([ear.task, opened])
        await wire.close()
