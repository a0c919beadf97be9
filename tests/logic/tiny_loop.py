"""A tiny PLC and its loop: 20 carriers of 500 mm, loads with labels, targets, a tunnel, chutes; and hands that disturb it.

Comes in: what happens next. Goes out: the facts of a PLC that keeps the contract, into a logic, whose orders it takes. At
the end it knows where every load truly is. Made for the tests of the logic alone: no scans, no wires, no encoder noise.
"""

from typing import NamedTuple

from sortctl.logic import HubRules, Logic
from sortctl.logic.rules import check_all
from sortctl.plan.load import load_plan
from sortctl.words import facts
from sortctl.words.causes import Cause, Disposition
from sortctl.words.exchange import OrderFailure
from sortctl.words.facts import Code, Fact
from sortctl.words.ids import ChuteNumber, InductNumber, PointNumber, ScannerId
from sortctl.words.orders import Cancel, Divert, Order, RunInduct, StopInduct, TakeCarrierOut
from sortctl.words.outcomes import PassageClosed
from sortctl.words.units import NS_PER_MS, wrap32
from tests.logic.answers import step
from tests.logic.loop_bench import (
    ALL_OPEN,
    CLOSED,
    FIRE_BEFORE,
    HOME_AT,
    INDUCT_AT,
    LENGTH,
    OPEN,
    PARCELS,
    PLAN,
    PLC,
    SLIDE,
    STROKE,
    TUNNEL_AT,
    chute_at,
    loop_machine,
)

PITCH, CARRIERS, STEP = 500, 20, 50
CHECKS = {2: 2500, 3: 8500}
LANDS = ("BE", "NL", "DE", "FR", "IT")
REST_LAPS = 12
"""Laps of the site, both laps of grace, a reject, an overflow: more than any load may ride."""


class Target(NamedTuple):
    """A DIVERT in force."""

    seq: int
    chute: int


class Carrier:
    """What is on it, and what the PLC believes to be."""

    def __init__(self) -> None:
        self.label = ""
        self.item = 0
        self.laps = 0
        self.fails = 0
        self.sticks = False
        self.stroke: tuple[int, int] | None = None
        """(chute, belt at the end)."""


class TinyLoop:
    """The plant, its PLC, and the logic under test."""

    def __init__(self) -> None:
        self.logic = self._fresh()
        self.belt = 0
        self.carriers = [Carrier() for _ in range(CARRIERS)]
        self.targets: dict[int, Target] = {}
        self.sliding: list[tuple[int, int, str]] = []
        self.closed = [False] * 7
        self.truth: dict[str, int | str] = {}
        self.claims: dict[str, list[PassageClosed]] = {}
        self.orders: list[Order] = []
        self.seq = self.accepted = self.fed = 0
        self.boot, self.epoch, self.item, self.start = 7, 1, 100, 5_000
        self.stopped = self.blind = self.mute = False
        self.slow = 0
        self.unheard: set[str] = set()
        self._begin()

    def _fresh(self) -> Logic:
        return Logic([loop_machine(waiting_diverts=20, carrier_faults_max=2)], HubRules(), load_plan(PLAN))

    # ------------------------------------------------------------------------------------------- telling

    @property
    def at_ns(self) -> int:
        return (self.belt + 1) * NS_PER_MS

    def raw(self, belt: int) -> int:
        return wrap32(belt + self.start)

    def tell(self, fact: Fact) -> None:
        for thing in step(self.logic, fact, PARCELS):
            if isinstance(thing, Order):
                self.orders.append(thing)
            elif isinstance(thing, PassageClosed):
                self.claims.setdefault(thing.waybill, []).append(thing)
        check_all(self.logic.loops[0])

    def event(self, belt: int) -> tuple[int, facts.PlcId, int, int, int]:  # type: ignore[name-defined]
        self.seq += 1
        return self.at_ns, PLC, self.boot, self.seq, self.raw(belt)

    def _begin(self) -> None:
        raw = self.raw(self.belt)
        self.tell(facts.ControllerStarted(self.at_ns, 0, "site", "1"))
        self.tell(facts.PlcLinked(self.at_ns, PLC, self.boot, raw, 6, self.epoch, 1, self.accepted, 0, 0))
        self.tell(facts.ChutesRead(self.at_ns, PLC, self.boot, self.seq, self._words()))
        self.tell(facts.EpochGranted(self.at_ns, PLC, self.epoch, self.accepted))

    def _words(self) -> tuple[int, ...]:
        return tuple(CLOSED if closed else word for closed, word in zip(self.closed[1:], ALL_OPEN, strict=True))

    # ------------------------------------------------------------------------------------------- what happens

    def do(self, kind: str, number: int, amount: int) -> None:
        """One deed; `number` of a carrier or chute, `amount` of steps."""
        carrier = self.carriers[number]
        if kind in ("close", "open"):
            self.turn(number % 5 + 1, closed=kind == "close")
        elif kind == "stick":
            carrier.sticks = True
        elif kind == "fail":
            carrier.fails = amount % 3
        elif kind == "slow":
            self.slow = amount
        elif kind in ("blind", "mute"):
            setattr(self, kind, not getattr(self, kind))
        elif kind in ("run", "restart"):
            getattr(self, kind)(amount)
        elif kind in ("slip", "take"):
            getattr(self, kind)(number)
        else:
            getattr(self, kind)()

    def take(self, number: int) -> None:
        """A hand takes the load of a carrier."""
        carrier = self.carriers[number]
        if carrier.label and carrier.stroke is None:
            self.truth[carrier.label], carrier.label = "hand", ""

    def kill(self) -> None:
        """The controller is killed, and goes on from what is on disk."""
        snapshot = self.logic.snapshot()
        self.logic = self._fresh()
        self.logic.restore(snapshot)
        self._begin()

    def feed(self) -> None:
        """A load for the carrier that comes to the induct next; the belt runs until it is there."""
        while (self.belt - INDUCT_AT) % PITCH:
            self.step()
        carrier = self.carriers[(self.belt - INDUCT_AT) // PITCH % CARRIERS]
        if self.stopped or carrier.item or carrier.label or self.fed >= 5 * 29:
            self.run(PITCH // STEP)
            return
        self.fed += 1
        carrier.label = f"{LANDS[self.fed % 5]}{self.fed // 5 + 1}"
        self.truth[carrier.label] = "riding"
        self.number(carrier)
        self.tell(facts.Inducted(*self.event(self.belt), InductNumber(1), carrier.item, 300))
        self.step()

    def number(self, carrier: Carrier) -> None:
        self.item += 1
        carrier.item, carrier.laps = self.item, 0

    def slip(self, number: int) -> None:
        """A load comes to lie on the next carrier, if that is free."""
        carrier, other = self.carriers[number], self.carriers[(number + 1) % CARRIERS]
        if carrier.label and not other.label and not other.item and carrier.stroke is None:
            other.label, carrier.label = carrier.label, ""

    def turn(self, chute: int, *, closed: bool) -> None:
        self.closed[chute] = closed
        word = CLOSED if closed else OPEN
        self.tell(facts.ChuteTurned(*self.event(self.belt), ChuteNumber(chute), word))

    def restart(self, steps: int) -> None:
        """The PLC forgets everything; the belt coasts on meanwhile, what is sliding arrives unheard."""
        self.tell(facts.EpochLost(self.at_ns, PLC, "restart"))
        for carrier in self.carriers:
            if carrier.stroke is not None:
                self.unheard.add(carrier.label)
                self.truth[carrier.label], carrier.label = carrier.stroke[0], ""
            carrier.item, carrier.stroke = 0, None
        self.unheard.update(label for _, _, label in self.sliding)
        for _, chute, label in self.sliding:
            self.truth[label] = chute
        self.sliding, self.targets, self.orders, self.stopped = [], {}, [], False
        self.belt += steps % 8 * STEP
        self.boot, self.start, self.seq, self.item = self.boot + 1, 77_000 * self.boot, 0, self.item + 1_000
        self.tell(facts.PlcRestarted(self.at_ns, PLC, self.boot, self.raw(self.belt)))
        self.tell(facts.ChutesRead(self.at_ns, PLC, self.boot, 0, self._words()))
        self.grant()

    def change_epoch(self) -> None:
        """The lease ends; of the orders under way some were taken and some were not."""
        self.take_orders(len(self.orders) // 2)
        self.tell(facts.EpochLost(self.at_ns, PLC, "lease"))
        self.orders = []
        self.grant()

    def grant(self) -> None:
        self.epoch, self.accepted = self.epoch + 1, 0
        self.tell(facts.EpochTold(*self.event(self.belt), self.epoch, 1))
        self.tell(facts.EpochGranted(self.at_ns, PLC, self.epoch, 0))

    def hole(self) -> None:
        self.seq += 3
        self.tell(facts.EventsMissed(self.at_ns, PLC, self.boot, self.seq - 2, self.seq))

    # ------------------------------------------------------------------------------------------- the PLC

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        """The belt goes on by 50 mm, and the PLC looks at everything."""
        self.belt += STEP
        self.slow = max(0, self.slow - 1)
        if not self.slow:
            self.take_orders(len(self.orders))
        for index, carrier in enumerate(self.carriers):
            self.look(index, carrier, (self.belt - index * PITCH) % LENGTH)
        self.tell(facts.BeltMoved(self.at_ns, PLC, self.raw(self.belt)))

    def take_orders(self, count: int) -> None:
        taken, self.orders = self.orders[:count], self.orders[count:]
        for order in taken:
            if order.epoch == self.epoch:
                self.accepted = order.seq
                self.obey(order)
        if taken:
            self.tell(facts.OrdersTaken(self.at_ns, PLC, self.epoch, self.accepted))

    def obey(self, order: Order) -> None:
        match order:
            case Divert():
                if any(carrier.item == order.item for carrier in self.carriers):
                    self.targets[order.item] = Target(order.seq, order.chute)
                else:
                    self.fail(Target(order.seq, order.chute), OrderFailure.UNKNOWN)
            case Cancel():
                self.end_target(order.item, OrderFailure.CANCELLED)
            case StopInduct() | RunInduct():
                self.stopped = isinstance(order, StopInduct)
            case TakeCarrierOut():
                assert order.carrier <= CARRIERS

    def end_target(self, item: int, cause: OrderFailure) -> None:
        target = self.targets.pop(item, None)
        if target is not None:
            self.fail(target, cause)

    def fail(self, target: Target, cause: OrderFailure) -> None:
        self.tell(facts.OrderFailed(*self.event(self.belt), ChuteNumber(target.chute), target.seq, cause))

    def look(self, index: int, carrier: Carrier, position: int) -> None:
        """One carrier at its place."""
        if index == 0 and position == HOME_AT:
            self.tell(facts.ItemAtPoint(*self.event(self.belt), PointNumber(4), 0))
        if position == 0 and carrier.item:
            carrier.laps += 1
            self.tell(facts.LapDone(*self.event(self.belt), 1, carrier.item, carrier.laps))
        if position == TUNNEL_AT:
            self.scan(carrier)
        for point, place in CHECKS.items():
            if position == place:
                self.check(carrier, point)
        self.discharge(carrier, position)

    def scan(self, carrier: Carrier) -> None:
        if carrier.item:
            self.tell(facts.ItemAtPoint(*self.event(self.belt), PointNumber(1), carrier.item))
        if carrier.label and not self.blind:
            self.tell(facts.CodesRead(self.at_ns, ScannerId("tunnel"), (Code(carrier.label),)))

    def check(self, carrier: Carrier, point: int) -> None:
        if carrier.stroke is not None:
            return
        if carrier.item and not carrier.label:
            self.tell(facts.ItemGone(*self.event(self.belt), PointNumber(point), carrier.item, 1))
            self.end_target(carrier.item, OrderFailure.UNKNOWN)
            carrier.item = 0
        elif carrier.label:
            if not carrier.item:
                self.number(carrier)
                self.tell(facts.Inducted(*self.event(self.belt), InductNumber(0), carrier.item, 0))
            self.tell(facts.ItemAtPoint(*self.event(self.belt), PointNumber(point), carrier.item))

    def discharge(self, carrier: Carrier, position: int) -> None:
        if carrier.stroke is not None and self.belt >= carrier.stroke[1]:
            self.end_stroke(carrier, carrier.stroke[0])
        for at, chute, label in [one for one in self.sliding if one[0] <= self.belt]:
            self.sliding.remove((at, chute, label))
            self.truth[label] = chute
            if self.mute:
                self.unheard.add(label)
            else:
                self.tell(facts.ChuteEyeChanged(*self.event(self.belt), ChuteNumber(chute), 0, True))
        target = self.targets.get(carrier.item)
        if target is None or position != chute_at(target.chute) - FIRE_BEFORE:
            return
        del self.targets[carrier.item]
        if self.closed[target.chute]:
            self.fail(target, OrderFailure.CHUTE_CLOSED)
        elif carrier.fails:
            carrier.fails -= 1
            self.fail(target, OrderFailure.ACTUATOR_FAULT)
        else:
            carrier.stroke = target.chute, self.belt + STROKE

    def end_stroke(self, carrier: Carrier, chute: int) -> None:
        """The drive is done; a load that sticks stays where it is."""
        item, carrier.item, carrier.stroke = carrier.item, 0, None
        self.tell(facts.ItemDiverted(*self.event(self.belt), ChuteNumber(chute), item, 0))
        self.end_target(item, OrderFailure.TOO_LATE)
        if carrier.sticks or not carrier.label:
            carrier.sticks = False
            return
        self.sliding.append((self.belt + SLIDE, chute, carrier.label))
        carrier.label = ""

    # ------------------------------------------------------------------------------------------- the end

    def run_empty(self) -> None:
        """Nothing more is disturbed; every load finds its way out."""
        self.blind = self.mute = False
        for chute in range(1, 7):
            self.turn(chute, closed=False)
        for carrier in self.carriers:
            carrier.fails, carrier.sticks = 0, False
        self.run(REST_LAPS * LENGTH // STEP)

    def judge(self) -> None:
        """Nobody is open; who was called sorted is there, who was called rejected too, unless it was known by its carrier only."""
        assert self.logic.loops[0].present == 0
        assert "riding" not in self.truth.values(), self.truth
        for waybill, claims in self.claims.items():
            ended = [one for one in claims if one.disposition in (Disposition.SORTED, Disposition.REJECTED)]
            for one in ended:
                if waybill and one.cause is not Cause.POSITION_VOID:
                    assert one.actual == self.truth[waybill], one
            assert not waybill or len(ended) <= 1 or any(one.cause is Cause.POSITION_VOID for one in ended), ended
        seen = [one for claims in self.claims.values() for one in claims if one.actual]
        in_chutes = [label for label, true in self.truth.items() if true != "hand" and label not in self.unheard]
        assert len(seen) == len(in_chutes), "every load that a chute's eye has seen was told of once"
