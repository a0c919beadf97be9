"""Scenario: feed + faults + expectation. What a story writes, and what every rig can play.

Comes in: the site, a seed, a number of parcels. Goes out: a `Script`: the parcels and their gaps, deeds of hands, upsets on
the wires, and what the referee must find. The same seed writes the same script. Never here: how a rig carries it out.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from sim.plant import Setup
from sim.sheets import Sheets
from sim.world.feeder import Fed
from sim.world.hands import Deed
from sim.world.line import SLIP_MOST_UM
from sim.world.parcel import MILLION, Parcel
from sortctl.site.model import Machine
from sortctl.words.units import NS_PER_S

PITCH_MM = (900, 1_600)
LENGTH_MM = (180, 560)
"""Well within what the sorter takes: an eye measures a scan or two of belt too much or too little."""
ADDED_FIRST = 100_001
"""Parcels that a hand adds have numbers from here."""
EXTRA_CODES_IN_TEN = 2
REST_S = 25
"""After the last parcel: the belt runs empty, the slides too, and every wait of the controller ends."""


class RestartPlc(NamedTuple):
    """The PLC is off from `at_ns` for `ms`."""

    at_ns: int
    ms: int
    belt_stops: bool


class FreezeExchange(NamedTuple):
    """Requests to the PLC get no answer. The one under way is carried out at once, after the thaw (`late`), or never."""

    at_ns: int
    ms: int
    fate: str


class BusyPlc(NamedTuple):
    """Every request is answered by exception 6 and not carried out."""

    at_ns: int
    ms: int


class UnplugScanner(NamedTuple):
    """What the scanner sends is lost; its port is gone."""

    at_ns: int
    scanner: str
    ms: int


class Garbage(NamedTuple):
    """Bytes that no scanner sends stand on its line."""

    at_ns: int
    scanner: str
    data: bytes


class KillController(NamedTuple):
    """The controller is gone at once and comes back after `ms` with what its journal holds."""

    at_ns: int
    ms: int


Upset = RestartPlc | FreezeExchange | BusyPlc | UnplugScanner | Garbage | KillController


class Expectation(NamedTuple):
    """What must hold beside the rules that always hold. Shares are thousandths of the inducted parcels."""

    sorted_least: int = 900
    lost_most: int = 0
    same_exits: bool = False
    """But for the parcels concerned, every parcel leaves by the exit that it takes without the faults."""


class Script(NamedTuple):
    """A story for one seed."""

    setup: Setup
    upsets: tuple[Upset, ...] = ()
    concerned: frozenset[int] = frozenset()
    expect: Expectation = Expectation()
    clean: bool = True
    """No upset: nothing may be lost sight of."""

    def without_faults(self) -> "Script":
        """The same feed with nobody's hands on it."""
        return self._replace(setup=self.setup._replace(deeds=()), upsets=())


class Draft:
    """What a story draws from: parcels of the site's plan, gaps, moments, places. One chance for the feed, one for faults."""

    def __init__(self, machine: Machine, sheets: Sheets, seed: int, parcels: int) -> None:
        self.machine = machine
        self.sheets = sheets
        self.chance = Random(f"{seed} faults")
        self.count = parcels
        self._feed_chance = Random(f"{seed} feed")
        first = self._feed_chance.randrange(len(sheets.parcels))
        self._supply = sheets.parcels[first:] + sheets.parcels[:first]
        self._drawn = 0
        self.feed: list[Fed] = []
        for number in range(1, parcels + 1):
            self.feed.append(self._fed(number))

    def parcel(self, number: int, length_mm: int) -> Parcel:
        """The next parcel of the plan, as a body."""
        waybill = self._supply[self._drawn % len(self._supply)].waybill
        self._drawn += 1
        codes: tuple[str, ...] = (waybill,)
        if self._feed_chance.randrange(10) < EXTRA_CODES_IN_TEN:
            codes = (waybill, f"SKU-{self._feed_chance.randrange(10**6):06d}")
        line_um = self.machine.chute(self.machine.line.end_chute).position_mm * 1_000
        slip = self._feed_chance.randrange(SLIP_MOST_UM) * MILLION // line_um
        return Parcel(number, waybill, codes, length_mm * 1_000, slip)

    def _fed(self, number: int) -> Fed:
        before_um = self.feed[-1].parcel.length_um if self.feed else 0
        pitch_um = self._feed_chance.randint(*PITCH_MM) * 1_000
        length = self._feed_chance.randint(*LENGTH_MM)
        return Fed(self.parcel(number, length), max(pitch_um - before_um, 300_000))

    def widen(self, number: int, gap_mm: int) -> None:
        """Give the gap in front of parcel `number` another width."""
        self.feed[number - 1] = self.feed[number - 1]._replace(gap_um=gap_mm * 1_000)

    def resize(self, number: int, length_mm: int) -> None:
        """Give parcel `number` another length."""
        self.feed[number - 1].parcel.length_um = length_mm * 1_000

    @property
    def span_ns(self) -> int:
        """How long it takes to feed everything."""
        way_um = sum(fed.gap_um + fed.parcel.length_um for fed in self.feed)
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

    def place_after_induct(self, number: int) -> int:
        """A place on the belt behind the induct that parcel `number` passes before it leaves by its planned chute."""
        lies_mm = self.machine.sorter.length_max_mm + 100
        return self.chance.randint(lies_mm, max(self._exit_mm(self.feed[number - 1].parcel.waybill) - 800, lies_mm))

    def place_between(self, number: int) -> int:
        """A place that parcel `number` + 1 passes while the one before it is still on the belt, both behind the induct."""
        lies_mm = self.machine.sorter.length_max_mm + 100
        ahead, behind = (self._exit_mm(self.feed[which].parcel.waybill) for which in (number - 1, number))
        return self.chance.randint(lies_mm, max(min(ahead - PITCH_MM[1] - 1_000, behind - 800), lies_mm))

    def _exit_mm(self, waybill: str) -> int:
        chutes = self.sheets.chutes(waybill) or (self.machine.line.end_chute,)
        return min(self.machine.chute(number).position_mm for number in chutes)

    def numbers(self, how_many: int, apart: int) -> list[int]:
        """Numbers of parcels in order, each at least `apart` behind the one before."""
        share = max(self.count // (how_many + 1), apart)
        return [share * turn + self.chance.randrange(max(share - apart, 1)) + 1 for turn in range(1, how_many + 1)
                if share * turn + share < self.count]  # fmt: skip

    def setup(self, deeds: tuple[Deed, ...] = ()) -> Setup:
        """The feed with these deeds, else as usual."""
        return Setup(feed=tuple(self.feed), deeds=deeds)


class Story(NamedTuple):
    """A name, one sentence, and how its script is written."""

    name: str
    sentence: str
    write: Callable[[Draft], Script]
