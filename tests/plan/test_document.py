"""A plan is a document with a name, a version and a checksum, and comes back from one piece as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.plan.document import Document, DocumentDamaged, document, files, plan_files
from sortctl.plan.load import load_plan
from tests.plan.small import files as files_of
from tests.plan.small import plan_of, said

RULES = "rule,destination\nr,A\n"
TOML = """id = "evening"
version = 7
valid_from = 2026-03-01T18:00:00Z
valid_to = 2026-03-02T06:00:00+01:00
author = "P. Lanner"
note = "as agreed"
sizes = {L = 1200, S = 350, M = 600}
"""


def test_it_says_what_it_is() -> None:
    told = plan_of(RULES, document=TOML).document
    assert (told.id, told.version, told.author, told.note) == ("evening", 7, "P. Lanner", "as agreed")
    assert (told.valid_from_s, told.valid_to_s) == (1_772_388_000, 1_772_427_600)
    assert told.sizes == (("S", 350), ("M", 600), ("L", 1200))
    assert [told.validity(at) for at in (1_772_387_999, 1_772_388_000, 1_772_427_599, 1_772_427_600)] == [
        "it is not valid yet", "", "", "it is no longer valid",
    ]  # fmt: skip


def test_a_site_without_plan_toml_lends_its_name() -> None:
    made = files_of(RULES)
    assert load_plan(made).document.id == "plan"
    told = load_plan({**made, "site.toml": b'[hub]\nname = "north"\n'}).document
    assert (told.id, told.version, told.validity(0)) == ("north", 0, "")
    # the site file is no part of the plan
    assert told.checksum == load_plan(made).document.checksum


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ('version = 1\n', 1, "id", "is missing; add it: a name"),
        ('id = "a"\n', 1, "version", "is missing; add it: a whole number"),
        ('id = "a b"\nversion = 1\n', 1, "id", "is a b; must be a name"),
        ('id = "a"\nversion = "1"\n', 2, "version", "is 1; must be a whole number"),
        ('id = "a"\nversion = true\n', 2, "version", "is True; must be a whole number"),
        ('id = "a"\nversion = 1\nautor = "x"\n', 3, "autor", "unknown key; did you mean author?"),
        ('id = "a"\nversion = 1\nvalid_from = 2026-03-01T18:00:00\n', 3, "valid_from",
         "is 2026-03-01 18:00:00; must be a moment with its offset"),
        ('id = "a"\nversion = 1\nvalid_from = 2026-03-01\n', 3, "valid_from", "is 2026-03-01; must be a moment"),
        ('id = "a"\nversion = 1\nvalid_from = 2026-03-02T00:00:00Z\nvalid_to = 2026-03-01T00:00:00Z\n', 4, "valid_to",
         "is not behind valid_from"),
        ('id = "a"\nversion = 1\nsizes = {small = 1}\n', 3, "sizes", "is {'small': 1}; must be a table"),
        ('id = "a"\nversion = 1\nsizes = {S = 1, M = 1}\n', 3, "sizes", "has two classes with the same longest side"),
        ('id = \nversion = 1\n', 1, "", "is not TOML: invalid value"),
    ],
)  # fmt: skip
def test_mistakes_are_told(text: str, line: int, key: str, words: str) -> None:
    told = said(RULES, document=text)[0]
    assert told[:4] == ("plan.toml", line, key, "error")
    assert told[4].startswith(words)


def test_one_piece_holds_all_of_it() -> None:
    made = files_of(RULES, document=TOML)
    checksum = load_plan(made).document.checksum
    piece = document({**made, "site.toml": b"x", "parcels.csv": b"y"})
    assert files(piece, checksum) == plan_files(made) == made
    with pytest.raises(DocumentDamaged, match="checksum"):
        files(piece, "0" * 64)


@given(st.binary(max_size=80))
def test_anything_else_is_damaged(data: bytes) -> None:
    with pytest.raises(DocumentDamaged):
        files(data)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_is_found(at: int, by: int) -> None:
    made = files_of(RULES, document=TOML)
    piece = bytearray(document(made))
    piece[at % len(piece)] ^= by
    try:
        assert files(bytes(piece), load_plan(made).document.checksum) == made
    except DocumentDamaged:
        return


def test_a_document_is_valid_without_dates() -> None:
    assert Document("x").validity(1 << 40) == ""
