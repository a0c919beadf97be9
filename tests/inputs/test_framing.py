"""Framing by example: what ends a frame, what is data, what is dropped and said."""

from itertools import pairwise
from typing import Any

import pytest

from sortctl.inputs.framing import FAULTS_PER_READ_MAX, SILENCE_MS, Frame, Framer, FramingFault, excerpt
from sortctl.site.model import Framing

MS = 1_000_000
STX_ETX: dict[str, Any] = {"start": "02", "end": "03"}


def framer(**settings: Any) -> Framer:
    return Framer(Framing(**settings))


def feed(one: Framer, *pieces: bytes, at_ns: int = 0) -> tuple[list[bytes], list[str]]:
    """The data of the frames, and the causes of the faults."""
    found = [each for piece in pieces for each in one.feed(piece, at_ns)]
    frames = [each.data for each in found if isinstance(each, Frame)]
    return frames, [each.cause for each in found if isinstance(each, FramingFault)]


@pytest.mark.parametrize(
    ("settings", "wire", "frames"),
    [
        ({"terminator": "CR"}, b"A1\rB2\r", [b"A1", b"B2"]),
        ({"terminator": "CR"}, b"A1\r\nB2\r\n", [b"A1", b"B2"]),
        ({"terminator": "LF"}, b"A1\nB2\r\n", [b"A1", b"B2"]),
        ({"terminator": "CRLF"}, b"A1\r\nB2\r\n", [b"A1", b"B2"]),
        ({"terminator": "CRLF"}, b"A\r1\nB\r\n", [b"A\r1\nB"]),
        ({"terminator": "ANY"}, b"A1\rB2\nC3\r\nD4\r\n\r\n", [b"A1", b"B2", b"C3", b"D4"]),
        (STX_ETX, b"\x02A1\x03\x02B2\x03", [b"A1", b"B2"]),
        ({**STX_ETX, "terminator": "CRLF"}, b"\x02A1\x03\r\n\x02B2\x03\r\n", [b"A1", b"B2"]),
        ({"end": "03"}, b"A1\x03\r\nB2\x03", [b"A1", b"B2"]),
        ({"start": "02", "terminator": "CR"}, b"\x02A1\r\x02B2\r", [b"A1", b"B2"]),
        ({"start": "02"}, b"\x02A1\x02B2\x02", [b"A1", b"B2"]),
        ({"start": "2a", "terminator": "CR"}, b"*A*1*\r*B2\r", [b"A*1*", b"B2"]),
        ({"length_digits": 2}, b"02A103B\r2", [b"A1", b"B\r2"]),
        ({"length_digits": 3, **STX_ETX}, b"\x02003\x02\r\x03\x03\x02002B2\x03", [b"\x02\r\x03", b"B2"]),
        ({"length_digits": 2, "terminator": "CRLF"}, b"02A1\r\n02B2\r\n", [b"A1", b"B2"]),
        ({"length_digits": 2}, b"0002A1", [b"A1"]),
    ],
)
def test_what_ends_a_frame(settings: dict[str, Any], wire: bytes, frames: list[bytes]) -> None:
    """The same frames come out whole, and byte by byte (trap S1)."""
    assert feed(framer(**settings), wire) == (frames, [])
    assert feed(framer(**settings), *(bytes([byte]) for byte in wire)) == (frames, [])


def test_every_cut_of_a_telegram_gives_the_same_frame() -> None:
    wire = b"\x02JJD0001\x1d\x03\r\n"
    for cut in range(len(wire) + 1):
        assert feed(framer(**STX_ETX, terminator="CRLF"), wire[:cut], wire[cut:]) == ([b"JJD0001\x1d"], [])


def test_several_scans_in_one_read() -> None:
    assert feed(framer(terminator="CR"), b"A\rB\rC\r")[0] == [b"A", b"B", b"C"]


def test_separators_of_gs1_and_iso_15434_are_data() -> None:
    """GS, RS and EOT inside a telegram; stripping control characters would destroy the code."""
    code = b"[)>\x1e06\x1d1JUN123\x1e\x04"
    assert feed(framer(terminator="ANY"), code + b"\r\n")[0] == [code]
    assert feed(framer(**STX_ETX), b"\x02" + code + b"\x03")[0] == [code]


def test_a_2d_code_with_line_ends_inside_is_one_frame() -> None:
    """Trap S2: with start and end bytes, or a length, CR and LF inside are data."""
    code = b"To: Somebody\r\nStreet 1\rTown\n"
    assert feed(framer(**STX_ETX), b"\x02" + code + b"\x03")[0] == [code]
    assert feed(framer(length_digits=3), b"%03d" % len(code) + code)[0] == [code]


@pytest.mark.parametrize("terminator", ["CR", "LF", "CRLF", "ANY"])
def test_empty_frames_are_nothing(terminator: str) -> None:
    assert feed(framer(terminator=terminator), b"\r\n\r\n\r\r\n\n") == ([], [])
    assert feed(framer(**STX_ETX), b"\x02\x03\x02\x02\x03") == ([], [])


def test_garbage_between_frames_is_dropped_and_said_once_a_run() -> None:
    one = framer(**STX_ETX)
    found = one.feed(b"\x00noise\xff\x02A1\x03more noise\x02B2\x03", 7)
    assert found == [
        FramingFault("bytes between telegrams", "\\x00noise\\xff"),
        Frame(b"A1", 7),
        FramingFault("bytes between telegrams", "more noise"),
        Frame(b"B2", 7),
    ]


def test_garbage_without_end_is_said_once_and_held_in_little_memory() -> None:
    one = framer(**STX_ETX, bytes_max=64)
    faults = [fault for _ in range(1000) for fault in one.feed(b"x" * 100, 0)]
    assert [each.cause for each in faults if isinstance(each, FramingFault)] == ["bytes between telegrams"]
    assert len(one._garbage) <= 40
    assert feed(one, b"\x02A1\x03") == ([b"A1"], [])


def test_garbage_alone_is_said_after_a_second_of_silence() -> None:
    """A start byte that the scanner never sends is told, not swallowed until somebody asks."""
    one = framer(**STX_ETX)
    assert one.feed(b"JJD0001\r", 5 * MS) == []
    assert one.wake_ns() == (5 + SILENCE_MS) * MS
    assert one.idle((5 + SILENCE_MS) * MS) == [FramingFault("bytes between telegrams", "JJD0001")]
    assert one.wake_ns() is None


@pytest.mark.parametrize(
    ("settings", "before", "after"),
    [
        ({"terminator": "CR"}, b"", b"\r"),
        ({"terminator": "LF"}, b"", b"\n"),
        ({"terminator": "CRLF"}, b"", b"\r\n"),
        ({"terminator": "ANY"}, b"", b"\r\n"),
        (STX_ETX, b"\x02", b"\x03"),
        ({"end": "03"}, b"", b"\x03"),
    ],
)
def test_an_over_long_frame_is_dropped_to_its_end_and_counted_once(
    settings: dict[str, Any], before: bytes, after: bytes
) -> None:
    longest = b"y" * 16
    for size in (17, 18, 100, 5000):
        wire = before + b"x" * size + after + before + longest + after
        expected = ([longest], ["longer than 16 bytes"])
        assert feed(framer(**settings, bytes_max=16), wire) == expected
        assert feed(framer(**settings, bytes_max=16), *(bytes([byte]) for byte in wire)) == expected


def test_a_lost_end_never_glues_two_codes_into_one() -> None:
    assert feed(framer(**STX_ETX), b"\x02AAA\x02BBB\x03") == ([b"BBB"], ["a new start before the end"])


def test_a_start_inside_an_over_long_frame_begins_a_new_one() -> None:
    wire = b"\x02" + b"x" * 50 + b"\x02BBB\x03"
    assert feed(framer(**STX_ETX, bytes_max=16), wire) == ([b"BBB"], ["longer than 16 bytes"])


@pytest.mark.parametrize(
    ("wire", "cause"),
    [
        (b"\x02003ABCD\x03", "the end is not where the length says"),
        (b"\x020x3ABC\x03", "no length where a length should stand"),
        (b"\x02999ABC\x03", "announces 999 bytes, more than 512"),
        (b"\x0200", "no length where a length should stand"),
    ],
)
def test_a_wrong_length_costs_one_frame(wire: bytes, cause: str) -> None:
    one = framer(length_digits=3, **STX_ETX)
    assert feed(one, wire + b"\x02002B2\x03") == ([b"B2"], [cause])


def test_a_wrong_length_without_marks_goes_on_at_the_next_digits() -> None:
    assert feed(framer(length_digits=2, bytes_max=16), b"99ab02B2") == (
        [b"B2"],
        ["announces 99 bytes, more than 16", "bytes between telegrams"],
    )


def test_a_wrong_length_with_a_pause_waits_for_the_pause() -> None:
    one = framer(length_digits=2, bytes_max=16, idle_ms=20)
    assert feed(one, b"99ab02B2")[0] == []
    assert feed(one, b"02C3", at_ns=20 * MS)[0] == [b"C3"]


def test_a_pause_ends_a_frame_where_nothing_else_does() -> None:
    one = framer(idle_ms=20)
    assert one.feed(b"A", 0) == one.feed(b"1", 10 * MS) == []
    assert one.wake_ns() == 30 * MS
    assert one.idle(29 * MS) == []
    assert one.idle(30 * MS) == [Frame(b"A1", 0)]
    assert one.wake_ns() is None


def test_a_late_timer_does_not_glue_frames() -> None:
    one = framer(idle_ms=20)
    one.feed(b"A1", 0)
    assert one.feed(b"B2", 25 * MS) == [Frame(b"A1", 0)]
    assert one.idle(45 * MS) == [Frame(b"B2", 25 * MS)]


@pytest.mark.parametrize("settings", [{"terminator": "CR"}, STX_ETX, {"length_digits": 2}, {"end": "03"}])
def test_a_pause_inside_a_telegram_drops_its_beginning(settings: dict[str, Any]) -> None:
    """Half a code can be the code of another parcel."""
    one = framer(**settings, idle_ms=20)
    one.feed(b"\x0209AB" if settings is STX_ETX else b"09AB", 0)
    assert feed(one, b"", at_ns=20 * MS) == ([], ["broken off by a pause"])


def test_a_second_of_silence_drops_half_a_telegram() -> None:
    one = framer(terminator="CR")
    one.feed(b"AB", 0)
    assert one.wake_ns() == SILENCE_MS * MS
    assert feed(one, b"CDE\r", at_ns=SILENCE_MS * MS) == ([b"CDE"], ["broken off by a pause"])


def test_the_time_of_a_frame_is_that_of_its_first_byte() -> None:
    one = framer(**STX_ETX, terminator="CRLF")
    assert one.feed(b"\x02", 5) == one.feed(b"A", 6) == []
    assert one.feed(b"1\x03\r", 7) == [Frame(b"A1", 5)]
    assert one.feed(b"\n\x02B2\x03", 8) == [Frame(b"B2", 8)]
    one = framer(terminator="CR")
    assert one.feed(b"A\r", 5) == [Frame(b"A", 5)]
    assert one.feed(b"\nB", 6) == []
    assert one.feed(b"\r", 7) == [Frame(b"B", 6)]


def test_a_reset_forgets_the_beginning_of_a_telegram() -> None:
    """A new connection never continues what the old one began."""
    one = framer(terminator="CR")
    one.feed(b"AAA", 0)
    one.reset()
    assert one.wake_ns() is None
    assert feed(one, b"BBB\r") == ([b"BBB"], [])


def test_a_read_full_of_faults_says_the_first_and_counts_the_rest() -> None:
    frames, causes = feed(framer(**STX_ETX), b"\x02a" * 1000 + b"\x03")
    assert frames == [b"a"]
    assert len(causes) == FAULTS_PER_READ_MAX + 1
    assert causes[-1] == f"{999 - FAULTS_PER_READ_MAX} more faults in the same read"


def test_an_excerpt_is_printable_and_short() -> None:
    assert excerpt(b"\x02A\x1d\xff") == "\\x02A\\x1d\\xff"
    assert len(excerpt(bytes(100))) == 40
    assert excerpt(bytes(range(256))).isprintable()


def test_every_byte_value_is_data_between_start_and_end() -> None:
    for byte in range(256):
        if byte not in {2, 3}:
            assert feed(framer(**STX_ETX), b"\x02A" + bytes([byte]) + b"\x03")[0] == [b"A" + bytes([byte])]


def test_what_is_too_long_without_any_mark_is_dropped_to_the_pause() -> None:
    """However it was cut."""
    for pieces in ([b"z" * 40], [b"z" * 17, b"z" * 23], [b"z" * 16, b"z" * 24]):
        one = framer(idle_ms=20, bytes_max=16)
        assert feed(one, *pieces) == ([], ["longer than 16 bytes"])
        assert feed(one, b"A1", at_ns=20 * MS) == ([], [])
        assert one.idle(40 * MS) == [Frame(b"A1", 20 * MS)]
    one = framer(bytes_max=16)
    assert feed(one, b"z" * 17, b"z" * 16) == ([], ["longer than 16 bytes"])
    assert one.idle(SILENCE_MS * MS) == []


def test_nothing_configured_is_bounded_all_the_same() -> None:
    one = framer(bytes_max=16)
    for now, then in pairwise(range(0, 10_000, 7)):
        one.feed(b"z" * (then - now), now)
        assert len(one._buffer) <= 56
