"""A loop with a sort plan of its own, whose chutes belong to a pool or keep a sequence; nobody rides on for want of a chute."""

from collections.abc import Sequence
from typing import Any

from sortctl.logic import HubRules, Logic
from sortctl.plan import Plan
from sortctl.plan.load import load_plan
from sortctl.site.model import Limits
from sortctl.words import facts
from sortctl.words.hub import BagBound, ChuteLocked, Lock, PlanApplied, PurgeAsked
from sortctl.words.ids import ChuteNumber, SorterId
from tests.logic.answers import answers
from tests.logic.loop_bench import (
    PARCELS,
    PLAN,
    PLC,
    Load,
    LoopDesk,
    loop_machine,
)

LOOP = SorterId("loop1")
LANDS = ("BE", "NL", "DE", "FR", "IT")
OVERFLOW = 6


def plan(rows: str, columns: str = "destination,chutes,balance", **more: str) -> Plan:
    files = {"plan/rules.csv": PLAN["plan/rules.csv"], "plan/destinations.csv": f"{columns}\n{rows}\n".encode()}
    return load_plan(files | {f"plan/{name}": text.encode() for name, text in more.items()})


def pool(chutes: str, lands: Sequence[str] = LANDS) -> Plan:
    return plan("\n".join(f"{land},{chutes},dynamic" for land in lands) + "".join(
        f"\n{land},5," for land in LANDS if land not in lands))  # fmt: skip


class PoolDesk(LoopDesk):
    """The loop of the bench, where nobody rides on for want of a chute, with a sort plan of its own."""

    def __init__(self, in_force: Plan, **changes: Any) -> None:
        super().__init__(loop_machine(laps={"chutes_unavailable": 0}, **changes))
        self.first = self.plan = in_force
        self.logic = self.fresh()
        self.records = dict(PARCELS)
        self.taken: list[tuple[facts.Fact, Plan | None]] = []
        self.start()

    def fresh(self) -> Logic:
        return Logic([self.machine], HubRules(Limits()), self.plan)

    def tell(self, fact: facts.Fact) -> None:
        self.taken.append((fact, self.plan if isinstance(fact, PlanApplied) else None))
        said = self.logic.step(fact)
        self.log += said
        for answer in answers(said, self.records):
            self.tell(answer)

    def decide(self, waybill: str) -> tuple[Load, int]:
        """One load, read; where it is sent."""
        load = self.feed_load()
        self.pass_tunnel(load, waybill)
        self.take_orders()
        return load, self.sent(load)

    def sent(self, load: Load) -> int:
        return self.loop.by_item[load.item].chute

    def sort(self, waybill: str) -> int:
        """One load, all the way into its chute."""
        load, chute = self.decide(waybill)
        self.divert(load, chute)
        return chute

    def swap(self, in_force: Plan, *, keep: bool = False) -> None:
        self.plan = in_force
        self.logic.apply_plan(in_force)
        self.tell(PlanApplied(self.at_ns, "p", 1, in_force.document.checksum, keep, "ann"))

    def press(self, chute: int) -> None:
        """Button 1: a person has emptied the chute."""
        boot_plc = (self.at_ns, PLC, self.boot, next(self._seq), self.raw(self.belt))
        self.tell(facts.ButtonPressed(*boot_plc, chute, 1))

    def bind(self, chute: int, bag: str) -> None:
        self.tell(BagBound(self.at_ns, LOOP, ChuteNumber(chute), bag, "ann"))

    def lock(self, chute: int, *, locked: bool = True) -> None:
        self.tell(ChuteLocked(self.at_ns, LOOP, ChuteNumber(chute), Lock.OPERATOR, locked, "ann", ""))

    def purge(self, chute: int, *, purging: bool = True) -> None:
        self.tell(PurgeAsked(self.at_ns, LOOP, ChuteNumber(chute), purging, "ann"))

    def restore(self) -> None:
        snapshot = self.logic.snapshot()
        self.logic = self.fresh()
        self.logic.restore(snapshot)
        assert self.logic.snapshot() == snapshot

    @property
    def owners(self) -> dict[int, str]:
        return {book.number: book.given for book in self.loop.state.chutes if book.given}
