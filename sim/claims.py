"""Claims: what the controller said, sorted by passage. Read from its journal's outcome rows.

Comes in: outcome rows of a whole hub in their order. Goes out: passages with the event that opened them, the items they
were called by, their endings, and counts. Never here: whether it is true (`sim/referee.py`).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol

import msgspec

from sortctl.words.outcomes import (
    AnyOutcome,
    BagClosed,
    BagOpened,
    CarrierTurned,
    Disturbed,
    ItemUnexpected,
    PassageClosed,
    PassageFound,
    PassageOpened,
    ReadOrphaned,
    Recalled,
    Recirculated,
    Selected,
    WaveBalanced,
)

_DECODE: Final = msgspec.json.Decoder(AnyOutcome).decode
PURGE: Final = "purge"
_READ: Final = frozenset(
    {
        "PassageOpened",
        "PassageClosed",
        "PassageFound",
        "Recirculated",
        "Recalled",
        "BagOpened",
        "BagClosed",
        "CarrierTurned",
        "ReadOrphaned",
        "ItemUnexpected",
        "Selected",
        "WaveBalanced",
        "Disturbed",
    }
)


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
    """All that was said. Events are named by sorter, boot_id and sequence number; passages are numbered for the hub."""

    opened: dict[int, PassageOpened] = field(default_factory=dict)
    by_event: dict[tuple[str, int, int], list[int]] = field(default_factory=dict)
    by_item: dict[tuple[str, int, int], list[int]] = field(default_factory=dict)
    """The same by sorter, boot_id and item number, of a PLC that tracks."""
    closed: dict[int, list[PassageClosed]] = field(default_factory=dict)
    laps: Counter[str] = field(default_factory=Counter)
    """Further laps of passages, by sorter; so are the next five."""
    refound: Counter[str] = field(default_factory=Counter)
    """Loads without an owner that turned out to be a passage."""
    carriers_out: Counter[str] = field(default_factory=Counter)
    """Carriers that were taken out of use."""
    reopened: Counter[str] = field(default_factory=Counter)
    """Passage numbers used twice."""
    orphan_reads: Counter[str] = field(default_factory=Counter)
    unexpected_items: Counter[str] = field(default_factory=Counter)
    recalled: list[Recalled] = field(default_factory=list)
    bags: list[BagOpened | BagClosed] = field(default_factory=list)
    """Of all sorters, in their order."""
    waves: list[WaveBalanced] = field(default_factory=list)
    selected: list[Selected] = field(default_factory=list)
    purges: list[Disturbed] = field(default_factory=list)
    """When a whole sorter was purged, and when that was over."""
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
            claims.reopened[outcome.sorter] += outcome.passage in claims.opened
            claims.opened[outcome.passage] = outcome
            event = outcome.sorter, outcome.boot_id, outcome.seq
            claims.by_event.setdefault(event, []).append(outcome.passage)
            if outcome.item:
                item = outcome.sorter, outcome.boot_id, outcome.item
                claims.by_item.setdefault(item, []).append(outcome.passage)
        case PassageClosed():
            claims.closed.setdefault(outcome.passage, []).append(outcome)
        case Recalled():
            claims.recalled.append(outcome)
        case BagOpened() | BagClosed():
            claims.bags.append(outcome)
        case WaveBalanced():
            claims.waves.append(outcome)
        case Selected():
            claims.selected.append(outcome)
        case Disturbed():
            if outcome.code == PURGE:
                claims.purges.append(outcome)
        case _:
            _count(claims, outcome)


def _count(claims: Claims, outcome: AnyOutcome) -> None:
    match outcome:
        case PassageFound():
            claims.refound[outcome.sorter] += 1
        case Recirculated():
            claims.laps[outcome.sorter] += 1
        case CarrierTurned():
            claims.carriers_out[outcome.sorter] += outcome.out
        case ReadOrphaned():
            claims.orphan_reads[outcome.sorter] += 1
        case ItemUnexpected():
            claims.unexpected_items[outcome.sorter] += 1
        case _:
            pass
