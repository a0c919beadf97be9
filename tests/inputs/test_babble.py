"""A scanner that sends without end: noticed soon, not believed, believed again when it has kept quiet."""

from sortctl.inputs.babble import QUIET_NS, TELEGRAMS_PER_S, Babble, babble_of_reader, babble_of_scanner
from sortctl.site.model import Framing, Limits, Line, Scanner
from sortctl.words.units import NS_PER_MS, NS_PER_S

MS = NS_PER_MS


def babble(baudrate: int | None = None) -> Babble:
    line = Line(baudrate=baudrate, bytesize=8, parity="none", stopbits=1, flow="none") if baudrate else None
    return babble_of_scanner(
        Scanner(sorter="s", scan_point=1, url="/dev/x", line=line, framing=Framing(), window_mm=250, delay_ms=0)
    )


def test_a_busy_belt_is_no_babble() -> None:
    """Fourteen parcels a second, three telegrams of 60 bytes each."""
    mine = babble(baudrate=115_200)
    for at_ms in range(0, 60_000, 70):
        assert not mine.hears(180, 3, at_ms * MS)


def test_a_storm_of_telegrams_is_babble_within_a_moment_and_over_after_a_quiet_second() -> None:
    mine = babble()
    heard = [mine.hears(15, 10, at_ms * MS) for at_ms in range(0, 100, 2)]
    assert not heard[0]
    assert heard[-1]
    assert not mine.is_over(98 * MS + QUIET_NS - 1)
    assert mine.is_over(98 * MS + QUIET_NS)
    assert not mine.is_over(99 * MS + QUIET_NS), "once"
    assert not mine.hears(15, 1, 100 * MS + QUIET_NS)


def test_it_lasts_as_long_as_the_storm() -> None:
    mine = babble()
    for at_ms in range(0, 5_000, 2):
        mine.hears(15, 1, at_ms * MS)
    assert not mine.is_over(5_000 * MS)


def test_a_serial_line_that_is_full_of_anything_is_babble() -> None:
    """Without one telegram in it: whatever is read behind it comes late."""
    mine = babble(baudrate=9_600)
    heard = [mine.hears(96, 0, at_ms * MS) for at_ms in range(0, 12_000, 100)]
    assert heard[-1]


def test_the_rate_itself_is_allowed() -> None:
    mine = babble()
    step_ns = NS_PER_S // TELEGRAMS_PER_S
    assert not any(mine.hears(20, 1, n * step_ns) for n in range(2_000))


def test_a_reader_may_send_its_longest_events_at_once_and_no_more() -> None:
    limits = Limits()
    longest = limits.codes_per_read_max * limits.code_length_max
    mine = babble_of_reader(limits)
    assert not any(mine.hears(longest, 1, 0) for _ in range(8))
    assert mine.hears(longest, 1, 0)
