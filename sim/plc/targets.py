"""Targets: the DIVERTs of a tracking PLC: one for each item, fired when its carrier comes to the chute.

Comes in: accepted DIVERTs with the belt's place at which they are due. Goes out: what is due, in the order of the belt.
The newest replaces the older one, which ends without an event. Never here: why one cannot be carried out.
"""

from heapq import heappop, heappush

from sim.plc.table import Divert


class Targets:
    """At most `room` waiting DIVERTs."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._of: dict[int, Divert] = {}
        self._due: list[Divert] = []
        self._serial = 0

    @property
    def full(self) -> bool:
        """No further order is taken."""
        return len(self._of) >= self._room

    def __len__(self) -> int:
        return len(self._of)

    def aim(self, divert: Divert) -> None:
        """The item goes there, whatever its target was."""
        self._serial += 1
        divert = divert._replace(serial=self._serial)
        self._of[divert.item] = divert
        heappush(self._due, divert)

    def withdraw(self, item: int) -> Divert | None:
        """Take the item's DIVERT out."""
        return self._of.pop(item, None)

    def due(self, belt_um: int) -> list[Divert]:
        """Take out what the belt has reached."""
        taken: list[Divert] = []
        while self._due and self._due[0].due <= belt_um:
            divert = heappop(self._due)
            if self._of.get(divert.item) == divert:
                del self._of[divert.item]
                taken.append(divert)
        return taken
