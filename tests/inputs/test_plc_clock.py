"""The moment of a scan: no delay on the way makes it later than it was, no clock takes it out of what must be true."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.inputs.plc_clock import PlcClock
from sortctl.words.units import NS_PER_MS, wrap32

MS = NS_PER_MS


def test_an_answer_that_lay_about_does_not_make_its_scan_later() -> None:
    clock = PlcClock(scan_ms=10)
    assert clock.moment(1_000, 0, 2 * MS) == 2 * MS
    assert clock.moment(1_010, 10 * MS, 12 * MS) == 12 * MS
    held_up = clock.moment(1_020, 20 * MS, 320 * MS)
    assert 21 * MS < held_up <= 23 * MS


def test_the_smallest_delay_is_learned() -> None:
    clock = PlcClock(scan_ms=10)
    clock.moment(1_000, 0, 9 * MS)
    assert clock.moment(1_010, 10 * MS, 11 * MS) == 11 * MS
    assert clock.moment(1_020, 20 * MS, 29 * MS) < 22 * MS


def test_a_clock_that_runs_wrong_is_held_within_what_must_be_true() -> None:
    clock = PlcClock(scan_ms=10)
    at = 0
    for cycle in range(1, 500):
        at = cycle * 100 * MS
        moment = clock.moment(cycle * 50, at, at + 2 * MS)
        assert at - 10 * MS <= moment <= at + 2 * MS


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 500), st.integers(0, 300)), max_size=60))
def test_moments_never_go_back_and_never_lie_outside_the_request(steps: list[tuple[int, int, int]]) -> None:
    clock, plc_ms, sent, last = PlcClock(scan_ms=10), 2**32 - 100, 0, 0
    for plc_step, pause, delay in steps:
        plc_ms, sent = plc_ms + plc_step, sent + pause * MS
        at = sent + delay * MS
        moment = clock.moment(wrap32(plc_ms), sent, at)
        assert last <= moment <= at
        assert moment >= sent - 10 * MS
        last, sent = moment, at
