"""Reader: the parcel store for those who only look. Works beside writers; a file that was replaced or damaged is told.

Comes in: codes. Goes out: records, the numbers of changes, the story of one parcel. One connection, used by one thread.
Errors: `StoreMissing`, `StoreDamaged`, `StoreUnusable`. Not memory-mapped: a file that is cut short under a map ends the process.
"""

import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import msgspec

from sortctl.parcels.store import FAULTS, identity, in_words, opened
from sortctl.words.parcels import ParcelRecord

BUSY_WAIT_S: Final = 0.1
"""For the moment in which a writer opens or closes the file."""
CACHE_KIB: Final = 32 << 10
"""The upper levels of the index of ten million waybills."""
CHANGES_ONE_BY_ONE: Final = 500
"""More changes than this since the last look: every watched code is looked up, which is no more work."""
STORY_MAX: Final = 100
"""Changes of one parcel that are shown, the newest."""

_FIND: Final = "SELECT body FROM records WHERE waybill = ?"
_FIND_OTHER: Final = "SELECT r.body FROM codes c JOIN records r ON r.waybill = c.waybill WHERE c.code = ?"
_decode: Final = msgspec.msgpack.Decoder(ParcelRecord).decode


class Changed(NamedTuple):
    """The newest change, and which of the watched codes it or one before may concern."""

    newest: int
    codes: list[str]


class Change(NamedTuple):
    """One change of a parcel."""

    n: int
    at_s: int
    by: str
    what: str
    detail: str


class ParcelReader:
    """An open store."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, identity(path)
        self._con = opened(path, _connected)

    def close(self) -> None:
        """The connection is given back."""
        self._con.close()

    @property
    def is_current(self) -> bool:
        """The file at the path is the one that is open."""
        return self._file is not None and identity(self._path) == self._file

    def find(self, code: str) -> ParcelRecord | None:
        """The record of the parcel with this waybill, or with this code beside its waybill."""
        try:
            code.encode()
        except UnicodeEncodeError:
            return None  # bytes of a label that are no text
        found = self._ask(_FIND, code) or self._ask(_FIND_OTHER, code)
        try:
            return _decode(found[0][0]) if found else None
        except FAULTS as error:
            raise in_words(error, self._path.name) from None

    def newest(self) -> int:
        """The number of the newest change; 0: none."""
        return int(self._ask("SELECT max(n) FROM changes")[0][0] or 0)

    def changed_since(self, n: int, watched: Collection[str]) -> Changed:
        """Codes among `watched` whose record may have changed after change `n`."""
        newest = self.newest()
        if newest == n:
            return Changed(newest, [])
        if not 0 < newest - n <= CHANGES_ONE_BY_ONE:
            return Changed(newest, list(watched))
        turned = {waybill for (waybill,) in self._ask("SELECT waybill FROM changes WHERE n > ?", n)}
        if "" in turned:
            return Changed(newest, list(watched))
        for waybill in tuple(turned):
            record = self.find(waybill)
            turned.update(record.ids if record is not None else ())
        return Changed(newest, [code for code in turned if code in watched])

    def story(self, waybill: str) -> list[Change]:
        """What was changed of one parcel by itself, oldest first; that it came in a list shows in its newest change only."""
        rows = self._ask(
            "SELECT n, at_s, by, what, detail FROM changes WHERE waybill = ? AND waybill <> '' ORDER BY n DESC LIMIT ?",
            waybill,
            STORY_MAX,
        )
        rows += self._ask(
            "SELECT n, at_s, by, what, detail FROM changes WHERE waybill = '' AND n ="
            " (SELECT change FROM records WHERE waybill = ?)",
            waybill,
        )
        return sorted(Change(*row) for row in rows)

    def count(self) -> int:
        """How many parcels are known."""
        return int(self._ask("SELECT value FROM meta WHERE key = 'records'")[0][0])

    def _ask(self, query: str, *values: object) -> list[Any]:
        try:
            return self._con.execute(query, values).fetchall()
        except FAULTS as error:
            raise in_words(error, self._path.name) from None


def _connected(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    con = sqlite3.connect(uri, uri=True, timeout=BUSY_WAIT_S, isolation_level=None, cached_statements=16)
    con.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return con
