"""A belt on the desk: facts by hand, in the words of the trade. One count is one millimetre, one millisecond one mm at 1 m/s.

The line: induct 0, scan point 1000, eye 1 at 2000, chutes 1 to 4 at 3000, 4000, 5000, 6000, eye 2 at 4500, end chute 5 at 7000.
"""

from itertools import count
from typing import TypeVar

from sortctl.logic import HubRules, Logic
from sortctl.logic.rules import check_all
from sortctl.plan.load import load_plan
from sortctl.site.model import (
    Chute,
    Eye,
    Framing,
    Induct,
    Limits,
    LineSorter,
    Machine,
    ModbusPlc,
    Scanner,
    ScanPoint,
)
from sortctl.words import facts
from sortctl.words.facts import Code
from sortctl.words.ids import ChuteNumber, EyeNumber, InductNumber, PlcId, ScannerId
from sortctl.words.orders import Order
from sortctl.words.outcomes import Outcome, PassageClosed
from sortctl.words.units import NS_PER_MS, wrap32
from tests.logic.answers import answers, records

T = TypeVar("T")

PLC = PlcId("plc1")
ALL_CHUTES = (0x8000,) * 5

PLAN = {
    "plan/rules.csv": (
        b"rule,country,postcode_from,postcode_to,destination\nR-BE,BE,,,BE\nR-NL,NL,,,NL\nR-DE,DE,,,DE\nR-END,FR,,,FR\n"
    ),
    "plan/destinations.csv": b"destination,chutes\nBE,1;3\nNL,2\nDE,3\nFR,5\n",
}
PARCELS = records(
    b"waybill,country,postcode\nBE1,BE,1000\nBE2,BE,1000\nBE3,BE,1000\nNL1,NL,1011AB\nNL2,NL,1011AB\nDE1,DE,10115\n"
    b"FR1,FR,75001\nLU1,LU,1111\n"
)


def machine(waiting_diverts: int = 64) -> Machine:
    """The line above, at 1 m/s."""
    chutes = [
        Chute(
            number=n,
            name=f"c{n}",
            position_mm=2000 + 1000 * n,
            actuator=True,
            lead_ms=50,
            travel_ms=200,
            slide_ms=300,
            capacity=10,
        )
        for n in range(1, 5)
    ]
    chutes.append(
        Chute(number=5, name="end", position_mm=7000, actuator=False, lead_ms=0, travel_ms=0, slide_ms=300, capacity=99)
    )
    scanner = {"sorter": "line1", "scan_point": 1, "url": "tcp://x:1", "framing": Framing(terminator="CR")}
    return Machine(
        sorter_id="line1",
        sorter=LineSorter(
            kind="line", tracking="controller", plc="plc1", counts_per_metre=1000, speed_mm_s=1000, chutes="c.csv",
            end_chute=5, rejects={"no_read": 4}, length_min_mm=100, length_max_mm=600, gap_min_mm=200, window_mm=60,
            late_mm=250, length_tolerance_mm=60, bounce_mm=20, confirm_ms=600,
            inducts=(Induct(number=1, position_mm=0),), scan_points=(ScanPoint(number=1, position_mm=1000),),
            eyes=(Eye(number=1, position_mm=2000), Eye(number=2, position_mm=4500)),
        ),
        plc_id="plc1",
        plc=ModbusPlc(wire="modbus", address="x:502", unit=1, scan_ms=10, waiting_diverts=waiting_diverts),
        chutes=tuple(chutes),
        scanners={"top": Scanner(**scanner, window_mm=250, delay_ms=0)},  # type: ignore[arg-type]
    )  # fmt: skip


class Parcel:
    """A thing on the desk's belt: its front edge was at position 0 when the belt stood at `at`."""

    def __init__(self, at: int, length: int) -> None:
        self.at = at
        self.length = length


class Desk:
    """The logic, and a hand that feeds it."""

    def __init__(
        self,
        limits: Limits | None = None,
        start_count: int = 5_000,
        waiting_diverts: int = 64,
        line: Machine | None = None,
    ) -> None:
        self.machine = line or machine(waiting_diverts)
        self.logic = Logic([self.machine], HubRules(limits or Limits()), load_plan(PLAN))
        self.log: list[Outcome | Order] = []
        self.taken: list[facts.Fact] = []
        self.belt = 0
        self._start_count = start_count
        self._seq = count(1)
        self._orders = 0

    # ------------------------------------------------------------------------------------------- the hand

    @property
    def at_ns(self) -> int:
        return (self.belt + 1) * NS_PER_MS

    def raw(self, belt: int) -> int:
        return wrap32(self._start_count + belt)

    def tell(self, fact: facts.Fact) -> None:
        """One fact; every rule is checked behind it."""
        self.taken.append(fact)
        said = self.logic.step(fact)
        self.log += said
        check_all(self.logic.lines[0])
        for answer in answers(said, PARCELS):
            self.tell(answer)

    def start(self) -> None:
        """Linked, epoch 1 granted, all chutes open."""
        self.tell(facts.ControllerStarted(self.at_ns, 0, "site", "1"))
        self.tell(facts.PlcLinked(self.at_ns, PLC, 7, self.raw(self.belt), 6, 0, 0, 0, 0, 0))
        self.tell(facts.ChutesRead(self.at_ns, PLC, 7, 0, ALL_CHUTES))
        self.tell(facts.EpochTold(self.at_ns, PLC, 7, next(self._seq), self.raw(self.belt), 1, 1))
        self.tell(facts.EpochGranted(self.at_ns, PLC, 1, 0))
        self.tell(facts.BeltMoved(self.at_ns, PLC, self.raw(self.belt)))

    def run_belt_to(self, belt: int) -> None:
        """The belt moves on, told every 50 mm; the PLC takes every order on the way."""
        while self.belt < belt:
            self.belt = min(belt, self.belt + 50)
            self.tell(facts.BeltMoved(self.at_ns, PLC, self.raw(self.belt)))

    def take_orders(self) -> None:
        """The PLC takes every order told so far."""
        state = self.logic.lines[0].state
        self.tell(facts.OrdersTaken(self.at_ns, PLC, state.epoch, state.next_order - 1))

    def feed_parcel(self, length: int = 300) -> Parcel:
        """A parcel whose tail leaves the induct eye now."""
        parcel = Parcel(self.belt - length, length)
        self.tell(facts.Inducted(self.at_ns, PLC, 7, next(self._seq), self.raw(parcel.at), InductNumber(1), 0, length))
        return parcel

    def read_code(self, parcel: Parcel, *texts: str, off_mm: int = 0) -> None:
        """The belt runs until the parcel's middle is `off_mm` behind the scan point; its codes are read."""
        self.run_belt_to(parcel.at + parcel.length // 2 + 1000 + off_mm)
        self.tell(facts.CodesRead(self.at_ns, ScannerId("top"), tuple(Code(text) for text in texts)))

    def block_eye(self, eye: int, front: int, length: int) -> None:
        """Something `length` long passes `eye`, its front at belt position `front`."""
        for belt, blocked in ((front, True), (front + length, False)):
            self.run_belt_to(belt)
            self.tell(facts.EyeChanged(self.at_ns, PLC, 7, next(self._seq), self.raw(belt), EyeNumber(eye), blocked))
        self.run_belt_to(front + length + 50)

    def pass_eye(self, eye: int, parcel: Parcel, off_mm: int = 0) -> None:
        """The parcel passes `eye`, `off_mm` late."""
        position = {1: 2000, 2: 4500}[eye]
        self.block_eye(eye, parcel.at + position + off_mm, parcel.length)

    def divert(self, parcel: Parcel, chute: int, item: int) -> None:
        """The actuator reports its end, and the chute eye sees the parcel."""
        contact = parcel.at + parcel.length // 2 + 2000 + 1000 * chute
        self.run_belt_to(contact + 100)
        self.tell(
            facts.ItemDiverted(self.at_ns, PLC, 7, next(self._seq), self.raw(contact), ChuteNumber(chute), item, 0)
        )
        self.enter_chute(chute, contact + 100 + 300)

    def enter_chute(self, chute: int, belt: int) -> None:
        """The eye of `chute` sees something at belt position `belt`."""
        self.run_belt_to(belt)
        self.tell(
            facts.ChuteEyeChanged(self.at_ns, PLC, 7, next(self._seq), self.raw(belt), ChuteNumber(chute), 0, True)
        )

    def come_to_end(self, parcel: Parcel) -> None:
        """The parcel falls off the belt's end."""
        self.enter_chute(5, parcel.at + parcel.length // 2 + 7000 + 300)

    def turn_chute(self, chute: int, word: int) -> None:
        """The chute's word changes."""
        self.tell(facts.ChuteTurned(self.at_ns, PLC, 7, next(self._seq), self.raw(self.belt), ChuteNumber(chute), word))

    def fail_order(self, seq: int, chute: int, cause: int) -> None:
        """ORDER_FAILED."""
        self.tell(
            facts.OrderFailed(self.at_ns, PLC, 7, next(self._seq), self.raw(self.belt), ChuteNumber(chute), seq, cause)
        )

    # ------------------------------------------------------------------------------------------- the eye

    def said(self, kind: type[T]) -> list[T]:
        """Everything of this kind that the logic said."""
        return [thing for thing in self.log if isinstance(thing, kind)]

    def closed(self) -> list[PassageClosed]:
        return self.said(PassageClosed)
