"""How late an event of a reader came: against the quickest of its connection, whatever its clock says."""

from sortctl.inputs.reader_clock import AGREEING, ReaderClock
from sortctl.words.units import NS_PER_MS, NS_PER_S

MS = NS_PER_MS
AHEAD = 777 * NS_PER_S
"""The reader's clock goes wrong by this."""


def test_the_quickest_event_is_the_measure() -> None:
    clock = ReaderClock(100 * MS)
    assert clock.lateness_ns(AHEAD + 1_000 * MS, 1_030 * MS) == 0, "nothing to compare with yet"
    assert clock.lateness_ns(AHEAD + 2_000 * MS, 2_010 * MS) == 0
    late = clock.lateness_ns(AHEAD + 3_000 * MS, 3_510 * MS)
    assert 499 * MS < late <= 500 * MS


def test_crystals_that_differ_make_nobody_late() -> None:
    clock = ReaderClock(100 * MS)
    for second in range(1, 3_600 * 8, 10):
        assert clock.lateness_ns(AHEAD + second * NS_PER_S - second * 100_000, second * NS_PER_S) <= 10 * MS


def test_a_queue_that_runs_late_is_never_believed() -> None:
    """Published once a second: events come with anything up to a second of delay."""
    clock = ReaderClock(100 * MS)
    clock.lateness_ns(AHEAD, 10 * MS)
    for number in range(1, 400):
        made_ns = number * 130 * MS
        at_ns = -(-made_ns // NS_PER_S) * NS_PER_S + 10 * MS
        late_ns = clock.lateness_ns(AHEAD + made_ns, at_ns)
        assert abs(late_ns - (at_ns - made_ns - 10 * MS)) < 20 * MS


def test_a_clock_that_was_set_is_believed_when_enough_events_agree() -> None:
    clock = ReaderClock(100 * MS)
    clock.lateness_ns(AHEAD, 10 * MS)
    late = [clock.lateness_ns(AHEAD + (n * 500 - 5_000) * MS, (n * 500 + 10 + n % 3) * MS) for n in range(1, 40)]
    assert all(late_ns > 4_000 * MS for late_ns in late[: AGREEING - 1])
    assert all(late_ns < 5 * MS for late_ns in late[AGREEING:])


def test_a_new_connection_begins_anew() -> None:
    clock = ReaderClock(100 * MS)
    clock.lateness_ns(AHEAD, 0)
    clock.forget()
    assert clock.lateness_ns(AHEAD, 900 * MS) == 0
