"""PLC half: our side of the exchange with one PLC, without any wire. Words in, facts out; orders in, words out.

Comes in: reads of the areas, rows that are on disk, orders. Goes out: facts for the logic, and the next orders block. Joins
`inputs` (what the image says, who owns the PLC) with `outputs` (what stands in the block). Lives over connections.
Never here: sockets, what a fact means.
"""

from collections import deque
from collections.abc import Sequence
from enum import Enum

from sortctl.inputs.exchange import EventStream, Image, Levels, Unreadable, decode
from sortctl.inputs.ownership import Ownership, Stance
from sortctl.inputs.plc_clock import PlcClock
from sortctl.outputs.orders_block import OrdersBlock
from sortctl.site.model import Machine
from sortctl.words import facts
from sortctl.words.exchange import PLC_TIME_STILL_MS, Request
from sortctl.words.ids import PlcId
from sortctl.words.units import NS_PER_MS


class Reading(Enum):
    """What a read of the inputs area was."""

    TAKEN = "taken"
    TORN = "torn: read it again"
    DEAD = "dead: drop the link"


_REQUEST = {
    Stance.ACQUIRE: Request.ACQUIRE,
    Stance.RENEW: Request.NONE,
    Stance.ORDER: Request.NONE,
    Stance.RELEASE: Request.RELEASE,
}


class PlcHalf:
    """One PLC as the controller sees it."""

    def __init__(self, machine: Machine, owner: int, boot_id: int, events_taken: int, epoch: int) -> None:
        plc = machine.plc
        self.plc = PlcId(machine.plc_id)
        self.image: Image | None = None
        """Newest whole image of this connection."""
        self.cause = ""
        """Why the link is down, or must be."""
        self._told_cause = ""
        self.wants_chutes = False
        self.is_linked = False
        self.ownership = Ownership(self.plc, owner, plc.scan_ms, epoch)
        self.block = OrdersBlock(owner, plc.order_slots, plc.word_order == "low_first")
        self._stream = EventStream(self.plc, boot_id, events_taken)
        self._levels = Levels(self.plc)
        self._event_slots = plc.event_slots
        self._low_first = plc.word_order == "low_first"
        self._words: Sequence[int] = ()
        self._same_since_ns = 0
        self._sent_ns = 0
        self._clock = PlcClock(plc.scan_ms)
        self._ack = events_taken
        self._ack_written = -1
        self._undurable: deque[tuple[int, int, int]] = deque()
        """(journal row, boot_id, seq) of events that are not on disk yet."""
        self.sample: tuple[int, int] | None = None
        """(encoder, moment of the scan) of the newest image that left no event untold."""

    # ------------------------------------------------------------------------------------------- the connection

    def opened(self) -> None:
        """A connection stands; nothing was read over it yet."""
        self.image, self._words, self.sample = None, (), None
        self._levels.forget()

    def closed(self, cause: str, at_ns: int) -> list[facts.Fact]:
        """The connection is gone, or none could be made."""
        told = self.is_linked or cause != self._told_cause
        self.image, self.sample = None, None
        self.is_linked, self.wants_chutes = False, False
        self.cause = self._told_cause = cause
        self.ownership.disconnected()
        return [facts.PlcLost(at_ns, self.plc, cause)] if told else []

    # ------------------------------------------------------------------------------------------- reading

    def take(self, words: Sequence[int], at_ns: int) -> tuple[Reading, list[facts.Fact]]:
        """One read of the inputs area."""
        if words == self._words and self.image is not None:
            # the PLC has not scanned since; if that goes on, its program is dead behind a live server
            if at_ns - self._same_since_ns > PLC_TIME_STILL_MS * NS_PER_MS:
                return self._dead("the PLC program stands still behind a live server")
            return Reading.TAKEN, []
        image = decode(words, self._event_slots, self._low_first)
        if image is Unreadable.TORN:
            return Reading.TORN, []
        if isinstance(image, Unreadable):
            return self._dead(image.value)
        if self._levels.is_dead(image, at_ns):
            return self._dead("the PLC program stands still behind a live server")
        self._words, self._same_since_ns = words, at_ns
        return Reading.TAKEN, self._facts(image, at_ns)

    def _dead(self, cause: str) -> tuple[Reading, list[facts.Fact]]:
        self.cause = cause
        return Reading.DEAD, []

    def _facts(self, image: Image, at_ns: int) -> list[facts.Fact]:
        told: list[facts.Fact] = []
        if image.boot_id != self._stream.boot_id:
            self._clock.forget()
        moment_ns = self._clock.moment(image.plc_time_ms, self._sent_ns, at_ns)
        if self.image is None:
            self.is_linked = self.wants_chutes = True
            self.block.restart_stamp(image.stamp_seen)
            told.append(_linked(self.plc, image, moment_ns))
        self.image = image
        told += self._levels.take(image, self.ownership.epoch, at_ns)
        # a lost epoch is told before the events, so that they lead to no orders; a new one when all of them are known
        owned = self.ownership.see(image, self._sent_ns, at_ns)
        if not self.ownership.holds:
            told += owned
        before = self._stream.boot_id
        events = self._stream.take(image, at_ns)
        if self._stream.boot_id != before:
            self._new_boot(image)
        elif not self._stream.is_complete:
            # what happened long ago is told now: decide it by where the belt stands now
            told.append(facts.BeltMoved(moment_ns, self.plc, image.encoder, all_told=False))
        told += events
        if self.ownership.holds:
            told += owned
        is_ours = self.ownership.holds and image.stamp_seen == self.block.stamp
        told += self._levels.refused(image, is_ours, at_ns)
        self.sample = (image.encoder, moment_ns) if self._stream.is_complete else None
        return told

    def _new_boot(self, image: Image) -> None:
        self._undurable.clear()
        self._ack = min(image.events_acked, self._stream.taken)
        self.wants_chutes = True

    def chutes(self, words: Sequence[int], at_ns: int) -> list[facts.Fact]:
        """All chute words, read right after an image."""
        self.wants_chutes = False
        if self.image is None:
            return []
        return [facts.ChutesRead(at_ns, self.plc, self.image.boot_id, self.image.events_head, tuple(words))]

    def take_sample(self) -> tuple[int, int] | None:
        """The newest (encoder, at_ns) with no event untold before it; each one once."""
        sample, self.sample = self.sample, None
        return sample

    # ------------------------------------------------------------------------------------------- the disk

    def note_row(self, row: int, fact: facts.PlcEvent) -> None:
        """This event is row `row`; it is acknowledged when that row is on disk."""
        self._undurable.append((row, fact.boot_id, fact.seq))

    def committed(self, row: int) -> None:
        """Rows up to `row` are on disk."""
        self.block.release(row)
        waiting = self._undurable
        while waiting and waiting[0][0] <= row:
            _, boot_id, seq = waiting.popleft()
            if boot_id == self._stream.boot_id:
                self._ack = seq

    def go_on(self, row: int) -> None:
        """The disk does not answer: orders leave without it, and events that stand in the way of newer ones are let go."""
        self.block.release(row)
        waiting = self._undurable
        # The PLC shows its oldest unacknowledged events only; while it has no others, it is the safest place for them.
        while waiting and not self._stream.is_complete:
            _, boot_id, seq = waiting.popleft()
            if boot_id == self._stream.boot_id:
                self._ack = seq

    # ------------------------------------------------------------------------------------------- writing

    def next_block(self, at_ns: int) -> list[int] | None:
        """The next orders block; None: only read."""
        self._sent_ns = at_ns
        if self.image is None:
            return None
        stance = self.ownership.stance(at_ns)
        if stance is Stance.READ:
            return None
        asks = stance is Stance.ACQUIRE
        epoch, ack = (0, 0) if asks else (self.ownership.epoch, self._ack)
        self._ack_written = ack
        with_orders = stance in (Stance.ORDER, Stance.RELEASE)
        return self.block.build(epoch, self._stream.boot_id, ack, _REQUEST[stance], with_orders)

    @property
    def events_taken(self) -> int:
        """Number of the newest event taken in this boot of the PLC."""
        return self._stream.taken

    @property
    def is_urgent(self) -> bool:
        """A new order may leave, or an acknowledgement makes room for events that wait in the PLC."""
        if self.image is None or not self.ownership.holds:
            return False
        return self.block.is_ready or (not self._stream.is_complete and self._ack != self._ack_written)


def _linked(plc: PlcId, image: Image, at_ns: int) -> facts.PlcLinked:
    return facts.PlcLinked(
        at_ns,
        plc,
        image.boot_id,
        image.encoder,
        image.state,
        image.granted_epoch,
        image.owner,
        image.orders_accepted,
        image.events_head,
        image.events_acked,
    )
