"""Offsets: the clocks of one time zone, as a list of moments from which on they are so many seconds ahead of UTC.

Theory. Local time is counted in seconds too, as if the place had no offset: day times 86,400 plus the time on the clock. When
clocks go forward some local times do not exist: a cut-off there is moved to the moment of the change. When they go back some
exist twice: the earlier one counts, as nobody who reads the clock may come too late. Both ways a later time on the clock is never
an earlier moment. Comes in: the changes. Goes out: moments. Never here: where the changes are known from (`load.py`).
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

DAY_S: Final = 86_400
_THURSDAY: Final = 3
"""1 January 1970."""


class Moment(NamedTuple):
    """A local time as a moment of UTC. `note` says what the clocks of that day did to it; mostly nothing."""

    utc_s: int
    note: str


MISSING: Final = "not on the clock that day: moved to the change of the clocks"
TWICE: Final = "twice on the clock that day: the earlier counts"


class Gap(NamedTuple):
    """Local times from `first_s` to before `end_s` are left out."""

    first_s: int
    end_s: int


class Offsets:
    """One zone. `changes` are (moment, offset from then on), in their order; before the first its offset holds too."""

    __slots__ = ("_moments", "_offsets", "name")

    def __init__(self, name: str, changes: Sequence[tuple[int, int]]) -> None:
        self.name = name
        self._moments = [moment for moment, _ in changes[1:]]
        self._offsets = [offset for _, offset in changes]

    def local(self, utc_s: int) -> int:
        """What the clock shows at this moment."""
        return utc_s + self._offsets[bisect_right(self._moments, utc_s)]

    def moment(self, local_s: int) -> Moment:
        """When the clock shows this: the first time if it does so twice, the change if it never does."""
        # No clock is a whole day away from UTC.
        first = bisect_right(self._moments, local_s - DAY_S)
        last = bisect_right(self._moments, local_s + DAY_S)
        found = [
            local_s - offset
            for at, offset in enumerate(self._offsets[first : last + 1], start=first)
            if self._holds(at, local_s - offset)
        ]
        if found:
            return Moment(found[0], TWICE if len(found) > 1 else "")
        for moment, before, after in self._steps(first, last):
            if moment + before <= local_s < moment + after:
                return Moment(moment, MISSING)
        raise ValueError(f"{self.name}: no moment for {local_s}")  # the changes are not in their order

    def gaps(self) -> Iterator[Gap]:
        """All local times that are left out."""
        for moment, before, after in self._steps(0, len(self._moments)):
            if after > before:
                yield Gap(moment + before, moment + after)

    def _holds(self, at: int, utc_s: int) -> bool:
        begins = self._moments[at - 1] if at else None
        ends = self._moments[at] if at < len(self._moments) else None
        return (begins is None or begins <= utc_s) and (ends is None or utc_s < ends)

    def _steps(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """(moment, offset before, offset after) of each change."""
        for at in range(first, last):
            yield self._moments[at], self._offsets[at], self._offsets[at + 1]


def weekday_of(day: int) -> int:
    """0 Monday to 6 Sunday, of a day counted from 1 January 1970."""
    return (day + _THURSDAY) % 7
