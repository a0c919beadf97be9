import re
import sqlite3
from pathlib import Path

import pytest

from sortctl.journal.read import JournalReader
from sortctl.journal.row import row_of, thing_of
from sortctl.journal.schema import JournalUnusable
from sortctl.journal.verify import Verified, verify
from sortctl.words.outcomes import AnyOutcome
from tests.journal.made import beat, closed, opened, ride, row, short_day, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def verified(path: Path) -> Verified:
    with JournalReader(path) as reader:
        return verify(reader, lambda _: None, lambda _: None)


def damaged(path: Path, statement: str, *values: object) -> list[str]:
    """Findings after `statement` was done to the short day, kind and row."""
    con = sqlite3.connect(short_day(path), isolation_level=None)
    con.execute(statement, values)
    con.close()
    return [f"{finding.kind} {finding.seq}" for finding in verified(path).findings]


def test_a_sound_journal_is_counted_and_every_outcome_shown(path: Path) -> None:
    shown: list[AnyOutcome] = []
    with JournalReader(short_day(path)) as reader:
        told = verify(reader, shown.append, lambda _: None)
    assert told.sound
    assert (told.rows, told.first_seq, told.last_seq, told.runs) == (19, 1, 19, 1)
    assert (told.facts, told.orders, told.outcomes) == (3, 2, 14)
    assert len(shown) == 14


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE rows SET code = 'RR3NL' WHERE seq = 4", ["altered 4"]),
        ("UPDATE rows SET passage = 2 WHERE seq = 4", ["altered 4"]),
        ("UPDATE rows SET wall_ns = wall_ns + 1 WHERE seq = 4", ["altered 4"]),
        ("UPDATE rows SET type = 'ReadTieD' WHERE seq = 4", ["altered 4"]),
        ("UPDATE rows SET chain = chain + 1 WHERE seq = 4", ["altered 4"]),
        ("UPDATE rows SET chain = chain + 1 WHERE seq = 19", ["altered 19"]),
        ("UPDATE rows SET code = code || 'X' WHERE seq IN (4, 13)", ["altered 4", "altered 13"]),
        ("DELETE FROM rows WHERE seq = 4", ["missing 4"]),
        ("DELETE FROM rows WHERE seq BETWEEN 4 AND 6", ["missing 4"]),
        ("DELETE FROM rows WHERE seq = 1", ["missing 1"]),
        ("UPDATE rows SET seq = 20 WHERE seq = 19", ["missing 19"]),
    ],
)
def test_what_was_done_to_a_row_is_named_once_and_in_its_place(path: Path, statement: str, found: list[str]) -> None:
    assert damaged(path, statement) == found


def test_two_rows_that_changed_places_are_named(path: Path) -> None:
    con = sqlite3.connect(short_day(path), isolation_level=None)
    con.executescript(
        "UPDATE rows SET seq = 99 WHERE seq = 4; UPDATE rows SET seq = 4 WHERE seq = 5;"
        "UPDATE rows SET seq = 5 WHERE seq = 99"
    )
    con.close()
    assert verified(path).findings[0].seq == 4


def test_rows_cut_off_at_the_end_are_missed_if_a_snapshot_knew_them(path: Path) -> None:
    assert damaged(path, "INSERT INTO snapshots SELECT 25, 0, '', 0, body FROM rows LIMIT 1") == [
        "snapshot 25",
        "missing 20",
    ]


@pytest.mark.slow
def test_every_flipped_bit_of_a_body_is_found_in_its_row(path: Path) -> None:
    """Every bit of every body, in the file itself."""
    clean = write(path, ride(1, 1, "RR1NL")[:5]).read_bytes()
    with JournalReader(path) as reader:
        bodies = [(line.seq, line.body) for line in reader.rows()]
    flips = 0
    with path.open("r+b", buffering=0) as file:
        for seq, body in bodies:
            places = [found.start() for found in re.finditer(re.escape(body), clean)]
            assert len(places) == 1
            for at in range(places[0], places[0] + len(body)):
                for bit in range(8):
                    file.seek(at)
                    file.write(bytes([clean[at] ^ 1 << bit]))
                    told = verified_rows(path)
                    assert told[0].startswith(f"altered {seq}"), f"byte {at} bit {bit}"
                    flips += 1
                file.seek(at)
                file.write(clean[at : at + 1])
    assert flips == 8 * sum(len(body) for _, body in bodies)
    assert verified(path).sound


def verified_rows(path: Path) -> list[str]:
    """As `verified`, without what SQLite itself checks: thousands of times."""
    with JournalReader(path) as reader:
        reader.file_faults = list  # type: ignore[method-assign]
        return [f"{finding.kind} {finding.seq}" for finding in verify(reader, lambda _: None, lambda _: None).findings]


def test_any_flipped_byte_of_the_file_is_an_answer_never_a_crash(path: Path) -> None:
    """Also where SQLite keeps its own; what changes nothing that is stored may pass."""
    clean = bytearray(short_day(path).read_bytes())
    for at in range(0, len(clean), 29):
        path.write_bytes(bytes([*clean[:at], clean[at] ^ 0xFF, *clean[at + 1 :]]))
        try:
            told = verified(path)
        except JournalUnusable:
            continue
        assert told.findings or told.rows == 19


def test_a_passage_that_ends_twice_begins_twice_or_never_is_told(path: Path) -> None:
    twice = [row(1, opened(1, 1)), row(2, opened(2, 1)), row(3, closed(3, 1, "A")), row(4, closed(4, 1, "A"))]
    write(path, [*twice, row(5, closed(5, 2, "B"))])
    assert [finding.text for finding in verified(path).findings] == [
        "row 2: passage 1 opened a second time",
        "row 4: passage 1 closed a second time",
    ]
    path.unlink()
    write(path, [row(1, closed(1, 2, "B"))])
    assert [finding.text for finding in verified(path).findings] == ["row 1: passage 2 closed, but never opened"]


def test_there_is_an_end_to_the_findings(path: Path) -> None:
    write(path, [beat(seq) for seq in range(1, 100)])
    con = sqlite3.connect(path, isolation_level=None)
    con.execute("UPDATE rows SET code = 'X'")
    con.close()
    told = verified(path)
    assert (len(told.findings), told.more_findings) == (20, 79)


def test_the_same_thing_makes_the_same_bytes_after_a_ride_through_the_file(path: Path) -> None:
    write(path, ride(1, 1, "RR\u00e9\u202e\0NL"))
    with JournalReader(path) as reader:
        back = list(reader.rows())
        found = reader.code("RR\u00e9\u202e\0NL")
    assert [row_of(line.seq, line.at_ns, line.wall_ns, thing_of(line)) for line in back] == back
    assert len(found) == 5
