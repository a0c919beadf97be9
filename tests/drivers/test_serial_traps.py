"""The known traps of serial ports, each with its test. Trap, and where it is closed:

S1   a scan in pieces, several in one read        tests/inputs/test_framing.py; test_bytes_come_as_they_come
S2   the terminator inside a 2D code              tests/inputs/test_framing.py
S3   unplugged                                    test_unplugged_is_told_at_once
S4   nothing opens the port again                 the runtime does; test_plugged_in_again_is_a_new_wire
S5   told lost before the port is closed          test_a_lost_port_can_be_opened_again_at_once
S6   two programs share the bytes                 test_a_port_has_one_reader
S7   `is_open` stays wrong after unplugging       never asked
S8   a network port that dies without a word      test_tcp_stream: the kernel watches; silent_ms watches the scanner
S9   old bytes after plugging in                  test_bytes_older_than_the_open_are_dropped;
                                                  also in test_tcp_stream and test_rfc2217
S10  settings lost at a reopen                    test_every_open_sets_the_line
"""

import asyncio
import errno
import gc
import termios
from pathlib import Path
from typing import Any

import pytest
import serial

from sortctl.drivers import LinkError, ScannerWire, scanner_wire
from sortctl.drivers.serial_port import Port, SerialWire, _meaning, _settings
from sortctl.site.model import Framing, Line, Scanner
from tests.drivers.plc import until
from tests.drivers.scanners import LINE, PtyScanner, listening

GENEROUS_S = 1.0


def wire_to(scanner: PtyScanner, **changes: Any) -> SerialWire:
    return SerialWire(str(scanner.path), LINE.model_copy(update=changes))


def files_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_bytes_come_as_they_come(pty_scanner: PtyScanner) -> None:
    every = bytes(range(256)) * 4
    async with listening(wire_to(pty_scanner)) as ear:
        pty_scanner.say(b"A1\r")
        await until(lambda: ear.heard == b"A1\r")
        ear.heard = b""
        pty_scanner.say(every)
        await until(lambda: len(ear.heard) == len(every))
        assert ear.heard == every
        assert ear.opens == 1


@pytest.mark.parametrize("prefix", ["", "pty:"])
async def test_the_site_names_a_device_path(pty_scanner: PtyScanner, prefix: str) -> None:
    scanner = Scanner(
        sorter="line",
        scan_point=1,
        url=f"{prefix}{pty_scanner.path}",
        line=LINE,
        framing=Framing(terminator="CR"),
        window_mm=100,
        delay_ms=10,
    )
    wire: ScannerWire = scanner_wire(scanner)
    async with listening(wire) as ear:
        pty_scanner.say(b"A1\r")
        await until(lambda: ear.heard == b"A1\r")


async def test_unplugged_is_told_at_once(pty_scanner: PtyScanner) -> None:
    async with asyncio.timeout(GENEROUS_S), listening(wire_to(pty_scanner)) as ear:
        pty_scanner.unplug()
        with pytest.raises(LinkError, match=rf"serial port {pty_scanner.path}: unplugged, or hung up"):
            await ear.task


async def test_what_was_said_before_unplugging_is_heard(pty_scanner: PtyScanner) -> None:
    async with asyncio.timeout(GENEROUS_S), listening(wire_to(pty_scanner)) as ear:
        pty_scanner.say(b"A1\r")
        await until(lambda: ear.heard)
        pty_scanner.unplug()
        await asyncio.wait([ear.task])
    assert ear.heard == b"A1\r"


async def test_plugged_in_again_is_a_new_wire(pty_scanner: PtyScanner) -> None:
    """The path is the same, the device behind it another: as with /dev/serial/by-id."""
    for turn in range(5):
        async with asyncio.timeout(GENEROUS_S), listening(wire_to(pty_scanner)) as ear:
            pty_scanner.say(b"%d" % turn)
            await until(lambda: ear.heard)
            pty_scanner.unplug()
            await asyncio.wait([ear.task])
        assert ear.heard == b"%d" % turn
        pty_scanner.plug()


async def test_a_lost_port_can_be_opened_again_at_once(pty_scanner: PtyScanner) -> None:
    """When the loss is told, and when `close` returns, the port is free, though it is for one program only."""
    for _ in range(5):
        wire = wire_to(pty_scanner)
        async with asyncio.timeout(GENEROUS_S), listening(wire) as ear:
            await wire.close()
            with pytest.raises(LinkError, match="closed here"):
                await ear.task
        async with asyncio.timeout(GENEROUS_S), listening(wire_to(pty_scanner)):
            pass


async def test_a_hundred_opens_leave_no_file_open(pty_scanner: PtyScanner) -> None:
    async with listening(wire_to(pty_scanner)):
        pass
    before = files_open()
    for _ in range(10):
        async with listening(wire_to(pty_scanner)):
            pass
        with pytest.raises(LinkError):
            await SerialWire("/nowhere", LINE).listen(lambda: None, lambda _: None)
    assert files_open() == before


async def test_a_port_has_one_reader(pty_scanner: PtyScanner) -> None:
    async with listening(wire_to(pty_scanner)) as ear:
        with pytest.raises(LinkError, match="another program uses it"):
            await wire_to(pty_scanner).listen(lambda: None, lambda _: None)
        pty_scanner.say(b"A1")
        await until(lambda: ear.heard == b"A1")


async def test_bytes_older_than_the_open_are_dropped(pty_scanner: PtyScanner) -> None:
    pty_scanner.say(b"OLD-1\r")
    wire = wire_to(pty_scanner)
    loop = asyncio.get_running_loop()
    # The adapter's own buffer empties itself just after the open.
    loop.call_later(0.02, pty_scanner.say, b"OLD-2\r")
    async with listening(wire) as ear:
        await asyncio.sleep(0.1)
        assert ear.heard == b""
        pty_scanner.say(b"NEW\r")
        await until(lambda: ear.heard == b"NEW\r")


def test_all_five_settings_reach_the_library() -> None:
    line = Line(baudrate=9_600, bytesize=7, parity="even", stopbits=2, flow="xonxoff")
    assert _settings("", line) == {
        "baudrate": 9_600, "bytesize": 7, "parity": "E", "stopbits": 2, "rtscts": False, "xonxoff": True,
    }  # fmt: skip
    line = Line(baudrate=57_600, bytesize=8, parity="odd", stopbits=1, flow="rtscts")
    assert _settings("", line) == {
        "baudrate": 57_600, "bytesize": 8, "parity": "O", "stopbits": 1, "rtscts": True, "xonxoff": False,
    }  # fmt: skip


@pytest.mark.parametrize("changes", [{"baudrate": 9_600, "stopbits": 2, "flow": "xonxoff"}, {"flow": "rtscts"}, {}])
async def test_every_open_sets_the_line(pty_scanner: PtyScanner, changes: dict[str, Any]) -> None:
    """Looked up in the kernel; a pseudo terminal has neither parity nor 7 bits."""
    line = LINE.model_copy(update=changes)
    for _ in range(2):
        wire = wire_to(pty_scanner, **changes)
        async with listening(wire):
            assert wire._opening
            port = wire._opening.result()
            assert port.exclusive
            iflag, _, cflag, lflag, speed, _, _ = termios.tcgetattr(port.fileno())
            assert speed == getattr(termios, f"B{line.baudrate}")
            assert bool(iflag & termios.IXON) == (line.flow == "xonxoff")
            assert bool(cflag & termios.CRTSCTS) == (line.flow == "rtscts")
            assert bool(cflag & termios.CSTOPB) == (line.stopbits == 2)
            assert not lflag & (termios.ECHO | termios.ICANON | termios.ISIG)
            assert not iflag & (termios.ICRNL | termios.INLCR | termios.IGNCR)


async def test_settings_that_the_port_refuses_are_told(pty_scanner: PtyScanner) -> None:
    with pytest.raises(LinkError, match="does not take these settings"):
        await wire_to(pty_scanner, bytesize=7, parity="even").listen(lambda: None, lambda _: None)


async def test_a_path_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    plain = tmp_path / "file"
    plain.write_text("")
    for path, words in (
        (tmp_path / "none", "there is no such port"),
        (plain, "not a serial port"),
        (tmp_path, "not a"),
    ):
        with pytest.raises(LinkError, match=words):
            await SerialWire(str(path), LINE).listen(lambda: None, lambda _: None)


async def test_a_port_without_line_settings_says_so(pty_scanner: PtyScanner) -> None:
    with pytest.raises(LinkError, match="no line settings"):
        await SerialWire(str(pty_scanner.path), None).listen(lambda: None, lambda _: None)


@pytest.mark.parametrize("failure", [OSError(errno.EIO, "x"), termios.error(5, "x"), TypeError("fd"), ValueError("x")])
async def test_any_failure_to_read_ends_the_connection(
    pty_scanner: PtyScanner, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Left alone, asyncio would call the failing read again and again, and nobody would be told."""
    calls = []

    def fail(fd: int, size: int) -> bytes:
        calls.append(fd)
        raise failure

    async with asyncio.timeout(GENEROUS_S), listening(wire_to(pty_scanner)) as ear:
        with monkeypatch.context() as patch:
            patch.setattr("sortctl.drivers.serial_port.os.read", fail)
            pty_scanner.say(b"x")
            with pytest.raises(LinkError):
                await ear.task
    assert len(calls) == 1


@pytest.mark.parametrize("failure", [termios.error(5, "x"), OSError(errno.EACCES, "x"), serial.SerialException("odd")])
async def test_any_failure_to_open_is_a_lost_link(
    pty_scanner: PtyScanner, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(port: Port) -> None:
        raise failure

    monkeypatch.setattr(Port, "reset_input_buffer", fail)
    wire = wire_to(pty_scanner)
    with pytest.raises(LinkError, match=_meaning(failure)):
        await wire.listen(lambda: None, lambda _: None)
    assert wire._opening
    assert not wire._opening.result().is_open


async def test_a_port_that_hangs_while_opening_is_given_up(
    pty_scanner: PtyScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that opens after all is closed again."""
    late = asyncio.Event()
    loop = asyncio.get_running_loop()
    ports: list[Port] = []

    def slowly(path: str, settings: dict[str, Any]) -> Port:
        asyncio.run_coroutine_threadsafe(late.wait(), loop).result()
        ports.append(Port(path, **settings))
        return ports[0]

    monkeypatch.setattr("sortctl.drivers.serial_port._port", slowly)
    monkeypatch.setattr("sortctl.drivers.serial_port.OPEN_S", 0.05)
    with pytest.raises(LinkError, match="did not open within"):
        await wire_to(pty_scanner).listen(lambda: None, lambda _: None)
    late.set()
    await until(lambda: ports and not ports[0].is_open)


async def test_what_the_listener_raises_is_raised_by_listen(pty_scanner: PtyScanner) -> None:
    """A broken rule of the logic ends the process; it is neither swallowed nor called a lost link."""

    def crash(data: bytes) -> None:
        raise ZeroDivisionError

    async with asyncio.timeout(GENEROUS_S), listening(wire_to(pty_scanner)) as ear:
        ear.on_bytes = crash
        pty_scanner.say(b"x")
        with pytest.raises(ZeroDivisionError):
            await ear.task


async def test_a_cancelled_listener_frees_the_port(pty_scanner: PtyScanner) -> None:
    for pause_s in (0, 0.001, 0.02, 0.06):
        task = asyncio.create_task(wire_to(pty_scanner).listen(lambda: None, lambda _: None))
        await asyncio.sleep(pause_s)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        async with asyncio.timeout(GENEROUS_S), listening(wire_to(pty_scanner)):
            pass


async def test_closing_from_two_sides_is_one_close(pty_scanner: PtyScanner) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    wire = wire_to(pty_scanner)
    async with listening(wire) as ear:
        ear.task.cancel()
        await asyncio.gather(wire.close(), wire.close(), asyncio.wait([ear.task]))
    await asyncio.sleep(0.05)
    gc.collect()
    assert complaints == []


async def test_closing_twice_and_before_opening_is_allowed(pty_scanner: PtyScanner) -> None:
    wire = wire_to(pty_scanner)
    await wire.close()
    async with listening(wire):
        pass
    await wire.close()
    await wire.close()
