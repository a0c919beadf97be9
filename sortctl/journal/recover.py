"""Recover: what a controller needs to go on where the journal ends.

Comes in: the journal. Goes out: the last good snapshot, the facts after it in order, the last number and times, the
site. Trusts nothing it cannot prove: from the first altered or missing row on, facts are left out and `why` says so.
Open the writer first: it takes the lock, and reading beside it is safe. Never here: what the facts mean.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from sortctl.journal.read import JournalReader, SnapshotMark
from sortctl.journal.row import FACT, Row, thing_of
from sortctl.journal.schema import JournalMissing, chained
from sortctl.words.facts import AnyFact


class Recovered(Struct, frozen=True):
    """`snapshot` (None: from the start) is the state after row `snapshot_seq`; `facts` are all that came after it.

    `why` is empty if this leads to the state at the end of the journal; otherwise no parcel's place is proven.
    `site` and `files` are the configuration that was in force.
    """

    snapshot: bytes | None
    snapshot_seq: int
    facts: tuple[AnyFact, ...]
    last_seq: int
    last_at_ns: int
    last_wall_ns: int
    site: str
    files: dict[str, bytes]
    why: str


def recover(path: Path) -> Recovered | None:
    """None: nothing was ever written. Raises `JournalUnusable`."""
    try:
        with JournalReader(path) as reader:
            last = reader.last()
            return _from(reader, last) if last else None
    except JournalMissing:
        return None


def _from(reader: JournalReader, last: Row) -> Recovered:
    mark, body = _good_snapshot(reader, last.seq)
    facts, why = _facts_after(reader, mark.seq)
    return Recovered(
        snapshot=body,
        snapshot_seq=mark.seq,
        facts=tuple(facts),
        last_seq=last.seq,
        last_at_ns=last.at_ns,
        last_wall_ns=last.wall_ns,
        site=reader.newest_site(),
        files=reader.site() or {},
        why=why,
    )


def _good_snapshot(reader: JournalReader, last_seq: int) -> tuple[SnapshotMark, bytes | None]:
    """The newest that is undamaged; one that is newer than the last row tells of rows that are gone."""
    for mark in reversed(reader.snapshots()):
        body = reader.snapshot(mark.seq) if mark.seq <= last_seq else None
        if body is not None:
            return mark, body
    return SnapshotMark(0, 0, ""), None


def _facts_after(reader: JournalReader, seq: int) -> tuple[list[AnyFact], str]:
    facts: list[AnyFact] = []
    # Row `seq` itself may never have been written: a snapshot is what ends a time in which rows were dropped.
    before, chain = reader.at_or_before(seq)
    if seq < before:
        return facts, f"no snapshot is left of the time before row {before + 1}"
    for row, told in reader.chained_rows(seq):
        if row.seq != seq + 1:
            return facts, f"rows {seq + 1} to {row.seq - 1} are missing"
        if told != chained(chain, row):
            return facts, f"row {row.seq} or the one before it was altered"
        if row.kind == FACT:
            try:
                facts.append(thing_of(row))  # type: ignore[arg-type]
            except msgspec.DecodeError as error:
                return facts, f"row {row.seq} cannot be read: {error}"
        chain, seq = told, row.seq
    return facts, ""
