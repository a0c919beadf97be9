"""Line: the program of a PLC that does not track: a compare-and-fire table, induct eyes and check-point eyes.

Comes in: DIVERT and CANCEL, edges of the eyes, end positions. Goes out: the chutes to fire in this scan, events. A parcel
whose front was not seen since the start makes no INDUCTED. Never here: which parcel is where; the controller knows.
"""

from sim.plc.contacts import Edge, Terminal
from sim.plc.exits import Exits
from sim.plc.image import Slot
from sim.plc.logbook import Logbook
from sim.plc.start import ColdStart
from sim.plc.table import STROKE_GRACE_MS, Carried, Divert, DivertTable, Stroke
from sortctl.site.model import Machine
from sortctl.words.exchange import WAITING_DIVERTS_MIN, ChuteBit, Kind, Op, OrderFailure
from sortctl.words.units import WORD_MASK, counts_to_mm, signed_difference


class LineProgram:
    """Fires chutes at counts."""

    debounced = frozenset(("induct", "eye", "chute"))

    def __init__(self, machine: Machine, start: ColdStart, log: Logbook, exits: Exits) -> None:
        self._machine = machine
        self._start = start
        self._log = log
        self._exits = exits
        self.table = DivertTable(WAITING_DIVERTS_MIN)
        self.carried: list[Carried] = []
        """Pushers switched on, oldest first; the plant takes them out."""
        self.released: list[int] = []
        """Inducts whose parcel is to move now: of a loop."""
        self._strokes: dict[int, list[Stroke]] = {}
        self._fronts: dict[int, Edge] = {}

    @property
    def full(self) -> bool:
        """No further order is taken."""
        return self.table.full

    # ------------------------------------------------------------------------------------------- orders

    def knows(self, slot: Slot) -> bool:
        """It is a DIVERT or CANCEL with a chute that is there."""
        return slot.op in (Op.DIVERT, Op.CANCEL) and self._exits.exists(slot.chute)

    def carry_out(self, slot: Slot, epoch: int, granted: int) -> None:
        """A DIVERT or CANCEL."""
        if slot.op == Op.DIVERT:
            self._take(slot, epoch, granted)
            return
        found = self.table.withdraw(slot.chute, slot.at_count)
        if found is not None:
            self._fail(found, OrderFailure.CANCELLED)

    def _take(self, slot: Slot, epoch: int, granted: int) -> None:
        log = self._log
        ahead = -signed_difference(log.encoder, slot.at_count)
        divert = Divert(log.total + ahead, 0, epoch, slot.order_seq, slot.chute, slot.item, slot.at_count, granted)
        if ahead <= 0:
            self._fail(divert, OrderFailure.TOO_LATE)
        else:
            self.table.add(divert)

    # ------------------------------------------------------------------------------------------- sensors

    def preset(self, terminal: Terminal, level: int) -> None:
        """A level at the first scan says nothing."""

    def sense(self, terminal: Terminal, level: int) -> None:
        """An actuator reports its end position; both edges of that contact say so."""
        del level
        if terminal.kind == "stroke":
            self._end_position(terminal.number)

    def see(self, edge: Edge) -> None:
        """An edge of an induct or check-point eye."""
        kind, number = edge.terminal
        if kind == "eye":
            self._log.tell(Kind.EYE, number, 0, int(edge.blocked), edge.total, edge.time_ms)
        elif edge.blocked:
            self._fronts[number] = edge
        else:
            front = self._fronts.pop(number, None)
            if front is not None:
                length = counts_to_mm(edge.total - front.total, self._machine.sorter.counts_per_metre)
                self._log.tell(Kind.INDUCTED, number, 0, min(length, WORD_MASK), front.total, front.time_ms)

    # ------------------------------------------------------------------------------------------- diverts

    def act(self) -> list[int]:
        """Fire what is due and look after what moves; the chutes fired."""
        fired = self._fire() if len(self.table) else []
        if self._strokes:
            self._supervise()
        return fired

    def _fire(self) -> list[int]:
        fired: list[int] = []
        for divert in self.table.due(self._log.total):
            if not self._exits.actuated(divert.chute):
                self._log.tell(Kind.DIVERTED, divert.chute, divert.item, 0)
                continue
            obstacle = self._exits.obstacle(divert.chute)
            if obstacle is not None:
                self._fail(divert, obstacle)
                continue
            self._switch_on(divert)
            fired.append(divert.chute)
        return fired

    def _switch_on(self, divert: Divert) -> None:
        chute = self._machine.chute(divert.chute)
        deadline_ms = self._log.running_ms + chute.lead_ms + chute.travel_ms + STROKE_GRACE_MS
        self._strokes.setdefault(divert.chute, []).append(Stroke(divert, deadline_ms))
        self.carried.append(divert.carried(self._log.boot_id))

    def _end_position(self, chute: int) -> None:
        strokes = self._strokes.get(chute)
        if not strokes:
            return
        divert = strokes.pop(0).divert
        if not strokes:
            del self._strokes[chute]
        self._log.tell(Kind.DIVERTED, chute, divert.item, 0)

    def _supervise(self) -> None:
        now_ms = self._log.running_ms
        for chute, strokes in list(self._strokes.items()):
            while strokes and strokes[0].deadline_ms < now_ms:
                self._fail(strokes.pop(0).divert, OrderFailure.ACTUATOR_FAULT)
                if self._start.fault_bit:
                    self._exits.turn(chute, ChuteBit.ACTUATOR_FAULT, on=True)
            if not strokes:
                del self._strokes[chute]

    def _fail(self, divert: Divert, why: OrderFailure) -> None:
        self._log.tell(Kind.ORDER_FAILED, divert.chute, divert.order_seq, why)
