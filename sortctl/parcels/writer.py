"""Writer: everything that changes a parcel's record. Each change keeps who made it and when.

Comes in: a code or a record, a reason, a moment. Goes out: the record as it stands then. Any process may have a writer; they
take turns. A hold or a message for a parcel of which nothing is known yet makes a record, so that it counts when the data comes.
A list never takes away a hold, an intercept or a newer word of customs.
Never here: files of lists (`intake.py`), what a customs message means (`customs`).
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import msgspec
from msgspec.structs import replace

from sortctl.customs import STOPPED
from sortctl.customs import change as after_message
from sortctl.parcels.merge import first_word, merged
from sortctl.parcels.store import (
    LOCK_WAIT_S,
    WAL_BYTES_KEPT,
    WRITER_CACHE_KIB,
    StoreUnusable,
    WriterLock,
    begin,
    check_head,
    identity,
    opened,
    readable,
)
from sortctl.words.parcels import ParcelRecord

WORD_MAX: Final = 200
"""Characters of a name or a reason."""
CHECKPOINT_LINES: Final = 400_000
"""Lines of a list after which the log goes into the file: the pages that all of them touched are written once."""
PURGE_PIECE: Final = 5_000
"""Records looked at in one commit: whoever waits for a turn waits some milliseconds."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(ParcelRecord).decode


class ChangeRefused(Exception):
    """The change cannot be made; `str` says why, `mend` what to do."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


class ParcelUnknown(ChangeRefused):
    """Nothing is known of a parcel with this code."""


class Done(NamedTuple):
    """One change. `why`: why less was changed than was asked for; empty: nothing is left to say."""

    record: ParcelRecord
    is_new: bool
    why: str = ""


class Taken(NamedTuple):
    """A piece of a list: how many lines made a new record, changed one, changed nothing; what else must be told, by line."""

    new: int
    changed: int
    same: int
    twice: int
    """Lines that stand in the list once more, alike."""
    told: list[tuple[int, str]]
    """Accepted, but a word of it was not taken."""
    refused: list[tuple[int, str]]


class Purged(NamedTuple):
    """What a purge did."""

    gone: int
    kept_held: int


class ParcelWriter:
    """An open store, begun if there was none; a context manager. `by`: who changes."""

    def __init__(self, path: Path, by: str, now_s: Callable[[], int]) -> None:
        self._path, self._by, self._now_s = path, by[:WORD_MAX], now_s
        self._lock = WriterLock(path.parent)
        self._ranges: list[range] = []
        """Numbers of the changes that this writer made by lists."""
        self._unchecked = 0
        try:
            with self._lock.held():
                self._con = _begun(path)
                self._file = identity(path)
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """The last one to close brings the log into the file: that too is a writer's turn."""
        try:
            with self._lock.held():
                self._checkpoint()
                self._con.close()
        finally:
            self._lock.close()

    # ------------------------------------------------------------------------------------------- one parcel

    def upsert(self, record: ParcelRecord) -> Done:
        """What is said of a parcel replaces what was known; what is not said stays."""
        with self._turn() as at_s:
            known = self._find(record.waybill)
            now, why = merged(known, record, at_s)
            self._put(known, now, "upsert", why, at_s)
            return Done(now, known is None, why)

    def hold(self, code: str, why: str) -> Done:
        """A security or host hold; the newest reason stands."""
        return self._say(code, "hold", why, lambda record: replace(record, hold=f"{self._by}: {why}"[:WORD_MAX]))

    def release(self, code: str, person: str, why: str = "") -> Done:
        """End a hold. Only a person may, by name. Customs is another matter: its word stays."""
        if not person.strip():
            raise ChangeRefused("a hold is released by a person", "say who it is by name")
        with self._turn() as at_s:
            record = self._known(code)
            if not record.hold:
                raise ChangeRefused(
                    f"{record.waybill} is not held", "sortctl parcels show tells what stands in its way"
                )
            now = replace(record, hold="")
            detail = f"{why or 'no reason given'}; it was held by {record.hold}"
            self._write(record, now, self._note("release", now.waybill, detail, at_s, person.strip()[:WORD_MAX]), at_s)
            return Done(now, False)

    def intercept(self, code: str, why: str) -> Done:
        """Business wants the parcel out of the stream. An empty reason withdraws that."""
        if why:
            return self._say(code, "intercept", why, lambda record: replace(record, intercept=why[:WORD_MAX]))
        with self._turn() as at_s:
            record = self._known(code)
            now = replace(record, intercept="")
            self._put(record, now, "intercept withdrawn", "", at_s)
            return Done(now, False)

    def customs(self, code: str, message: str, moment_s: int) -> Done:
        """A customs message of this moment. `why` tells what was not believed."""
        with self._turn() as at_s:
            known = self._find(code)
            step = after_message(known or ParcelRecord(code), message, moment_s, at_s)
            self._put(known, step.record, f"customs {message}"[:WORD_MAX], step.why, at_s)
            return Done(step.record, known is None, step.why)

    def _say(self, code: str, what: str, why: str, say: Callable[[ParcelRecord], ParcelRecord]) -> Done:
        with self._turn() as at_s:
            known = self._find(code)
            now = say(known or ParcelRecord(code))
            self._put(known, now, what, why, at_s)
            return Done(now, known is None)

    # ------------------------------------------------------------------------------------------- many parcels

    def take(self, lines: Sequence[tuple[int, ParcelRecord]], source: str) -> Taken:
        """A piece of a list, in one commit: line number and what it says. A waybill that this writer took from a line before and
        that now says something else is refused.
        """
        piece = _Piece(self._con, self._ranges)
        span = f"{source}, lines {lines[0][0]} to {lines[-1][0]}" if lines else source
        with self._turn() as at_s:
            piece.at_s, piece.first = at_s, self._note("import", "", span, at_s)
            for number, said in lines:
                change = piece.look(number, said)
                if change is not None:
                    self._put(*change, "import", span, at_s)
            self._con.executemany(
                "UPDATE records SET change = ?, at_s = ? WHERE waybill = ?",
                [(piece.first, at_s, waybill) for waybill in piece.alike],
            )
            piece.told += self._insert(list(piece.fresh.values()), piece.first, at_s)
            last = int(self._con.execute("SELECT max(n) FROM changes").fetchone()[0])
            self._unchecked += len(lines)
        self._ranges.append(range(piece.first, last + 1))
        return piece.taken()

    def purge(self, older_than_s: int, watch: Callable[[int], None]) -> Purged:
        """Forget parcels of which nothing was said for so long. Those that are held or kept by customs stay, as the first word
        on a forgotten one may be a release. `watch` is told how many were looked at.
        """
        gone = held = looked = after = 0
        before_s = self._now_s() - older_than_s
        while True:
            with self._turn() as at_s:
                rows = self._con.execute(
                    "SELECT id, at_s, body FROM records WHERE id > ? ORDER BY id LIMIT ?", (after, PURGE_PIECE)
                ).fetchall()
                old = [row for row in rows if row[1] < before_s]
                doomed = [record for row in old if not _is_kept(record := _decode(row[2]))]
                self._delete(doomed)
                if doomed:
                    self._note("purge", "", f"{len(doomed)} parcels", at_s)
                if not rows:
                    newest = self._note("purge", "", f"{gone} parcels in all", at_s)
                    self._con.execute("DELETE FROM changes WHERE at_s < ? AND n < ?", (before_s, newest))
                    return Purged(gone, held)
            gone, held, looked, after = (
                gone + len(doomed),
                held + len(old) - len(doomed),
                looked + len(rows),
                rows[-1][0],
            )
            watch(looked)

    # ------------------------------------------------------------------------------------------- rows

    @contextmanager
    def _turn(self) -> Iterator[int]:
        """One transaction, alone among all writers; then the log goes into the file."""
        with self._lock.held(), readable(self._path.name):
            if identity(self._path) != self._file:
                raise StoreUnusable(f"{self._path} was removed or replaced while it was open", "try again")
            self._con.execute("BEGIN IMMEDIATE")
            try:
                yield self._now_s()
                self._con.execute("COMMIT")
            except BaseException:
                if self._con.in_transaction:
                    self._con.execute("ROLLBACK")
                raise
            if self._unchecked == 0 or self._unchecked >= CHECKPOINT_LINES:
                self._checkpoint()

    def _checkpoint(self) -> None:
        """The log into the file. What is committed is safe without it; if it fails, the next one tries again."""
        self._unchecked = 0
        with suppress(sqlite3.Error):
            self._con.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _find(self, code: str) -> ParcelRecord | None:
        row = self._con.execute("SELECT body FROM records WHERE waybill = ?", (code,)).fetchone()
        if row is None:
            row = self._con.execute(
                "SELECT r.body FROM codes c JOIN records r ON r.waybill = c.waybill WHERE c.code = ?", (code,)
            ).fetchone()
        return _decode(row[0]) if row is not None else None

    def _known(self, code: str) -> ParcelRecord:
        record = self._find(code)
        if record is None:
            raise ParcelUnknown(
                f"no parcel has the code {code}", "sortctl parcels show CODE tells what is known of one"
            )
        return record

    def _note(self, what: str, waybill: str, detail: str, at_s: int, by: str = "") -> int:
        done = self._con.execute(
            "INSERT INTO changes (at_s, by, what, waybill, detail) VALUES (?, ?, ?, ?, ?)",
            (at_s, by or self._by, what, waybill, detail[: 2 * WORD_MAX]),
        )
        return int(done.lastrowid or 0)

    def _put(self, known: ParcelRecord | None, record: ParcelRecord, what: str, detail: str, at_s: int) -> None:
        """One change by whoever has this writer."""
        self._write(known, record, self._note(what, record.waybill, detail, at_s), at_s)

    def _write(self, known: ParcelRecord | None, record: ParcelRecord, n: int, at_s: int) -> None:
        """One record in the place of `known`, by change `n`."""
        if known is None:
            self._insert([(0, record)], n, at_s)
            return
        self._con.execute(
            "UPDATE records SET change = ?, at_s = ?, body = ? WHERE waybill = ?",
            (n, at_s, _encode(record), record.waybill),
        )
        if known.ids != record.ids:
            self._forget_codes([known])
            for code in set(known.ids) - set(record.ids):  # who watches it learns that it means nobody any more
                self._note("code gone", code, f"it belonged to {record.waybill}", at_s)
            codes = [(code, record.waybill) for code in record.ids]
            self._con.executemany("INSERT OR IGNORE INTO codes VALUES (?, ?)", codes)

    def _forget_codes(self, records: Sequence[ParcelRecord]) -> None:
        codes = [(code, record.waybill) for record in records for code in record.ids]
        self._con.executemany("DELETE FROM codes WHERE code = ? AND waybill = ?", codes)

    def _insert(self, new: list[tuple[int, ParcelRecord]], n: int, at_s: int) -> list[tuple[int, str]]:
        """New records under one change; what was not taken of them: a code that is another parcel's."""
        new.sort(key=lambda line: line[1].waybill)  # the index is filled from left to right
        self._con.executemany(
            "INSERT INTO records (waybill, change, at_s, body) VALUES (?, ?, ?, ?)",
            [(record.waybill, n, at_s, _encode(record)) for _, record in new],
        )
        self._con.execute("UPDATE meta SET value = value + ? WHERE key = 'records'", (len(new),))
        codes = sorted((code, record.waybill, number) for number, record in new for code in record.ids)
        before = self._con.total_changes
        self._con.executemany("INSERT OR IGNORE INTO codes VALUES (?, ?)", [code[:2] for code in codes])
        return self._codes_of_others(codes) if self._con.total_changes - before != len(codes) else []

    def _codes_of_others(self, codes: Sequence[tuple[str, str, int]]) -> list[tuple[int, str]]:
        """Who owns them was told before: the first keeps his code."""
        told = []
        for code, waybill, number in codes:
            row = self._con.execute("SELECT waybill FROM codes WHERE code = ?", (code,)).fetchone()
            if row[0] != waybill:
                told.append((number, f"the code {code} belongs to {row[0]} already"))
        return told

    def _delete(self, records: list[ParcelRecord]) -> None:
        self._forget_codes(records)
        self._con.executemany("DELETE FROM records WHERE waybill = ?", [(record.waybill,) for record in records])
        self._con.execute("UPDATE meta SET value = value - ? WHERE key = 'records'", (len(records),))


def _is_kept(record: ParcelRecord) -> bool:
    return bool(record.hold) or record.customs_conflict or record.customs in STOPPED


class _Piece:
    """A piece of a list while it is compared with what is there."""

    def __init__(self, con: sqlite3.Connection, ranges: list[range]) -> None:
        self._con, self._ranges = con, ranges
        self.at_s = self.first = 0
        self.fresh: dict[str, tuple[int, ParcelRecord]] = {}
        self.alike: dict[str, None] = {}
        self.told: list[tuple[int, str]] = []
        self._refused: list[tuple[int, str]] = []
        self._changed = self._twice = 0

    def look(self, number: int, said: ParcelRecord) -> tuple[ParcelRecord, ParcelRecord] | None:
        """The record that is there and what becomes of it; None: nothing, or it is a new one."""
        before = self.fresh.get(said.waybill)
        if before is not None:
            self._again(number, said.waybill, f"line {before[0]}", alike=before[1] == first_word(said, self.at_s))
            return None
        row = self._con.execute("SELECT change, body FROM records WHERE waybill = ?", (said.waybill,)).fetchone()
        if row is None:
            owner = self._con.execute("SELECT waybill FROM codes WHERE code = ?", (said.waybill,)).fetchone()
            if owner is not None:
                self._refused.append((number, f"{said.waybill} is another code of {owner[0]} already"))
                return None
            self.fresh[said.waybill] = number, first_word(said, self.at_s)
            return None
        known = _decode(row[1])
        now, why = merged(known, said, self.at_s)
        is_ours = row[0] >= self.first or any(row[0] in numbers for numbers in self._ranges)
        if is_ours or said.waybill in self.alike:
            self._again(number, said.waybill, "an earlier line", alike=now == known)
            return None
        if why:
            self.told.append((number, why))
        if now == known:
            self.alike[said.waybill] = None
            return None
        self._changed += 1
        return known, now

    def taken(self) -> Taken:
        """The count."""
        new = len(self.fresh)
        return Taken(new, self._changed, len(self.alike), self._twice, self.told, self._refused)

    def _again(self, number: int, waybill: str, where: str, *, alike: bool) -> None:
        if alike:
            self._twice += 1
        else:
            self._refused.append((number, f"{waybill} stands in {where} with other data"))


def _begun(path: Path) -> sqlite3.Connection:
    if path.exists():
        check_head(path)
    with readable(path.name):
        con = _connected(path)
        try:
            begin(con)
        finally:
            con.close()
    return opened(path, _connected)


def _connected(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
    con.execute("PRAGMA synchronous = FULL")
    con.execute("PRAGMA wal_autocheckpoint = 0")
    con.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
    con.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
    return con
