"""Read: the journal for everybody who does not write it. Works beside a running controller and on a dead one's file.

Comes in: the path. Goes out: rows in order, the rows of a passage or a code, snapshots, site files. Rows come in pieces,
each its own short transaction: a reader that takes its time never keeps the log from being emptied.
Errors: `JournalMissing`, `JournalUnusable`, `JournalDamaged`. Never here: a judgement about what was read (`verify.py`).
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import msgspec
from msgspec import Struct

from sortctl.journal.row import Row, code_key
from sortctl.journal.schema import (
    PLAN,
    ROW_COLUMNS,
    JournalDamaged,
    JournalMissing,
    JournalUnusable,
    check_head,
    check_marks,
    snapshot_crc,
)

PIECE_ROWS: Final = 2_000
BUSY_WAIT_S: Final = 2.0
"""For the moment in which a writer opens or closes the file."""
PASSAGES_MAX: Final = 200
"""Passages that one code leads to; a code on more parcels than this is no waybill."""

_PIECE: Final = f"SELECT {ROW_COLUMNS}, chain FROM rows WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - constants
_TYPES_PIECE_ROWS: Final = 50_000
"""Rows that are looked through at once for those of some types: most are passed over where they lie."""
_OF_TYPES: Final = (
    f"SELECT {ROW_COLUMNS} FROM rows WHERE seq > ? AND seq <= ?"  # noqa: S608 - constants
    " AND type IN (SELECT value FROM json_each(?)) ORDER BY seq"
)
_OF_PASSAGE: Final = f"SELECT {ROW_COLUMNS} FROM rows WHERE passage = ? AND passage > 0 ORDER BY seq"  # noqa: S608
_OF_CODE: Final = f"SELECT {ROW_COLUMNS} FROM rows WHERE code = ? AND code <> '' ORDER BY seq DESC LIMIT ?"  # noqa: S608
_CODES_WITHIN: Final = (
    f"SELECT {ROW_COLUMNS} FROM rows WHERE code <> '' AND type IN ('ReadTied', 'ReadOrphaned')"  # noqa: S608
    " AND instr(body, ?) ORDER BY seq DESC LIMIT ?"
)


class SnapshotMark(Struct, frozen=True):
    """A snapshot without its body: the state after row `seq`, under the configuration `site`."""

    seq: int
    at_ns: int
    site: str


class JournalReader:
    """An open journal; a context manager."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._con = _opened(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._con.close()

    def rows(self, after: int = 0) -> Iterator[Row]:
        """All rows with a greater `seq`, oldest first, up to the newest there is when they have been read."""
        for row, _ in self.chained_rows(after):
            yield row

    def chained_rows(self, after: int = 0) -> Iterator[tuple[Row, int]]:
        """The same, each with the chain value that stands beside it."""
        while True:
            piece = self._ask(_PIECE, after, PIECE_ROWS, at=f"after row {after}")
            for line in piece:
                yield Row(*line[:8]), line[8]
            if not piece:
                return
            after = piece[-1][0]

    def of_types(self, types: Iterable[str], after: int = 0) -> Iterator[Row]:
        """Rows of these types with a greater `seq`, oldest first, up to the newest there is at the beginning."""
        end = self.last()
        wanted = msgspec.json.encode(list(types)).decode()
        for first in range(after, end.seq if end else after, _TYPES_PIECE_ROWS):
            for line in self._ask(_OF_TYPES, first, first + _TYPES_PIECE_ROWS, wanted, at=f"after row {first}"):
                yield Row(*line)

    def last(self) -> Row | None:
        """The newest row."""
        found = self._ask(f"SELECT {ROW_COLUMNS} FROM rows ORDER BY seq DESC LIMIT 1")  # noqa: S608 - constants
        return Row(*found[0]) if found else None

    def base(self) -> tuple[int, int]:
        """Number and chain value of the row before the first that was kept; 0 and 0 if none was ever pruned."""
        with _readable(self._name):
            return int(self._meta("base_seq") or 0), int(self._meta("base_chain") or 0)

    def at_or_before(self, seq: int) -> tuple[int, int]:
        """Number and chain value of row `seq` or the nearest before it; of the base if there is none."""
        found = self._ask("SELECT seq, chain FROM rows WHERE seq <= ? ORDER BY seq DESC LIMIT 1", seq)
        return found[0] if found else self.base()

    def passage(self, number: int) -> list[Row]:
        """The rows of one passage."""
        return [Row(*line) for line in self._ask(_OF_PASSAGE, number)] if number < 1 << 63 else []

    def code(self, text: str) -> list[Row]:
        """Rows that carry this code, newest first: its own, or else those that read it beside another code."""
        found = self._ask(_OF_CODE, code_key(text), PASSAGES_MAX * 8)
        if not found:
            found = self._ask(_CODES_WITHIN, msgspec.json.encode(text), PASSAGES_MAX)
        return [Row(*line) for line in found]

    def snapshots(self) -> list[SnapshotMark]:
        """All snapshots, oldest first."""
        return [SnapshotMark(*line) for line in self._ask("SELECT seq, at_ns, site FROM snapshots ORDER BY seq")]

    def snapshot(self, seq: int) -> bytes | None:
        """The body of the snapshot after row `seq`; None if there is none or its checksum does not fit."""
        found = self._ask("SELECT at_ns, site, crc, body FROM snapshots WHERE seq = ?", seq)
        if not found:
            return None
        at_ns, site, crc, body = found[0]
        with _readable(self._name):
            return body if crc == snapshot_crc(seq, at_ns, site, body) else None

    def site(self, checksum: str | None = None) -> dict[str, bytes] | None:
        """The files of a configuration, of the newest if none is named; None if they are not there or damaged."""
        found = self._ask("SELECT crc, files FROM site WHERE checksum = ?", checksum or self.newest_site())
        with _readable(self._name):
            if not found or zlib.crc32(found[0][1]) != found[0][0]:
                return None
            return msgspec.msgpack.decode(zlib.decompress(found[0][1]), type=dict[str, bytes])

    def plan(self, checksum: str) -> dict[str, bytes] | None:
        """The files of a sort plan that was put in force while a controller ran; None if they are not there or damaged."""
        return self.site(PLAN + checksum)

    def newest_site(self) -> str:
        """Checksum of the configuration saved last."""
        return self._meta("site")

    def file_faults(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        try:
            found = [str(line[0]) for line in self._ask("PRAGMA integrity_check(20)")]
        except JournalDamaged as damaged:
            return [str(damaged)]
        return [] if found == ["ok"] else found

    def _meta(self, key: str) -> str:
        found = self._ask("SELECT value FROM meta WHERE key = ?", key)
        return str(found[0][0]) if found else ""

    def _ask(self, query: str, *values: object, at: str = "") -> list[Any]:
        with _readable(self._name, at):
            return self._con.execute(query, values).fetchall()


@contextmanager
def _readable(name: str, at: str = "") -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise JournalUnusable(
            f"{name} cannot be read: {error}", "try again; if it stays, see to the file's owner"
        ) from None
    # A damaged file may also yield a message that is no text, or a number that is none.
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        raise JournalDamaged(
            f"{name} is damaged {at}".rstrip() + f": {error}", "see `sortctl journal verify`; keep a copy of the file"
        ) from None


def _opened(path: Path) -> sqlite3.Connection:
    try:
        with path.open("rb") as file:
            check_head(file.read(16), path.name)
    except FileNotFoundError:
        raise JournalMissing(f"there is no journal at {path}", "say where it is with --state DIR") from None
    except OSError as error:
        raise JournalUnusable(f"{path} cannot be opened: {error.strerror}", "run this as the user of sortctl") from None
    with _readable(path.name):
        con = _connected(path)
        try:
            # Text that bit rot made unreadable must come through, so that verify can name its row.
            con.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            if con.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                marks = [con.execute(f"PRAGMA {mark}").fetchone()[0] for mark in ("application_id", "user_version")]
                check_marks(marks[0], marks[1], path.name)
            else:
                raise JournalMissing(f"the journal at {path} has not been begun", "start sortctl with `sortctl run`")
        except BaseException:
            con.close()
            raise
    return con


def _connected(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    con = sqlite3.connect(uri, uri=True, timeout=BUSY_WAIT_S, isolation_level=None)
    try:
        con.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException as error:
        con.close()
        # In a folder where nothing can be created a closed journal is still readable, as it cannot change.
        if not isinstance(error, sqlite3.OperationalError) or path.with_name(path.name + "-wal").exists():
            raise
        con = sqlite3.connect(uri + "&immutable=1", uri=True, isolation_level=None)
    return con
