"""The worked example: one orders block and one inputs area, as words and as the bytes of Modbus TCP.

Comes in: the layout of the exchange. Goes out: the tables and byte listings of `docs/plc-interface.md`. Packs for itself,
with nothing of the controller's codec, so that page and code can be held against each other.
"""

from collections.abc import Mapping
from typing import Final

from docs.tables.markdown import table
from sortctl.words import exchange
from sortctl.words.exchange import EVENT_SLOT, INPUTS_HEAD, ORDER_SLOT, ORDERS_HEAD, Field, Kind, Op, PackML

ORDERS_AT: Final = 0
INPUTS_AT: Final = 200
TRANSACTION: Final = 1
UNIT: Final = 1
READ_WRITE: Final = 23
READ_HOLDING: Final = 3
WRITE_MANY: Final = 16
BYTES_PER_LINE: Final = 16

ORDERS: Final[Mapping[str, int]] = {
    "stamp_head": 7,
    "magic": exchange.MAGIC,
    "version": exchange.VERSION,
    "epoch": 3,
    "owner": 1,
    "boot_low": 0xCCDD,
    "events_ack": 41,
    "request": 0,
    "order_count": 1,
}
ORDER: Final[Mapping[str, int]] = {"order_seq": 5, "op": Op.DIVERT, "chute": 12, "item": 1001, "at_count": 0}
INPUTS: Final[Mapping[str, int]] = {
    "stamp_head": 0x0100,
    "magic": exchange.MAGIC,
    "version": exchange.VERSION,
    "boot_id": 0xAABBCCDD,
    "stamp_seen": 7,
    "state": PackML.EXECUTE,
    "encoder": 70_000,
    "plc_time_ms": 123_456,
    "granted_epoch": 3,
    "owner": 1,
    "lease_ms": 950,
    "events_head": 42,
    "events_acked": 41,
    "orders_accepted": 5,
    "reject": 0,
    "events_dropped": 0,
}
EVENT: Final[Mapping[str, int]] = {
    "seq": 42,
    "kind": Kind.DIVERTED,
    "point": 12,
    "item": 1001,
    "count": 69_990,
    "value": 0,
    "time_ms": 0xE230,
}

Named = list[tuple[str, int, int]]
"""(name, value, width) of every field of an area, in order."""


def _named(layout: tuple[Field, ...], values: Mapping[str, int], prefix: str = "") -> Named:
    return [(prefix + field.name, values[field.name], field.width) for field in layout]


def orders() -> Named:
    """The fields of the orders block of the example."""
    tail = ("stamp_tail", ORDERS["stamp_head"], 1)
    return [*_named(ORDERS_HEAD, ORDERS), *_named(ORDER_SLOT, ORDER, "slot 1 "), tail]


def inputs() -> Named:
    """The fields of the inputs area of the example."""
    tail = ("stamp_tail", INPUTS["stamp_head"], 1)
    return [*_named(INPUTS_HEAD, INPUTS), *_named(EVENT_SLOT, EVENT, "event 1 "), tail]


def words(named: Named, *, low_first: bool = False) -> list[int]:
    """The area as 16-bit words."""
    found = []
    for _, value, width in named:
        parts = [value] if width == 1 else [value >> 16, value & 0xFFFF]
        found += parts[::-1] if low_first else parts
    return found


def _bytes(numbers: list[int]) -> bytes:
    return b"".join(number.to_bytes(2) for number in numbers)


def adu(pdu: bytes, transaction: int = TRANSACTION) -> bytes:
    """A Modbus TCP message: transaction, protocol 0, length of what follows, unit, PDU."""
    return _bytes([transaction, 0, len(pdu) + 1]) + bytes([UNIT]) + pdu


def request() -> bytes:
    """FC 23: write the orders block, read the inputs area."""
    block, wanted = words(orders()), len(words(inputs()))
    head = _bytes([INPUTS_AT, wanted, ORDERS_AT, len(block)])
    return adu(bytes([READ_WRITE]) + head + bytes([2 * len(block)]) + _bytes(block))


def response() -> bytes:
    """The answer to FC 23: the inputs area."""
    area = words(inputs())
    return adu(bytes([READ_WRITE, 2 * len(area)]) + _bytes(area))


def read_request() -> bytes:
    """FC 3: only read the inputs area; what a controller without an epoch sends."""
    return adu(bytes([READ_HOLDING]) + _bytes([INPUTS_AT, len(words(inputs()))]))


def no_such_function() -> bytes:
    """The answer of a PLC without FC 23."""
    return adu(bytes([0x80 | READ_WRITE, 1]))


def write_request() -> bytes:
    """FC 16: write the orders block; what follows on that answer."""
    block = words(orders())
    return adu(bytes([WRITE_MANY]) + _bytes([ORDERS_AT, len(block)]) + bytes([2 * len(block)]) + _bytes(block))


def write_response() -> bytes:
    """The answer to FC 16."""
    return adu(bytes([WRITE_MANY]) + _bytes([ORDERS_AT, len(words(orders()))]))


def dump(data: bytes) -> str:
    """Sixteen bytes a line, with the offset of the first."""
    lines = (
        f"{at:04X}  {data[at : at + BYTES_PER_LINE].hex(' ').upper()}" for at in range(0, len(data), BYTES_PER_LINE)
    )
    return "\n".join(["```text", *lines, "```"])


def listing(named: Named, base: int) -> str:
    """Word by word: register, field, value, word in hex."""
    rows, at = [], 0
    for name, value, width in named:
        parts = words([(name, value, width)])
        where = str(base + at) if width == 1 else f"{base + at}-{base + at + 1}"
        rows.append((at, where, f"`{name}`", value, " ".join(f"{part:04X}" for part in parts)))
        at += width
    return table(("word", "register", "field", "value", "words (hex)"), rows)


def line(named: Named, *, low_first: bool = False) -> str:
    """All words of an area in one line."""
    return "```text\n" + " ".join(f"{word:04X}" for word in words(named, low_first=low_first)) + "\n```"


TABLES: Final = {
    "example-orders": lambda: listing(orders(), ORDERS_AT),
    "example-inputs": lambda: listing(inputs(), INPUTS_AT),
    "example-orders-words": lambda: line(orders()),
    "example-inputs-words": lambda: line(inputs()),
    "example-orders-low-first": lambda: line(orders(), low_first=True),
    "example-inputs-low-first": lambda: line(inputs(), low_first=True),
    "example-request": lambda: dump(request()),
    "example-response": lambda: dump(response()),
    "example-read": lambda: dump(read_request()),
    "example-no-function": lambda: dump(no_such_function()),
    "example-write": lambda: dump(write_request()),
    "example-write-response": lambda: dump(write_response()),
}
