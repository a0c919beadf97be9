"""Claims: what the controller said, sorted by passage. Read from its journal's outcome rows.

Comes in: outcome rows in their order. Goes out: passages with the event that opened them and their endings, and counts.
Never here: whether it is true (`sim/referee.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol

import msgspec

from sortctl.words.outcomes import AnyOutcome, ItemUnexpected, PassageClosed, PassageOpened, ReadOrphaned

_DECODE: Final = msgspec.json.Decoder(AnyOutcome).decode
_READ: Final = frozenset({"PassageOpened", "PassageClosed", "ReadOrphaned", "ItemUnexpected"})


class JournalRow(Protocol):
    """A row as the journal keeps it."""

    @property
    def kind(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def body(self) -> bytes: ...


@dataclass(slots=True)
class Claims:
    """All that was said."""

    opened: dict[int, PassageOpened] = field(default_factory=dict)
    by_event: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    closed: dict[int, list[PassageClosed]] = field(default_factory=dict)
    reopened: int = 0
    """Passage numbers used twice."""
    orphan_reads: int = 0
    unexpected_items: int = 0
    digest: Any = field(default_factory=sha256)


def read_claims(rows: Iterable[JournalRow]) -> Claims:
    """Sort the outcome rows."""
    claims = Claims()
    for row in rows:
        if row.kind != "outcome":
            continue
        claims.digest.update(row.type.encode() + row.body)
        if row.type in _READ:
            _take(claims, _DECODE(row.body))
    return claims


def _take(claims: Claims, outcome: AnyOutcome) -> None:
    match outcome:
        case PassageOpened():
            claims.reopened += outcome.passage in claims.opened
            claims.opened[outcome.passage] = outcome
            if outcome.induct:
                claims.by_event.setdefault((outcome.boot_id, outcome.seq), []).append(outcome.passage)
        case PassageClosed():
            claims.closed.setdefault(outcome.passage, []).append(outcome)
        case ReadOrphaned():
            claims.orphan_reads += 1
        case ItemUnexpected():
            claims.unexpected_items += 1
        case _:
            pass
