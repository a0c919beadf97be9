"""Replay: steps the facts of a journal through fresh logic and compares every order and outcome with what was written.

Comes in: a reader, and how to build the logic from the files of a configuration. Goes out: `Replayed` with counts and the
first divergence. Several runs in one journal are one stream: a restart with the same configuration goes on in the same
state; one with another configuration is repeated as the controller did it, from the last snapshot and the facts after it.
Over rows that were never written, and over the start of a run that could not recover, it goes on at the next snapshot.
Never here: the logic itself.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from sortctl.journal.read import JournalReader
from sortctl.journal.row import FACT, Row, row_of, thing_of
from sortctl.words.facts import ControllerStarted
from sortctl.words.hub import PlanApplied

PROGRESS_ROWS: Final = 1_000


class Steps(Protocol):
    """What a replay needs of the logic."""

    def step(self, fact: Any) -> Sequence[Any]: ...

    def restore(self, snapshot: bytes) -> None: ...

    def plan_in(self, snapshot: bytes) -> str:
        """Checksum of the sort plan that a snapshot needs; empty: the one that the logic has."""
        ...

    def begin_with(self, files: dict[str, bytes]) -> None:
        """The sort plan for the snapshot that is restored next."""
        ...

    def apply_plan(self, files: dict[str, bytes]) -> None:
        """The sort plan of the `PlanApplied` that is stepped next."""
        ...


Build = Callable[[dict[str, bytes]], Steps]


class Divergence(Struct, frozen=True):
    """Row `seq` says `journal`, the logic says `logic`; `fact_seq` is the row of the fact that was stepped."""

    seq: int
    fact_seq: int
    fact: str
    journal: str
    logic: str


class Replayed(Struct, frozen=True):
    """`skipped` rows could not be stepped, as what came before them is not in the journal."""

    first_seq: int
    last_seq: int
    facts: int
    orders: int
    outcomes: int
    runs: int
    skipped: int
    divergence: Divergence | None


def replay(reader: JournalReader, build: Build, until: int | None, on_row: Callable[[int], None]) -> Replayed:
    """Step rows up to `until`. Raises `JournalUnusable`, and `ReplayImpossible` if a configuration is missing."""
    stepper = _Stepper(reader, build)
    for row in reader.rows():
        if until is not None and row.seq > until:
            break
        if not stepper.take(row):
            break
        if row.seq % PROGRESS_ROWS == 0:
            on_row(row.seq)
    else:
        # The rows of one step are committed together: here the last step must be complete.
        stepper.finish_step()
    return stepper.result()


class ReplayImpossible(Exception):
    """The journal does not hold what a replay needs."""


class _Stepper:
    """The logic under replay, and what it still owes to the journal."""

    def __init__(self, reader: JournalReader, build: Build) -> None:
        self._reader, self._build = reader, build
        self._marks = {mark.seq: mark for mark in reader.snapshots()}
        self._logic: Steps | None = None
        self._site = ""
        self._owed: list[Row] = []
        self._fact: Row | None = None
        self._seq = 0
        self._first = 0
        self._counts = {"fact": 0, "order": 0, "outcome": 0}
        self._runs = self._skipped = 0
        self._divergence: Divergence | None = None

    def take(self, row: Row) -> bool:
        """False: here the two part."""
        if row.seq != self._seq + 1 or _begins_in_doubt(row):
            self._logic, self._owed = None, []
        self._seq = row.seq
        if self._logic is None and not self._begin(row):
            self._skipped += 1
            return True
        self._first = self._first or row.seq
        self._counts[row.kind] += 1
        return self._step(row) if row.kind == FACT else self._compare(row)

    def finish_step(self) -> None:
        """Nothing may be owed before the next fact."""
        if self._owed and self._fact and not self._divergence:
            self._part(self._seq + 1, "nothing more", _told(self._owed[0]))

    def result(self) -> Replayed:
        return Replayed(
            first_seq=self._first,
            last_seq=self._seq,
            facts=self._counts["fact"],
            orders=self._counts["order"],
            outcomes=self._counts["outcome"],
            runs=self._runs,
            skipped=self._skipped,
            divergence=self._divergence,
        )

    def _begin(self, row: Row) -> bool:
        """Find a state from which `row` can be stepped: the start of all, or the snapshot just before it."""
        if row.seq == 1 and row.type == ControllerStarted.__name__:
            return True
        mark = self._marks.get(row.seq - 1)
        body = self._reader.snapshot(mark.seq) if mark else None
        if mark is None or body is None or row.kind != FACT:
            return False
        self._logic, self._site = self._built(mark.site), mark.site
        self._restore(self._logic, body, mark.seq)
        return True

    def _step(self, row: Row) -> bool:
        self.finish_step()
        if self._divergence:
            return False
        try:
            fact = thing_of(row)
        except msgspec.DecodeError as error:
            self._fact = row
            self._part(row.seq, "a fact", f"this version cannot read it: {error}")
            return False
        if isinstance(fact, ControllerStarted):
            self._runs += 1
            self._start_run(fact.site, row.seq)
        assert self._logic is not None
        self._fact = row
        if isinstance(fact, PlanApplied):
            self._give_plan(self._logic, fact)
        try:
            told = self._logic.step(fact)
        except Exception as error:  # noqa: BLE001 - whatever the logic raises, this row is where to look
            self._part(row.seq, _told(row), f"the logic failed: {type(error).__name__}: {error}")
            return False
        self._owed = [row_of(0, row.at_ns, row.wall_ns, thing) for thing in reversed(told)]
        return True

    def _compare(self, row: Row) -> bool:
        if not self._owed:
            self._part(row.seq, _told(row), "nothing more")
            return False
        due = self._owed.pop()
        if (due.kind, due.type, due.body) != (row.kind, row.type, row.body):
            self._part(row.seq, _told(row), _told(due))
            return False
        return True

    def _start_run(self, site: str, seq: int) -> None:
        if self._logic is not None and site == self._site:
            return
        again = self._logic is not None
        self._logic, self._site = self._built(site), site
        if again:
            self._recover(self._logic, seq)

    def _recover(self, logic: Steps, seq: int) -> None:
        """As a controller does that starts before row `seq`."""
        after = 0
        for mark in sorted((mark for mark in self._marks if mark < seq), reverse=True):
            body = self._reader.snapshot(mark)
            if body is not None:
                self._restore(logic, body, mark)
                after = mark
                break
        for row in _until(self._reader.rows(after), seq):
            if row.kind == FACT:
                fact = thing_of(row)
                if isinstance(fact, PlanApplied):
                    self._give_plan(logic, fact)
                logic.step(fact)

    def _give_plan(self, logic: Steps, fact: PlanApplied) -> None:
        files = self._reader.plan(fact.checksum)
        if files is not None:  # else the controller had none either, and said so
            logic.apply_plan(files)

    def _restore(self, logic: Steps, body: bytes, seq: int) -> None:
        try:
            wanted = logic.plan_in(body)
            if wanted:
                files = self._reader.plan(wanted)
                if files is None:
                    raise ReplayImpossible(f"the journal does not hold the sort plan {wanted[:12]} that was in force")
                logic.begin_with(files)
            logic.restore(body)
        except ReplayImpossible:
            raise
        except Exception as error:
            raise ReplayImpossible(f"this version cannot read the snapshot after row {seq}: {error}") from error

    def _built(self, site: str) -> Steps:
        files = self._reader.site(site)
        if files is None:
            raise ReplayImpossible(f"the journal does not hold the configuration {site[:12]} that was in force")
        return self._build(files)

    def _part(self, seq: int, journal: str, logic: str) -> None:
        assert self._fact is not None
        self._divergence = Divergence(seq, self._fact.seq, _told(self._fact), journal, logic)


def _begins_in_doubt(row: Row) -> bool:
    """A run that could not recover: the state in which it began does not stand in the journal."""
    # Looked for in the text: a row that was altered must come as far as `_step`, which says so.
    return row.type == ControllerStarted.__name__ and b'"doubt":' in row.body


def _until(rows: Iterable[Row], seq: int) -> Iterable[Row]:
    for row in rows:
        if row.seq >= seq:
            return
        yield row


def _told(row: Row) -> str:
    return f"{row.kind} {row.type} {row.body.decode('utf-8', 'backslashreplace')}"
