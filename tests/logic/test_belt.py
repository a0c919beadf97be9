"""Where the belt stood: what is remembered, and what a gap leaves open."""

from sortctl.logic.known.belt import SAMPLES_MAX, Belt
from sortctl.words import facts
from sortctl.words.facts import Code
from sortctl.words.ids import ScannerId
from sortctl.words.outcomes import ReadOrphaned, ReadTied
from sortctl.words.units import NS_PER_MS
from tests.logic.bench import PLC, Desk

PER_S = 1_000


def belt_at(*samples: tuple[int, int]) -> Belt:
    belt = Belt()
    for at_ms, raw in samples:
        belt.move(raw, at_ms * NS_PER_MS)
    return belt


def test_the_slowest_scanner_finds_its_place_however_often_samples_come() -> None:
    belt = belt_at(*((ms, ms) for ms in range(0, 20_000, 5)))
    assert len(belt.samples) <= SAMPLES_MAX
    assert belt.at_time(15_000 * NS_PER_MS) == 15_000
    assert belt.within(15_000 * NS_PER_MS, PER_S) is not None


def test_a_moment_before_the_oldest_sample_is_nowhere() -> None:
    assert belt_at((1_000, 0), (2_000, 1_000)).within(999 * NS_PER_MS, PER_S) is None


def test_an_even_belt_leaves_little_doubt_in_a_gap() -> None:
    low, high = belt_at((0, 0), (2_000, 2_000)).within(1_000 * NS_PER_MS, PER_S) or (0, 0)
    assert (low, high) == (970, 1_030)


def test_a_belt_that_stood_in_a_gap_may_have_been_at_many_places() -> None:
    low, high = belt_at((0, 0), (2_000, 1_000)).within(1_000 * NS_PER_MS, PER_S) or (0, 0)
    assert (low, high) == (0, 1_000)


def freeze(desk: Desk, ms: int, moved: int, read_after_ms: int) -> None:
    """Nothing is heard of the PLC for `ms`, in which the belt goes on by `moved`; a code is read meanwhile."""
    begin_ns = desk.at_ns
    read = facts.CodesRead(begin_ns + read_after_ms * NS_PER_MS, ScannerId("top"), (Code("NL1"),))
    desk.tell(read)
    desk.belt += moved
    desk.tell(facts.BeltMoved(begin_ns + ms * NS_PER_MS, PLC, desk.raw(desk.belt)))


def two_parcels() -> Desk:
    desk = Desk()
    desk.start()
    desk.run_belt_to(1_000)
    for _ in range(2):
        desk.feed_parcel()
        desk.run_belt_to(desk.belt + 700)
    return desk


def test_a_read_in_a_gap_of_an_even_belt_is_tied() -> None:
    desk = two_parcels()
    freeze(desk, 1_000, 1_000, read_after_ms=150)
    assert [tied.passage for tied in desk.said(ReadTied)] == [2]


def test_a_read_in_a_gap_in_which_the_belt_stood_is_nobodys() -> None:
    desk = two_parcels()
    freeze(desk, 3_000, 1_000, read_after_ms=450)
    assert desk.said(ReadTied) == []
    assert "known within 463 mm only" in desk.said(ReadOrphaned)[0].why
