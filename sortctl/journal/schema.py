"""Schema: the tables of the journal file, its version, its chain of checksums, and the words for a file that is no journal.

Each row carries a CRC-32 over its own content that begins with the one of the row before: a row that was altered,
taken out or put in breaks the chain at its place. A row that was never written (rows were dropped while the disk was
dead) leaves a gap in `seq` over which the chain holds. Never here: a connection (`pen.py` writes, `read.py` reads).
"""

from typing import Final
from zlib import crc32

from sortctl.journal.row import Row

APPLICATION_ID: Final = 0x53584A4C
"""In the header of the file: "SXJL"."""
VERSION: Final = 1

TABLES: Final = (
    # seq is the rowid: rows are appended at the end of one tree, and read back in the order in which they lie.
    """CREATE TABLE rows (
        seq INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, wall_ns INTEGER NOT NULL, kind TEXT NOT NULL,
        type TEXT NOT NULL, passage INTEGER NOT NULL, code TEXT NOT NULL, chain INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT""",
    # Most rows belong to no passage and carry no code; partial indexes cost them nothing.
    "CREATE INDEX rows_by_passage ON rows (passage) WHERE passage > 0",
    "CREATE INDEX rows_by_code ON rows (code) WHERE code <> ''",
    """CREATE TABLE snapshots (
        seq INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, site TEXT NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT""",
    "CREATE TABLE site (checksum TEXT PRIMARY KEY, crc INTEGER NOT NULL, files BLOB NOT NULL) STRICT",
    # base_seq, base_chain: the last row that was pruned. site: the checksum in force.
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
)
ROW_COLUMNS: Final = "seq, at_ns, wall_ns, kind, type, passage, code, body"

PLAN: Final = "plan:"
"""Before the checksum of files in `site` that are only a sort plan, put in force while a controller ran."""
FILE_NAME: Final = "journal.db"
_MAGIC: Final = b"SQLite format 3\0"


class JournalUnusable(Exception):
    """The file cannot serve as a journal. `str` says why, `mend` what to do."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


class JournalHeld(JournalUnusable):
    """Another controller writes this journal."""


class JournalMissing(JournalUnusable):
    """There is no journal."""


class JournalDamaged(JournalUnusable):
    """The file is a journal, and a part of it cannot be read."""


MOVE_AWAY: Final = "move it away; the next start begins a new one"


def chained(chain: int, row: Row) -> int:
    """The chain value of `row`, from that of the row before it."""
    head = f"{row.seq} {row.at_ns} {row.wall_ns} {row.kind} {row.type} {row.passage} {row.code}\n"
    return crc32(row.body, crc32(head.encode("utf-8", "surrogateescape"), chain))


def snapshot_crc(seq: int, at_ns: int, site: str, body: bytes) -> int:
    """The checksum of one snapshot."""
    return crc32(body, crc32(f"{seq} {at_ns} {site}\n".encode("utf-8", "surrogateescape")))


def check_head(head: bytes, name: str) -> None:
    """The first bytes of a file that exists: an empty one is a journal that was never begun."""
    if head and not head.startswith(_MAGIC):
        raise JournalUnusable(f"{name} is not a journal: it is no SQLite file", MOVE_AWAY)


def check_marks(application_id: int, version: int, name: str) -> None:
    """The marks in the header of a file that has tables."""
    if application_id != APPLICATION_ID:
        raise JournalUnusable(f"{name} is a database, but not a journal of sortctl", MOVE_AWAY)
    if version != VERSION:
        raise JournalUnusable(
            f"{name} is a journal of format {version}; this version of sortctl writes format {VERSION}", MOVE_AWAY
        )
