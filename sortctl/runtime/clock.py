"""The clock: the only place that reads time.

Goes out: `at_ns`, which never goes back, not even over a restart of the program or of the host, and wall time for people.
A host's monotonic clock begins anew with each boot; the journal's time must not. So `at_ns` is monotonic time plus an
offset chosen once, at the start: the journal's last moment plus the wall time that has passed since, if that can be
believed. A wall clock that is set later, forward or back, moves nothing here.
"""

import time
from datetime import UTC, datetime
from typing import Final

from sortctl.words.units import NS_PER_S

GAP_MAX_NS: Final = 366 * 86_400 * NS_PER_S
"""A longer pause between two runs is taken for a wrong wall clock. It only bounds how far `at_ns` may leap."""
STEP_NS: Final = 1
"""A run begins at least this much after the last moment of the one before."""


class Clock:
    """Time of this run: `now_ns()` for facts, `wall_ns()` for people."""

    def __init__(self, offset_ns: int) -> None:
        self._offset_ns = offset_ns

    def now_ns(self) -> int:
        """The controller's own time, in ns."""
        return time.monotonic_ns() + self._offset_ns

    @staticmethod
    def wall_ns() -> int:
        """Nanoseconds since 1970, UTC, as the host believes."""
        return time.time_ns()


def calendar() -> datetime:
    """The host's wall clock, for what is dated: certificates."""
    return datetime.now(UTC)


def first_clock() -> Clock:
    """The clock of a journal that begins: plain monotonic time."""
    return Clock(0)


def continued_clock(last_at_ns: int, last_wall_ns: int) -> Clock:
    """The clock of a run after one whose last row was made at `last_at_ns`."""
    return Clock(offset_after(last_at_ns, last_wall_ns, time.monotonic_ns(), time.time_ns()))


def offset_after(last_at_ns: int, last_wall_ns: int, monotonic_ns: int, wall_ns: int) -> int:
    """What to add to monotonic time so that time goes on after the last row."""
    gap_ns = min(max(wall_ns - last_wall_ns, STEP_NS), GAP_MAX_NS)
    return last_at_ns + gap_ns - monotonic_ns
