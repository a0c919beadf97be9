import sqlite3
from pathlib import Path

import pytest

from sortctl.journal.pen import Pen
from sortctl.journal.read import JournalReader
from sortctl.journal.schema import JournalMissing, JournalUnusable
from tests.journal.made import beat, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"barcode;chute\n1;2\n", "no SQLite file"), (b"SQLite format 3\0" + b"\xff" * 200, "is damaged")],
)
@pytest.mark.parametrize("how", [Pen, JournalReader])
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_was(
    path: Path, content: bytes, why: str, how: type[Pen] | type[JournalReader]
) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalUnusable, match=why):
        how(path)
    assert path.read_bytes() == content


def test_the_mend_of_an_unusable_file_works(path: Path) -> None:
    path.write_text("barcode;chute")
    with pytest.raises(JournalUnusable) as refused:
        Pen(path)
    assert refused.value.mend == "move it away; the next start begins a new one"
    path.rename(path.with_suffix(".old"))
    Pen(path).close()


@pytest.mark.parametrize("how", [Pen, JournalReader])
def test_a_foreign_database_and_a_later_format_are_refused(path: Path, how: type[Pen] | type[JournalReader]) -> None:
    con = sqlite3.connect(path)
    con.execute("CREATE TABLE parcels (code TEXT)")
    con.close()
    with pytest.raises(JournalUnusable, match="not a journal of sortctl"):
        how(path)
    path.unlink()
    write(path)
    con = sqlite3.connect(path)
    con.execute("PRAGMA user_version = 99")
    con.close()
    with pytest.raises(JournalUnusable, match="format 99"):
        how(path)


def test_a_crash_while_the_file_was_made_leaves_a_new_journal(path: Path) -> None:
    path.touch()
    with pytest.raises(JournalMissing):
        JournalReader(path)
    write(path, [beat(1)])
    with JournalReader(path) as reader:
        assert [line.seq for line in reader.rows()] == [1]


def test_a_commit_that_fails_leaves_nothing_of_it(path: Path) -> None:
    pen = Pen(path)
    pen.write([beat(1)])
    with pytest.raises(sqlite3.IntegrityError):
        pen.write([beat(2), beat(1)])
    pen.write([beat(2)])
    pen.close()
    with JournalReader(path) as reader:
        assert [line.seq for line in reader.rows()] == [1, 2]


def test_a_commit_is_synced_and_nobody_else_makes_checkpoints(path: Path) -> None:
    pen = Pen(path)
    settings = [
        pen._con.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint")
    ]
    assert settings == ["wal", 2, 0]
    pen.close()


def test_a_closed_journal_is_read_where_nothing_can_be_written(path: Path) -> None:
    write(path, [beat(1)])
    path.parent.chmod(0o555)
    try:
        with JournalReader(path) as reader:
            assert [line.seq for line in reader.rows()] == [1]
    finally:
        path.parent.chmod(0o755)


def test_a_journal_with_a_spoiled_page_is_told_as_damaged(path: Path) -> None:
    """The head of the file is sound; what is wrong shows with the first row that is looked for."""
    write(path, [beat(seq) for seq in range(1, 400)])
    spoiled = bytearray(path.read_bytes())
    page = 4096
    spoiled[page:] = b"\xa5" * (len(spoiled) - page)
    path.write_bytes(spoiled)
    with pytest.raises(JournalUnusable, match="damaged"):
        Pen(path)
