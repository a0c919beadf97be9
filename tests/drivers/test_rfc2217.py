"""A scanner at a serial port behind an RFC 2217 server: pyserial's own server over a pseudo terminal."""

import asyncio
import socket
import threading
import time
from typing import Any

import pytest
from serial.rfc2217 import Serial

from sortctl.drivers import LinkError, serial_port
from sortctl.drivers.serial_port import Rfc2217Wire
from tests.drivers.plc import until
from tests.drivers.scanners import LINE, Rfc2217Server, TcpScanner, listening

pytestmark = [
    pytest.mark.wire,
    # pyserial 3.5 names its reader thread in the old way.
    pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning"),
]


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if "scanner at" in each.name or "RFC 2217" in each.name]


async def test_bytes_come_as_they_come(rfc2217: Rfc2217Server) -> None:
    """All of them, and byte FF once, though it is doubled on the wire."""
    every = bytes(range(256)) * 4
    async with listening(Rfc2217Wire(rfc2217.url, LINE)) as ear:
        rfc2217.say(every)
        await until(lambda: len(ear.heard) >= len(every))
        assert ear.heard == every
        assert ear.opens == 1
    await until(lambda: not threads())


async def test_the_settings_of_the_line_reach_the_far_port(rfc2217: Rfc2217Server) -> None:
    line = LINE.model_copy(update={"baudrate": 9_600, "stopbits": 2, "flow": "xonxoff"})
    async with listening(Rfc2217Wire(rfc2217.url, line)):
        assert (rfc2217.port.baudrate, rfc2217.port.stopbits, rfc2217.port.xonxoff) == (9_600, 2, True)


async def test_bytes_older_than_the_open_are_dropped(rfc2217: Rfc2217Server) -> None:
    rfc2217.say(b"OLD\r")
    async with listening(Rfc2217Wire(rfc2217.url, LINE)) as ear:
        rfc2217.say(b"NEW\r")
        await until(lambda: ear.heard == b"NEW\r")


async def test_bytes_of_the_first_instant_are_dropped(rfc2217: Rfc2217Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the server's port still held when it was opened."""

    really = serial_port._rfc2217_port

    def opened(url: str, settings: dict[str, Any]) -> Serial:
        port = really(url, settings)
        rfc2217.say(b"OLD\r")
        return port

    monkeypatch.setattr(serial_port, "_rfc2217_port", opened)
    async with listening(Rfc2217Wire(rfc2217.url, LINE)) as ear:
        rfc2217.say(b"NEW\r")
        await until(lambda: ear.heard == b"NEW\r")


async def test_a_lost_server_is_told_and_the_next_wire_finds_it(rfc2217: Rfc2217Server) -> None:
    async with asyncio.timeout(5), listening(Rfc2217Wire(rfc2217.url, LINE)) as ear:
        rfc2217.cut()
        with pytest.raises(LinkError, match=f"scanner at {rfc2217.url}: "):
            await ear.task
    await until(lambda: not threads())
    async with listening(Rfc2217Wire(rfc2217.url, LINE)) as ear:
        rfc2217.say(b"A")
        await until(lambda: ear.heard)


async def test_nobody_there_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"rfc2217://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(LinkError, match="nothing listens there"):
            await Rfc2217Wire(url, LINE).listen(lambda: None, lambda _: None)
    await until(lambda: not threads())


async def test_a_raw_device_server_is_recognised(tcp: TcpScanner) -> None:
    url = tcp.url.replace("tcp", "rfc2217") + "?timeout=0.2"
    with pytest.raises(LinkError, match="does not speak RFC 2217"):
        await Rfc2217Wire(url, LINE).listen(lambda: None, lambda _: None)
    await until(lambda: not threads())


@pytest.mark.parametrize("pause_s", [0, 0.02, 0.3])
async def test_a_cancelled_listener_ends_its_thread(rfc2217: Rfc2217Server, pause_s: float) -> None:
    task = asyncio.create_task(Rfc2217Wire(rfc2217.url, LINE).listen(lambda: None, lambda _: None))
    await asyncio.sleep(pause_s)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    await until(lambda: not threads())


async def test_what_the_listener_raises_is_raised_by_listen(rfc2217: Rfc2217Server) -> None:
    def crash(data: bytes) -> None:
        raise ZeroDivisionError

    async with asyncio.timeout(5), listening(Rfc2217Wire(rfc2217.url, LINE)) as ear:
        ear.on_bytes = crash
        rfc2217.say(b"x")
        with pytest.raises(ZeroDivisionError):
            await ear.task


async def test_whatever_goes_wrong_in_the_thread_is_told(
    rfc2217: Rfc2217Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that died unseen would leave a scanner that is silent for ever."""

    def fail(*_: object) -> None:
        raise KeyError("odd")

    monkeypatch.setattr("sortctl.drivers.serial_port._rfc2217_port", fail)
    async with asyncio.timeout(5):
        with pytest.raises(LinkError, match="odd"):
            await Rfc2217Wire(rfc2217.url, LINE).listen(lambda: None, lambda _: None)


async def test_a_loop_that_stands_still_is_not_buried_in_bytes(
    rfc2217: Rfc2217Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sortctl.drivers.serial_port.RFC2217_BEHIND_MAX", 100)
    async with asyncio.timeout(5), listening(Rfc2217Wire(rfc2217.url, LINE)) as ear:
        for _ in range(20):
            rfc2217.say(b"x" * 50)
            time.sleep(0.02)  # noqa: ASYNC251  # the loop stands still
        with pytest.raises(LinkError, match="faster than they can be taken"):
            await ear.task
        assert len(ear.heard) <= 100


async def test_a_port_without_line_settings_says_so(rfc2217: Rfc2217Server) -> None:
    with pytest.raises(LinkError, match="no line settings"):
        await Rfc2217Wire(rfc2217.url, None).listen(lambda: None, lambda _: None)
