"""Store: the tables of the parcel file, its version, its lock, and the words for a file that is none.

One row a parcel, found by its waybill; `codes` leads from every other code to the waybill. Each change has a number, and
each record the number of its newest change: so a reader finds what is new by comparing numbers. `changes` keeps who and when.
Writers of all processes take turns by `parcels.lock`, for commits and for checkpoints: two connections that do these at the
same time can damage the file (SQLite 3.7.0 to 3.51.2).
Never here: what a record says.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep  # noqa: TID251 - a command waits for its turn; the controller never writes
from typing import Final

import msgspec

FILE_NAME: Final = "parcels.db"
LOCK_NAME: Final = "parcels.lock"
APPLICATION_ID: Final = 0x53585044
"""In the header of the file: "SXPD"."""
VERSION: Final = 1
TABLES: Final = (
    # Rows are appended, so that a list of a million does not rewrite the whole file; only the index is in order of waybills.
    """CREATE TABLE records (
        id INTEGER PRIMARY KEY, waybill TEXT NOT NULL UNIQUE, change INTEGER NOT NULL, at_s INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT""",
    "CREATE TABLE codes (code TEXT PRIMARY KEY, waybill TEXT NOT NULL) STRICT, WITHOUT ROWID",
    # waybill '': a list or a purge, which concerns many.
    """CREATE TABLE changes (
        n INTEGER PRIMARY KEY, at_s INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL, waybill TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX changes_by_waybill ON changes (waybill) WHERE waybill <> ''",
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "INSERT INTO meta VALUES ('records', 0)",
)
LOCK_WAIT_S: Final = 30.0
"""A piece of a long list is written in a second or two; a change by hand waits for its turn between two pieces."""
LOCK_LOOK_S: Final = 0.01
WAL_BYTES_KEPT: Final = 64 << 20
WRITER_CACHE_KIB: Final = 128 << 10
"""The index of a few million waybills stays in memory while a list is taken in."""
_MAGIC: Final = b"SQLite format 3\0"


class StoreUnusable(Exception):
    """The parcel store cannot be used. `str` says why, `mend` what to do."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


class StoreMissing(StoreUnusable):
    """There is no parcel store."""


class StoreDamaged(StoreUnusable):
    """A part of the file cannot be read."""


TO_OWNER: Final = "run it as the user that runs sortctl, and see to the state folder and its disk"
TO_IMPORT: Final = "sortctl parcels import FILE begins one"
TO_REPLACE: Final = "move the file away and import the parcels again: sortctl parcels import FILE"


class WriterLock:
    """The turn of one writer among all processes. Not held on construction."""

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_NAME
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        except OSError as error:
            raise StoreUnusable(f"{path} cannot be opened: {error.strerror}", TO_OWNER) from None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn, then keep it. StoreUnusable: it did not come."""
        until_s = monotonic() + LOCK_WAIT_S
        while not self._take():
            if monotonic() >= until_s:
                what = f"another process has been writing the parcel store for {LOCK_WAIT_S:.0f} s"
                raise StoreUnusable(what, "see what it does, then try again")
            sleep(LOCK_LOOK_S)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """No more turns."""
        os.close(self._fd)

    def _take(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


FAULTS: Final = (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError, TypeError)
"""What reading may raise. A damaged file may also yield a body that is no record, or text that is none."""


def in_words(error: Exception, name: str) -> StoreUnusable:
    """One of FAULTS, in plain words."""
    if isinstance(error, sqlite3.OperationalError):
        return StoreUnusable(f"{name} cannot be used: {error}", TO_OWNER)
    return StoreDamaged(f"{name} is damaged: {error}", TO_REPLACE)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Errors of SQLite, in plain words."""
    try:
        yield
    except FAULTS as error:
        raise in_words(error, name) from None


def opened(path: Path, connect: Callable[[Path], sqlite3.Connection]) -> sqlite3.Connection:
    """A connection to a store that exists and is one of ours."""
    check_head(path)
    with readable(path.name):
        con = connect(path)
        try:
            _check_marks(con, path)
        except BaseException:
            con.close()
            raise
    return con


def check_head(path: Path) -> None:
    """The first bytes of the file, before SQLite sees it."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError:
        raise StoreMissing(f"there is no parcel store at {path}", TO_IMPORT) from None
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be opened: {error.strerror}", TO_OWNER) from None
    if head and not head.startswith(_MAGIC):
        raise StoreDamaged(f"{path.name} is no parcel store: it is no SQLite file", TO_REPLACE)


def begin(con: sqlite3.Connection) -> None:
    """Tables and marks, if there are none yet. The writer's lock is held."""
    if con.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return
    con.execute("PRAGMA journal_mode = WAL")
    con.execute("BEGIN IMMEDIATE")
    for statement in TABLES:
        con.execute(statement)
    con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    con.execute(f"PRAGMA user_version = {VERSION}")
    con.execute("COMMIT")


def identity(path: Path) -> tuple[int, int] | None:
    """Which file lies there."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _check_marks(con: sqlite3.Connection, path: Path) -> None:
    if not con.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise StoreMissing(f"the parcel store at {path} has not been begun", TO_IMPORT)
    mark, version = (con.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if mark != APPLICATION_ID:
        raise StoreDamaged(f"{path.name} is a database, but no parcel store of sortctl", TO_REPLACE)
    if version != VERSION:
        what = f"{path.name} has format {version}; this version of sortctl has format {VERSION}"
        raise StoreUnusable(what, TO_REPLACE)
