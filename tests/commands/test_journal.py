import json
import sqlite3
from pathlib import Path

from click.testing import CliRunner, Result

from sortctl.commands import journal
from sortctl.journal.pen import Pen
from tests.journal.made import closed, row, short_day, write


def run(path: Path, *args: str) -> Result:
    return CliRunner().invoke(journal.command, ["verify", "--state", str(path), *args])


def test_a_sound_journal_and_its_balance(tmp_path: Path) -> None:
    short_day(tmp_path / "journal.db")
    told = run(tmp_path)
    assert told.exit_code == 0
    assert "every row is what was written" in told.output
    assert "line: 2 inducted = 2 sorted + 0 rejected + 0 lost + 0 removed + 0 on the sorter" in told.output
    answer = json.loads(run(tmp_path, "--json").output)
    assert (answer["sound"], answer["rows"], answer["balance"][0]["holds"]) == (True, 19, True)


def test_the_first_damage_comes_first(tmp_path: Path) -> None:
    con = sqlite3.connect(short_day(tmp_path / "journal.db"), isolation_level=None)
    con.executescript("UPDATE rows SET code = 'X' WHERE seq = 5; DELETE FROM rows WHERE seq = 9")
    con.close()
    told = run(tmp_path)
    assert told.exit_code == 6
    assert told.output.splitlines()[:2] == [
        "row 5 (outcome ReadClassed) was altered after it was written",
        "row 9: taken out after being written",
    ]
    assert json.loads(run(tmp_path, "--json").output)["findings"][0]["seq"] == 5


def test_a_balance_that_does_not_hold_is_not_sound(tmp_path: Path) -> None:
    write(tmp_path / "journal.db", [row(1, closed(1, 1, "A"))])
    told = run(tmp_path)
    assert told.exit_code == 6
    assert "the balance does not hold" in told.output


def test_parcels_that_were_on_the_sorter_at_the_cut_of_a_pruned_journal(tmp_path: Path) -> None:
    pen = Pen(short_day(tmp_path / "journal.db"))
    pen.prune_below = 4  # behind the induct of the first parcel
    while pen.prune_below:
        pen.prune_piece()
    pen.close()
    told = run(tmp_path)
    assert told.exit_code == 0
    assert "rows up to 3 were deleted after their time" in told.output
    assert "line: 2 inducted = 2 sorted" in told.output


def test_no_journal_is_exit_3(tmp_path: Path) -> None:
    told = run(tmp_path)
    assert told.exit_code == 3
    assert "there is no journal at" in told.output
