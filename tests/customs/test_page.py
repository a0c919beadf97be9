"""The page about customs says what the program does: which state may become which."""

import re
from pathlib import Path

from sortctl.customs.states import NEXT
from sortctl.words.parcels import CustomsState

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "explanation" / "customs.md").read_text(encoding="utf-8")


def test_the_table_of_changes_is_that_of_the_program() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
    known = {str(state) or "unknown": {str(to) for to in after} for state, after in NEXT.items()}
    assert {name: set(re.findall(r"`(\w+)`", after)) for name, after in rows.items()} == known


def test_the_picture_shows_no_change_that_no_procedure_knows() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+)", PAGE, re.MULTILINE)
    assert drawn
    assert not [(one, two) for one, two in drawn if CustomsState(two) not in NEXT[CustomsState(one)]]
