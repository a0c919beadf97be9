"""Time goes on, whatever the host's clocks do."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.runtime.clock import GAP_MAX_NS, Clock, continued_clock, first_clock, offset_after

SECOND = 1_000_000_000


def test_time_goes_on_by_what_the_wall_clock_says_has_passed() -> None:
    """A host reboot starts monotonic time at zero; the pause is what the wall clock saw."""
    offset = offset_after(
        last_at_ns=900 * SECOND, last_wall_ns=50 * SECOND, monotonic_ns=3 * SECOND, wall_ns=60 * SECOND
    )
    assert 3 * SECOND + offset == 910 * SECOND


@given(
    last_at=st.integers(0, 2**60),
    last_wall=st.integers(0, 2**61),
    monotonic=st.integers(0, 2**60),
    wall=st.integers(0, 2**61),
)
def test_time_never_goes_back_and_never_leaps_far(last_at: int, last_wall: int, monotonic: int, wall: int) -> None:
    now = monotonic + offset_after(last_at, last_wall, monotonic, wall)
    assert last_at < now <= last_at + GAP_MAX_NS


def test_a_clock_set_back_between_two_runs_moves_nothing_back() -> None:
    last = 77 * SECOND
    clock = continued_clock(last, Clock.wall_ns() + 3600 * SECOND)
    assert last < clock.now_ns() < last + SECOND


def test_the_first_clock_runs_forward() -> None:
    clock = first_clock()
    assert 0 < clock.now_ns() <= clock.now_ns()
