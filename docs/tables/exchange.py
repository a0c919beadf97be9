"""Tables of `docs/plc-interface.md`, from the one definition of the exchange in `sortctl/words/exchange.py`.

Comes in: the fields, codes and numbers of the contract. Goes out: a Markdown table for each marker of the page.
The words beside a code stand here, because the page needs more of them than the code does; a code without words, or
words without a code, is an error. Never here: a number of the contract.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Final, TypeVar

from docs.tables.markdown import table
from sortctl.words import exchange
from sortctl.words.exchange import ChuteBit, Field, Kind, Op, OrderFailure, PackML, Reject, Request

Code = TypeVar("Code", bound=IntEnum)

OPS: Final[dict[Op, tuple[str, str, str, str]]] = {
    Op.DIVERT: (
        "exit",
        "tracking: the item; else: a number to echo",
        "not tracking: count at which the output switches",
        "send the item to that exit",
    ),
    Op.CANCEL: ("that of the DIVERT", "that of the DIVERT", "that of the DIVERT", "withdraw a waiting DIVERT"),
    Op.CHUTE_CLOSE: ("exit", "-", "-", "lock the exit for diverts: set bit 4 of its word"),
    Op.CHUTE_OPEN: ("exit", "-", "-", "unlock it: clear bit 4 of its word, no other bit"),
    Op.CHUTE_LAMP: ("exit", "colour: 0 off, 1 green, 2 yellow, 3 red, +16 flashing", "-", "show this colour"),
    Op.INDUCT_STOP: ("induct, 0 = all", "-", "-", "no new load onto the sorter from there"),
    Op.INDUCT_RUN: ("induct, 0 = all", "-", "-", "loads again, if nothing else stops it"),
    Op.CARRIER_OUT: ("0", "carrier of a loop, from 1", "-", "put no new load on that carrier"),
    Op.CARRIER_IN: ("0", "carrier of a loop, from 1", "-", "use the carrier again"),
}

KINDS: Final[dict[Kind, tuple[str, str, str, str]]] = {
    Kind.INDUCTED: (
        "induct; 0 = a load found without a number",
        "the item's number; 0 if you do not track",
        "length in mm",
        "the tail has left the induct eye; `count` is that of the **front** edge",
    ),
    Kind.AT_POINT: (
        "check-point or scan point",
        "item or 0",
        "0",
        "the front of the item reached the point; on a loop the middle of its carrier",
    ),
    Kind.DIVERTED: (
        "exit",
        "item; not tracking: `item` of the order, echoed",
        "0",
        "the actuator reported its end position",
    ),
    Kind.CHUTE_EYE: ("exit", "item or 0", "1 blocked, 0 clear", "the eye in the exit changed; both edges"),
    Kind.ITEM_GONE: (
        "last point passed",
        "item",
        "1 lost, or cannot tell; 2 removed by hand",
        "an item you tracked is no longer on the sorter and did not leave by an exit",
    ),
    Kind.LAP: (
        "loop number",
        "item",
        "laps so far",
        "the item went once round: its carrier passed position 0 of the loop",
    ),
    Kind.CHUTE_CHANGED: ("exit", "0", "the new chute word", "any bit of the chute word changed"),
    Kind.JAM: ("zone", "0", "1 begins, 0 ends", "a jam was found or cleared"),
    Kind.STATE: ("0", "0", "PackML state number", "`state` changed"),
    Kind.EYE: ("eye", "0", "1 blocked, 0 clear", "a photo-eye over the sorter changed; both edges"),
    Kind.BUTTON: ("exit, or panel (from 1001)", "0", "button number", "a button was pressed"),
    Kind.ORDER_FAILED: (
        "`chute` of the order",
        "`order_seq` of the order",
        "why, see below",
        "an order ended unfulfilled",
    ),
    Kind.EPOCH: ("0", "`granted_epoch`", "owner; 0 = nobody", "an epoch was granted or released, or its lease ended"),
}

REJECTS: Final[dict[Reject, str]] = {
    Reject.TAKEN: "the block was taken (or nothing was evaluated since the start)",
    Reject.TORN: "`stamp_head` and `stamp_tail` differ",
    Reject.MAGIC_OR_VERSION: "another magic or version; the version is compared as a whole",
    Reject.STALE_EPOCH: "not the epoch that is granted; also an acquire by the owner itself",
    Reject.NOT_THE_OWNER: "nobody owns the PLC, or somebody else does, or the owner is 0",
    Reject.ORDER_GAP: "an order number was skipped, or `order_count` is larger than the slots there are",
    Reject.NO_ROOM: "the table of waiting DIVERTs is full",
}

FAILURES: Final[dict[OrderFailure, str]] = {
    OrderFailure.CHUTE_FULL: "the exit was full when the item came",
    OrderFailure.CHUTE_CLOSED: "the exit was closed, by whomever",
    OrderFailure.ACTUATOR_FAULT: "the actuator did not move, or did not report its end position",
    OrderFailure.TOO_LATE: "`at_count` was reached already when the order came, or the item had passed the exit",
    OrderFailure.GAP: "the neighbour is so close that the actuator would hit both",
    OrderFailure.CANCELLED: "a CANCEL found this DIVERT waiting",
    OrderFailure.UNKNOWN: "unknown item, op or chute; the order had no effect",
}

CHUTE_BITS: Final[dict[ChuteBit, str]] = {
    ChuteBit.FULL: "no further item fits",
    ChuteBit.HALF_FULL: "warning level",
    ChuteBit.JAMMED: "an item stands in the mouth of the exit",
    ChuteBit.CLOSED_BY_PLC: "by the PLC's own logic",
    ChuteBit.CLOSED_BY_ORDER: "by CHUTE_CLOSE, until CHUTE_OPEN",
    ChuteBit.CLOSED_BY_PANEL: "by a person at the exit",
    ChuteBit.NO_BAG: "no bag or container in place",
    ChuteBit.MAINTENANCE: "being worked on",
    ChuteBit.ACTUATOR_FAULT: "the actuator does not work",
    ChuteBit.EXISTS: "this number is an exit of the machine; 0 for a gap in the numbering",
}

REQUESTS: Final[dict[Request, str]] = {
    Request.NONE: "an ordinary block",
    Request.ACQUIRE: "with `epoch` 0: grant me an epoch. With an epoch it is an ordinary block",
    Request.RELEASE: "orders and acknowledgement count, then nobody owns the PLC",
}


def fields(head: tuple[Field, ...], start: int = 0) -> str:
    """Offsets, names and meanings of an area's head or of a slot."""
    return table(("word", "name", "words", "meaning"), _field_rows(head, start))


def _field_rows(head: tuple[Field, ...], start: int) -> list[tuple[str, str, int, str]]:
    rows, at = [], start
    for field in head:
        where = str(at) if field.width == 1 else f"{at}-{at + field.width - 1}"
        rows.append((where, f"`{field.name}`", field.width, field.meaning))
        at += field.width
    return rows


def _codes(codes: type[Code], words: dict[Code, str], heading: tuple[str, str, str]) -> str:
    _complete(codes, words)
    return table(heading, ((code.value, f"`{code.name}`", words[code]) for code in codes))


def _complete(codes: type[Code], words: dict[Code, object] | dict[Code, str]) -> None:
    lost = set(codes) ^ set(words)
    if lost:
        raise LookupError(f"codes without words, or words without a code: {sorted(lost)}")


def areas() -> str:
    """The three areas on one page."""
    orders, inputs = exchange.orders_words(0), exchange.inputs_words(0)
    return table(
        ("area", "direction", "words", "Modbus TCP (default)", "OPC UA (default)"),
        (
            (
                "`orders`",
                "controller → PLC",
                f"{orders} + {exchange.ORDER_SLOT_WORDS}·O",
                "holding registers from 0",
                "`s=Exchange.Orders`",
            ),
            (
                "`inputs`",
                "PLC → controller",
                f"{inputs} + {exchange.EVENT_SLOT_WORDS}·E",
                "holding registers from 200",
                "`s=Exchange.Inputs`",
            ),
            ("`chutes`", "PLC → controller", "one per exit", "holding registers from 400", "`s=Exchange.Chutes`"),
        ),
    )


def sizes() -> str:
    """Words of the areas for usual numbers of slots."""
    rows = []
    for order_slots, event_slots, whom in (
        (exchange.ORDER_SLOTS_MAX, exchange.EVENT_SLOTS_MAX, "fills one FC 23 transaction"),
        (4, 2, "a PLC with 45 words a request"),
        (1, 1, "the worked example"),
    ):
        orders, inputs = exchange.orders_words(order_slots), exchange.inputs_words(event_slots)
        rows.append((order_slots, orders, f"0-{orders - 1}", event_slots, inputs, f"200-{199 + inputs}", whom))
    return table(("O", "`orders` words", "registers", "E", "`inputs` words", "registers", "for"), rows)


def ops() -> str:
    """Order codes."""
    _complete(Op, OPS)
    rows = ((op.value, f"`{op.name}`", OPS[op][3], *OPS[op][:3]) for op in Op)
    return table(("op", "order", "what to do", "`chute`", "`item`", "`at_count`"), rows)


def kinds() -> str:
    """Event codes."""
    _complete(Kind, KINDS)
    rows = ((kind.value, f"`{kind.name}`", KINDS[kind][3], *KINDS[kind][:3]) for kind in Kind)
    return table(("kind", "event", "written when", "`point`", "`item`", "`value`"), rows)


def chute_bits() -> str:
    """Bits of a chute word."""
    return _codes(ChuteBit, CHUTE_BITS, ("bit", "name", "set while"))


def states() -> str:
    """PackML state numbers."""
    rows = ((s.value, s.name.capitalize(), "yes" if s in exchange.RUNNING_STATES else "no") for s in PackML)
    return table(("`state`", "PackML", "the belt runs and orders are carried out"), rows)


def limits() -> str:
    """The numbers of the contract."""
    return table(
        ("number", "value"),
        (
            ("magic", f"0x{exchange.MAGIC:04X}"),
            ("version", f"0x{exchange.VERSION:04X}"),
            ("order slots O", f"1 to {exchange.ORDER_SLOTS_MAX}"),
            ("event slots E", f"1 to {exchange.EVENT_SLOTS_MAX}"),
            ("words of `chutes` in one request, at most", exchange.CHUTE_WORDS_PER_READ),
            ("plain reads after a torn one, at most", exchange.TORN_REREADS_MAX),
            ("`plc_time_ms` standing still that counts as a dead program", f"{exchange.PLC_TIME_STILL_MS} ms"),
            ("waiting DIVERTs that the PLC holds, at least", exchange.WAITING_DIVERTS_MIN),
            ("waiting events at which induction stops", exchange.EVENTS_WAITING_MAX),
            ("events that fit in beyond these, at least", exchange.EVENTS_RESERVE_MIN),
            ("lease (per PLC, default)", f"{exchange.LEASE_MS_DEFAULT} ms"),
            ("lease left at which a controller stops sending orders", f"{exchange.LEASE_RESERVE_MS} ms"),
            ("`infeed_hold_ms` (per PLC, default)", f"{exchange.INFEED_HOLD_MS_DEFAULT} ms"),
            ("pause between two acquires, random", "{} to {} ms".format(*exchange.ACQUIRE_PAUSE_MS)),
            ("connections that the PLC serves, at least", 3),
            ("first number of a button panel", exchange.PANEL_FIRST),
        ),
    )


TABLES: Final[dict[str, Callable[[], str]]] = {
    "areas": areas,
    "sizes": sizes,
    "orders-head": lambda: fields(exchange.ORDERS_HEAD),
    "order-slot": lambda: fields(exchange.ORDER_SLOT),
    "inputs-head": lambda: fields(exchange.INPUTS_HEAD),
    "event-slot": lambda: fields(exchange.EVENT_SLOT),
    "chute-bits": chute_bits,
    "requests": lambda: _codes(Request, REQUESTS, ("request", "name", "meaning")),
    "rejects": lambda: _codes(Reject, REJECTS, ("reject", "name", "when")),
    "ops": ops,
    "kinds": kinds,
    "failures": lambda: _codes(OrderFailure, FAILURES, ("value", "name", "when")),
    "states": states,
    "limits": limits,
}
