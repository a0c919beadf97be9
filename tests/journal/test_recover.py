import sqlite3
from pathlib import Path

import pytest

from sortctl.journal.pen import Entry, SiteFiles, Snapshot
from sortctl.journal.recover import recover
from sortctl.words.facts import BeltMoved
from tests.journal.made import FILES, MS, SITE, WALL_NS, beat, ride, short_day, started, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def damage(path: Path, statement: str) -> None:
    con = sqlite3.connect(path, isolation_level=None)
    con.execute(statement)
    con.close()


def counts(path: Path) -> list[int]:
    got = recover(path)
    assert got is not None
    return [fact.count for fact in got.facts if isinstance(fact, BeltMoved)]


def test_nothing_was_ever_written(path: Path) -> None:
    assert recover(path) is None
    write(path)
    assert recover(path) is None


def test_without_a_snapshot_everything_is_stepped_again(path: Path) -> None:
    got = recover(short_day(path))
    assert got is not None
    assert (got.snapshot, got.snapshot_seq, got.why) == (None, 0, "")
    assert [type(fact).__name__ for fact in got.facts] == ["ControllerStarted", "CodesRead", "CodesRead"]
    assert (got.last_seq, got.last_at_ns, got.last_wall_ns) == (19, 19 * MS, WALL_NS + 19 * MS)
    assert (got.site, got.files) == (SITE, FILES)


def test_from_the_last_snapshot_only_the_facts_after_it(path: Path) -> None:
    early: list[Entry] = [beat(2), Snapshot(2, 2, b"early")]
    late: list[Entry] = [beat(3), Snapshot(3, 3, b"late"), *ride(4, 1, "RR1NL")]
    write(path, [SiteFiles(SITE, FILES), started(1)], early, late)
    got = recover(path)
    assert got is not None
    assert (got.snapshot, got.snapshot_seq, got.why) == (b"late", 3, "")
    assert [type(fact).__name__ for fact in got.facts] == ["CodesRead"]


def test_a_damaged_snapshot_gives_way_to_the_one_before(path: Path) -> None:
    write(path, [beat(1), Snapshot(1, 1, b"good"), beat(2), Snapshot(2, 2, b"bad"), beat(3)])
    damage(path, "UPDATE snapshots SET body = CAST('baD' AS BLOB) WHERE seq = 2")
    got = recover(path)
    assert got is not None
    assert (got.snapshot, got.why) == (b"good", "")
    assert counts(path) == [2, 3]


@pytest.mark.parametrize(
    ("statement", "left", "why"),
    [
        ("DELETE FROM rows WHERE seq = 5", [3, 4], "rows 5 to 5 are missing"),
        ("UPDATE rows SET at_ns = at_ns + 1 WHERE seq = 5", [3, 4], "row 5 or the one before it was altered"),
        ("UPDATE rows SET body = CAST('{}' AS BLOB) WHERE seq = 5", [3, 4], "row 5"),
        ("DELETE FROM rows WHERE seq = 3", [], "rows 3 to 3 are missing"),
        ("DELETE FROM snapshots", [1, 2, 3, 4, 5, 6], ""),
    ],
)
def test_nothing_behind_a_damage_is_trusted(path: Path, statement: str, left: list[int], why: str) -> None:
    """The numbers go on behind the last row all the same: none is ever used twice."""
    write(path, [beat(1), beat(2), Snapshot(2, 2, b"state"), *(beat(seq) for seq in range(3, 7))])
    damage(path, statement)
    got = recover(path)
    assert got is not None
    assert counts(path) == left
    assert why in got.why
    assert bool(got.why) == bool(why)
    assert got.last_seq == 6


def test_a_snapshot_ends_a_time_in_which_rows_were_dropped(path: Path) -> None:
    write(path, [beat(1), beat(2)], [Snapshot(9, 9, b"state"), beat(10), beat(11)])
    got = recover(path)
    assert got is not None
    assert (got.snapshot, got.why) == (b"state", "")
    assert counts(path) == [10, 11]


def test_rows_that_were_dropped_after_the_last_snapshot_are_told(path: Path) -> None:
    write(path, [beat(1), Snapshot(1, 1, b"state"), beat(2), beat(7)])
    got = recover(path)
    assert got is not None
    assert got.why == "rows 3 to 6 are missing"
