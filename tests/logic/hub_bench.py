"""Desks of a hub with customs: a line and a loop with domestic, bonded and custody chutes, a host, a clock on the wall, a judge.

Chutes 1 and 3 are domestic, 2 is bonded, 4 and all behind it are custody. The judge looks at every order: it goes by what the host
has told, and by nothing that the logic concluded.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any

from sortctl.departures import Departures
from sortctl.logic import HubRules, Logic
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.known.loop import Loop, LoopPassage
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Sorter
from sortctl.logic.line import divert as line_divert
from sortctl.logic.loop import divert as loop_divert
from sortctl.logic.rules import check_all
from sortctl.plan import Plan
from sortctl.plan.load import load_plan
from sortctl.site.hub import Customs, ParcelRules, Selection
from sortctl.site.model import Machine
from sortctl.words import facts, hub
from sortctl.words.facts import Code
from sortctl.words.ids import EyeNumber, ScannerId
from sortctl.words.orders import Divert, Order
from sortctl.words.outcomes import Outcome, ParcelAsked
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord
from sortctl.words.units import NS_PER_MS, NS_PER_S
from tests.logic import bench, loop_bench
from tests.logic.bench import Desk, Parcel
from tests.logic.loop_bench import LoopDesk

WALL_S = 1_800_000_000
DAY_S = 86_400
DOMESTIC = frozenset({1, 3})
EYES = {1: 2000, 2: 4500}

RULES = b"rule,tenant,country,destination\nR-BE,,BE,BE\nR-NL,,NL,NL\nR-DE,,DE,DE\nR-FR,,FR,FR\nR-ACME,acme,NL,DE\n"
FIRST = {
    "plan/rules.csv": RULES,
    "plan/destinations.csv": (
        b"destination,chutes,alternates\nBE,1,3\nNL,2,\nDE,3,1\nFR,4,\n!customs_hold,4,\n!customs_inspect,4,\n!security_hold,4,\n"
    ),
}
SECOND = {
    "plan/rules.csv": RULES,
    "plan/destinations.csv": b"destination,chutes\nBE,3\nNL,1;2\nDE,2\nFR,1\n!customs_hold,4\n",
}


def zoned(machine: Machine, **changes: Any) -> Machine:
    """The machine with customs zones; `changes` of chute 1."""
    zones = {1: "domestic", 2: "bonded", 3: "domestic"}
    chutes = [chute.model_copy(update={"zone": zones.get(chute.number, "custody")}) for chute in machine.chutes]
    chutes[0] = chutes[0].model_copy(update=changes)
    return machine.model_copy(update={"chutes": tuple(chutes)})


def released(waybill: str, at_s: int = WALL_S - 60, **more: Any) -> ParcelRecord:
    """A parcel that customs has released; its country is the first two letters of its waybill."""
    settings: dict[str, Any] = {"customs": CustomsState.RELEASED, "customs_at_s": at_s, "declaration": Declaration.H7}
    return ParcelRecord(waybill, country=waybill[:2], postcode="1000", **(settings | more))


def may_leave(record: ParcelRecord | None, wall_s: int | None, rules: Customs) -> bool:
    """It may go into a domestic chute: told again here, in the words of the law rather than of the code."""
    if record is None or record.hold or record.customs_conflict:
        return False
    if record.declaration is Declaration.DOMESTIC and record.customs is CustomsState.UNKNOWN:
        return True
    if wall_s is None:
        return False
    age_s = wall_s - record.customs_at_s
    fresh = record.customs_at_s > 0 and -360 < age_s < (rules.released_stale_min + 1) * 60
    return record.customs is CustomsState.RELEASED and fresh


class Judge:
    """The host of a desk, and who looks at every order of its logic."""

    def __init__(self, rules: HubRules) -> None:
        self.rules = rules
        self.known: dict[str, ParcelRecord] = {}
        self.told: dict[str, ParcelRecord | None] = {}
        self.silent = False
        self.asked: list[str] = []
        self.offsets_ns: list[int] = []
        """The clock on the wall less the one of the facts: the newest, and before it the latest that anybody told."""

    def hear(self, fact: facts.Fact) -> None:
        """What the logic is told of parcels and of the time."""
        match fact:
            case hub.ParcelTold():
                self.told[fact.code] = fact.record
            case hub.ParcelTurned():
                self.told[fact.waybill] = fact.record
            case hub.WallSet():
                self.offsets_ns = [max([*self.offsets_ns, fact.wall_ns - fact.at_ns]), fact.wall_ns - fact.at_ns]

    def look(self, logic: Logic, said: Sequence[Outcome | Order], at_ns: int) -> None:
        """No order brings who may not leave to a domestic chute, and none goes on standing that could be withdrawn."""
        walls_s: list[int | None] = [(at_ns + offset_ns) // NS_PER_S for offset_ns in self.offsets_ns] or [None]
        sorter = logic.sorters[0]
        for order in said:
            if isinstance(order, ParcelAsked):
                self.asked.append(order.code)
            elif isinstance(order, Divert) and order.chute in DOMESTIC:
                passage = sorter.by_order.get((order.epoch, order.seq)) or self._by_item(sorter, order)
                assert passage is not None
                for record in self._records(passage):
                    assert all(may_leave(record, wall_s, self.rules.customs) for wall_s in walls_s), (order, record)
        for passage in sorter.all_open():
            told = passage.told
            if told is None or not told.seq or told.chute not in DOMESTIC or not sorter.state.holds:
                continue
            for record in self._records(passage):
                at_s = record.customs_at_s if record is not None else None
                is_well = may_leave(record, at_s, self.rules.customs)
                assert is_well or is_committed(sorter, passage), (passage, record)

    def _records(self, passage: Passage) -> list[ParcelRecord | None]:
        """Of its waybill, and of every other code that was read on it."""
        others = [record for name in passage.asked if (record := self.told.get(name)) is not None]
        return [self.told.get(passage.waybill), *others]

    def forget(self) -> None:
        """Another logic, which was told nothing."""
        self.told, self.asked, self.offsets_ns = {}, [], []

    @staticmethod
    def _by_item(sorter: Sorter, order: Divert) -> Passage | None:
        return sorter.by_item.get(order.item) if isinstance(sorter, Loop) else sorter.passage(order.item)

    def answers(self, at_ns: int) -> list[facts.Fact]:
        """What it says to what was asked."""
        if self.silent:
            return []
        asked, self.asked = dict.fromkeys(self.asked), []
        return [hub.ParcelTold(at_ns, code, self.known.get(code)) for code in asked]


def is_committed(sorter: Sorter, passage: Passage) -> bool:
    """The standing order can no longer be withdrawn."""
    if isinstance(sorter, Loop) and isinstance(passage, LoopPassage):
        return loop_divert.is_committed(sorter, passage)
    return isinstance(sorter, Line) and isinstance(passage, LinePassage) and line_divert.is_committed(sorter, passage)


class _Host:
    """What both desks have of the hub."""

    logic: Logic
    judge: Judge

    def _setup(self, machine: Machine, given: dict[str, Any]) -> None:
        rules = HubRules(**given)
        self.machine, self.judge = machine, Judge(rules)
        self.plan: Plan = load_plan(FIRST)
        self.logic = self.fresh()

    def fresh(self) -> Logic:
        """A logic that knows nothing yet, with the plan in force."""
        return Logic([self.machine], self.judge.rules, self.plan)

    @property
    def sorter(self) -> Sorter:
        return self.logic.sorters[0]

    def hear(self, fact: facts.Fact) -> list[Outcome | Order]:
        """One fact, judged, and the host's answers behind it."""
        self.judge.hear(fact)
        said: list[Outcome | Order] = list(self.logic.step(fact))
        if said or not isinstance(fact, facts.BeltMoved):
            check_all(self.sorter)
        self.judge.look(self.logic, said, fact.at_ns)
        for answer in self.judge.answers(fact.at_ns):
            said += self.hear(answer)
        return said

    def swap(self, at_ns: int, files: dict[str, bytes], *, keep: bool) -> list[Outcome | Order]:
        """Another plan is in force."""
        self.plan = load_plan(files)
        self.logic.apply_plan(self.plan)
        return self.hear(hub.PlanApplied(at_ns, "p", 2, "sum", keep, "planner"))

    def turn_record(self, at_ns: int, record: ParcelRecord | None, waybill: str) -> list[Outcome | Order]:
        """The host knows something else now; the logic hears it of parcels that were asked for."""
        if record is None:
            self.judge.known.pop(waybill, None)
        else:
            self.judge.known[waybill] = record
        answer = self.logic.shared.hub.answers.get(waybill)
        if (answer is None or not answer.is_told) and waybill not in self.sorter.state.away:
            return []
        if self.judge.silent:
            return []
        return self.hear(hub.ParcelTurned(at_ns, waybill, record))

    def hush(self, at_ns: int) -> list[Outcome | Order]:
        """The host falls silent, or speaks again: what changed meanwhile is told then."""
        self.judge.silent = not self.judge.silent
        said = self.hear(hub.HostSilent(at_ns, self.judge.silent, "store gone"))
        return said if self.judge.silent else said + self.catch_up(at_ns)

    def catch_up(self, at_ns: int) -> list[Outcome | Order]:
        """Who knows parcels looks up everything that is watched."""
        said: list[Outcome | Order] = []
        watched = {*self.logic.shared.hub.answers, *self.sorter.state.away}
        for waybill in sorted(watched & self.judge.told.keys()):
            if self.judge.told[waybill] != self.judge.known.get(waybill):
                said += self.hear(hub.ParcelTurned(at_ns, waybill, self.judge.known.get(waybill)))
        return said

    def reborn(self) -> None:
        """The controller is killed and goes on from its snapshot; who knows parcels is asked again what was open."""
        logic = self.fresh()
        logic.restore(self.logic.snapshot())
        assert logic.snapshot() == self.logic.snapshot()
        self.logic = logic


class CustomsLine(_Host, Desk):
    """The line of `bench.py` in such a hub, its clock on the wall told."""

    def __init__(self, **given: Any) -> None:
        super().__init__()
        changes = given.pop("chute", {})
        self._setup(zoned(bench.machine(), **changes), given)
        self._coming: list[tuple[int, int, Callable[[], facts.Fact], Parcel]] = []
        """(belt position, serial, what happens there, to whom) of what was fed, in order."""
        self._serial = count()

    def tell(self, fact: facts.Fact) -> None:
        self.log += self.hear(fact)

    def open_up(self, offset_s: int = WALL_S) -> None:
        """Linked and running, with the time told."""
        self.start()
        self.set_wall(offset_s)
        self.run_belt_to(1_000)

    def set_wall(self, wall_s: int) -> None:
        self.tell(hub.WallSet(self.at_ns, wall_s * NS_PER_S + self.at_ns))

    def feed(self, *texts: str, length: int = 300) -> Parcel:
        """A parcel comes on; later it is read, and passes every eye."""
        parcel = self.feed_parcel(length)
        codes = tuple(Code(text) for text in texts)
        self._later(
            parcel, parcel.at + length // 2 + 1000, lambda: facts.CodesRead(self.at_ns, ScannerId("top"), codes)
        )
        for eye, place in EYES.items():
            for at, blocked in ((parcel.at + place, True), (parcel.at + place + length, False)):
                self._later(parcel, at, partial(self._edge, at, eye, blocked))
        return parcel

    def _edge(self, at: int, eye: int, blocked: bool) -> facts.Fact:
        event = (self.at_ns, bench.PLC, 7, next(self._seq), self.raw(at))
        return facts.EyeChanged(*event, EyeNumber(eye), blocked)

    def divert(self, parcel: Parcel, chute: int, item: int) -> None:
        """It passes what is before the chute, and goes in."""
        self.advance(parcel.at + parcel.length // 2 + 2000 + 1000 * chute)
        self._coming = [one for one in self._coming if one[3] is not parcel]
        super().divert(parcel, chute, item)

    def _later(self, parcel: Parcel, belt: int, make: Callable[[], facts.Fact]) -> None:
        self._coming.append((belt, next(self._serial), make, parcel))
        self._coming.sort(key=lambda one: one[:2])

    def advance(self, belt: int) -> None:
        """The belt runs; scanner and eyes see what passes them."""
        while self._coming and self._coming[0][0] <= belt:
            at, _, make, _ = self._coming.pop(0)
            if at >= self.belt:
                self.run_belt_to(at)
                self.tell(make())
        self.run_belt_to(belt)

    def pass_scanner(self, parcel: Parcel) -> None:
        """The belt runs until it has been read."""
        self.advance(parcel.at + parcel.length // 2 + 1000)

    def turn(self, waybill: str, record: ParcelRecord | None) -> None:
        self.log += self.turn_record(self.at_ns, record, waybill)

    def swap_plan(self, files: dict[str, bytes], *, keep: bool) -> None:
        self.log += self.swap(self.at_ns, files, keep=keep)

    def lose_epoch(self) -> None:
        self.tell(facts.EpochLost(self.at_ns, bench.PLC, "lease ended"))

    def grant(self) -> None:
        epoch = self.sorter.state.epoch + 1
        self.tell(facts.EpochGranted(self.at_ns, bench.PLC, epoch, 0))

    renew_epoch = grant

    def restart_plc(self) -> None:
        self.lose_epoch()
        self._seq = count(1)
        self.tell(facts.PlcRestarted(self.at_ns, bench.PLC, 7, self.raw(self.belt)))
        self.tell(facts.ChutesRead(self.at_ns, bench.PLC, 7, 0, bench.ALL_CHUTES))
        self.grant()

    def lose_link(self) -> None:
        self.tell(facts.PlcLost(self.at_ns, bench.PLC, "cable"))
        self.tell(facts.PlcLinked(self.at_ns, bench.PLC, 7, self.raw(self.belt), 6, 0, 0, 0, 0, 0))

    def miss_events(self) -> None:
        first = next(self._seq)
        self.tell(facts.EventsMissed(self.at_ns, bench.PLC, 7, first, first))

    def kill(self) -> None:
        self.reborn()
        self._begin()

    def lose_journal(self) -> None:
        """The controller begins with nothing; what was ordered stands in the PLC."""
        self.logic = self.fresh()
        self.judge.forget()
        self._begin()

    def _begin(self) -> None:
        self.tell(facts.ControllerStarted(self.at_ns, 0, "site", "1"))
        self.tell(facts.PlcLinked(self.at_ns, bench.PLC, 7, self.raw(self.belt), 6, 0, 0, 0, 0, 0))
        self.tell(facts.ChutesRead(self.at_ns, bench.PLC, 7, 0, bench.ALL_CHUTES))
        self.grant()
        if not self.judge.silent:
            self.log += self.catch_up(self.at_ns)

    def hush_host(self) -> None:
        self.log += self.hush(self.at_ns)


class CustomsLoop(_Host, LoopDesk):
    """The loop of `loop_bench.py` in such a hub."""

    def __init__(self, **given: Any) -> None:
        super().__init__()
        changes = given.pop("chute", {})
        self._setup(zoned(loop_bench.loop_machine(), **changes), given)

    def tell(self, fact: facts.Fact) -> None:
        self.log += self.hear(fact)

    def open_up(self, offset_s: int = WALL_S) -> None:
        self.start()
        self.set_wall(offset_s)

    def set_wall(self, wall_s: int) -> None:
        self.tell(hub.WallSet(self.at_ns, wall_s * NS_PER_S + self.at_ns))

    def turn(self, waybill: str, record: ParcelRecord | None) -> None:
        self.log += self.turn_record(self.at_ns, record, waybill)

    def swap_plan(self, files: dict[str, bytes], *, keep: bool) -> None:
        self.log += self.swap(self.at_ns, files, keep=keep)

    def renew_epoch(self) -> None:
        self.grant(self.epoch + 1)

    def lose_link(self) -> None:
        self.tell(facts.PlcLost(self.at_ns, loop_bench.PLC, "cable"))
        self.tell(facts.PlcLinked(self.at_ns, loop_bench.PLC, self.boot, self.raw(self.belt), 6, 0, 0, 0, 0, 0))

    def miss_events(self) -> None:
        first = next(self._seq)
        self.tell(facts.EventsMissed(self.at_ns, loop_bench.PLC, self.boot, first, first))

    def kill(self) -> None:
        self.reborn()
        self._begin()

    def lose_journal(self) -> None:
        """The controller begins with nothing; what was ordered stands in the PLC."""
        self.logic = self.fresh()
        self.judge.forget()
        self._begin()

    def _begin(self) -> None:
        self.tell(facts.ControllerStarted(self.at_ns, 0, "site", "1"))
        self.tell(facts.PlcLinked(self.at_ns, loop_bench.PLC, self.boot, self.raw(self.belt), 6, 0, 0, 0, 0, 0))
        self.tell(facts.ChutesRead(self.at_ns, loop_bench.PLC, self.boot, 0, loop_bench.ALL_OPEN))
        self.grant(self.epoch + 1)
        if not self.judge.silent:
            self.log += self.catch_up(self.at_ns)

    def hush_host(self) -> None:
        self.log += self.hush(self.at_ns)


LOTTERY = Customs(seed="s", selections=(Selection(name="all", per_mille=1_000),))
REJECTING = ParcelRules(unknown="reject")
NO_DEPARTURES = Departures()
BEAT_NS = 50 * NS_PER_MS
