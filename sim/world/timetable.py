"""Timetable: deeds that are bound to a moment, and their ends.

Comes in: moments with what is to be done then, later moments too. Goes out: calls, in the order of the moments. Never here:
what a deed does.
"""

from collections.abc import Callable
from heapq import heappop, heappush


class Timetable:
    """Waits for moments."""

    def __init__(self) -> None:
        self._coming: list[tuple[int, int, Callable[[], object]]] = []
        self._serial = 0

    def add(self, at_ns: int, act: Callable[[], object]) -> None:
        """Do this then."""
        self._serial += 1
        heappush(self._coming, (at_ns, self._serial, act))

    def keep(self, now_ns: int) -> None:
        """Do what is due."""
        while self._coming and self._coming[0][0] <= now_ns:
            heappop(self._coming)[2]()
