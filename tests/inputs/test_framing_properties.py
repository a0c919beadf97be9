"""Framing for any bytes: cut anywhere gives the same frames, nothing raises, nothing grows."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.inputs.framing import EXCERPT_CHARACTERS, Frame, Framer, FramingFault
from sortctl.site.model import Framing

MS = 1_000_000

framings = st.builds(
    Framing,
    start=st.sampled_from(["", "02", "2A", "FF"]),
    end=st.sampled_from(["", "03", "0D", "00"]),
    terminator=st.sampled_from(["", "CR", "LF", "CRLF", "ANY"]),
    length_digits=st.sampled_from([0, 0, 1, 2]),
    idle_ms=st.sampled_from([0, 20]),
    bytes_max=st.sampled_from([16, 40]),
)
# Mostly marks, so that they meet; every other byte value too.
noise = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\x02", b"\x03", b"\r", b"\n", b"\r\n", b"*", b"0", b"2", b"15", b"A", b"x" * 17, b"\xff", b"\0"]
        ),
        st.binary(max_size=6),
    ),
    max_size=40,
).map(b"".join)


def frames(found: list[Frame | FramingFault]) -> list[bytes]:
    return [each.data for each in found if isinstance(each, Frame)]


@given(framings, noise, st.data())
def test_frames_do_not_depend_on_how_the_bytes_are_cut(framing: Framing, wire: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    whole, cut = Framer(framing), Framer(framing)
    expected = frames(whole.feed(wire, 5)) + frames(whole.idle(10_000 * MS))
    found: list[bytes] = []
    for start, stop in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        found += frames(cut.feed(wire[start:stop], 5))
    assert found + frames(cut.idle(10_000 * MS)) == expected


@given(framings, st.lists(st.tuples(st.binary(max_size=200), st.integers(0, 50)), max_size=20))
def test_any_bytes_at_any_time_never_raise_and_never_grow(framing: Framing, reads: list[tuple[bytes, int]]) -> None:
    framer = Framer(framing)
    now_ns = 0
    for piece, pause_ms in reads:
        now_ns += pause_ms * MS
        for each in [*framer.idle(now_ns), *framer.feed(piece, now_ns)]:
            if isinstance(each, Frame):
                assert 0 < len(each.data) <= framing.bytes_max
                assert each.first_ns <= now_ns
            else:
                assert len(each.excerpt) <= EXCERPT_CHARACTERS
                assert each.excerpt.isprintable()
        assert len(framer._buffer) <= framing.bytes_max + 1 + EXCERPT_CHARACTERS
        assert len(framer._garbage) <= EXCERPT_CHARACTERS
        assert framer._out == []
        wake_ns = framer.wake_ns()
        assert wake_ns is None or wake_ns > now_ns
    framer.idle(now_ns + 5_000 * MS)
    assert framer.wake_ns() is None


@given(noise.filter(lambda wire: b"\x02" not in wire and b"\x03" not in wire), noise)
def test_a_good_telegram_comes_through_whatever_was_before_it(code: bytes, before: bytes) -> None:
    """With start and end bytes the next start puts everything right."""
    framer = Framer(Framing(start="02", end="03", bytes_max=4096))
    found = frames(framer.feed(before + b"\x02" + code + b"\x03", 0))
    assert not code or found[-1] == code
