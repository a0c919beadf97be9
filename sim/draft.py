"""Draft: what a story draws from: parcels of the site's plan, gaps, moments, places. One chance for the feed, one for faults.

Comes in: a machine, the site's plan, a seed, how many parcels, which share of the plan's parcels is this machine's, and when it begins.
Goes out: the feed and what a story asks for. The same seed gives the same. Never here: what a story makes of it.

Places along a line are distances from the first induct eye; along a loop they are positions, and a way goes round the end.
"""

from random import Random
from typing import Final, NamedTuple

from sim.plant import Setup
from sim.sheets import Expected, Sheets
from sim.world.deeds import Deed
from sim.world.feeder import Fed
from sim.world.line import SLIP_MOST_UM
from sim.world.parcel import MILLION, Parcel
from sortctl.site.model import Machine
from sortctl.words.units import NS_PER_S

PITCH_MM: Final = (900, 1_600)
LOOP_PITCH_MM: Final = (900, 2_300)
"""From one parcel to the next: a loop of 2.5 m/s brings one and a half a second, half of what its carriers could take."""
LENGTH_MM: Final = (180, 560)
"""Well within what a sorter takes: an eye measures a scan or two of belt too much or too little."""
GAP_LEAST_UM: Final = 300_000
ADDED_FIRST: Final = 100_001
"""Parcels that a hand adds have numbers from here."""
EXTRA_CODES_IN_TEN: Final = 2
LANDED_MM: Final = 900
"""So far behind its induct a parcel surely lies on its carrier, on the one before or on the one behind."""
BEFORE_EXIT_MM: Final = 800
LAID_WITHIN: Final = 8
"""So many carriers further up there is surely an empty one."""


class Share(NamedTuple):
    """Which of the plan's parcels are a machine's: every `of`-th from `turn` on."""

    turn: int = 0
    of: int = 1


class Draft:
    """One machine's."""

    def __init__(
        self, machine: Machine, sheets: Sheets, seed: int, parcels: int, share: Share = Share(), wall_s: int = 0
    ) -> None:
        self.machine = machine
        self.wall_s = wall_s
        """The second on the wall when the run begins."""
        self.sheet = sheets.of(machine)
        self.is_loop = machine.sorter.kind == "loop"
        self.chance = Random(f"{seed} faults")
        self.count = parcels
        self._feed_chance = Random(f"{seed} feed")
        supply = self.sheet.supply(*share)
        first = self._feed_chance.randrange(len(supply))
        self._supply = supply[first:] + supply[:first]
        self._drawn = 0
        self._inducts = {induct.number: induct.position_mm for induct in machine.sorter.inducts}
        self.feed: list[Fed] = []
        for number in range(1, parcels + 1):
            self.feed.append(self._fed_to_loop(number) if self.is_loop else self._fed(number))

    # ------------------------------------------------------------------------------------------- parcels

    def parcel(self, number: int, length_mm: int) -> Parcel:
        """The next parcel of the plan, as a body."""
        waybill = self._supply[self._drawn % len(self._supply)].waybill
        self._drawn += 1
        codes: tuple[str, ...] = (waybill,)
        if self._feed_chance.randrange(10) < EXTRA_CODES_IN_TEN:
            codes = (waybill, f"SKU-{self._feed_chance.randrange(10**6):06d}")
        slip = 0
        if not self.is_loop:
            line_um = self.machine.chute(self.machine.line.end_chute).position_mm * 1_000
            slip = self._feed_chance.randrange(SLIP_MOST_UM) * MILLION // line_um
        return Parcel(number, waybill, codes, length_mm * 1_000, slip)

    def added(self, number: int, length_mm: int) -> Parcel:
        """A parcel that a hand brings, the `number`-th of them, from 0."""
        return self.parcel(ADDED_FIRST + number, length_mm)

    def _fed(self, number: int) -> Fed:
        before_um = self.feed[-1].parcel.length_um if self.feed else 0
        pitch_um = self._feed_chance.randint(*PITCH_MM) * 1_000
        length = self._feed_chance.randint(*LENGTH_MM)
        return Fed(self.parcel(number, length), max(pitch_um - before_um, GAP_LEAST_UM))

    def _fed_to_loop(self, number: int) -> Fed:
        pitch_um = self._feed_chance.randint(*LOOP_PITCH_MM) * 1_000
        length = self._feed_chance.randint(*LENGTH_MM)
        induct = self._feed_chance.choice(sorted(self._inducts))
        return Fed(self.parcel(number, length), pitch_um, induct)

    def widen(self, number: int, gap_mm: int) -> None:
        """Give the gap in front of parcel `number` another width."""
        self.feed[number - 1] = self.feed[number - 1]._replace(gap_um=gap_mm * 1_000)

    def resize(self, number: int, length_mm: int) -> None:
        """Give parcel `number` another length."""
        self.feed[number - 1].parcel.length_um = length_mm * 1_000

    def stand_alone(self, number: int) -> None:
        """Of a loop: bring parcel `number` by the first induct, and nobody near it. No carrier beside its own is loaded."""
        alone_mm = (max(self._inducts.values()) - min(self._inducts.values())) + 4 * self.machine.loop.pitch_mm
        first = min(self._inducts, key=lambda induct: self._inducts[induct])
        self.feed[number - 1] = self.feed[number - 1]._replace(gap_um=alone_mm * 1_000, induct=first)
        if number < self.count:
            self.widen(number + 1, alone_mm)

    def numbers(self, how_many: int, apart: int) -> list[int]:
        """Numbers of parcels in order, each at least `apart` behind the one before."""
        share = max(self.count // (how_many + 1), apart)
        return [share * turn + self.chance.randrange(max(share - apart, 1)) + 1 for turn in range(1, how_many + 1)
                if share * turn + share < self.count]  # fmt: skip

    # ------------------------------------------------------------------------------------------- time

    @property
    def span_ns(self) -> int:
        """How long it takes to feed everything."""
        way_um = sum(fed.gap_um + (0 if self.is_loop else fed.parcel.length_um) for fed in self.feed)
        return way_um * NS_PER_S // (self.machine.sorter.speed_mm_s * 1_000)

    def moment(self) -> int:
        """A moment while parcels run, not at the very beginning."""
        return 5 * NS_PER_S + self.chance.randrange(max(self.span_ns, NS_PER_S))

    def moments(self, how_many: int, apart_ms: int) -> list[int]:
        """Moments in order, each at least so far behind the one before."""
        found: list[int] = []
        at_ns = 5 * NS_PER_S
        share = max(self.span_ns // max(how_many, 1), apart_ms * 1_000_000)
        for _ in range(how_many):
            found.append(at_ns + self.chance.randrange(max(share - apart_ms * 1_000_000, 1)))
            at_ns += share
        return found

    # ------------------------------------------------------------------------------------------- places

    @property
    def pushers(self) -> list[int]:
        """Chutes that something may befall. Not the overflow of a loop: what finds no other exit rides until it opens."""
        spared = self.machine.loop.overflow if self.is_loop else ()
        return [chute.number for chute in self.machine.chutes if chute.actuator and chute.number not in spared]

    def place_after_induct(self, number: int) -> int:
        """A place behind the induct that parcel `number` passes before it leaves by its planned chute."""
        exit_mm = self._exit_mm(number)
        if self.is_loop:
            return self._round(number, LANDED_MM, exit_mm - BEFORE_EXIT_MM)
        lies_mm = self.machine.sorter.length_max_mm + 100
        return self.chance.randint(lies_mm, max(exit_mm - BEFORE_EXIT_MM, lies_mm))

    def place_before_tunnel(self, number: int) -> int:
        """Of a loop: a place between the induct of parcel `number` and the first scan point behind it."""
        from_mm, length_mm = self._inducts[self.feed[number - 1].induct], self.machine.loop.length_mm
        ways = [(point.position_mm - from_mm) % length_mm for point in self.machine.sorter.scan_points]
        return self._round(number, LANDED_MM, min(ways) - 2 * self.machine.loop.pitch_mm)

    def place_to_lay(self) -> int:
        """Of a loop: a place where a load is seen by a check-point before it comes to an induct, as a load in its way would be."""
        loop = self.machine.loop
        marks = sorted({*self._inducts.values(), *(point.position_mm for point in loop.check_points)})
        point_mm = self.chance.choice([point.position_mm for point in loop.check_points])
        free_mm = (point_mm - marks[marks.index(point_mm) - 1]) % loop.length_mm
        return (
            point_mm - self.chance.randint(loop.pitch_mm, max(free_mm - LAID_WITHIN * loop.pitch_mm, loop.pitch_mm))
        ) % loop.length_mm

    def place_between(self, number: int) -> int:
        """A place that parcel `number` + 1 passes while the one before it is still on the belt, both behind the induct."""
        lies_mm = self.machine.sorter.length_max_mm + 100
        ahead, behind = self._exit_mm(number), self._exit_mm(number + 1)
        return self.chance.randint(lies_mm, max(min(ahead - PITCH_MM[1] - 1_000, behind - BEFORE_EXIT_MM), lies_mm))

    def expected(self, waybill: str) -> Expected:
        """What the list says of a parcel."""
        return self.sheet.expected(waybill)

    def way_mm(self, number: int) -> int:
        """How far parcel `number` goes on the sorter until it leaves by its planned chute."""
        return self._exit_mm(number)

    def _exit_mm(self, number: int) -> int:
        """How far it is to the first of the planned chutes of a parcel; on a loop from its induct."""
        chutes = self.sheet.chutes(self.feed[number - 1].parcel.waybill)
        if self.is_loop:
            from_mm, length_mm = self._inducts[self.feed[number - 1].induct], self.machine.loop.length_mm
            places = chutes or self.machine.loop.overflow
            return min((self.machine.chute(chute).position_mm - from_mm) % length_mm for chute in places)
        return min(self.machine.chute(chute).position_mm for chute in chutes or (self.machine.line.end_chute,))

    def _round(self, number: int, least_mm: int, most_mm: int) -> int:
        """A position on the loop so far behind the induct of a parcel."""
        way_mm = self.chance.randint(least_mm, max(most_mm, least_mm))
        return (self._inducts[self.feed[number - 1].induct] + way_mm) % self.machine.loop.length_mm

    def setup(self, deeds: tuple[Deed, ...] = ()) -> Setup:
        """The feed with these deeds, else as usual."""
        return Setup(feed=tuple(self.feed), deeds=deeds)
