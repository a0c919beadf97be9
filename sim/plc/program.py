"""Program: the PLC, one scan at a time: read inputs, evaluate the orders, fire, write events, publish.

Comes in: words written to the orders area between scans, the belt's count, sensor levels. Goes out: the inputs area and
the chute words as of the last scan, pulses to pushers, whether inducts run. Never here: the belt, sockets, clocks.

Where the contract can be read in two ways, the strict way is taken: a block refused with 5 or 7 gives its orders before
the gap, but renews no lease and acknowledges nothing; a full table takes no order of any kind; an `order_count` beyond the
slots takes none. A parcel whose front was not seen since the start makes no INDUCTED.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sim.plc.contacts import Debounce, Edge, Terminal
from sim.plc.events import EventBuffer
from sim.plc.exits import Exits
from sim.plc.fence import Fence, asks
from sim.plc.image import Block, Event, Image, Slot
from sim.plc.table import Divert, DivertTable, Stroke
from sortctl.site.model import Machine
from sortctl.words.exchange import (
    EVENTS_WAITING_MAX,
    INFEED_HOLD_MS_DEFAULT,
    WAITING_DIVERTS_MIN,
    ChuteBit,
    Kind,
    Op,
    OrderFailure,
    PackML,
    Reject,
    Request,
    orders_words,
)
from sortctl.words.units import COUNT_MASK, WORD_MASK, counts_to_mm, signed_difference

STROKE_GRACE_MS = 100
"""An actuator that is so late with its end position has a fault."""
LAMP_COLOURS = frozenset((*range(4), *range(16, 20)))


class ColdStart(NamedTuple):
    """What a PLC starts with: what is retained, and how this one is set up."""

    boot_id: int
    retained_epoch: int = 0
    plc_time_ms: int = 0
    stamp: int = 0
    fault_bit: bool = True
    """An actuator fault shows in the chute word; otherwise only in ORDER_FAILED."""
    infeed_hold_ms: int = INFEED_HOLD_MS_DEFAULT


class Carried(NamedTuple):
    """A DIVERT for which a pusher was switched on, for the referee."""

    boot_id: int
    epoch: int
    order_seq: int
    chute: int
    item: int
    at_count: int
    epoch_when_taken: int
    """The epoch that was granted when the order was taken."""


class Plc:
    """One exchange image and the program behind it."""

    def __init__(self, machine: Machine, start: ColdStart) -> None:
        self.boot_id = start.boot_id
        self._machine = machine
        self._start = start
        self._image = Image(machine.plc.word_order == "low_first", machine.plc.event_slots)
        self._orders = [0] * orders_words(machine.plc.order_slots)
        self._written = False
        self.fence = Fence(start.retained_epoch, machine.plc.lease_ms)
        self.events = EventBuffer(self._image)
        self.exits = Exits(machine.chutes)
        self.table = DivertTable(WAITING_DIVERTS_MIN)
        self.carried: list[Carried] = []
        """Pushers switched on, oldest first; the plant takes them out."""
        self.inducted: list[Event] = []
        """INDUCTED events that got a number; the plant takes them out."""
        self._strokes: dict[int, list[Stroke]] = {}
        self._eyes = Debounce()
        self._fronts: dict[int, Edge] = {}
        self._inducts = {induct.number for induct in machine.sorter.inducts}
        self._stopped: set[int] = set()
        self._scans = 0
        self._encoder = 0
        self._total = 0
        self._time_ms = start.plc_time_ms
        self._stamp = start.stamp
        self._stamp_seen = 0
        self._accepted = 0
        self._reject = Reject.TAKEN
        self.state = PackML.EXECUTE
        self._shown: list[int] = []
        self._shown_chutes = list(self.exits.words)

    # ------------------------------------------------------------------------------------------- the server's side

    def write_orders(self, words: Sequence[int], at: int = 0) -> None:
        """Put words into the orders area from word `at`; the next scan copies the area before it looks."""
        self._orders[at : at + len(words)] = words
        self._written = True

    def read_orders(self) -> list[int]:
        """The orders area as it stands."""
        return list(self._orders)

    def read_inputs(self) -> list[int]:
        """The inputs area as of the last scan."""
        if not self._shown:
            self._shown = self._image.inputs(self._stamp, self._told(), self.events.window())
        return list(self._shown)

    def read_chutes(self) -> list[int]:
        """The chute words as of the last scan; chute n is word n-1."""
        return list(self._shown_chutes)

    # ------------------------------------------------------------------------------------------- the machine's side

    def scan(self, encoder: int, changes: Iterable[tuple[Terminal, bool]]) -> list[int]:
        """One scan: `encoder` as it stands, and each input that is unlike in the scan before; the chutes to fire now.

        The first scan after a start is given every level that is on.
        """
        self._scans += 1
        ms = self._machine.plc.scan_ms
        self._time_ms = (self._time_ms + ms) & COUNT_MASK
        if self._scans == 1:
            self._encoder = encoder
            self._preset(changes)
        else:
            self._total += (encoder - self._encoder) & COUNT_MASK
            self._encoder = encoder
            if changes:
                self._sense(changes)
        if self.fence.pass_time(ms):
            self._tell_epoch()
        if self._written:
            self._written = False
            self._evaluate(list(self._orders))
        for edge in self._eyes.edges(self._scans):
            self._tell_edge(edge)
        fired = self._fire() if len(self.table) else []
        if self._strokes:
            self._supervise()
        self._settle()
        return fired

    def induct_runs(self, number: int) -> bool:
        """Parcels may come onto the sorter at this induct."""
        return self.state == PackML.EXECUTE and number not in self._stopped

    def press_panel(self, chute: int, *, closed: bool) -> None:
        """An operator closes or opens a chute at its panel."""
        self.exits.turn(chute, ChuteBit.CLOSED_BY_PANEL, closed)

    # ------------------------------------------------------------------------------------------- orders

    def _evaluate(self, words: list[int]) -> None:
        block = self._image.block(words)
        if block.stamp == self._stamp_seen:
            return
        self._stamp_seen = block.stamp
        self._reject = self.fence.judge(block)
        if self._reject:
            return
        if asks(block):
            self.fence.grant(block.owner)
            self._accepted = 0
            self._tell_epoch()
            return
        self._reject = self._take_slots(block, words)
        if self._reject:
            return
        self.fence.renew()
        if block.boot_low == self.boot_id & WORD_MASK:
            self.events.acknowledge(block.events_ack)
        if block.request == Request.RELEASE:
            self.fence.release()
            self._tell_epoch()

    def _take_slots(self, block: Block, words: list[int]) -> Reject:
        if block.order_count > self._machine.plc.order_slots:
            return Reject.ORDER_GAP
        for number in range(block.order_count):
            slot = self._image.slot(words, number)
            if slot.order_seq <= self._accepted:
                continue
            if slot.order_seq != self._accepted + 1:
                return Reject.ORDER_GAP
            if self.table.full:
                return Reject.NO_ROOM
            self._accepted = slot.order_seq
            self._carry_out(slot, block.epoch)
        return Reject.TAKEN

    def _carry_out(self, slot: Slot, epoch: int) -> None:
        known = self._known(slot)
        if not known:
            self._tell(Kind.ORDER_FAILED, slot.chute, slot.order_seq, OrderFailure.UNKNOWN)
        elif slot.op == Op.DIVERT:
            self._take_divert(slot, epoch)
        elif slot.op == Op.CANCEL:
            found = self.table.withdraw(slot.chute, slot.at_count)
            if found is not None:
                self._fail(found, OrderFailure.CANCELLED)
        elif slot.op in (Op.CHUTE_CLOSE, Op.CHUTE_OPEN):
            self.exits.turn(slot.chute, ChuteBit.CLOSED_BY_ORDER, slot.op == Op.CHUTE_CLOSE)
        elif slot.op == Op.CHUTE_LAMP:
            self.exits.lamps[slot.chute] = slot.item
        else:
            numbers = {slot.chute} if slot.chute else self._inducts
            self._stopped = self._stopped | numbers if slot.op == Op.INDUCT_STOP else self._stopped - numbers

    def _known(self, slot: Slot) -> bool:
        if slot.op in (Op.INDUCT_STOP, Op.INDUCT_RUN):
            return slot.chute == 0 or slot.chute in self._inducts
        if slot.op == Op.CHUTE_LAMP and slot.item not in LAMP_COLOURS:
            return False
        return Op.DIVERT <= slot.op <= Op.CHUTE_LAMP and self.exits.exists(slot.chute)

    def _take_divert(self, slot: Slot, epoch: int) -> None:
        ahead = -signed_difference(self._encoder, slot.at_count)
        divert = Divert(
            self._total + ahead, 0, epoch, slot.order_seq, slot.chute, slot.item, slot.at_count, self.fence.epoch
        )
        if ahead <= 0:
            self._fail(divert, OrderFailure.TOO_LATE)
        else:
            self.table.add(divert)

    # ------------------------------------------------------------------------------------------- diverts

    def _fire(self) -> list[int]:
        fired: list[int] = []
        for divert in self.table.due(self._total):
            if not self.exits.actuated(divert.chute):
                self._tell(Kind.DIVERTED, divert.chute, divert.item, 0)
                continue
            obstacle = self.exits.obstacle(divert.chute)
            if obstacle is not None:
                self._fail(divert, obstacle)
                continue
            self._switch_on(divert)
            fired.append(divert.chute)
        return fired

    def _switch_on(self, divert: Divert) -> None:
        chute = self._machine.chute(divert.chute)
        deadline_ms = self._scans * self._machine.plc.scan_ms + chute.lead_ms + chute.travel_ms + STROKE_GRACE_MS
        self._strokes.setdefault(divert.chute, []).append(Stroke(divert, deadline_ms))
        self.carried.append(
            Carried(self.boot_id, divert.epoch, divert.order_seq, divert.chute, divert.item, divert.at_count,
                    divert.granted)
        )  # fmt: skip

    def _end_position(self, chute: int) -> None:
        strokes = self._strokes.get(chute)
        if not strokes:
            return
        divert = strokes.pop(0).divert
        if not strokes:
            del self._strokes[chute]
        self._tell(Kind.DIVERTED, chute, divert.item, 0)

    def _supervise(self) -> None:
        now_ms = self._scans * self._machine.plc.scan_ms
        for chute, strokes in list(self._strokes.items()):
            while strokes and strokes[0].deadline_ms < now_ms:
                self._fail(strokes.pop(0).divert, OrderFailure.ACTUATOR_FAULT)
                if self._start.fault_bit:
                    self.exits.turn(chute, ChuteBit.ACTUATOR_FAULT, on=True)
            if not strokes:
                del self._strokes[chute]

    def _fail(self, divert: Divert, why: OrderFailure) -> None:
        self._tell(Kind.ORDER_FAILED, divert.chute, divert.order_seq, why)

    # ------------------------------------------------------------------------------------------- sensors and events

    def _preset(self, changes: Iterable[tuple[Terminal, bool]]) -> None:
        levels = dict(changes)
        self._eyes.preset({at: level for at, level in levels.items() if at.kind in ("induct", "eye", "chute")})
        for terminal, level in levels.items():
            if terminal.kind in ("half", "full"):
                self.exits.sense(terminal, level)
        self.exits.take_changed()

    def _sense(self, changes: Iterable[tuple[Terminal, bool]]) -> None:
        for terminal, level in changes:
            if terminal.kind in ("half", "full"):
                self.exits.sense(terminal, level)
            elif terminal.kind == "stroke":
                self._end_position(terminal.number)
            else:
                self._eyes.take(terminal, level, self._total, (self._time_ms, self._scans))

    def _tell_edge(self, edge: Edge) -> None:
        kind, number = edge.terminal
        if kind == "eye":
            self._tell(Kind.EYE, number, 0, int(edge.blocked), edge)
        elif kind == "chute":
            self._tell(Kind.CHUTE_EYE, number, 0, int(edge.blocked), edge)
        elif edge.blocked:
            self._fronts[number] = edge
        else:
            front = self._fronts.pop(number, None)
            if front is not None:
                length = counts_to_mm(edge.total - front.total, self._machine.sorter.counts_per_metre)
                self._tell(Kind.INDUCTED, number, 0, min(length, WORD_MASK), front)

    def _tell(self, kind: Kind, point: int, item: int, value: int, edge: Edge | None = None) -> None:
        count = self._encoder if edge is None else (self._encoder - (self._total - edge.total)) & COUNT_MASK
        time_ms = self._time_ms if edge is None else edge.time_ms
        event = Event(0, kind, point, item, count, value, time_ms)
        seq = self.events.write(event)
        if seq and kind == Kind.INDUCTED:
            self.inducted.append(event._replace(seq=seq))

    def _tell_epoch(self) -> None:
        self._tell(Kind.EPOCH, 0, self.fence.epoch, self.fence.owner)

    # ------------------------------------------------------------------------------------------- the end of a scan

    def _settle(self) -> None:
        for chute in self.exits.take_changed():
            self._tell(Kind.CHUTE_CHANGED, chute, 0, self.exits.word(chute))
            self._shown_chutes = list(self.exits.words)
        state = self._state_now()
        if state != self.state:
            self.state = state
            self._tell(Kind.STATE, 0, 0, state)
        if self._scans == 1:
            self._shown_chutes = list(self.exits.words)
        self._stamp = (self._stamp + 1) & WORD_MASK
        self._shown = []

    def _state_now(self) -> PackML:
        if self._stopped and self._stopped >= self._inducts:
            return PackML.HELD
        alone = self.fence.owner == 0 and self.fence.alone_ms >= self._start.infeed_hold_ms
        if alone or self.events.waiting >= EVENTS_WAITING_MAX:
            return PackML.SUSPENDED
        return PackML.EXECUTE

    def _told(self) -> tuple[int, ...]:
        """The fields of the inputs area from `boot_id` to `events_dropped`, in the order of the contract."""
        fence, events = self.fence, self.events
        return (
            self.boot_id, self._stamp_seen, self.state, self._encoder, self._time_ms,
            fence.epoch, fence.owner, fence.lease_ms,
            events.head, events.acked, self._accepted, self._reject, events.dropped,
        )  # fmt: skip
