"""Table: the compare-and-fire table and the pushers that are on their way.

A DIVERT waits until the belt reaches its count, then its pusher is switched on, then the actuator reports its end
position or does not. Each one ends exactly once. Counts are unwrapped by the program; chance and sensors are elsewhere.
"""

from bisect import insort
from typing import NamedTuple

STROKE_GRACE_MS = 100
"""An actuator that is so late with its end position has a fault."""


class Carried(NamedTuple):
    """A DIVERT for which a pusher or a carrier's belt was switched on, for the referee."""

    boot_id: int
    epoch: int
    order_seq: int
    chute: int
    item: int
    at_count: int
    epoch_when_taken: int
    """The epoch that was granted when the order was taken."""


class Divert(NamedTuple):
    """An accepted DIVERT, ordered by the count at which it is due."""

    due: int
    serial: int
    epoch: int
    order_seq: int
    chute: int
    item: int
    at_count: int
    granted: int

    def carried(self, boot_id: int) -> Carried:
        """It was switched on."""
        return Carried(boot_id, self.epoch, self.order_seq, self.chute, self.item, self.at_count, self.granted)


class Stroke(NamedTuple):
    """A pusher that was switched on and has not yet reported its end position."""

    divert: Divert
    deadline_ms: int


class DivertTable:
    """At most `room` waiting DIVERTs."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._waiting: list[Divert] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """No further order is taken."""
        return len(self._waiting) >= self._room

    def add(self, divert: Divert) -> None:
        """Wait for its count. The same chute and count as a waiting one: the two are one."""
        if self._find(divert.chute, divert.at_count) is None:
            self._serial += 1
            insort(self._waiting, divert._replace(serial=self._serial))

    def withdraw(self, chute: int, at_count: int) -> Divert | None:
        """Take a waiting DIVERT out."""
        found = self._find(chute, at_count)
        if found is not None:
            self._waiting.remove(found)
        return found

    def due(self, total: int) -> list[Divert]:
        """Take out what the belt has reached, in the order of the counts."""
        taken: list[Divert] = []
        while self._waiting and self._waiting[0].due <= total:
            taken.append(self._waiting.pop(0))
        return taken

    def _find(self, chute: int, at_count: int) -> Divert | None:
        for divert in self._waiting:
            if divert.at_count == at_count and divert.chute == chute:
                return divert
        return None
