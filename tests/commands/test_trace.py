import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sortctl.commands import trace
from sortctl.journal.pen import Entry, Pen
from sortctl.words.ids import ScannerId
from sortctl.words.outcomes import ReadOrphaned
from tests.journal.made import LINE, beat, opened, ride, row, started, write


@pytest.fixture(autouse=True)
def _far_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The same waybill on passages 1 and 3, one with a hostile label, a parcel still on its way, a stray read."""
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    rows: list[Entry] = [
        started(1),
        *ride(2, 1, "RR1NL"),
        *ride(11, 2, "A\x1b[2J\x9b31m\u202eB"),
        *ride(20, 3, "RR1NL"),
    ]
    stray = ReadOrphaned(29, LINE, ScannerId("top"), ("STRAY",), "no parcel within the window")
    write(folder / "journal.db", [*rows, row(29, stray), row(30, opened(30, 4))])
    return folder


def run(*args: str) -> Result:
    return CliRunner().invoke(trace.command, args)


def test_one_screen_tells_the_whole_life(state: Path) -> None:
    told = run("RR1NL", "--state", str(state))
    assert told.exit_code == 0
    for words in (
        "Passage 3 on line",
        "sorted into chute 6, seen by its eye",
        "at induct 1, 400 mm long",
        "top: RR1NL, BOX-1, 3 mm before the parcel's middle",
        "good, waybill RR1NL",
        "chute 6 by rule be-eco for LGG, planned was chute 5: chute 5 is full",
        "chute 5: full",
        "order 3 of epoch 3",
        "the PLC took order 3",
        "reported its end position",
        "+5 ms",
    ):
        assert words in told.output
    assert len(told.output.splitlines()) < 25


def test_several_passages_newest_first_and_the_way_to_the_others(state: Path) -> None:
    told = run("RR1NL").output
    assert told.index("Passage 3") < told.index("Earlier passages") < told.index("       1  2023-11-14")
    assert "`sortctl trace 1` shows one of them" in told
    assert "Passage 1 on line" in run("1").output


def test_json_holds_every_passage_in_full(state: Path) -> None:
    told = json.loads(run("RR1NL", "--json").output)
    assert [life["passage"] for life in told["lives"]] == [3, 1]
    assert [step["what"] for step in told["lives"][1]["steps"]] == [
        "inducted",
        "read",
        "class",
        "decided",
        "order",
        "taken",
        "diverted",
        "sorted",
    ]


def test_a_code_read_beside_the_waybill_leads_there_too(state: Path) -> None:
    assert [life["passage"] for life in json.loads(run("BOX-1", "--json").output)["lives"]] == [3, 2, 1]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_a_label_holds_never_reaches_the_terminal(state: Path, form: list[str]) -> None:
    told = run("2", *form)
    assert told.exit_code == 0
    assert all(sign.isprintable() or sign == "\n" for sign in told.output)
    missing = run("\x1b[2Jnever")
    assert "\x1b" not in missing.output


def test_a_parcel_that_is_still_on_its_way(state: Path) -> None:
    assert "on the sorter" in run("4").output


def test_a_read_that_fits_no_parcel(state: Path) -> None:
    told = run("STRAY")
    assert told.exit_code == 0
    assert "top: STRAY; no parcel within the window" in told.output


def test_unknown_is_a_negative_answer_with_the_next_step(state: Path) -> None:
    told = run("RR9NL")
    assert told.exit_code == 1
    assert "RR9NL was not read on any parcel" in told.output
    assert "sortctl tail" in told.output
    assert run("123456789012345678901234567890").exit_code == 1
    assert run("9" * 5_000).exit_code == 1


def test_it_works_beside_a_running_writer(state: Path) -> None:
    pen = Pen(state / "journal.db")
    pen.write(ride(31, 9, "RR7NL"))
    assert "Passage 9" in run("RR7NL").output
    pen.close()


def test_where_it_looks_for_the_state(state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("RR1NL").exit_code == 0, "the only folder in ./var"
    second = tmp_path / "var" / "second"
    second.mkdir()
    told = run("RR1NL")
    assert told.exit_code == 2
    assert "--state var/demo" in told.output
    monkeypatch.setenv("STATE_DIRECTORY", f"{state}:/elsewhere")
    assert run("RR1NL").exit_code == 0
    assert run("RR1NL", "--state", str(second)).exit_code == 3, "no journal in it"
    assert run("RR1NL", "--state", "nowhere").exit_code == 3
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.chdir(second)
    assert run("RR1NL").exit_code == 3


def test_a_damaged_journal_is_a_sentence(state: Path) -> None:
    path = state / "journal.db"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    told = run("RR1NL")
    assert told.exit_code == 6
    assert "sortctl journal verify" in told.output
    path.write_text("something else")
    assert run("RR1NL").exit_code == 3


def test_a_row_of_a_later_version_is_still_a_step(state: Path) -> None:
    con = sqlite3.connect(state / "journal.db", isolation_level=None)
    con.execute("UPDATE rows SET type = 'Teleported', body = CAST('{\"type\":\"Teleported\"}' AS BLOB) WHERE seq = 22")
    con.close()
    told = run("3")
    assert told.exit_code == 0
    assert "Teleported, which this version cannot read" in told.output


def test_help_has_an_example() -> None:
    told = run("--help")
    assert told.exit_code == 0
    assert "sortctl trace RR123456785NL\n" in told.output


def test_a_journal_without_parcels(tmp_path: Path) -> None:
    write(tmp_path / "journal.db", [beat(1)])
    assert run("RR1NL", "--state", str(tmp_path)).exit_code == 1
