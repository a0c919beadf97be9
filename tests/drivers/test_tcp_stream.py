"""A scanner behind a raw device server, and the TCP settings all connections share."""

import asyncio
import errno
import socket
import struct

import pytest

from sortctl.drivers import LinkError, sockets
from sortctl.drivers.tcp_stream import TcpStreamWire
from tests.drivers.plc import until
from tests.drivers.scanners import TcpScanner, listening

GENEROUS_S = 1.0


async def test_bytes_come_as_they_come(tcp: TcpScanner) -> None:
    every = bytes(range(256)) * 100
    async with listening(TcpStreamWire(tcp.url)) as ear:
        tcp.say(every)
        await until(lambda: len(ear.heard) == len(every))
        assert ear.heard == every
        assert ear.opens == 1


async def test_bytes_older_than_the_open_are_dropped(tcp: TcpScanner) -> None:
    """A device server pours out what it stored while nobody was connected."""
    tcp.greeting = b"OLD\r" * 50
    async with listening(TcpStreamWire(tcp.url)) as ear:
        tcp.say(b"NEW\r")
        await until(lambda: ear.heard == b"NEW\r")


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_lost_connection_is_told_at_once(tcp: TcpScanner, how: str) -> None:
    async with asyncio.timeout(GENEROUS_S), listening(TcpStreamWire(tcp.url)) as ear:
        if how == "reset":
            sock = tcp.clients[0].get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tcp.clients[0].close()
        with pytest.raises(LinkError, match="it cut the connection" if how == "reset" else "it closed the connection"):
            await ear.task


async def test_a_device_server_that_turns_us_away_is_told(tcp: TcpScanner) -> None:
    """It accepts and closes at once: it serves somebody else. The scanner was never open."""

    async def turn_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    opens: list[int] = []
    async with await asyncio.start_server(turn_away, "127.0.0.1", 0) as server:
        wire = TcpStreamWire(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(LinkError, match="does it serve somebody else"):
            await wire.listen(lambda: opens.append(1), lambda _: None)
    assert opens == []


@pytest.mark.parametrize("offer", [b"\xff\xfd\x2c", b"\xff\xfb\x01\xff\xfb\x2c"])
async def test_a_server_that_speaks_rfc_2217_is_recognised(tcp: TcpScanner, offer: bytes) -> None:
    """Taken for raw, its negotiation and doubled bytes would end up in the codes."""
    tcp.greeting = offer
    with pytest.raises(LinkError, match="write the address as rfc2217://"):
        await TcpStreamWire(tcp.url).listen(lambda: None, lambda _: None)


async def test_the_kernel_watches_the_connection(tcp: TcpScanner) -> None:
    """A device server that dies without a word is noticed within 5 s (trap S8)."""
    wire = TcpStreamWire(tcp.url)
    async with listening(wire):
        assert wire._listener
        assert wire._listener.transport
        sock: socket.socket = wire._listener.transport.get_extra_info("socket")
        of_tcp = {
            name: sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_NODELAY", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        }
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert of_tcp["TCP_NODELAY"]
        assert of_tcp["TCP_KEEPIDLE"] + of_tcp["TCP_KEEPINTVL"] * of_tcp["TCP_KEEPCNT"] <= 5
        assert 0 < of_tcp["TCP_USER_TIMEOUT"] <= 5_000


async def test_nobody_there_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(LinkError, match=rf"scanner at {url}: nothing listens there"):
            await TcpStreamWire(url).listen(lambda: None, lambda _: None)


async def test_connect_has_its_own_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sortctl.drivers.tcp_stream.CONNECT_S", 0.1)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        async with asyncio.timeout(GENEROUS_S):
            with pytest.raises(LinkError, match=r"no answer within 0\.1 s"):
                await TcpStreamWire(f"tcp://127.0.0.1:{full.getsockname()[1]}").listen(lambda: None, lambda _: None)


async def test_what_the_listener_raises_is_raised_by_listen(tcp: TcpScanner) -> None:
    def crash(data: bytes) -> None:
        raise ZeroDivisionError

    async with asyncio.timeout(GENEROUS_S), listening(TcpStreamWire(tcp.url)) as ear:
        ear.on_bytes = crash
        tcp.say(b"x")
        with pytest.raises(ZeroDivisionError):
            await ear.task


async def test_a_hundred_connections_leave_nothing_open(tcp: TcpScanner) -> None:
    for turn in range(100):
        wire = TcpStreamWire(tcp.url)
        task = asyncio.create_task(wire.listen(lambda: None, lambda _: None))
        await asyncio.sleep(0.001 * (turn % 5))
        await wire.close()
        task.cancel()
        await asyncio.wait([task])
    await until(lambda: not tcp.open)


def test_addresses_are_read_as_people_write_them() -> None:
    assert sockets.endpoint("tcp://[::1]:4001") == ("::1", 4001)
    assert sockets.endpoint("plc-1.hub:502") == ("plc-1.hub", 502)
    for wrong in ("tcp://scanner", "scanner:", "tcp://scanner:99999", "tcp://:502", ":0"):
        with pytest.raises(LinkError, match="write it as host:port"):
            sockets.endpoint(wrong)


def test_errors_are_told_in_plain_words() -> None:
    assert "check cable, switch" in sockets.meaning(OSError(errno.EHOSTUNREACH, "x"))
    assert "the name is not known" in sockets.meaning(socket.gaierror(-2, "x"))
    assert sockets.meaning(OSError(errno.EBADF, "Bad file descriptor")) == "[Errno 9] Bad file descriptor"
    assert sockets.meaning(RuntimeError()) == "RuntimeError"
