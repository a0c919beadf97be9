"""Cadence: when the next cycle of a link begins. Pure; time is handed in, in seconds of the loop.

Cycles stand on a grid of the cycle time. One that took too long pushes the grid; what was missed is not made up for. An
order that waits may have its cycle at once, but only so often: hurries are a store that fills by one per cycle time, so
that a condition that is urgent for ever cannot take the line for itself.
"""

from typing import Final

HURRIES_MAX: Final = 8
"""A parcel needs two in a row: one writes its order, one acknowledges what the PLC said. Four parcels at once."""
AT_ONCE_S: Final = 0.000_05
"""Less than the loop's timers can tell apart from now."""


class Cadence:
    """`due_s` is when the next cycle begins."""

    def __init__(self, cycle_s: float, now_s: float) -> None:
        self._cycle_s = cycle_s
        self._hurries = float(HURRIES_MAX)
        self._filled_s = now_s
        self.due_s = now_s
        self.hurried = 0
        self.missed = 0

    def ended(self, now_s: float) -> None:
        """A cycle has ended: the next stands on the grid, or is due now if the grid has passed."""
        self.due_s += self._cycle_s
        if self.due_s < now_s:
            self.due_s = now_s
            self.missed += 1

    def is_due(self, now_s: float) -> bool:
        """Whether the next cycle begins now."""
        return now_s >= self.due_s - AT_ONCE_S

    def hurry(self, now_s: float) -> bool:
        """Have the next cycle now instead; False when that was done too often."""
        self._hurries = min(self._hurries + (now_s - self._filled_s) / self._cycle_s, HURRIES_MAX)
        self._filled_s = now_s
        if self._hurries < 1:
            return False
        self._hurries -= 1
        self.hurried += 1
        self.due_s = now_s
        return True
