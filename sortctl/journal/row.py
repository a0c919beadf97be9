"""Row: one line of the journal. How a fact, order or outcome becomes one, and how it is read back.

Comes in: the words. Goes out: a `Row` whose `body` is the JSON of the struct. `passage` and `code` are what a trace
looks for; 0 and "" where there is none. The same thing always makes the same bytes: replay compares them.
Never here: the file and its format (`schema.py`).
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from sortctl.words.facts import AnyFact, CodesRead, Fact
from sortctl.words.hub import ParcelTold, ParcelTurned
from sortctl.words.orders import AnyOrder, Cancel, Divert, Order
from sortctl.words.outcomes import (
    AnyOutcome,
    Decided,
    Outcome,
    PassageClosed,
    ReadClassed,
    ReadOrphaned,
    ReadTied,
)

FACT: Final = "fact"
ORDER: Final = "order"
OUTCOME: Final = "outcome"

CODE_CHARS_MAX: Final = 128
"""Longest code that is indexed, the default of `limits.code_length_max`; the body holds the whole of a longer one."""


class Row(Struct, frozen=True, gc=False):
    """One row. `kind` is "fact", "order" or "outcome", `type` the name of the class."""

    seq: int
    at_ns: int
    wall_ns: int
    kind: str
    type: str
    passage: int
    code: str
    body: bytes


_encode: Final = msgspec.json.Encoder().encode
_decoders: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    FACT: msgspec.json.Decoder(AnyFact),
    ORDER: msgspec.json.Decoder(AnyOrder),
    OUTCOME: msgspec.json.Decoder(AnyOutcome),
}


def row_of(seq: int, at_ns: int, wall_ns: int, thing: Fact | Order | Outcome, passage: int | None = None) -> Row:
    """The row of one thing; `at_ns` and `wall_ns` are of the step that it belongs to. `passage`: whom it is about, if it does not
    say so itself: on a loop an order names the PLC's item.
    """
    kind, name, passage_of, code_of = _SHAPES.get(type(thing)) or _learn(type(thing))
    about = passage_of(thing) if passage is None else passage
    return Row(seq, at_ns, wall_ns, kind, name, about, code_of(thing), _encode(thing))


def thing_of(row: Row) -> AnyFact | AnyOrder | AnyOutcome:
    """What the row says. Raises `msgspec.DecodeError` for a body that this version does not know."""
    return _decoders[row.kind].decode(row.body)  # type: ignore[no-any-return]


def code_key(text: str) -> str:
    """The form in which a code is indexed."""
    return text[:CODE_CHARS_MAX]


_Shape = tuple[str, str, Callable[[Any], int], Callable[[Any], str]]


def _first_text(codes: tuple[str, ...]) -> str:
    return codes[0][:CODE_CHARS_MAX] if codes else ""


_CODE_OF: Final[dict[type, Callable[[Any], str]]] = {
    CodesRead: lambda fact: fact.codes[0].text[:CODE_CHARS_MAX] if fact.codes else "",
    ReadTied: lambda outcome: _first_text(outcome.codes),
    ReadOrphaned: lambda outcome: _first_text(outcome.codes),
    ReadClassed: lambda outcome: outcome.waybill[:CODE_CHARS_MAX],
    Decided: lambda outcome: outcome.waybill[:CODE_CHARS_MAX],
    PassageClosed: lambda outcome: outcome.waybill[:CODE_CHARS_MAX],
    ParcelTold: lambda fact: fact.code[:CODE_CHARS_MAX],
    ParcelTurned: lambda fact: fact.waybill[:CODE_CHARS_MAX],
}
# On a line an order names its passage by `item`; the item of a fact is the PLC's own number and may be another.
_ORDERS_OF_A_PASSAGE: Final = (Divert, Cancel)

_SHAPES: Final[dict[type, _Shape]] = {}


def _learn(of: type) -> _Shape:
    """The shape of a class is worked out once: `row_of` runs in the loop."""
    kind = FACT if issubclass(of, Fact) else ORDER if issubclass(of, Order) else OUTCOME
    passage_of: Callable[[Any], int] = _no_passage
    if of in _ORDERS_OF_A_PASSAGE:
        passage_of = _item
    elif kind == OUTCOME and "passage" in of.__struct_fields__:  # type: ignore[attr-defined]
        passage_of = _passage
    _SHAPES[of] = shape = (kind, of.__name__, passage_of, _CODE_OF.get(of, _no_code))
    return shape


def _no_passage(_: Any) -> int:
    return 0


def _no_code(_: Any) -> str:
    return ""


def _item(order: Any) -> int:
    return int(order.item)


def _passage(outcome: Any) -> int:
    return int(outcome.passage)
