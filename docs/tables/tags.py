"""The tag list: every word of the three areas as a row, for the import of a PLC programming system.

Comes in: numbers of slots and exits, addresses. Goes out: `docs/plc/tags.csv`, or another list on demand. Registers are
counted from 0, as on the wire; `reference` is the 1-based number that many tools show (register 0 is 40001).
"""

import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from sortctl.words import exchange
from sortctl.words.exchange import EVENT_SLOT, INPUTS_HEAD, ORDER_SLOT, ORDERS_HEAD, STAMP_TAIL, Field

HEAD: Final = ("area", "word", "tag", "type", "register", "reference", "written_by", "meaning")
TYPES: Final = {1: "UINT", 2: "UDINT"}


class Layout(NamedTuple):
    """What differs from PLC to PLC."""

    order_slots: int = exchange.ORDER_SLOTS_MAX
    event_slots: int = exchange.EVENT_SLOTS_MAX
    chutes: int = 24
    orders_at: int = 0
    inputs_at: int = 200
    chutes_at: int = 400


def _area(name: str, head: tuple[Field, ...], slot: tuple[Field, ...], slots: int) -> Iterator[tuple[str, Field]]:
    for field in head:
        yield f"{name}.{field.name}", field
    for number in range(1, slots + 1):
        for field in slot:
            yield f"{name}.slot_{number:02}.{field.name}", field
    yield f"{name}.{STAMP_TAIL.name}", STAMP_TAIL


def _rows(area: str, base: int, by: str, fields: Iterator[tuple[str, Field]]) -> Iterator[tuple[object, ...]]:
    at = 0
    for tag, field in fields:
        yield area, at, tag, TYPES[field.width], base + at, 40_001 + base + at, by, field.meaning
        at += field.width


def rows(layout: Layout) -> Iterator[tuple[object, ...]]:
    """One row per field of each area."""
    orders = _area("Orders", ORDERS_HEAD, ORDER_SLOT, layout.order_slots)
    inputs = _area("Inputs", INPUTS_HEAD, EVENT_SLOT, layout.event_slots)
    yield from _rows("orders", layout.orders_at, "controller", orders)
    yield from _rows("inputs", layout.inputs_at, "plc", inputs)
    words = ((f"Chutes.chute_{n:03}", Field(f"chute_{n}", 1, f"word of exit {n}")) for n in range(1, layout.chutes + 1))
    yield from _rows("chutes", layout.chutes_at, "plc", words)


def tags(layout: Layout) -> str:
    """The whole list as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(rows(layout))
    return text.getvalue()
