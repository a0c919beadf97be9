"""Logic: facts -> orders and outcomes. Pure, synchronous, the only owner of what is known about parcels and chutes.

Four calls: `step(fact)`, `next_wake_ns(plc)`, `snapshot()`, `restore(snapshot)`. Time is in the facts. Each sorter of the site
is a `Line` or a `Loop`; this file hands each fact to the sorters that it is about, and there to the room that takes it
(`line/takes.py`, `loop/takes.py`).
"""

from collections.abc import Iterable

import msgspec

from sortctl.logic import links, rules
from sortctl.logic.exits import takes as exits_takes
from sortctl.logic.hub import cutoff, data, swap
from sortctl.logic.hub import takes as hub_takes
from sortctl.logic.known.hub import HubBook, HubRules
from sortctl.logic.known.line import Line, LinePassage, LineState
from sortctl.logic.known.loop import Loop, LoopPassage, LoopState
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.logic.line import allocate as line_allocate
from sortctl.logic.line import takes as line_takes
from sortctl.logic.loop import allocate as loop_allocate
from sortctl.logic.loop import takes as loop_takes
from sortctl.plan import Plan
from sortctl.site.model import LoopSorter, Machine
from sortctl.words import facts, hub
from sortctl.words.orders import AnyOrder
from sortctl.words.outcomes import Outcome
from sortctl.words.units import NS_PER_MS

BEAT_NS = 50 * NS_PER_MS
"""While something is on the sorter, the belt's place is wanted this often: 100 mm at 2 m/s."""


class Snapshot(msgspec.Struct):
    """Everything that outlives a step."""

    now_ns: int
    last_passage: int
    carriers: dict[str, int]
    """Who came first with each waybill does not show in the passages themselves."""
    units: dict[str, tuple[int, int]]
    lines: dict[str, LineState]
    loops: dict[str, LoopState]
    hub: HubBook = msgspec.field(default_factory=HubBook)
    plan: str = ""
    """Checksum of the sort plan in force."""


def plan_in(snapshot: bytes) -> str:
    """Checksum of the sort plan that was in force at a snapshot: who restores it gives the logic that plan first."""
    return msgspec.json.decode(snapshot, type=_OfThePlan).plan


class _OfThePlan(msgspec.Struct):
    plan: str = ""


class Logic:
    """The logic of one site."""

    def __init__(self, machines: Iterable[Machine], hub_rules: HubRules, plan: Plan) -> None:
        self._machines = tuple(machines)
        self.shared = Shared(plan.on(self._machines), hub_rules)
        self.sorters = [_build(machine, self.shared) for machine in self._machines]
        self.lines = [sorter for sorter in self.sorters if isinstance(sorter, Line)]
        self.loops = [sorter for sorter in self.sorters if isinstance(sorter, Loop)]
        self._by_plc: dict[str, Sorter] = {sorter.plc: sorter for sorter in self.sorters}
        self._by_head = {name: sorter for sorter in self.sorters for name in sorter.heads}
        self._by_name = {sorter.sorter: sorter for sorter in self.sorters}

    def step(self, fact: facts.Fact) -> list[Outcome | AnyOrder]:
        """Take one fact; what follows from it, in order. RuleBrokenError: the world is not what we think."""
        self.shared.now_ns = max(self.shared.now_ns, fact.at_ns)
        said: list[Outcome | AnyOrder] = []
        self.shared.said = said
        know = hub_takes.KNOW.get(type(fact))
        if know is not None:
            know(self.shared, fact)
        if isinstance(fact, facts.UnitSeen):
            sorter = self._by_plc.get(fact.plc)
            links.unit(self.shared, sorter.sorter if sorter else links.NO_SORTER, fact)
        elif isinstance(fact, facts.CertificateAged):
            links.certificate(self.shared, fact)
        elif isinstance(fact, hub.PlanApplied):
            self._swap(fact)
        else:
            for sorter in self._concerned(fact):
                _take(sorter, fact)
        for number in cutoff.due(self.shared):
            if number in self.shared.by_number:
                _decide(*self.shared.by_number[number])
        return said

    @property
    def plan(self) -> str:
        """Checksum of the sort plan in force."""
        return self.shared.plan.document.checksum

    def begin_with(self, plan: Plan) -> None:
        """Before `restore`: the sort plan that was in force at the snapshot."""
        self.shared.plan = plan.on(self._machines)

    def apply_plan(self, plan: Plan) -> None:
        """The plan that the next `PlanApplied` puts in force; call it right before that fact is stepped."""
        self.shared.coming = plan.on(self._machines)

    def _swap(self, fact: hub.PlanApplied) -> None:
        if not swap.take(self.shared, fact):
            return
        for sorter in self.sorters:
            before = swap.heading(sorter)
            for passage in sorted(sorter.all_open(), key=lambda one: (cutoff.hurry(one), one.number)):
                _decide(sorter, passage)
            swap.tell(sorter, fact, before)
            rules.check(sorter)

    def _concerned(self, fact: facts.Fact) -> Iterable[Sorter]:
        plc = getattr(fact, "plc", None)
        if plc is not None:
            sorter = self._by_plc.get(plc)
            return (sorter,) if sorter else ()
        scanner = getattr(fact, "scanner", None)
        if scanner is not None:
            sorter = self._by_head.get(scanner)
            return (sorter,) if sorter else ()
        name = getattr(fact, "sorter", None)
        if name is not None:
            sorter = self._by_name.get(name)
            return (sorter,) if sorter else ()
        return self.sorters

    def untaken(self, plc: str) -> list[AnyOrder]:
        """Orders of the current epoch of `plc` that it is not known to have taken."""
        sorter = self._by_plc.get(plc)
        return list(sorter.state.untaken) if sorter else []

    def next_wake_ns(self, plc: str) -> int | None:
        """When the place of this PLC's belt is wanted next; None: not before something happens."""
        sorter = self._by_plc.get(plc)
        return sorter.state.known_ns + BEAT_NS if sorter is not None and _is_busy(sorter) else None

    def next_moment_ns(self) -> int | None:
        """When a `ClockStruck` is wanted, as time alone may change something; None: it does not."""
        due = [at_ns for sorter in self.sorters if (at_ns := exits_takes.next_moment_ns(sorter)) is not None]
        departs_ns = cutoff.next_moment_ns(self.shared)
        return min(due if departs_ns is None else [*due, departs_ns], default=None)

    def snapshot(self) -> bytes:
        """All state, to be given to `restore`."""
        for sorter in self.sorters:
            rules.check_all(sorter)
        shared = self.shared
        lines: dict[str, LineState] = {line.sorter: line.state for line in self.lines}
        loops: dict[str, LoopState] = {loop.sorter: loop.state for loop in self.loops}
        counts = shared.now_ns, shared.last_passage, shared.by_waybill, shared.units
        return msgspec.json.encode(Snapshot(*counts, lines, loops, shared.hub, self.plan))

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot of a logic with the same machines. ValueError: it is none."""
        held = msgspec.json.decode(snapshot, type=Snapshot)
        self.shared.now_ns = held.now_ns
        self.shared.last_passage = held.last_passage
        self.shared.units = held.units
        self.shared.hub = held.hub
        self.shared.by_number.clear()
        for line in self.lines:
            if line.sorter in held.lines:
                line.restore(held.lines[line.sorter])
        for loop in self.loops:
            if loop.sorter in held.loops:
                loop.restore(held.loops[loop.sorter])
        self.shared.by_waybill = {
            waybill: number for waybill, number in held.carriers.items() if number in self.shared.by_number
        }
        data.forget_closed(self.shared)


def _build(machine: Machine, shared: Shared) -> Sorter:
    return Loop(machine, shared) if isinstance(machine.sorter, LoopSorter) else Line(machine, shared)


def _take(sorter: Sorter, fact: facts.Fact) -> None:
    if isinstance(fact, facts.PlcEvent):
        sorter.state.events_taken = fact.seq
    exits_takes.before(sorter, fact)
    if isinstance(sorter, Loop):
        loop_take = loop_takes.TAKE.get(type(fact))
        if loop_take is not None:
            loop_take(sorter, fact)
        for chute in exits_takes.after(sorter, fact):
            loop_allocate.reconsider(sorter, chute)
    elif isinstance(sorter, Line):
        if isinstance(fact, facts.PlcEvent):
            line_takes.before(sorter, fact)
        line_take = line_takes.TAKE.get(type(fact))
        if line_take is not None:
            line_take(sorter, fact)
        for chute in exits_takes.after(sorter, fact):
            line_allocate.reconsider(sorter, chute)
    rules.check(sorter)


def _decide(sorter: Sorter, passage: Passage) -> None:
    if isinstance(sorter, Loop) and isinstance(passage, LoopPassage):
        loop_allocate.decide(sorter, passage)
    elif isinstance(sorter, Line) and isinstance(passage, LinePassage):
        line_allocate.decide(sorter, passage)


def _is_busy(sorter: Sorter) -> bool:
    if sorter.changing and sorter.state.is_linked:
        return True
    if isinstance(sorter, Loop):
        return loop_takes.is_busy(sorter)
    return isinstance(sorter, Line) and line_takes.is_busy(sorter)
