"""Pen: the one connection that writes the journal, and makes every checkpoint.

Comes in: batches of rows, snapshots and site files. Goes out: nothing but a commit that is on disk when it returns, or
the error of SQLite. Used by one thread at a time. One owner for commits and checkpoints also keeps away from a race in
the WAL of SQLite 3.7.0 to 3.51.2 that damages files when two connections do these. Never here: queues, retries, threads.
"""

import sqlite3
import zlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from sortctl.journal.row import Row
from sortctl.journal.schema import (
    APPLICATION_ID,
    MOVE_AWAY,
    PLAN,
    ROW_COLUMNS,
    TABLES,
    VERSION,
    JournalUnusable,
    chained,
    check_head,
    check_marks,
    snapshot_crc,
)
from sortctl.words.units import NS_PER_S

CHECKPOINT_BYTES_QUIET: Final = 1 << 20
"""With nothing waiting a checkpoint is due after so many bytes: a few thousand rows, done in a few milliseconds."""
CHECKPOINT_BYTES_BUSY: Final = 8 << 20
"""So many bytes in the log force one also under load, or readers slow down."""
ROW_BYTES: Final = 150
"""What a row takes beside its body, with its places in the indexes."""
WAL_BYTES_KEPT: Final = 32 << 20
"""A log that grew beyond this in a burst gives the rest back to the file system."""
PRUNE_ROWS: Final = 500
"""Rows deleted in one commit: a decision that waits behind it waits a millisecond."""
SNAPSHOTS_RECENT: Final = 4
"""Snapshots of this run that are all kept; of the older ones one an hour."""
SNAPSHOT_SPACING_NS: Final = 3600 * NS_PER_S
PLANS_KEPT: Final = 100
"""Sort plans that were put in force while a controller ran, the newest: a week of them is replayed."""
LOCK_WAIT_S: Final = 0.1
"""For somebody who opened the file to write; the writer thread tries again."""

_INSERT: Final = f"INSERT INTO rows ({ROW_COLUMNS}, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants


class Snapshot(Struct, frozen=True, gc=False):
    """State of the controller after row `seq`."""

    seq: int
    at_ns: int
    body: bytes


class SiteFiles(Struct, frozen=True, gc=False):
    """The configuration in force from now on; or, with `PLAN` before its checksum, only a sort plan that is about to be."""

    checksum: str
    files: dict[str, bytes]


Entry = Row | Snapshot | SiteFiles


class FileGone(Exception):
    """The file that is open is no longer the one at its path: what goes into it is lost with this process."""


class Pen:
    """An open journal. Raises `JournalUnusable` when the file cannot be one."""

    def __init__(self, path: Path) -> None:
        self._con = _opened(path)
        self._path, self._file = path, _identity(path)
        self.seq: int
        self._chain: int
        try:
            last = self._con.execute("SELECT seq, chain FROM rows ORDER BY seq DESC LIMIT 1").fetchone()
            self.seq, self._chain = last or self._base()
            self._site = self._meta("site")
        except (sqlite3.Error, ValueError) as error:
            self._con.close()
            raise JournalUnusable(f"{path.name} is damaged: {error}", MOVE_AWAY) from None
        self._unchecked = 0
        self._recent: deque[tuple[int, int]] = deque()
        self._kept_at_ns: int | None = None
        self.prune_below = 0

    def write(self, entries: Sequence[Entry]) -> None:
        """Commit all of them, or none and raise."""
        if _identity(self._path) != self._file:
            raise FileGone("the file was removed or replaced; put it back, or start sortctl again to begin a new one")
        con, chain, site, recent, kept = self._con, self._chain, self._site, self._recent.copy(), self._kept_at_ns
        con.execute("BEGIN IMMEDIATE")
        try:
            rows = []
            for entry in entries:
                if isinstance(entry, Row):
                    chain = chained(chain, entry)
                    rows.append((*_values(entry), chain))
                elif isinstance(entry, Snapshot):
                    self._write_snapshot(entry)
                else:
                    self._write_site(entry)
            con.executemany(_INSERT, rows)
            con.execute("COMMIT")
        except BaseException:
            self._site, self._recent, self._kept_at_ns = site, recent, kept
            if con.in_transaction:
                con.execute("ROLLBACK")
            raise
        self._chain = chain
        if rows:
            self.seq = rows[-1][0]
        self._unchecked += _size(entries)

    def holds(self, seq: int) -> bool:
        """Whether row `seq` is there: after a commit that failed halfway this tells which half."""
        return self._con.execute("SELECT 1 FROM rows WHERE seq = ?", (seq,)).fetchone() is not None

    def take_up(self) -> None:
        """Go on from what the file holds, after a commit that was done although it reported an error."""
        self.seq, self._chain = self._con.execute("SELECT seq, chain FROM rows ORDER BY seq DESC LIMIT 1").fetchone()

    def checkpoint_due(self, quiet: bool) -> bool:
        return self._unchecked >= (CHECKPOINT_BYTES_QUIET if quiet else CHECKPOINT_BYTES_BUSY)

    def checkpoint(self) -> None:
        """Bring the log into the file; waits for nobody."""
        if self._unchecked:
            # Also when it fails: it is tried again after as many bytes, not after the next row.
            self._unchecked = 0
            self._con.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def prune_before(self, age_ns: int) -> None:
        """Rows before the newest snapshot that is older than `age_ns` may go; time is that of the newest row."""
        found = self._con.execute(
            "SELECT s.seq FROM snapshots s JOIN rows r ON r.seq = s.seq"
            " WHERE r.wall_ns < (SELECT wall_ns FROM rows ORDER BY seq DESC LIMIT 1) - ? ORDER BY s.seq DESC LIMIT 1",
            (age_ns,),
        ).fetchone()
        self.prune_below = found[0] if found else 0

    def prune_piece(self) -> None:
        """Delete the next few rows; `prune_below` is 0 when all is done."""
        con, below = self._con, self.prune_below
        con.execute("BEGIN IMMEDIATE")
        try:
            doomed = con.execute(
                "SELECT seq, chain FROM rows WHERE seq < ? ORDER BY seq LIMIT ?", (below, PRUNE_ROWS)
            ).fetchall()
            if doomed:
                seq, chain = doomed[-1]
                con.execute("DELETE FROM rows WHERE seq <= ?", (seq,))
                self._set_meta("base_seq", str(seq))
                self._set_meta("base_chain", str(chain))
            else:
                con.execute("DELETE FROM snapshots WHERE seq < ?", (below,))
                con.execute(
                    "DELETE FROM site WHERE checksum <> ? AND checksum NOT IN (SELECT site FROM snapshots) "
                    "AND rowid NOT IN (SELECT rowid FROM site WHERE checksum LIKE ? ORDER BY rowid DESC LIMIT ?)",
                    (self._site, f"{PLAN}%", PLANS_KEPT),
                )
            con.execute("COMMIT")
        except BaseException:
            if con.in_transaction:
                con.execute("ROLLBACK")
            raise
        self._unchecked += len(doomed) * ROW_BYTES
        if not doomed:
            self.prune_below = 0

    def close(self) -> None:
        """The last one to close brings the log into the file and removes it."""
        self._con.close()

    def _write_snapshot(self, snapshot: Snapshot) -> None:
        seq, at_ns, body = snapshot.seq, snapshot.at_ns, snapshot.body
        crc = snapshot_crc(seq, at_ns, self._site, body)
        self._con.execute(
            "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)", (seq, at_ns, self._site, crc, body)
        )
        self._recent.append((seq, at_ns))
        if len(self._recent) > SNAPSHOTS_RECENT:
            old, old_at_ns = self._recent.popleft()
            if self._kept_at_ns is not None and old_at_ns - self._kept_at_ns < SNAPSHOT_SPACING_NS:
                self._con.execute("DELETE FROM snapshots WHERE seq = ?", (old,))
            else:
                self._kept_at_ns = old_at_ns

    def _write_site(self, site: SiteFiles) -> None:
        files = zlib.compress(msgspec.msgpack.encode(site.files))
        self._con.execute("INSERT OR REPLACE INTO site VALUES (?, ?, ?)", (site.checksum, zlib.crc32(files), files))
        if not site.checksum.startswith(PLAN):
            self._set_meta("site", site.checksum)
            self._site = site.checksum

    def _base(self) -> tuple[int, int]:
        return int(self._meta("base_seq") or 0), int(self._meta("base_chain") or 0)

    def _meta(self, key: str) -> str:
        found = self._con.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else ""

    def _set_meta(self, key: str, value: str) -> None:
        self._con.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file this is; a commit into one that has no name any more succeeds, and nobody will ever read it."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _values(row: Row) -> tuple[int, int, int, str, str, int, str, bytes]:
    return row.seq, row.at_ns, row.wall_ns, row.kind, row.type, row.passage, row.code, row.body


def _size(entries: Sequence[Entry]) -> int:
    return ROW_BYTES * len(entries) + sum(len(entry.body) for entry in entries if not isinstance(entry, SiteFiles))


def _opened(path: Path) -> sqlite3.Connection:
    """A connection to a journal that is sound at first sight, begun if there was none."""
    try:
        if path.exists():
            with path.open("rb") as file:
                check_head(file.read(16), path.name)
        con = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise JournalUnusable(
            f"{path} cannot be opened: {error}", "see to the state folder, its owner and its disk"
        ) from None
    try:
        _prepare(con, path.name)
    except sqlite3.OperationalError as error:
        con.close()
        raise JournalUnusable(
            f"{path} cannot be written: {error}", "see to the state folder, its owner and its disk"
        ) from None
    except sqlite3.DatabaseError as error:
        con.close()
        raise JournalUnusable(f"{path} is damaged: {error}", MOVE_AWAY) from None
    except JournalUnusable:
        con.close()
        raise
    return con


def _prepare(con: sqlite3.Connection, name: str) -> None:
    tables = con.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables:
        marks = [con.execute(f"PRAGMA {mark}").fetchone()[0] for mark in ("application_id", "user_version")]
        check_marks(marks[0], marks[1], name)
    con.execute("PRAGMA journal_mode = WAL")
    con.execute("PRAGMA synchronous = FULL")
    con.execute("PRAGMA wal_autocheckpoint = 0")
    con.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
    con.execute("BEGIN IMMEDIATE")
    if not tables:
        for statement in TABLES:
            con.execute(statement)
        con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        con.execute(f"PRAGMA user_version = {VERSION}")
    con.execute("COMMIT")
