"""The exchange contract, version 1: the one definition of its layout and numbers.

Three areas of 16-bit words between a PLC and the controller: `orders`, `inputs`, `chutes`. This file holds only data:
names, widths, meanings and code numbers. The codec (`inputs/exchange.py`, `outputs/orders_block.py`), the simulator's
memory, the tables in `docs/plc-interface.md` and the CSV tag list are all derived from it. Never here: a way to pack or
unpack (each side writes its own, so that neither agrees with the other's mistakes). A change of layout is a new version.
"""

from enum import IntEnum
from typing import Final, NamedTuple

MAGIC: Final = 0x5358
VERSION: Final = 0x0100

ORDER_SLOTS_MAX: Final = 13
"""12 + 8 * 13 = 116 words, within the 121 that one FC 23 may write."""
EVENT_SLOTS_MAX: Final = 10
"""24 + 10 * 10 = 124 words, within the 125 that one FC 23 may read."""
CHUTE_WORDS_PER_READ: Final = 120
TORN_REREADS_MAX: Final = 5
PLC_TIME_STILL_MS: Final = 300
"""A `plc_time_ms` that stands still for so long is a dead PLC program behind a live server."""
WAITING_DIVERTS_MIN: Final = 64
"""A PLC holds at least so many waiting DIVERTs."""
EVENTS_WAITING_MAX: Final = 1000
"""Induction stops when so many events wait for their acknowledgement."""
EVENTS_RESERVE_MIN: Final = 1000
"""The event buffer holds at least so many more after induction has stopped."""
LEASE_MS_DEFAULT: Final = 1000
LEASE_RESERVE_MS: Final = 300
"""With so much lease or less left a controller sends blocks without orders."""
INFEED_HOLD_MS_DEFAULT: Final = 10_000
ACQUIRE_PAUSE_MS: Final = (200, 400)
PANEL_FIRST: Final = 1001
"""Button panels are numbered from here."""


class Field(NamedTuple):
    """One field of an area or slot: `width` is in words (1 or 2); 32-bit values take two, high word first by default."""

    name: str
    width: int
    meaning: str


ORDERS_HEAD: Final = (
    Field("stamp_head", 1, "+1 at each new block; equal to stamp_tail or the block is torn"),
    Field("magic", 1, "0x5358"),
    Field("version", 1, "0x0100, compared whole"),
    Field("epoch", 2, "the epoch the controller holds; 0 only in an acquire"),
    Field("owner", 1, "this controller's number, 1-65535, unique per installation"),
    Field("boot_low", 1, "low word of the boot_id that events_ack is about"),
    Field("events_ack", 2, "every event up to this sequence number is safe on the controller's disk"),
    Field("request", 1, "0 none, 1 acquire, 2 release"),
    Field("order_count", 1, "slots in use; more than there are slots counts as a gap"),
)
ORDER_SLOT: Final = (
    Field("order_seq", 2, "number of the order within the epoch, from 1, no gaps"),
    Field("op", 1, "what to do, see the order codes"),
    Field("chute", 1, "chute, or induct number"),
    Field("item", 2, "the item, or a number of the controller's own that the PLC echoes"),
    Field("at_count", 2, "encoder count at which the output switches"),
)
INPUTS_HEAD: Final = (
    Field("stamp_head", 1, "+1 whenever the PLC changes the area; equal to stamp_tail or the read is torn"),
    Field("magic", 1, "0x5358"),
    Field("version", 1, "0x0100"),
    Field("boot_id", 2, "another number after each PLC start"),
    Field("stamp_seen", 1, "stamp_head of the orders block evaluated last"),
    Field("state", 1, "PackML state number (OPC 30050)"),
    Field("encoder", 2, "belt position in counts, wraps at 2**32, never runs backwards, any value after a start"),
    Field("plc_time_ms", 2, "wraps at 2**32; standing still for 300 ms means a dead PLC program"),
    Field("granted_epoch", 2, "retained over a PLC start; stored before it is shown; skips 0 when it wraps"),
    Field("owner", 1, "who holds it, 0 is nobody; not retained"),
    Field("lease_ms", 1, "time left"),
    Field("events_head", 2, "sequence number of the newest event"),
    Field("events_acked", 2, "highest events_ack taken"),
    Field("orders_accepted", 2, "every order of this epoch up to this number was taken"),
    Field("reject", 1, "why the block evaluated last was refused, see the reject codes"),
    Field("events_dropped", 1, "since start, stays at 65,535; anything but 0 is an alarm"),
)
EVENT_SLOT: Final = (
    Field("seq", 2, "sequence number from 1 at each PLC start, no gaps; 0 is an unused slot"),
    Field("kind", 1, "what happened, see the event codes"),
    Field("point", 1, "where: induct, point, chute, zone, eye, panel"),
    Field("item", 2, "the item, or the echo of the order's item"),
    Field("count", 2, "encoder count of the edge the event is about"),
    Field("value", 1, "depends on the kind"),
    Field("time_ms", 1, "low word of plc_time_ms, for diagnosis only"),
)
STAMP_TAIL: Final = Field("stamp_tail", 1, "equal to stamp_head or the area is torn")


def width(fields: tuple[Field, ...]) -> int:
    """Words that these fields take."""
    return sum(field.width for field in fields)


def offsets(fields: tuple[Field, ...]) -> dict[str, int]:
    """Word offset of each field from the first of them."""
    at, found = 0, {}
    for field in fields:
        found[field.name] = at
        at += field.width
    return found


ORDERS_HEAD_WORDS: Final = width(ORDERS_HEAD)
ORDER_SLOT_WORDS: Final = width(ORDER_SLOT)
INPUTS_HEAD_WORDS: Final = width(INPUTS_HEAD)
EVENT_SLOT_WORDS: Final = width(EVENT_SLOT)


def orders_words(order_slots: int) -> int:
    """Size of the `orders` area in words."""
    return ORDERS_HEAD_WORDS + ORDER_SLOT_WORDS * order_slots + 1


def inputs_words(event_slots: int) -> int:
    """Size of the `inputs` area in words."""
    return INPUTS_HEAD_WORDS + EVENT_SLOT_WORDS * event_slots + 1


class Request(IntEnum):
    """Word `request` of the orders area."""

    NONE = 0
    ACQUIRE = 1
    RELEASE = 2


class Op(IntEnum):
    """Order codes. Orders are idempotent targets, never toggles."""

    DIVERT = 1
    CANCEL = 2
    CHUTE_CLOSE = 3
    CHUTE_OPEN = 4
    CHUTE_LAMP = 5
    INDUCT_STOP = 6
    INDUCT_RUN = 7
    CARRIER_OUT = 8
    CARRIER_IN = 9


class Reject(IntEnum):
    """Why a block was refused; checked in this order."""

    TAKEN = 0
    TORN = 1
    MAGIC_OR_VERSION = 2
    STALE_EPOCH = 3
    NOT_THE_OWNER = 4
    ORDER_GAP = 5
    NO_ROOM = 7


class Kind(IntEnum):
    """Event codes."""

    INDUCTED = 1
    AT_POINT = 2
    DIVERTED = 3
    CHUTE_EYE = 4
    ITEM_GONE = 5
    LAP = 6
    CHUTE_CHANGED = 7
    JAM = 8
    STATE = 9
    EYE = 10
    BUTTON = 11
    ORDER_FAILED = 12
    EPOCH = 13


class OrderFailure(IntEnum):
    """`value` of ORDER_FAILED."""

    CHUTE_FULL = 1
    CHUTE_CLOSED = 2
    ACTUATOR_FAULT = 3
    TOO_LATE = 4
    GAP = 5
    CANCELLED = 6
    UNKNOWN = 7


class ChuteBit(IntEnum):
    """Bit numbers of a word of the `chutes` area."""

    FULL = 0
    HALF_FULL = 1
    JAMMED = 2
    CLOSED_BY_PLC = 3
    CLOSED_BY_ORDER = 4
    CLOSED_BY_PANEL = 5
    NO_BAG = 6
    MAINTENANCE = 7
    ACTUATOR_FAULT = 8
    EXISTS = 15


class PackML(IntEnum):
    """PackML state numbers (OPC 30050)."""

    UNDEFINED = 0
    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


RUNNING_STATES: Final = frozenset({PackML.SUSPENDED, PackML.EXECUTE, PackML.HELD})
"""The belt runs and orders are carried out."""
