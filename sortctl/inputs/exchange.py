"""Exchange, the reading half: words of the `inputs` area -> one image -> facts.

Comes in: the words of one read, and the moment. Goes out: facts about events, belt, state, orders taken. Pure.
The PLC repeats its window of events until they are acknowledged, so each event is recognised by (boot_id, seq) and taken
once, in order, without gaps. Never here: who holds the epoch (`inputs/ownership.py`), what an event means (logic).
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from sortctl.words import exchange, facts
from sortctl.words.exchange import EVENT_SLOT, EVENT_SLOT_WORDS, INPUTS_HEAD, INPUTS_HEAD_WORDS, Kind
from sortctl.words.ids import ChuteNumber, EyeNumber, InductNumber, PlcId, PointNumber
from sortctl.words.units import COUNT_MASK, NS_PER_MS, signed_difference

_AT = exchange.offsets(INPUTS_HEAD)
_SLOT = exchange.offsets(EVENT_SLOT)


class Event(NamedTuple):
    """One slot of the window."""

    seq: int
    kind: int
    point: int
    item: int
    at_count: int
    value: int
    time_ms: int


class Image(NamedTuple):
    """One whole read of the `inputs` area."""

    stamp: int
    boot_id: int
    stamp_seen: int
    state: int
    encoder: int
    plc_time_ms: int
    granted_epoch: int
    owner: int
    lease_ms: int
    events_head: int
    events_acked: int
    orders_accepted: int
    reject: int
    events_dropped: int
    events: tuple[Event, ...]


class Unreadable(Enum):
    """Why a read is no image."""

    TORN = "the read was torn: stamp_head and stamp_tail differ"
    LENGTH = "the read has another length than the site file says"
    FOREIGN = (
        "magic or version is not that of the exchange contract: wrong address, wrong word order or another program"
    )


def decode(words: Sequence[int], event_slots: int, low_first: bool) -> Image | Unreadable:
    """The image in these words, or why there is none. `words` are 16-bit numbers as they came over the wire."""
    if len(words) != exchange.inputs_words(event_slots):
        return Unreadable.LENGTH
    if words[0] != words[-1]:
        return Unreadable.TORN
    if words[_AT["magic"]] != exchange.MAGIC or words[_AT["version"]] != exchange.VERSION:
        return Unreadable.FOREIGN
    high, low = (1, 0) if low_first else (0, 1)

    def long(at: int) -> int:
        return (words[at + high] << 16) | words[at + low]

    events_head, events_acked = long(_AT["events_head"]), long(_AT["events_acked"])
    return Image(
        stamp=words[0],
        boot_id=long(_AT["boot_id"]),
        stamp_seen=words[_AT["stamp_seen"]],
        state=words[_AT["state"]],
        encoder=long(_AT["encoder"]),
        plc_time_ms=long(_AT["plc_time_ms"]),
        granted_epoch=long(_AT["granted_epoch"]),
        owner=words[_AT["owner"]],
        lease_ms=words[_AT["lease_ms"]],
        events_head=events_head,
        events_acked=events_acked,
        orders_accepted=long(_AT["orders_accepted"]),
        reject=words[_AT["reject"]],
        events_dropped=words[_AT["events_dropped"]],
        events=_window(words, event_slots, long) if events_head != events_acked else (),
    )


def _window(words: Sequence[int], event_slots: int, long: Callable[[int], int]) -> tuple[Event, ...]:
    found = []
    for at in range(INPUTS_HEAD_WORDS, INPUTS_HEAD_WORDS + event_slots * EVENT_SLOT_WORDS, EVENT_SLOT_WORDS):
        seq = long(at)
        if seq == 0:
            continue
        found.append(
            Event(
                seq=seq,
                kind=words[at + _SLOT["kind"]],
                point=words[at + _SLOT["point"]],
                item=long(at + _SLOT["item"]),
                at_count=long(at + _SLOT["count"]),
                value=words[at + _SLOT["value"]],
                time_ms=words[at + _SLOT["time_ms"]],
            )
        )
    return tuple(found)


def next_seq(seq: int) -> int:
    """The number after `seq`; 0 is never one, it marks an unused slot."""
    return 1 if seq == COUNT_MASK else seq + 1


_Make = Callable[[PlcId, int, Event, int], facts.PlcEvent]

_MAKE: dict[int, _Make] = {
    Kind.INDUCTED: lambda plc, boot, e, at: facts.Inducted(
        at, plc, boot, e.seq, e.at_count, InductNumber(e.point), e.item, e.value
    ),
    Kind.AT_POINT: lambda plc, boot, e, at: facts.ItemAtPoint(
        at, plc, boot, e.seq, e.at_count, PointNumber(e.point), e.item
    ),
    Kind.DIVERTED: lambda plc, boot, e, at: facts.ItemDiverted(
        at, plc, boot, e.seq, e.at_count, ChuteNumber(e.point), e.item, e.value
    ),
    Kind.CHUTE_EYE: lambda plc, boot, e, at: facts.ChuteEyeChanged(
        at, plc, boot, e.seq, e.at_count, ChuteNumber(e.point), e.item, e.value != 0
    ),
    Kind.ITEM_GONE: lambda plc, boot, e, at: facts.ItemGone(
        at, plc, boot, e.seq, e.at_count, PointNumber(e.point), e.item, e.value
    ),
    Kind.LAP: lambda plc, boot, e, at: facts.LapDone(at, plc, boot, e.seq, e.at_count, e.point, e.item, e.value),
    Kind.CHUTE_CHANGED: lambda plc, boot, e, at: facts.ChuteTurned(
        at, plc, boot, e.seq, e.at_count, ChuteNumber(e.point), e.value
    ),
    Kind.JAM: lambda plc, boot, e, at: facts.JamTurned(at, plc, boot, e.seq, e.at_count, e.point, e.value != 0),
    Kind.STATE: lambda plc, boot, e, at: facts.StateTold(at, plc, boot, e.seq, e.at_count, e.value),
    Kind.EYE: lambda plc, boot, e, at: facts.EyeChanged(
        at, plc, boot, e.seq, e.at_count, EyeNumber(e.point), e.value != 0
    ),
    Kind.BUTTON: lambda plc, boot, e, at: facts.ButtonPressed(at, plc, boot, e.seq, e.at_count, e.point, e.value),
    Kind.ORDER_FAILED: lambda plc, boot, e, at: facts.OrderFailed(
        at, plc, boot, e.seq, e.at_count, ChuteNumber(e.point), e.item, e.value
    ),
    Kind.EPOCH: lambda plc, boot, e, at: facts.EpochTold(at, plc, boot, e.seq, e.at_count, e.item, e.value),
}


def _fact_of(plc: PlcId, boot_id: int, event: Event, at_ns: int) -> facts.PlcEvent:
    make = _MAKE.get(event.kind)
    if make is None:
        return facts.EventUnknown(
            at_ns, plc, boot_id, event.seq, event.at_count, event.kind, event.point, event.item, event.value
        )
    return make(plc, boot_id, event, at_ns)


class EventStream:
    """The events of one PLC, each taken once. Goes on over connections; a restart of ours begins where the journal ends."""

    def __init__(self, plc: PlcId, boot_id: int, taken: int) -> None:
        self.plc = plc
        self.boot_id = boot_id
        """0: never seen this PLC."""
        self.taken = taken
        """Sequence number of the newest event taken in this boot."""
        self.is_complete = False
        """The newest image left no event untold."""

    def take(self, image: Image, at_ns: int) -> list[facts.Fact]:
        """Facts for all events of `image` that were not taken yet, in order; a restart or a hole is a fact as well."""
        told: list[facts.Fact] = []
        if image.boot_id != self.boot_id:
            if self.boot_id:
                told.append(facts.PlcRestarted(at_ns, self.plc, image.boot_id, image.encoder))
            self.taken = 0 if self.boot_id else image.events_acked
            self.boot_id = image.boot_id
        if signed_difference(image.events_acked, self.taken) > 0:
            told.append(self._missed(image.events_acked, at_ns))
        for event in image.events:
            if signed_difference(event.seq, self.taken) <= 0:
                continue
            if event.seq != next_seq(self.taken):
                told.append(self._missed(event.seq - 1, at_ns))
            told.append(_fact_of(self.plc, image.boot_id, event, at_ns))
            self.taken = event.seq
        self.is_complete = self.taken == image.events_head
        return told

    def _missed(self, last: int, at_ns: int) -> facts.EventsMissed:
        hole = facts.EventsMissed(at_ns, self.plc, self.boot_id, next_seq(self.taken), last)
        self.taken = last
        return hole


class Levels:
    """What of an image is a level, told when it changes: state, orders taken, refusals, dropped events, a dead program."""

    def __init__(self, plc: PlcId) -> None:
        self.plc = plc
        self._state = -1
        self._dropped = 0
        self._reject = 0
        self._taken = (0, 0)
        self._clock_ms = -1
        self._clock_since_ns = 0

    def forget(self) -> None:
        """A new connection: everything is told anew."""
        self._state, self._reject, self._taken, self._clock_ms = -1, 0, (0, 0), -1

    def take(self, image: Image, epoch: int, at_ns: int) -> list[facts.Fact]:
        """Facts for each level that differs from the last image; `epoch` is the one whose orders are ours."""
        told: list[facts.Fact] = []
        taken = (epoch, image.orders_accepted)
        if epoch and image.granted_epoch == epoch and taken != self._taken:
            self._taken = taken
            told.append(facts.OrdersTaken(at_ns, self.plc, epoch, image.orders_accepted))
        if image.state != self._state:
            self._state = image.state
            told.append(facts.MachineTurned(at_ns, self.plc, image.state))
        if image.events_dropped != self._dropped:
            self._dropped = image.events_dropped
            told.append(facts.EventsDropped(at_ns, self.plc, image.events_dropped))
        return told

    def refused(self, image: Image, is_ours: bool, at_ns: int) -> list[facts.Fact]:
        """A refusal of a block of ours, told once until another verdict stands."""
        reject = image.reject if is_ours else 0
        if reject == self._reject:
            return []
        self._reject = reject
        return [facts.OrdersRefused(at_ns, self.plc, reject)]

    def is_dead(self, image: Image, at_ns: int) -> bool:
        """True if the PLC's clock stands: a live server in front of a dead program."""
        if image.plc_time_ms != self._clock_ms:
            self._clock_ms, self._clock_since_ns = image.plc_time_ms, at_ns
            return False
        return at_ns - self._clock_since_ns > exchange.PLC_TIME_STILL_MS * NS_PER_MS
