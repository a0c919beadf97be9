"""Plans that were put in force are kept; what is damaged is said, and nothing is half written."""

from pathlib import Path

import pytest

from sortctl.plan import shelf
from sortctl.plan.shelf import Entry, ShelfUnusable
from tests.plan.small import files

ONE = files("rule,destination\nr,A\n")
OTHER = files("rule,destination\nr,B\n")


def _entry(checksum: str, at_s: int = 1, before: str = "") -> Entry:
    return Entry(at_s, "apply", checksum, "plan", at_s, before, "somebody")


def test_without_a_shelf_the_plan_of_the_site_counts(tmp_path: Path) -> None:
    assert shelf.current(tmp_path) == ""
    assert shelf.in_force(tmp_path) is None
    assert shelf.history(tmp_path) == []
    assert shelf.find(tmp_path, "") == []


def test_what_was_put_in_force_counts(tmp_path: Path) -> None:
    one, other = shelf.keep(tmp_path, ONE), shelf.keep(tmp_path, OTHER)
    assert shelf.in_force(tmp_path) is None
    shelf.put_in_force(tmp_path, _entry(one))
    assert shelf.in_force(tmp_path) == ONE
    shelf.put_in_force(tmp_path, _entry(other, 2, one))
    assert shelf.in_force(tmp_path) == OTHER
    assert [entry.checksum for entry in shelf.history(tmp_path)] == [one, other]
    assert shelf.find(tmp_path, one[:6]) == [one]
    assert shelf.find(tmp_path, "") == sorted([one, other])
    shelf.put_in_force(tmp_path, _entry(shelf.SITE, 3, other))
    assert shelf.in_force(tmp_path) is None


def test_what_is_damaged_is_said(tmp_path: Path) -> None:
    own = shelf.keep(tmp_path, ONE)
    shelf.put_in_force(tmp_path, _entry(own))
    path = tmp_path / "plans" / f"{own}.plan"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ShelfUnusable, match=r"\.plan cannot be unpacked"):
        shelf.in_force(tmp_path)
    path.unlink()
    with pytest.raises(ShelfUnusable, match=r"there is no plans/"):
        shelf.in_force(tmp_path)
    (tmp_path / "plans" / "current").write_text("../../etc/passwd")
    with pytest.raises(ShelfUnusable, match="does not hold a checksum"):
        shelf.in_force(tmp_path)


def test_a_torn_line_of_the_history_is_left_out(tmp_path: Path) -> None:
    shelf.put_in_force(tmp_path, _entry(shelf.keep(tmp_path, ONE)))
    with (tmp_path / "plans" / "history").open("ab") as history:
        history.write(b'{"at_s":2,"action":"app')
    assert len(shelf.history(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "plans").write_text("no folder")
    with pytest.raises(ShelfUnusable, match="cannot be written"):
        shelf.keep(tmp_path, ONE)
