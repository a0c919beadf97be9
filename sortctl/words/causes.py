"""Causes: the closed lists. Why a read was no good, why a parcel was rejected, in which state a chute is.

A cause belongs to one of four families (label, host, machine, operator); the shift lead sees the family first.
"""

from enum import StrEnum
from typing import Final


class ReadClass(StrEnum):
    """What became of the reads of one passage."""

    NONE_YET = "none_yet"
    GOOD = "good"
    NO_READ = "no_read"
    MULTI_READ = "multi_read"
    CONFLICT = "conflict"
    INVALID = "invalid"
    LATE = "late"
    DUPLICATE = "duplicate_on_sorter"


class Disposition(StrEnum):
    """The four ways in which a passage ends."""

    SORTED = "sorted"
    REJECTED = "rejected"
    LOST = "lost"
    REMOVED = "removed"


class Family(StrEnum):
    """Who has to act on a reject."""

    NONE = "none"
    LABEL = "label"
    HOST = "host"
    MACHINE = "machine"
    OPERATOR = "operator"


class Cause(StrEnum):
    """Why a passage did not end where the plan wanted it. NONE: it did."""

    NONE = "none"
    NO_READ = "no_read"
    MULTI_READ = "multi_read"
    CONFLICT = "conflict"
    INVALID_CODE = "invalid_code"
    DUPLICATE = "duplicate_on_sorter"
    UNKNOWN_PARCEL = "unknown_parcel"
    NO_RULE = "no_rule"
    CHUTES_UNAVAILABLE = "chutes_unavailable"
    TOO_LATE = "too_late"
    DIVERT_FAILED = "divert_failed"
    GAP_TOO_SMALL = "gap_too_small"
    TOO_LONG = "too_long"
    LENGTH_CHANGED = "length_changed"
    UNKNOWN_ITEM = "unknown_item"
    POSITION_VOID = "position_void"
    NOT_SEEN = "not_seen"
    NO_ORDER = "no_order"
    LIMIT = "limit"
    WRONG_CHUTE = "wrong_chute"
    REMOVED_BY_HAND = "removed_by_hand"
    IDENTITY_CHANGED = "identity_changed"
    DOUBLE_LOAD = "double_load"
    SECURITY_HOLD = "security_hold"
    CUSTOMS_HOLD = "customs_hold"
    CUSTOMS_INSPECT = "customs_inspect"
    CUSTOMS_REFUSED = "customs_refused"
    INTERCEPTED = "intercepted"
    CUT_OFF_PASSED = "cut_off_passed"
    DATA_LATE = "data_late"
    PURGED = "purged"
    NO_STOP = "no_stop"
    """To be sorted in sequence, and nobody said which stop of its route it is for."""
    OUT_OF_SEQUENCE = "out_of_sequence"
    """Its one chute did not take it when its turn was."""


class Balance(StrEnum):
    """How parcels of one destination are spread over the chutes of its group."""

    FIXED = "fixed"
    """The first that accepts, in the order of the plan."""
    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    FILL_THEN_NEXT = "fill_then_next"
    """The one filled last, until it takes no more."""
    NEAREST = "nearest"
    """The first that comes on its way."""
    DYNAMIC = "dynamic"
    """The chutes are a pool: whichever is free is given to the destination, until it is empty again."""
    SEQUENCE = "sequence"
    """Each stop of a route has its chute: after two passes they lie in the order of the route."""


FAMILY: Final[dict[Cause, Family]] = {
    Cause.NONE: Family.NONE,
    Cause.NO_READ: Family.LABEL,
    Cause.MULTI_READ: Family.LABEL,
    Cause.CONFLICT: Family.LABEL,
    Cause.INVALID_CODE: Family.LABEL,
    Cause.DUPLICATE: Family.LABEL,
    Cause.UNKNOWN_PARCEL: Family.HOST,
    Cause.NO_RULE: Family.HOST,
    Cause.CHUTES_UNAVAILABLE: Family.OPERATOR,
    Cause.TOO_LATE: Family.MACHINE,
    Cause.DIVERT_FAILED: Family.MACHINE,
    Cause.GAP_TOO_SMALL: Family.OPERATOR,
    Cause.TOO_LONG: Family.OPERATOR,
    Cause.LENGTH_CHANGED: Family.MACHINE,
    Cause.UNKNOWN_ITEM: Family.OPERATOR,
    Cause.POSITION_VOID: Family.MACHINE,
    Cause.NOT_SEEN: Family.MACHINE,
    Cause.NO_ORDER: Family.MACHINE,
    Cause.LIMIT: Family.MACHINE,
    Cause.WRONG_CHUTE: Family.MACHINE,
    Cause.REMOVED_BY_HAND: Family.OPERATOR,
    Cause.IDENTITY_CHANGED: Family.MACHINE,
    Cause.DOUBLE_LOAD: Family.OPERATOR,
    Cause.SECURITY_HOLD: Family.HOST,
    Cause.CUSTOMS_HOLD: Family.HOST,
    Cause.CUSTOMS_INSPECT: Family.HOST,
    Cause.CUSTOMS_REFUSED: Family.HOST,
    Cause.INTERCEPTED: Family.HOST,
    Cause.CUT_OFF_PASSED: Family.HOST,
    Cause.DATA_LATE: Family.HOST,
    Cause.PURGED: Family.OPERATOR,
    Cause.NO_STOP: Family.HOST,
    Cause.OUT_OF_SEQUENCE: Family.OPERATOR,
}


class ChuteState(StrEnum):
    """State of a chute; only OPEN and HALF_FULL accept. UNKNOWN is not ready."""

    UNKNOWN = "unknown"
    OPEN = "open"
    HALF_FULL = "half_full"
    FULL = "full"
    JAMMED = "jammed"
    CLOSED = "closed"
    BAG_CHANGE = "bag_change"
    MAINTENANCE = "maintenance"
    PURGE = "purge"
    FAULT = "fault"


ACCEPTING: Final = frozenset({ChuteState.OPEN, ChuteState.HALF_FULL})


class Proof(StrEnum):
    """How sure we are that an order was carried out."""

    NONE = "none"
    ORDERED = "ordered"
    TAKEN = "taken"
    DONE = "done"
    SEEN = "seen"


class Band(StrEnum):
    """When an item came to an eye, measured against its tracking window."""

    ON_TIME = "on_time"
    EARLY = "early"
    LATE = "late"
    LOST = "lost"
