"""Verify: is the journal what was written? Names the first row that was damaged, taken out or altered.

Comes in: a reader. Goes out: `Verified` with what was counted and found; every outcome on the way is shown to `on_outcome`
(the balance is struck there). A chain value that fits over a hole in `seq` tells that these rows were never written.
Never here: mending.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from sortctl.journal.read import JournalReader
from sortctl.journal.row import FACT, ORDER, OUTCOME, Row, thing_of
from sortctl.journal.schema import JournalUnusable, chained
from sortctl.words.facts import ControllerStarted
from sortctl.words.outcomes import AnyOutcome, PassageClosed, PassageOpened

FINDINGS_MAX: Final = 20
"""Findings told one by one; the rest is counted. The first is the one that matters."""
PROGRESS_ROWS: Final = 5_000


class Finding(Struct, frozen=True):
    """What is wrong at row `seq`. `kind`: altered, missing, never_written, unreadable, contradiction, snapshot, file."""

    seq: int
    kind: str
    text: str


class Verified(Struct, frozen=True):
    """`pruned_to`: rows up to this one were deleted after their time, in order."""

    rows: int
    first_seq: int
    last_seq: int
    pruned_to: int
    facts: int
    orders: int
    outcomes: int
    runs: int
    snapshots: int
    findings: tuple[Finding, ...]
    more_findings: int

    @property
    def sound(self) -> bool:
        return not self.findings


def verify(reader: JournalReader, on_outcome: Callable[[AnyOutcome], None], on_row: Callable[[int], None]) -> Verified:
    """Read everything once. `on_row` hears how far it is, now and then."""
    check = _Check(reader.base(), on_outcome)
    try:
        for row, told in reader.chained_rows():
            check.row(row, told)
            if check.rows % PROGRESS_ROWS == 0:
                on_row(row.seq)
    except JournalUnusable as damaged:
        check.find(check.seq + 1, "file", str(damaged))
    snapshots = _check_snapshots(reader, check)
    for fault in reader.file_faults():
        check.find(check.seq, "file", f"SQLite: {fault}")
    return Verified(
        rows=check.rows,
        first_seq=check.first_seq,
        last_seq=check.seq,
        pruned_to=check.pruned_to,
        facts=check.kinds[FACT],
        orders=check.kinds[ORDER],
        outcomes=check.kinds[OUTCOME],
        runs=check.runs,
        snapshots=snapshots,
        findings=tuple(check.findings),
        more_findings=check.more,
    )


def _check_snapshots(reader: JournalReader, check: "_Check") -> int:
    try:
        marks = reader.snapshots()
        for mark in marks:
            if reader.snapshot(mark.seq) is None:
                check.find(mark.seq, "snapshot", f"the snapshot after row {mark.seq} was altered")
            if mark.site and reader.site(mark.site) is None:
                check.find(mark.seq, "snapshot", f"the configuration of the snapshot after row {mark.seq} is damaged")
        if marks and marks[-1].seq > check.seq:
            check.find(check.seq + 1, "missing", f"{_rows(check.seq + 1, marks[-1].seq)}: missing at the end")
    except JournalUnusable as damaged:
        check.find(check.seq, "file", str(damaged))
        return 0
    return len(marks)


class _Check:
    """What is known after the rows so far."""

    def __init__(self, base: tuple[int, int], on_outcome: Callable[[AnyOutcome], None]) -> None:
        self.pruned_to, self._chain = base
        self._other_chain = self._chain
        self._on_outcome = on_outcome
        self.seq = self.pruned_to
        self.first_seq = self.rows = self.runs = self.more = 0
        self.kinds = {FACT: 0, ORDER: 0, OUTCOME: 0}
        self.findings: list[Finding] = []
        self._open: set[int] = set()
        self._closed: set[int] = set()

    def find(self, seq: int, kind: str, text: str) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(seq, kind, text))
        else:
            self.more += 1

    def row(self, row: Row, told: int) -> None:
        self.rows += 1
        self.first_seq = self.first_seq or row.seq
        sound = self._check_chain(row, told)
        self.seq = row.seq
        if row.kind in self.kinds:
            self.kinds[row.kind] += 1
        if not sound:
            return
        try:
            thing = thing_of(row)
        except (msgspec.DecodeError, KeyError) as error:
            self.find(row.seq, "unreadable", f"row {row.seq} ({row.type}) is not known to this version: {error}")
            return
        if isinstance(thing, ControllerStarted):
            self.runs += 1
        if row.kind == OUTCOME:
            self._check_passage(row.seq, thing)
            self._on_outcome(thing)  # type: ignore[arg-type]

    def _check_chain(self, row: Row, told: int) -> bool:
        """Whether the row is what was written. A wrong chain value must not damn the row after it as well."""
        try:
            due = chained(self._chain, row)
            fits = told in (due, chained(self._other_chain, row))
        except TypeError:  # rot turned a column into another type
            due, fits = 0, False
        gap = row.seq != self.seq + 1
        if gap and fits:
            self.find(
                row.seq, "never_written", f"{_rows(self.seq + 1, row.seq - 1)}: never written, the disk was in trouble"
            )
        elif gap:
            self.find(self.seq + 1, "missing", f"{_rows(self.seq + 1, row.seq - 1)}: taken out after being written")
        elif not fits:
            self.find(row.seq, "altered", f"row {row.seq} ({row.kind} {row.type}) was altered after it was written")
        self._chain, self._other_chain = told, due
        return fits or gap

    def _check_passage(self, seq: int, thing: object) -> None:
        if isinstance(thing, PassageOpened):
            if thing.passage in self._open or thing.passage in self._closed:
                self.find(seq, "contradiction", f"row {seq}: passage {thing.passage} opened a second time")
            self._open.add(thing.passage)
        elif isinstance(thing, PassageClosed):
            if thing.passage in self._closed:
                self.find(seq, "contradiction", f"row {seq}: passage {thing.passage} closed a second time")
            elif thing.passage not in self._open and not (self.pruned_to or self.findings):
                self.find(seq, "contradiction", f"row {seq}: passage {thing.passage} closed, but never opened")
            self._open.discard(thing.passage)
            self._closed.add(thing.passage)


def _rows(first: int, last: int) -> str:
    return f"row {first}" if first == last else f"rows {first} to {last}"
