"""Journal rows: what the controller wrote down, read from its database with our own words.

Comes in: a state folder. Goes out: its rows in their order. Read-only: a rig never touches a journal.
Never here: what the rows mean (`sim/claims.py`), the controller's own reader.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

JOURNAL: Final = "journal.db"


class KeptRow(NamedTuple):
    """One row."""

    kind: str
    type: str
    passage: int
    body: bytes


def journal_rows(state: Path) -> Iterator[KeptRow]:
    """Every row, oldest first."""
    address = state.joinpath(JOURNAL).resolve().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as journal:
        for row in journal.execute("SELECT kind, type, passage, body FROM rows ORDER BY seq"):
            yield KeptRow(*row)
