"""The scanners' doors: what a reader sees when all is well, too slow, unplugged, frozen."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.doors.scanner_pty import PtyScanner
from sim.doors.scanner_tcp import TcpScanner
from sim.faults.on_line import LineMischief
from sortctl.drivers import LinkError, scanner_wire
from sortctl.site.model import Framing, Line, Scanner

pytestmark = pytest.mark.wire

TELEGRAM = b"\x02JJBEA12345678\r\n"
FLOOD = 4_000


@pytest.fixture
def pty(tmp_path: Path) -> PtyScanner:
    return PtyScanner(tmp_path / "top", LineMischief(1))


def open_port(scanner: PtyScanner) -> int:
    return os.open(scanner.link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def test_bytes_pass_untouched_without_any_setting_by_the_reader(pty: PtyScanner) -> None:
    pty.plug()
    port = open_port(pty)
    pty.send(bytes(range(256)))
    assert os.read(port, 1000) == bytes(range(256))
    os.close(port)
    pty.close()


def test_what_nobody_hears_is_lost(pty: PtyScanner) -> None:
    """A telegram from before the port was opened must not be taken for a parcel of now."""
    pty.plug()
    pty.send(b"before")
    port = open_port(pty)
    pty.send(b"now")
    assert os.read(port, 100) == b"now"
    os.close(port)
    pty.send(b"after")
    assert pty.lost_bytes == len(b"before" + b"after")
    pty.close()


def test_a_slow_reader_loses_bytes_and_blocks_nobody(pty: PtyScanner) -> None:
    pty.plug()
    port = open_port(pty)
    for _ in range(FLOOD):
        pty.send(TELEGRAM)
    assert pty.lost_bytes > 0
    os.close(port)
    pty.close()


def test_what_is_said_to_the_scanner_does_not_come_back(pty: PtyScanner) -> None:
    pty.plug()
    port = open_port(pty)
    os.write(port, b"trigger")
    pty.send(b"x")
    assert os.read(port, 100) == b"x"
    os.close(port)
    pty.close()


def test_unplugged_the_link_is_gone_and_comes_back_under_its_name(pty: PtyScanner) -> None:
    pty.plug()
    port = open_port(pty)
    pty.unplug()
    assert not pty.link.is_symlink()
    with contextlib.suppress(OSError):  # an error or the end of the file, as the kernel likes
        assert os.read(port, 100) == b""
    pty.send(b"nobody")
    pty.plug()
    again = open_port(pty)
    pty.send(b"again")
    assert os.read(again, 100) == b"again"
    os.close(port)
    os.close(again)
    pty.close()
    assert not pty.link.is_symlink()


# ------------------------------------------------------------------------------------- with the real drivers


class Heard:
    """What a driver passes on."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.bytes = b""
        self.more = asyncio.Event()

    def take(self, data: bytes) -> None:
        self.bytes += data
        self.more.set()

    async def until(self, data: bytes) -> None:
        async with asyncio.timeout(5):
            while self.bytes != data:
                await self.more.wait()
                self.more.clear()


def scanner_at(url: str) -> Scanner:
    line = Line(baudrate=115200, bytesize=8, parity="none", stopbits=1, flow="none")
    return Scanner(sorter="line", scan_point=1, url=url, line=None if "tcp" in url else line,
                   framing=Framing(terminator="CRLF"), window_mm=250, delay_ms=60)  # fmt: skip


@pytest.fixture
async def tcp(port: int) -> AsyncIterator[TcpScanner]:
    scanner = TcpScanner(port, LineMischief(1))
    await scanner.plug()
    yield scanner
    scanner.close()
    await asyncio.sleep(0)


async def served(door: PtyScanner | TcpScanner) -> None:
    # The server's side of a connection stands a moment after the client's.
    async with asyncio.timeout(5):
        while not door.has_reader():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def hear_and_lose(url: str, door: PtyScanner | TcpScanner) -> None:
    heard = Heard()
    wire = scanner_wire(scanner_at(url))
    async with asyncio.timeout(10):
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(lost(wire.listen(heard.opened.set, heard.take)))
            await heard.opened.wait()
            await served(door)
            door.mischief.split = 1.0
            door.send(TELEGRAM)
            await heard.until(TELEGRAM)
            door.unplug()
        assert listening.result()
    await wire.close()


async def lost(listening: object) -> str:
    with pytest.raises(LinkError) as error:
        await listening  # type: ignore[misc]
    return str(error.value)


async def test_the_serial_driver_hears_and_notices_the_unplugging(pty: PtyScanner) -> None:
    pty.plug()
    await hear_and_lose(str(pty.link), pty)


async def test_the_tcp_driver_hears_and_notices_the_end(tcp: TcpScanner) -> None:
    await hear_and_lose(f"tcp://127.0.0.1:{tcp.port}", tcp)


async def test_a_device_server_serves_one_client_unless_that_one_is_frozen(tcp: TcpScanner) -> None:
    first_reader, first = await asyncio.open_connection("127.0.0.1", tcp.port)
    tcp_second_reader, second = await asyncio.open_connection("127.0.0.1", tcp.port)
    async with asyncio.timeout(5):
        assert await tcp_second_reader.read() == b""
    tcp.freeze()
    third_reader, third = await asyncio.open_connection("127.0.0.1", tcp.port)
    async with asyncio.timeout(5):
        await served(tcp)
        tcp.send(TELEGRAM)
        assert await third_reader.readexactly(len(TELEGRAM)) == TELEGRAM
    assert not first_reader.at_eof()
    for writer in (first, second, third):
        writer.close()
