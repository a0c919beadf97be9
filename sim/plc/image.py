"""Image: how the PLC reads the orders area and fills the inputs area, word by word.

Comes in: 16-bit words; what the program knows. Goes out: one `Block`; the words of the inputs area. The layout is the
shared definition, the packing is this side's own. Never here: what the words mean for the machine.
"""

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Final, NamedTuple

from sortctl.words.exchange import (
    INPUTS_HEAD,
    MAGIC,
    ORDER_SLOT,
    ORDER_SLOT_WORDS,
    ORDERS_HEAD,
    ORDERS_HEAD_WORDS,
    VERSION,
    inputs_words,
    offsets,
    width,
)

_HEAD: Final = offsets(ORDERS_HEAD)
_SLOT: Final = offsets(ORDER_SLOT)
_PACK_INPUTS: Final = Struct(">" + "".join("HI"[field.width - 1] for field in INPUTS_HEAD))
_HEAD_WORDS: Final = Struct(f">{width(INPUTS_HEAD)}H")
_LONGS: Final = tuple(offsets(INPUTS_HEAD)[field.name] for field in INPUTS_HEAD if field.width == 2)
"""Where the 32-bit values of the inputs area begin."""


class Slot(NamedTuple):
    """One order of a block."""

    order_seq: int
    op: int
    chute: int
    item: int
    at_count: int


class Block(NamedTuple):
    """The head of an orders block, and whether it is whole."""

    stamp: int
    torn: bool
    ours: bool
    epoch: int
    owner: int
    boot_low: int
    events_ack: int
    request: int
    order_count: int


class Event(NamedTuple):
    """One entry of the event buffer."""

    seq: int
    kind: int
    point: int
    item: int
    edge_count: int
    value: int
    time_ms: int


class Image:
    """Reads and writes 32-bit values in the word order of one PLC."""

    def __init__(self, low_first: bool, event_slots: int) -> None:
        self._low_first = low_first
        self._slots = event_slots
        self._size = inputs_words(event_slots)

    def joined(self, words: Sequence[int], at: int) -> int:
        """The 32-bit value in the two words from `at`."""
        first, second = words[at], words[at + 1]
        return (second << 16) | first if self._low_first else (first << 16) | second

    def split(self, value: int) -> tuple[int, int]:
        """The two words of a 32-bit value."""
        high, low = (value >> 16) & 0xFFFF, value & 0xFFFF
        return (low, high) if self._low_first else (high, low)

    def block(self, words: Sequence[int]) -> Block:
        """The head of an orders block."""
        return Block(
            stamp=words[_HEAD["stamp_head"]],
            torn=words[_HEAD["stamp_head"]] != words[-1],
            ours=words[_HEAD["magic"]] == MAGIC and words[_HEAD["version"]] == VERSION,
            epoch=self.joined(words, _HEAD["epoch"]),
            owner=words[_HEAD["owner"]],
            boot_low=words[_HEAD["boot_low"]],
            events_ack=self.joined(words, _HEAD["events_ack"]),
            request=words[_HEAD["request"]],
            order_count=words[_HEAD["order_count"]],
        )

    def slot(self, words: Sequence[int], number: int) -> Slot:
        """Order slot `number`, from 0."""
        at = ORDERS_HEAD_WORDS + ORDER_SLOT_WORDS * number
        return Slot(
            order_seq=self.joined(words, at + _SLOT["order_seq"]),
            op=words[at + _SLOT["op"]],
            chute=words[at + _SLOT["chute"]],
            item=self.joined(words, at + _SLOT["item"]),
            at_count=self.joined(words, at + _SLOT["at_count"]),
        )

    def event_words(self, event: Event) -> tuple[int, ...]:
        """The ten words of an event slot."""
        return (
            *self.split(event.seq),
            event.kind,
            event.point,
            *self.split(event.item),
            *self.split(event.edge_count),
            event.value & 0xFFFF,
            event.time_ms & 0xFFFF,
        )

    def inputs(self, stamp: int, told: tuple[int, ...], window: Iterable[tuple[int, ...]]) -> list[int]:
        """The whole inputs area. `told` gives the fields between version and the window, in their order."""
        packed = _PACK_INPUTS.pack(stamp, MAGIC, VERSION, *told)
        words = list(_HEAD_WORDS.unpack(packed))
        if self._low_first:
            for at in _LONGS:
                words[at], words[at + 1] = words[at + 1], words[at]
        for slot in window:
            words += slot
        words += [0] * (self._size - 1 - len(words))
        words.append(stamp)
        return words

    @property
    def event_slots(self) -> int:
        """Events that the window shows at once."""
        return self._slots
