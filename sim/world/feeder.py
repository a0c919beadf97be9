"""Feeder: brings one parcel after another to the sorter, each with its own gap to the one before.

Comes in: parcels with gaps, whether the induct runs. Goes out: of a line, parcels on the belt, just before the induct eye;
of a loop, parcels that wait at their induct until the PLC has a carrier for them. While an induct stands nothing is fed
and nothing is lost: on a line the next parcel comes when it runs again, before a loop they queue up.
"""

from collections import deque
from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from sim.plc.contacts import Terminal
from sim.world.belt import Belt
from sim.world.eyes import Eyes
from sim.world.line import Line
from sim.world.parcel import Parcel

BEFORE_EYE_UM = 100_000
"""A parcel comes onto the belt with its front so far before the induct eye."""

APART_UM = 300_000
"""The next parcel is not at a loop's induct before the loop has run so much more than the length of the one before."""
MEASURED_MM = 8
"""The length that an induction line measures is right to this."""


class Fed(NamedTuple):
    """A parcel and when it comes.

    Of a line, `gap_um` is the free belt between it and the tail of the one before. Of a loop it is ready at its induct when
    the loop has run so far since the one before it in the feed, whatever the induct of that one.
    """

    parcel: Parcel
    gap_um: int
    induct: int = 1


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


class LoopFeeder:
    """The induction lines of a loop."""

    def __init__(self, belt: Belt, eyes: Eyes, chance: Random, feed: Iterable[Fed], first_at_um: int) -> None:
        self._belt = belt
        self._eyes = eyes
        self._chance = chance
        self._queues: dict[int, deque[tuple[int, Parcel]]] = {}
        self._standing: dict[int, Parcel] = {}
        self._clear_um: dict[int, int] = {}
        self.fed = 0
        """Parcels that left for a carrier so far."""
        ready_um = first_at_um
        for number, fed in enumerate(feed):
            ready_um += fed.gap_um if number else 0
            self._queues.setdefault(fed.induct, deque()).append((ready_um, fed.parcel))

    @property
    def empty(self) -> bool:
        """Everything was fed."""
        return not self._standing and not any(self._queues.values())

    @property
    def waiting(self) -> int:
        """Parcels that stand at an induct, ready for a carrier."""
        return len(self._standing)

    def hold(self) -> None:
        """The inducts stand: parcels go on coming and queue up."""
        self.feed()

    def feed(self) -> None:
        """The next of each queue comes to its induct if it is time and the place is clear; its length is measured."""
        um = self._belt.um
        for induct, queue in self._queues.items():
            if not queue or queue[0][0] > um or induct in self._standing or self._clear_um.get(induct, um) > um:
                continue
            parcel = queue.popleft()[1]
            self._standing[induct] = parcel
            measured = parcel.length_um // 1_000 + self._chance.randint(-MEASURED_MM, MEASURED_MM)
            self._eyes.turn(Terminal("ready", induct), measured)

    def release(self, induct: int) -> Parcel | None:
        """The PLC lets the parcel that stands at this induct go; None if none stands there."""
        parcel = self._standing.pop(induct, None)
        if parcel is not None:
            self.fed += 1
            self._clear_um[induct] = self._belt.um + parcel.length_um + APART_UM
            self._eyes.turn(Terminal("ready", induct), 0)
        return parcel
