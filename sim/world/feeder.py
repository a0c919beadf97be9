"""Feeder: puts one parcel after another on the belt, each with its own gap to the one before.

Comes in: parcels with gaps, whether the induct runs. Goes out: parcels on the belt, just before the induct eye. While the
induct stands nothing is fed and nothing is lost; the next parcel comes when it runs again.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from sim.world.line import Line
from sim.world.parcel import Parcel

BEFORE_EYE_UM = 100_000
"""A parcel comes onto the belt with its front so far before the induct eye."""


class Fed(NamedTuple):
    """A parcel, and the free belt between it and the tail of the one before."""

    parcel: Parcel
    gap_um: int


class Feeder:
    """The induct of a line."""

    def __init__(self, line: Line, feed: Iterable[Fed], first_at_um: int) -> None:
        self._line = line
        self._feed = deque(feed)
        self.fed = 0
        """Parcels put on the belt so far."""
        self._next_um = first_at_um
        self._start_um = line.machine.sorter.inducts[0].position_mm * 1_000 - BEFORE_EYE_UM

    @property
    def empty(self) -> bool:
        """Everything was fed."""
        return not self._feed

    def hold(self) -> None:
        """The induct stands: what is due now waits."""
        self._next_um = max(self._next_um, self._line.belt.um)

    def feed(self) -> None:
        """Put on the belt what is due."""
        while self._feed and self._next_um <= self._line.belt.um:
            parcel = self._feed.popleft().parcel
            self.fed += 1
            self._line.put(parcel, self._start_um + self._line.belt.um - self._next_um)
            if self._feed:
                self._next_um += parcel.length_um + self._feed[0].gap_um
