"""A loop on the desk: facts by hand, as a tracking PLC tells them. One count is one millimetre, one millisecond one mm at 1 m/s.

20 carriers, 500 mm apart: 10 m. Induct 1 at 500 and 2 at 9500, tunnel (point 1) at 2000, check-point 2 at 2500, chutes 1 to 4 at 3000,
4000, 5000, 6000, reject chute 5 at 7000, overflow chute 6 at 8000, check-point 3 at 8500, home point 4 at 9000.
"""

from collections.abc import Sequence
from itertools import count
from typing import Any, TypeVar

from sortctl.logic import HubRules, Logic
from sortctl.logic.known.loop import Loop
from sortctl.logic.rules import check_all
from sortctl.plan.load import load_plan
from sortctl.site.model import (
    CheckPoint,
    Chute,
    Framing,
    Induct,
    Limits,
    LoopSorter,
    Machine,
    ModbusPlc,
    Scanner,
    ScanPoint,
)
from sortctl.words import facts
from sortctl.words.facts import Code
from sortctl.words.ids import ChuteNumber, InductNumber, PlcId, PointNumber, ScannerId
from sortctl.words.orders import Order
from sortctl.words.outcomes import Outcome, PassageClosed
from sortctl.words.units import NS_PER_MS, wrap32
from tests.logic.answers import answers, records

T = TypeVar("T")

PLC = PlcId("plc2")
LENGTH = 10_000
CHUTES = range(1, 7)
ALL_OPEN = (0x8000,) * 6
FULL, OPEN, CLOSED = 0x8001, 0x8000, 0x8010
INDUCT_AT, TUNNEL_AT, HOME_AT = 500, 2000, 9000
POINTS = {1: TUNNEL_AT, 2: 2500, 3: 8500}
FIRE_BEFORE, STROKE, SLIDE = 150, 250, 300
"""mm: half of the stroke before the chute, the whole stroke, from its end to the chute's eye."""

PLAN = {
    "plan/rules.csv": (
        b"rule,country,postcode_from,postcode_to,destination\n"
        b"R-BE,BE,,,BE\nR-NL,NL,,,NL\nR-DE,DE,,,DE\nR-FR,FR,,,FR\nR-IT,IT,,,IT\n"
    ),
    "plan/destinations.csv": (
        b"destination,chutes,sorter,balance\nBE,1;3,loop1,\nNL,2,loop1,\nDE,3;4,loop1,round_robin\n"
        b"FR,3;4,loop1,least_loaded\nIT,3;4,loop1,fill_then_next\n"
    ),
}
PARCELS = records(
    b"waybill,country,postcode\n"
    + b"".join(
        b"%s%d,%s,1000\n" % (land, n, land) for land in (b"BE", b"NL", b"DE", b"FR", b"IT") for n in range(1, 30)
    )
    + b"LU1,LU,1111\n"
)


def chute_at(number: int) -> int:
    """Where the middle of the carrier is."""
    return 2000 + 1000 * number


def loop_machine(waiting_diverts: int = 64, capacity: int = 10, **changes: Any) -> Machine:
    """The loop above, at 1 m/s."""
    chutes = tuple(
        Chute(
            number=n, name=f"L{n}", position_mm=chute_at(n), side="left", lead_ms=50, travel_ms=200, slide_ms=SLIDE,
            capacity=capacity,
        )
        for n in CHUTES
    )  # fmt: skip
    settings: dict[str, Any] = {
        "laps": {"no_read": 1},
        "laps_max": 2,
        "rejects": {"no_read": 5, "unknown_item": 5, "identity_changed": 5},
    }
    sorter = LoopSorter(
        kind="loop", tracking="plc", plc="plc2", counts_per_metre=1000, speed_mm_s=1000, chutes="c.csv", carriers=20,
        pitch_mm=500, length_min_mm=100, length_max_mm=600, window_mm=100, confirm_ms=600, home_point=4, home_mm=HOME_AT,
        overflow=(6,), inducts=(Induct(number=1, position_mm=INDUCT_AT), Induct(number=2, position_mm=9500)),
        scan_points=(ScanPoint(number=1, position_mm=TUNNEL_AT),),
        check_points=(CheckPoint(number=2, position_mm=2500), CheckPoint(number=3, position_mm=8500)),
        **(settings | changes),
    )  # fmt: skip
    head = Scanner(
        sorter="loop1", scan_point=1, url="tcp://x:1", framing=Framing(terminator="CR"), window_mm=200, delay_ms=0
    )
    return Machine(
        sorter_id="loop1",
        sorter=sorter,
        plc_id="plc2",
        plc=ModbusPlc(wire="modbus", address="x:502", unit=1, scan_ms=10, waiting_diverts=waiting_diverts),
        chutes=chutes,
        scanners={"tunnel": head},
    )


class Load:
    """A load on a carrier whose middle was at position 0 when the belt stood at `at`."""

    def __init__(self, at: int, item: int) -> None:
        self.at = at
        self.item = item


class LoopDesk:
    """The logic of one loop, and a hand that feeds it."""

    def __init__(self, machine: Machine | None = None, limits: Limits | None = None, start_count: int = 5_000) -> None:
        self.machine = machine or loop_machine()
        self.limits = limits or Limits()
        self.logic = Logic([self.machine], HubRules(self.limits), load_plan(PLAN))
        self.log: list[Outcome | Order] = []
        self.belt = 0
        self.boot = 7
        self.epoch = 1
        self._start_count = start_count
        self._seq = count(1)
        self._items = count(101)

    @property
    def loop(self) -> Loop:
        return self.logic.loops[0]

    # ------------------------------------------------------------------------------------------- the hand

    @property
    def at_ns(self) -> int:
        return (self.belt + 1) * NS_PER_MS

    def raw(self, belt: int) -> int:
        return wrap32(self._start_count + belt)

    def tell(self, fact: facts.Fact) -> None:
        """One fact; every rule is checked behind it."""
        said = self.logic.step(fact)
        self.log += said
        check_all(self.loop)
        for answer in answers(said, PARCELS):
            self.tell(answer)

    def event(self, belt: int | None = None) -> tuple[int, PlcId, int, int, int]:
        """What every event carries; its count is of belt position `belt`."""
        return self.at_ns, PLC, self.boot, next(self._seq), self.raw(self.belt if belt is None else belt)

    def start(self) -> None:
        """Linked, epoch 1 granted, all chutes open, carrier 1 at the home point."""
        self.tell(facts.ControllerStarted(self.at_ns, 0, "site", "1"))
        self.tell(facts.PlcLinked(self.at_ns, PLC, self.boot, self.raw(self.belt), 6, 0, 0, 0, 0, 0))
        self.tell(facts.ChutesRead(self.at_ns, PLC, self.boot, 0, ALL_OPEN))
        self.grant(1)
        self.tell(facts.BeltMoved(self.at_ns, PLC, self.raw(self.belt)))
        self.pass_home()

    def grant(self, epoch: int, accepted: int = 0) -> None:
        self.epoch = epoch
        self.tell(facts.EpochTold(*self.event(), epoch, 1))
        self.tell(facts.EpochGranted(self.at_ns, PLC, epoch, accepted))

    def lose_epoch(self) -> None:
        self.tell(facts.EpochLost(self.at_ns, PLC, "lease ended"))

    def run_belt_to(self, belt: int) -> None:
        """The belt moves on, told every 50 mm."""
        while self.belt < belt:
            self.belt = min(belt, self.belt + 50)
            self.tell(facts.BeltMoved(self.at_ns, PLC, self.raw(self.belt)))

    def run_belt(self, mm: int) -> None:
        self.run_belt_to(self.belt + mm)

    def run_to(self, load: Load, position: int) -> int:
        """The belt runs until the load's carrier is next at a position; where the belt is then."""
        at = self.belt + (load.at + position - self.belt) % LENGTH
        self.run_belt_to(at)
        return at

    def pass_home(self) -> None:
        """Carrier 1 is at the home point now."""
        self.tell(facts.ItemAtPoint(*self.event(), PointNumber(4), 0))

    def take_orders(self) -> None:
        """The PLC takes every order told so far."""
        self.tell(facts.OrdersTaken(self.at_ns, PLC, self.epoch, self.loop.state.next_order - 1))

    def feed_load(self, length: int = 300, induct: int = 1) -> Load:
        """A load comes onto the carrier that is at the induct now."""
        load = Load(self.belt - {1: INDUCT_AT, 2: 9500}[induct], next(self._items))
        self.tell(facts.Inducted(*self.event(), InductNumber(induct), load.item, length))
        return load

    def find_load(self, point: int, at: int | None = None) -> Load:
        """The PLC finds a load without a number at a check-point."""
        load = Load((self.belt if at is None else at) - POINTS[point], next(self._items))
        self.tell(facts.Inducted(*self.event(load.at + POINTS[point]), InductNumber(0), load.item, 0))
        self.see(load, point)
        return load

    def see(self, load: Load, point: int, off_mm: int = 0) -> None:
        """AT_POINT for the carrier that is there now."""
        self.tell(facts.ItemAtPoint(*self.event(self.belt + off_mm), PointNumber(point), load.item))

    def pass_point(self, load: Load, point: int, off_mm: int = 0) -> None:
        """The load comes to a point."""
        self.run_to(load, POINTS[point])
        self.see(load, point, off_mm)

    def read(self, *texts: str) -> None:
        """The tunnel reads these codes now."""
        self.tell(facts.CodesRead(self.at_ns, ScannerId("tunnel"), tuple(Code(text) for text in texts)))

    def pass_tunnel(self, load: Load, *texts: str) -> None:
        """The load passes the tunnel, and the check-point behind it."""
        self.pass_point(load, 1)
        self.read(*texts)
        self.pass_point(load, 2)

    def lap(self, load: Load, laps: int = 1) -> None:
        """The load comes by position 0."""
        self.run_to(load, 0)
        self.tell(facts.LapDone(*self.event(), 1, load.item, laps))

    def empty(self, load: Load, point: int, value: int = 1) -> None:
        """A check-point finds its carrier empty."""
        self.run_to(load, POINTS[point])
        self.tell(facts.ItemGone(*self.event(), PointNumber(point), load.item, value))

    def discharge(self, load: Load, chute: int) -> int:
        """The drive of its carrier reports its end; the belt's position at the firing."""
        fired = self.run_to(load, chute_at(chute) - FIRE_BEFORE)
        self.run_belt_to(fired + STROKE)
        self.tell(facts.ItemDiverted(*self.event(), ChuteNumber(chute), load.item, 0))
        return fired

    def divert(self, load: Load, chute: int) -> None:
        """It is discharged, and the chute's eye sees it."""
        self.enter(chute, self.discharge(load, chute) + STROKE + SLIDE)

    def enter(self, chute: int, belt: int) -> None:
        """The eye of `chute` sees something at belt position `belt`."""
        self.run_belt_to(belt)
        self.tell(facts.ChuteEyeChanged(*self.event(), ChuteNumber(chute), 0, True))

    def turn_chute(self, chute: int, word: int) -> None:
        self.tell(facts.ChuteTurned(*self.event(), ChuteNumber(chute), word))

    def fail_order(self, seq: int, chute: int, cause: int) -> None:
        """ORDER_FAILED."""
        self.tell(facts.OrderFailed(*self.event(), ChuteNumber(chute), seq, cause))

    def restart_plc(self, moved: int = 300) -> None:
        """The PLC starts anew; the belt has gone on by so much, and every number is another one."""
        self.lose_epoch()
        self.boot += 1
        self.belt += moved
        self._start_count = 900_000 - self.belt
        self._seq = count(1)
        self.tell(facts.PlcRestarted(self.at_ns, PLC, self.boot, self.raw(self.belt)))
        self.tell(facts.ChutesRead(self.at_ns, PLC, self.boot, 0, ALL_OPEN))
        self.grant(self.epoch + 1)

    def restore(self) -> None:
        """The controller is killed and goes on from its snapshot."""
        logic = Logic([self.machine], HubRules(self.limits), load_plan(PLAN))
        logic.restore(self.logic.snapshot())
        self.logic = logic
        self.tell(facts.ControllerStarted(self.at_ns, 0, "site", "1"))
        accepted = self.loop.state.next_order - 1
        self.tell(facts.PlcLinked(self.at_ns, PLC, self.boot, self.raw(self.belt), 6, self.epoch, 1, accepted, 0, 0))

    # ------------------------------------------------------------------------------------------- the eye

    def said(self, kind: type[T]) -> list[T]:
        """Everything of this kind that the logic said."""
        return [thing for thing in self.log if isinstance(thing, kind)]

    def closed(self) -> list[PassageClosed]:
        return self.said(PassageClosed)

    def endings(self) -> list[tuple[int, str, str, int]]:
        """(passage, disposition, cause, chute) of all that ended."""
        return [(c.passage, c.disposition.value, c.cause.value, c.actual) for c in self.closed()]


def kinds(things: Sequence[object]) -> list[str]:
    """Names of types, for a glance."""
    return [type(thing).__name__ for thing in things]
