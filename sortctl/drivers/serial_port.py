"""Serial port: a scanner at a device path, or behind an RFC 2217 server. The only file that imports pyserial.

Comes in: the path or address, and the five settings of the line. Goes out: bytes as they come. One open sets everything:
settings, exclusive use, low latency, empty buffers; nothing is left over from the last one.
Never here: raw device servers (`tcp_stream`), telegrams.

A port that fails raises OSError, ValueError, termios.error, TypeError and more, as it was pulled out here or there: around
pyserial every exception is a lost link.

A device path is read by the event loop. RFC 2217 has no client for asyncio: one thread owns pyserial's, and hands the
bytes over. It ends by itself when the connection is lost, closed or overrun.
"""

import asyncio
import contextlib
import errno
import logging
import os
import termios
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import serial
import serial_asyncio_fast
from serial import rfc2217

from sortctl.drivers import sockets
from sortctl.drivers.listening import SETTLE_S, Listener
from sortctl.drivers.ports import LinkError
from sortctl.site.model import Line

log = logging.getLogger(__name__)

OPEN_S: Final = 5.0
"""Opening a port takes milliseconds; a driver that hangs must not hang us."""
LATE_OPEN_S: Final = 0.5
"""A close waits so long for an open that was given up; what opens later is closed then."""
PARITY: Final = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
WORDS: Final = {
    errno.ENOENT: "there is no such port: is the adapter plugged in, and the path right?",
    errno.ENODEV: "there is no such port: is the adapter plugged in, and the path right?",
    errno.ENXIO: "there is no such port: is the adapter plugged in, and the path right?",
    errno.EACCES: "not allowed: put the user of this service into the group dialout",
    errno.EPERM: "not allowed: put the user of this service into the group dialout",
    errno.EAGAIN: "another program uses it: end that program",
    errno.EBUSY: "another program uses it: end that program",
    errno.EIO: "unplugged, or hung up: check the cable and the adapter",
    errno.ENOTTY: "that is not a serial port: correct the path",
    errno.EISDIR: "that is not a serial port: correct the path",
    errno.EINVAL: "the port does not take these settings: correct the line settings",
}
RFC2217_READ_S: Final = 0.1
"""How soon the thread notices that it is to end."""
RFC2217_BEHIND_MAX: Final = 65_536
"""Bytes read and not yet taken by the loop: at 115,200 baud, five seconds of it standing still."""
RFC2217_CLOSE_S: Final = 10.0
"""pyserial's own waits while it opens: 5 s to connect, 3 s to agree. A thread that hangs longer is left behind."""


class Port(serial.Serial):
    """A serial port that is read without waiting, and whose every failure to read is a SerialException."""

    def read(self, size: int = 1, /) -> bytes:
        """What is there, at most `size` bytes."""
        try:
            data = os.read(self.fd, size)  # type: ignore[arg-type]  # None once closed: a TypeError
        except BlockingIOError:
            return b""
        except Exception as error:
            # asyncio's transport ends the connection for nothing else; anything else would be raised again and again.
            raise serial.SerialException(getattr(error, "errno", None), str(error)) from error
        if not data:
            raise serial.SerialException(errno.EIO, "the port hung up")
        return data


class SerialWire:
    """One open of a device path."""

    def __init__(self, url: str, line: Line | None) -> None:
        self._path = url.removeprefix("pty:")
        self._where = f"serial port {self._path}"
        self._line = line
        self._opening: asyncio.Future[Port] | None = None
        self._listener: Listener | None = None

    async def listen(self, on_open: Callable[[], None], on_bytes: Callable[[bytes], None]) -> None:
        """Open the port and hand on what comes; never returns."""
        try:
            listener = self._listener = Listener()
            await self._opened(listener)
            on_open()
            listener.listen(on_bytes)
            lost = await listener.over()
            raise LinkError(f"{self._where}: {_meaning(lost) if lost else 'closed here'}")
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the port; returns when it can be opened again."""
        if self._listener and self._listener.transport:
            await self._listener.close()
        elif self._opening:
            # Given up in the middle: a port that opens all the same must not stay open.
            await asyncio.wait([self._opening], timeout=LATE_OPEN_S)
            if self._opening.done():
                _close_late(self._opening)
            else:
                self._opening.add_done_callback(_close_late)

    async def _opened(self, listener: Listener) -> None:
        settings = _settings(self._where, self._line)
        try:
            port = await self._open(settings)
            # What was on its way when the port was opened comes now; then the buffer is emptied again.
            await asyncio.sleep(SETTLE_S)
            port.reset_input_buffer()
            loop = asyncio.get_running_loop()
            # Sets the line once more, and so finds out what the port did not take the first time.
            listener.transport, _ = await serial_asyncio_fast.connection_for_serial(loop, lambda: listener, port)
        except LinkError:
            raise
        except Exception as error:
            raise LinkError(f"{self._where}: {_meaning(error)}") from error
        log.info("%s: open, %s", self._where, settings)

    async def _open(self, settings: dict[str, Any]) -> Port:
        loop = asyncio.get_running_loop()
        self._opening = loop.run_in_executor(None, partial(_port, self._path, settings))
        try:
            async with asyncio.timeout(OPEN_S):
                return await asyncio.shield(self._opening)
        except TimeoutError as error:
            wait = f"it did not open within {OPEN_S:g} s"
            raise LinkError(f"{self._where}: {wait}: unplug the adapter and plug it in again") from error


class Rfc2217Wire:
    """One connection to a serial port behind an RFC 2217 server."""

    def __init__(self, url: str, line: Line | None) -> None:
        self._url = url
        self._where = f"scanner at {url}"
        self._line = line
        self._ended: asyncio.Future[None] | None = None
        self._stop = threading.Event()
        # Each is written by one thread only: bytes handed over, and bytes taken.
        self._handed = 0
        self._taken = 0

    async def listen(self, on_open: Callable[[], None], on_bytes: Callable[[bytes], None]) -> None:
        """Connect, agree on the settings, and hand on what comes; never returns."""
        settings = _settings(self._where, self._line)
        loop = asyncio.get_running_loop()
        over: asyncio.Future[None] = loop.create_future()
        ended = self._ended = loop.create_future()

        def take(data: bytes) -> None:
            self._taken += len(data)
            if over.done():
                return
            try:
                on_bytes(data) if data else on_open()
            except BaseException as crash:  # noqa: BLE001
                # A broken rule must end the process; here it would only be logged by the loop.
                over.set_exception(crash)

        def end(cause: str) -> None:
            ended.set_result(None)
            if not over.done():
                over.set_exception(LinkError(f"{self._where}: {cause}"))

        def own_the_port() -> None:
            # A closed loop takes nothing more; then nobody is left to be told.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(end, self._read(settings, lambda data: loop.call_soon_threadsafe(take, data)))

        threading.Thread(target=own_the_port, name=self._where, daemon=True).start()
        try:
            await over
        finally:
            await self.close()

    async def close(self) -> None:
        """Let the thread end; returns when it has."""
        self._stop.set()
        if self._ended and not self._ended.done():
            await asyncio.wait([self._ended], timeout=RFC2217_CLOSE_S)

    def _read(self, settings: dict[str, Any], hand: Callable[[bytes], object]) -> str:
        """The thread: open, hand over an empty piece for the open, then what comes; the cause of the end."""
        try:
            with _rfc2217_port(self._url, settings) as port:
                self._stop.wait(SETTLE_S)
                port.reset_input_buffer()
                hand(b"")
                while not self._stop.is_set():
                    data = port.read(1)
                    data += port.read(port.in_waiting)
                    self._handed += len(data)
                    if self._handed - self._taken > RFC2217_BEHIND_MAX:
                        return "bytes come faster than they can be taken"
                    if data:
                        hand(data)
        except Exception as error:  # noqa: BLE001
            return _meaning(error)
        return "closed here"


def _settings(where: str, line: Line | None) -> dict[str, Any]:
    if line is None:
        raise LinkError(f"{where}: the site file has no line settings for it")
    return {
        "baudrate": line.baudrate,
        "bytesize": line.bytesize,
        "parity": PARITY[line.parity],
        "stopbits": line.stopbits,
        "rtscts": line.flow == "rtscts",
        "xonxoff": line.flow == "xonxoff",
    }


def _port(path: str, settings: dict[str, Any]) -> Port:
    port = Port(path, exclusive=True, timeout=0, **settings)
    # Without it USB adapters hold bytes back for up to 16 ms. Pseudo terminals and some drivers do not have it.
    with contextlib.suppress(Exception):
        port.set_low_latency_mode(True)
    return port


def _close_late(opening: "asyncio.Future[Port]") -> None:
    if not opening.cancelled() and not opening.exception():
        opening.result().close()


def _rfc2217_port(url: str, settings: dict[str, Any]) -> rfc2217.Serial:
    port = rfc2217.Serial(url, timeout=RFC2217_READ_S, **settings)
    sockets.watch(port._socket)  # type: ignore[attr-defined]  # noqa: SLF001
    return port


def _meaning(error: BaseException) -> str:
    """What `error` means for somebody at the machine. pyserial often keeps the number only in what it came from."""
    if "RFC2217" in str(error):
        return "it does not speak RFC 2217, or refuses the line settings: a raw device server is written tcp://"
    for each in (error, error.__cause__, error.__context__):
        number = each.args[0] if isinstance(each, termios.error) else getattr(each, "errno", None)
        if number in WORDS:
            return WORDS[number]
        if isinstance(each, OSError) and (number in sockets.WORDS or not isinstance(each, serial.SerialException)):
            return sockets.meaning(each)
    return str(error) or type(error).__name__
