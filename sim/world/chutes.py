"""Chutes: what lies in each exit, its half-full and full sensors, and the operator who empties it.

Comes in: parcels that slid in, time. Goes out: sensor levels. The sensors have hysteresis; a parcel that finds the chute
over its capacity is counted. An absent operator never comes.
"""

from heapq import heappop, heappush
from random import Random

from sim.plc.contacts import Terminal
from sim.world.eyes import Eyes
from sortctl.site.model import Chute
from sortctl.words.units import NS_PER_S

FULL_PERCENT, NOT_FULL_PERCENT = 85, 70
HALF_PERCENT, NOT_HALF_PERCENT = 50, 40
COMES_AFTER_S = (10, 40)


class Chutes:
    """All exits of the line."""

    def __init__(self, chutes: tuple[Chute, ...], eyes: Eyes, chance: Random) -> None:
        self._capacity = {chute.number: chute.capacity for chute in chutes}
        self.content = dict.fromkeys(self._capacity, 0)
        self.overfilled = 0
        self.absent: set[int] = set()
        """Chutes that no operator empties."""
        self.comes_after_s = COMES_AFTER_S
        self._eyes = eyes
        self._chance = chance
        self._called: set[int] = set()
        self._visits: list[tuple[int, int]] = []

    def take(self, number: int, at_ns: int) -> None:
        """A parcel slid in."""
        self.content[number] += 1
        if self.content[number] > self._capacity[number]:
            self.overfilled += 1
        self._sense(number)
        half = self.content[number] * 100 >= self._capacity[number] * HALF_PERCENT
        if half and number not in self._called and number not in self.absent:
            self._called.add(number)
            heappush(self._visits, (at_ns + self._chance.randint(*self.comes_after_s) * NS_PER_S, number))

    def fill(self, number: int) -> None:
        """Fill it to the brim by hand."""
        self.content[number] = self._capacity[number]
        self._sense(number)

    def desert(self, number: int) -> None:
        """It is full to the brim, and nobody comes."""
        self.absent.add(number)
        self.fill(number)

    def empty(self, number: int) -> None:
        """An operator takes everything out."""
        self.content[number] = 0
        self._called.discard(number)
        self._sense(number)

    def visit(self, to_ns: int) -> None:
        """The operators who are due by `to_ns` empty their chutes."""
        while self._visits and self._visits[0][0] <= to_ns:
            _, number = heappop(self._visits)
            if number in self.absent:
                self._called.discard(number)
            else:
                self.empty(number)

    def _sense(self, number: int) -> None:
        percent = self.content[number] * 100 // self._capacity[number]
        for kind, on, off in (("half", HALF_PERCENT, NOT_HALF_PERCENT), ("full", FULL_PERCENT, NOT_FULL_PERCENT)):
            if percent >= on:
                self._eyes.turn(Terminal(kind, number), True)
            elif percent < off:
                self._eyes.turn(Terminal(kind, number), False)
