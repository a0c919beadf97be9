"""Program: the PLC, one scan at a time: read inputs, evaluate the orders, let the machine act, write events, publish.

Comes in: words written to the orders area between scans, the belt's count, sensor levels. Goes out: the inputs area and
the chute words as of the last scan, what the machine is to do, whether inducts run. What is the same for every sorter
stands here; `sim/plc/line.py` and `sim/plc/loop.py` are the two machines. Never here: the belt, sockets, clocks.

Where the contract can be read in two ways, the strict way is taken: a block refused with 5 or 7 gives its orders before
the gap, but renews no lease and acknowledges nothing; a full table takes no order of any kind; an `order_count` beyond the
slots takes none.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sim.plc.contacts import Debounce, Edge, Terminal
from sim.plc.exits import Exits
from sim.plc.fence import Fence, asks
from sim.plc.image import Block, Image, Slot
from sim.plc.line import LineProgram
from sim.plc.logbook import Logbook
from sim.plc.loop import LoopProgram
from sim.plc.start import ColdStart
from sim.plc.table import Carried
from sortctl.site.model import LoopSorter, Machine
from sortctl.words.exchange import (
    EVENTS_WAITING_MAX,
    ChuteBit,
    Kind,
    Op,
    OrderFailure,
    PackML,
    Reject,
    Request,
    orders_words,
)
from sortctl.words.units import COUNT_MASK, WORD_MASK, signed_difference

LAMP_COLOURS = frozenset((*range(4), *range(16, 20)))

__all__ = ["Carried", "ColdStart", "Plc", "Program"]


class Program(Protocol):
    """What differs from machine to machine."""

    debounced: frozenset[str]
    """Kinds of terminals that are eyes with an on and off delay; their edges come by `see`."""
    carried: list[Carried]
    """DIVERTs for which something was switched on, oldest first; the plant takes them out."""
    released: list[int]
    """Inducts whose waiting parcel is to move onto its carrier now; the plant takes them out."""

    @property
    def full(self) -> bool:
        """No further order is taken."""
        ...

    def knows(self, slot: Slot) -> bool:
        """Op, chute and item of an order that is not one of the common ones are known."""
        ...

    def carry_out(self, slot: Slot, epoch: int, granted: int) -> None:
        """An order that is known."""
        ...

    def preset(self, terminal: Terminal, level: int) -> None:
        """A level that is on at the first scan."""
        ...

    def sense(self, terminal: Terminal, level: int) -> None:
        """A contact that is not debounced has changed, or a value was measured."""
        ...

    def see(self, edge: Edge) -> None:
        """A steady change of an eye."""
        ...

    def act(self) -> list[int]:
        """What is due in this scan; the chutes fired."""
        ...


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
        self.log = Logbook(self._image, start, machine.plc.scan_ms)
        self.events = self.log.events
        self.exits = Exits(machine.chutes)
        self._eyes = Debounce()
        self._inducts = {induct.number for induct in machine.sorter.inducts}
        self._stopped: set[int] = set()
        self._stamp = start.stamp
        self._stamp_seen = 0
        self._accepted = 0
        self._reject = Reject.TAKEN
        self.state = PackML.EXECUTE
        self._shown: list[int] = []
        self._shown_chutes = list(self.exits.words)
        self.program: Program = self._programmed()
        self.inducted = self.log.inducted

    def _programmed(self) -> Program:
        if isinstance(self._machine.sorter, LoopSorter):
            return LoopProgram(self._machine, self._start, self.log, self.exits, self.induct_runs)
        return LineProgram(self._machine, self._start, self.log, self.exits)

    @property
    def carried(self) -> list[Carried]:
        """DIVERTs for which something was switched on, oldest first; the plant takes them out."""
        return self.program.carried

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

    def scan(self, encoder: int, changes: Iterable[tuple[Terminal, int]]) -> list[int]:
        """One scan: `encoder` as it stands, and each input that is unlike in the scan before; the chutes to fire now.

        The first scan after a start is given every level that is on.
        """
        if self.log.turn_page(encoder):
            self._preset(changes)
        elif changes:
            self._sense(changes)
        if self.fence.pass_time(self._machine.plc.scan_ms):
            self._tell_epoch()
        if self._written:
            self._written = False
            self._evaluate(list(self._orders))
        for edge in self._eyes.edges(self.log.scans):
            if edge.terminal.kind == "chute":
                self.log.tell(Kind.CHUTE_EYE, edge.terminal.number, 0, int(edge.blocked), edge.total, edge.time_ms)
            else:
                self.program.see(edge)
        fired = self.program.act()
        self._settle()
        return fired

    def induct_runs(self, number: int) -> bool:
        """Parcels may come onto the sorter at this induct."""
        return self.state == PackML.EXECUTE and number not in self._stopped

    def press_panel(self, chute: int, *, closed: bool) -> None:
        """An operator closes or opens a chute at its panel."""
        self.exits.turn(chute, ChuteBit.CLOSED_BY_PANEL, closed)

    def press_button(self, panel: int, button: int) -> None:
        """A button of a chute, or of a panel (from 1001 on), is pressed now."""
        self.log.tell(Kind.BUTTON, panel, 0, button)

    def turn_jam(self, zone: int, *, begins: bool) -> None:
        """A zone jams, or is cleared. Who looks for jams is not simulated."""
        self.log.tell(Kind.JAM, zone, 0, int(begins))

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
            self._accepted = self._start.orders_before
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
            if signed_difference(slot.order_seq, self._accepted) <= 0:
                continue
            following = ((self._accepted + 1) & COUNT_MASK) or 1
            if slot.order_seq != following:
                return Reject.ORDER_GAP
            if self.program.full:
                return Reject.NO_ROOM
            self._accepted = slot.order_seq
            self._carry_out(slot, block.epoch)
        return Reject.TAKEN

    def _carry_out(self, slot: Slot, epoch: int) -> None:
        if self._common(slot):
            self._set(slot)
        elif self.program.knows(slot):
            self.program.carry_out(slot, epoch, self.fence.epoch)
        else:
            self.log.tell(Kind.ORDER_FAILED, slot.chute, slot.order_seq, OrderFailure.UNKNOWN)

    def _common(self, slot: Slot) -> bool:
        """An order that every machine carries out alike, with a chute, induct and colour that are there."""
        if slot.op in (Op.INDUCT_STOP, Op.INDUCT_RUN):
            return slot.chute == 0 or slot.chute in self._inducts
        if slot.op == Op.CHUTE_LAMP and slot.item not in LAMP_COLOURS:
            return False
        return slot.op in (Op.CHUTE_CLOSE, Op.CHUTE_OPEN, Op.CHUTE_LAMP) and self.exits.exists(slot.chute)

    def _set(self, slot: Slot) -> None:
        if slot.op in (Op.CHUTE_CLOSE, Op.CHUTE_OPEN):
            self.exits.turn(slot.chute, ChuteBit.CLOSED_BY_ORDER, slot.op == Op.CHUTE_CLOSE)
        elif slot.op == Op.CHUTE_LAMP:
            self.exits.lamps[slot.chute] = slot.item
        else:
            numbers = {slot.chute} if slot.chute else self._inducts
            self._stopped = self._stopped | numbers if slot.op == Op.INDUCT_STOP else self._stopped - numbers

    # ------------------------------------------------------------------------------------------- sensors and events

    def _preset(self, changes: Iterable[tuple[Terminal, int]]) -> None:
        levels = dict(changes)
        debounced = self.program.debounced
        self._eyes.preset({at: bool(level) for at, level in levels.items() if at.kind in debounced})
        for terminal, level in levels.items():
            if terminal.kind in ("half", "full"):
                self.exits.sense(terminal, bool(level))
            elif terminal.kind not in debounced:
                self.program.preset(terminal, level)
        self.exits.take_changed()

    def _sense(self, changes: Iterable[tuple[Terminal, int]]) -> None:
        log, debounced = self.log, self.program.debounced
        for terminal, level in changes:
            if terminal.kind in debounced:
                self._eyes.take(terminal, bool(level), log.total, (log.time_ms, log.scans))
            elif terminal.kind in ("half", "full"):
                self.exits.sense(terminal, bool(level))
            else:
                self.program.sense(terminal, level)

    def _tell_epoch(self) -> None:
        self.log.tell(Kind.EPOCH, 0, self.fence.epoch, self.fence.owner)

    # ------------------------------------------------------------------------------------------- the end of a scan

    def _settle(self) -> None:
        for chute in self.exits.take_changed():
            self.log.tell(Kind.CHUTE_CHANGED, chute, 0, self.exits.word(chute))
            self._shown_chutes = list(self.exits.words)
        state = self._state_now()
        if state != self.state:
            self.state = state
            self.log.tell(Kind.STATE, 0, 0, state)
        if self.log.scans == 1:
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
        fence, events, log = self.fence, self.events, self.log
        return (
            self.boot_id, self._stamp_seen, self.state, log.encoder, log.time_ms,
            fence.epoch, fence.owner, fence.lease_ms,
            events.head, events.acked, self._accepted, self._reject, events.dropped,
        )  # fmt: skip
