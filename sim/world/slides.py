"""Slides: from the sorter into the chutes: how long a parcel slides, its passing of the chute eye, its place in the chute.

Comes in: a parcel that leaves the sorter for an exit. Goes out: when it arrives and when it has passed the eye; the owner
keeps these moments and calls back. Two parcels on one slide keep apart. Never here: who sent it there.
"""

from random import Random
from typing import Final

from sim.plc.contacts import Terminal
from sim.world.chutes import Chutes
from sim.world.eyes import Eyes
from sim.world.parcel import Parcel, Place
from sortctl.site.model import Machine
from sortctl.words.units import NS_PER_MS

SLIDE_JITTER_NS: Final = 40 * NS_PER_MS
SLIDE_APART_NS: Final = 130 * NS_PER_MS
"""Two parcels on one slide never come closer than this."""
EYE_COVERED_MS: Final = (50, 80)


class Slides:
    """The slides of all exits of one sorter."""

    def __init__(self, machine: Machine, eyes: Eyes, chutes: Chutes, chance: Random) -> None:
        self._slide_ns = {chute.number: chute.slide_ms * NS_PER_MS for chute in machine.chutes}
        self._eyes = eyes
        self._chutes = chutes
        self._chance = chance
        self._free_ns: dict[int, int] = {}
        self.occupied: set[int] = set()
        """Parcels that are on a slide or under its eye."""

    def send(self, parcel: Parcel, number: int, from_ns: int, now_ns: int) -> tuple[int, int]:
        """It left the sorter for this exit; when it arrives at the eye, and when it has passed it."""
        parcel.place = Place.SLIDE
        parcel.exit = number
        self.occupied.add(parcel.number)
        at_ns = from_ns + self._slide_ns[number] + self._chance.randint(-SLIDE_JITTER_NS, SLIDE_JITTER_NS)
        at_ns = max(at_ns, self._free_ns.get(number, 0), now_ns)
        self._free_ns[number] = at_ns + SLIDE_APART_NS
        return at_ns, at_ns + self._chance.randint(*EYE_COVERED_MS) * NS_PER_MS

    def arrive(self, parcel: Parcel, number: int, at_ns: int) -> None:
        """It is at the chute eye."""
        parcel.place, parcel.exit, parcel.exit_ns = Place.CHUTE, number, at_ns
        self._eyes.cover(Terminal("chute", number), parcel.number, at_ns)
        self._chutes.take(number, at_ns)

    def rest(self, parcel: Parcel, number: int, at_ns: int) -> None:
        """It has passed the eye and lies."""
        self._eyes.uncover(Terminal("chute", number), parcel.number, at_ns)
        self.occupied.discard(parcel.number)
