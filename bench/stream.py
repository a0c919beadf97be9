"""Stream: facts of a line that runs without faults, as the logic would be told them; made by a logic, for a logic.

Comes in: a machine of a site, known parcels, how many parcels. Goes out: every fact in order, and what followed from each. Parcels
come at an even pace; eyes, pushers and the PLC do what the logic's own orders make them do. Time is that of the belt.
Never here: wires, words of the exchange, measuring.
"""

from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count, cycle
from typing import Final

from sortctl.logic import HubRules, Logic
from sortctl.plan import Plan
from sortctl.site.model import Eye, Machine
from sortctl.words import facts, orders
from sortctl.words.exchange import ChuteBit
from sortctl.words.hub import ParcelTold
from sortctl.words.ids import ChuteNumber, EyeNumber, InductNumber, PlcId, ScannerId
from sortctl.words.outcomes import Outcome, ParcelAsked
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_S, wrap32

BOOT: Final = 7
EPOCH: Final = 1
BEAT_MS: Final = 50
"""So often the controller tells where the belt stands while something is on it."""
TAKEN_MS: Final = 20
"""From an order to the image that shows it taken."""
PITCH_MM: Final = 1_250
LENGTH_MM: Final = 300

Make = Callable[[int, int], facts.Fact | None]
"""(at_ns, raw count) -> the fact, if it happens at all."""


class Stream:
    """`told` is every fact with what followed from it."""

    def __init__(self, machine: Machine, plan: Plan, site: str) -> None:
        self.told: list[tuple[facts.Fact, Sequence[Outcome | orders.Order]]] = []
        self._machine = machine
        self._plc = PlcId(machine.plc_id)
        self._logic = Logic([machine], HubRules(), plan)
        self._site = site
        self._known: Mapping[str, ParcelRecord] = {}
        self._seq = count(1)
        self._tie = count()
        self._due: list[tuple[int, int, Make]] = []
        self._leaves_mm: dict[int, int] = {}
        """Passage -> where its pusher stands. Passages are numbered as they are fed."""

    def run(self, known: Mapping[str, ParcelRecord], parcels: int) -> None:
        """Feed so many parcels of those that the hub knows, until all are in their chutes."""
        self._known = known
        self._start()
        machine = self._machine
        labels = cycle(known)
        for number in range(1, parcels + 1):
            self._feed(number, machine.counts(number * PITCH_MM), next(labels))
        beat = machine.counts_in(BEAT_MS)
        at = 0
        while self._due:
            at += beat
            while self._due and self._due[0][0] <= at:
                belt, _, make = heappop(self._due)
                self._tell(make, belt)
                self._tell(self._moved, belt)
            self._tell(self._moved, at)

    # ------------------------------------------------------------------------------------------- what happens

    def _start(self) -> None:
        plc, words = self._plc, (1 << ChuteBit.EXISTS,) * len(self._machine.chutes)
        self._tell(lambda at, _: facts.ControllerStarted(at, 0, self._site, "bench"), 0)
        self._tell(lambda at, raw: facts.PlcLinked(at, plc, BOOT, raw, 6, 0, 0, 0, 0, 0), 0)
        self._tell(lambda at, _: facts.ChutesRead(at, plc, BOOT, 0, words), 0)
        self._tell(lambda at, raw: facts.EpochTold(at, plc, BOOT, next(self._seq), raw, EPOCH, 1), 0)
        self._tell(lambda at, _: facts.EpochGranted(at, plc, EPOCH, 0), 0)
        self._tell(self._moved, 0)

    def _feed(self, number: int, front: int, waybill: str) -> None:
        machine, plc, length = self._machine, self._plc, self._machine.counts(LENGTH_MM)
        self._at(
            front + length,
            lambda at, _: facts.Inducted(at, plc, BOOT, next(self._seq), wrap32(front), InductNumber(1), 0, LENGTH_MM),
        )
        for name, scanner in machine.scanners.items():
            place = machine.sorter.scan_points[scanner.scan_point - 1].position_mm
            read = front + length // 2 + machine.counts(place) + machine.counts_in(scanner.delay_ms)
            self._at(read, self._read(ScannerId(name), waybill))
        for eye in machine.line.eyes:
            for edge, blocked in ((front, True), (front + length, False)):
                self._at(edge + machine.counts(eye.position_mm), self._edge(number, eye, blocked=blocked))

    def _edge(self, number: int, eye: Eye, *, blocked: bool) -> Make:
        def make(at_ns: int, raw: int) -> facts.Fact | None:
            if self._leaves_mm.get(number, eye.position_mm) < eye.position_mm:
                return None
            return facts.EyeChanged(at_ns, self._plc, BOOT, next(self._seq), raw, EyeNumber(eye.number), blocked)

        return make

    @staticmethod
    def _read(scanner: ScannerId, waybill: str) -> Make:
        return lambda at, _: facts.CodesRead(at, scanner, (facts.Code(waybill),))

    def _moved(self, at_ns: int, raw: int) -> facts.Fact:
        return facts.BeltMoved(at_ns, self._plc, raw)

    def _obey(self, order: orders.Divert, belt: int) -> None:
        """The PLC takes the order and carries it out; the parcel goes down its chute."""
        machine, plc, number = self._machine, self._plc, order.chute
        chute = machine.chute(number)
        done = order.at_count + machine.counts_in(chute.lead_ms + chute.travel_ms)
        entry = done + machine.counts_in(chute.slide_ms)
        seq, item = order.seq, order.item
        self._leaves_mm[item] = chute.position_mm
        self._at(belt + machine.counts_in(TAKEN_MS), lambda at, _: facts.OrdersTaken(at, plc, EPOCH, seq))
        self._at(
            done,
            lambda at, raw: facts.ItemDiverted(at, plc, BOOT, next(self._seq), raw, ChuteNumber(number), item, 0),
        )
        for belt_at, blocked in ((entry, True), (entry + machine.counts(LENGTH_MM), False)):
            self._at(belt_at, self._entry(number, blocked=blocked))

    def _entry(self, chute: ChuteNumber, *, blocked: bool) -> Make:
        return lambda at, raw: facts.ChuteEyeChanged(at, self._plc, BOOT, next(self._seq), raw, chute, 0, blocked)

    # ------------------------------------------------------------------------------------------- telling it

    def _at(self, belt: int, make: Make) -> None:
        heappush(self._due, (belt, next(self._tie), make))

    def _tell(self, make: Make, belt: int) -> None:
        sorter = self._machine.sorter
        per_s = sorter.speed_mm_s * sorter.counts_per_metre // 1000
        fact = make((belt + 1) * NS_PER_S // per_s, wrap32(belt))
        if fact is None:
            return
        said = self._step(fact)
        for thing in said:
            if isinstance(thing, orders.Divert):
                self._obey(thing, belt)

    def _step(self, fact: facts.Fact) -> Sequence[Outcome | orders.Order]:
        """The fact, and at once the answers to what is asked because of it; what followed from all of them."""
        said: list[Outcome | orders.Order] = list(self._logic.step(fact))
        self.told.append((fact, tuple(said)))
        for asked in [one for one in said if isinstance(one, ParcelAsked)]:
            said += self._step(ParcelTold(fact.at_ns, asked.code, self._known.get(asked.code)))
        return said
