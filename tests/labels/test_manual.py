"""The manual names every kind, check digit and column."""

from pathlib import Path

from sortctl.labels.label import Severity, Use
from sortctl.labels.load import COLUMNS
from sortctl.labels.numbers.carriers import NAMES
from sortctl.labels.numbers.digits import RULES
from sortctl.labels.numbers.shape import ROLES
from sortctl.labels.rules import OTHER_KINDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "labels.md"


def test_the_manual_is_whole() -> None:
    page = PAGE.read_text(encoding="utf-8")
    columns = {column for table in COLUMNS.values() for column in table}
    words = {*NAMES, *OTHER_KINDS, *RULES, *ROLES, *columns, *map(str, Severity), *map(str, Use)}
    missing = sorted(word for word in words if f"`{word}`" not in page)
    assert not missing
