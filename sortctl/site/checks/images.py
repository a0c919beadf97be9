"""Checks of the exchange images: registers and nodes that would be used twice on one server.

Comes in: a draft. Goes out: its problems. Never here: who uses a PLC (`wires.py`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sortctl.site.draft import Draft
from sortctl.site.wires import ModbusPlc, OpcUaPlc
from sortctl.words.exchange import inputs_words, orders_words

REGISTERS: Final = 65_536


class _Span(NamedTuple):
    """Registers of one area; `table` is all that makes a register number unique."""

    plc: str
    key: str
    table: tuple[str, int, str]
    first: int
    last: int


def check(draft: Draft) -> None:
    """The images of all PLCs together. A PLC that is only observed has none."""
    spans = [
        span for name, plc in draft.plcs.items() if isinstance(plc, ModbusPlc) for span in _spans(draft, name, plc)
    ]
    _overlaps(draft, spans)
    _nodes(draft)


def _spans(draft: Draft, name: str, plc: ModbusPlc) -> Iterator[_Span]:
    server = (plc.address.lower(), plc.unit)
    chutes = [
        chute.number
        for sorter_id, sorter in draft.sorters.items()
        if sorter.plc == name
        for chute in draft.chutes.get(sorter_id, ())
    ]
    for key, table, first, words in (
        ("orders_at", "holding", plc.orders_at, orders_words(plc.order_slots)),
        ("inputs_at", plc.read, plc.inputs_at, inputs_words(plc.event_slots)),
        ("chutes_at", plc.read, plc.chutes_at, max(chutes, default=1)),
    ):
        last = first + words - 1
        if last >= REGISTERS:
            what = f"the area would end at register {last:,}, the last one there is has number 65,535"
            draft.error(("plcs", name, key), what, f"must be at most {REGISTERS - words:,}")
        yield _Span(name, key, (*server, table), first, last)


def _overlaps(draft: Draft, spans: list[_Span]) -> None:
    for place, span in enumerate(spans):
        for other in spans[:place]:
            if span.table == other.table and span.first <= other.last and other.first <= span.last:
                what = (
                    f"registers {span.first} to {span.last} overlap with {other.key} of PLC "
                    f'"{other.plc}" ({other.first} to {other.last})'
                )
                mend = "give every area its own registers, as the PLC program has them"
                draft.error(("plcs", span.plc, span.key), what, mend)


def _nodes(draft: Draft) -> None:
    used = {sorter.plc for sorter in draft.sorters.values()}
    owners: dict[tuple[str, str, str, str], tuple[str, str]] = {}
    for name, plc in draft.plcs.items():
        if not isinstance(plc, OpcUaPlc) or name not in used:
            continue
        for key in ("orders_node", "inputs_node", "chutes_node"):
            node = str(getattr(plc, key))
            owner = owners.setdefault((plc.address.lower(), plc.path, plc.namespace, node), (name, key))
            if owner != (name, key):
                what = f'{node} is {owner[1]} of PLC "{owner[0]}" on the same server already'
                mend = "every area of every image is a node of its own, as the PLC program has them"
                draft.error(("plcs", name, key), what, mend)
