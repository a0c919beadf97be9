"""A site's own tables: what they add, and how every mistake in them is told."""

import pytest

from sortctl.labels import LabelRules, Severity, Use, read
from sortctl.labels.load import COLUMNS, LABELS, WAYBILLS, LabelsInvalid, load_labels
from sortctl.words.facts import Code

HEADER = ",".join(COLUMNS[LABELS])


def _load(labels: str = "", waybills: str = "") -> LabelRules:
    files = {}
    if labels:
        files[LABELS] = f"{HEADER}\n{labels}".encode()
    if waybills:
        files[WAYBILLS] = f"tenant,kinds\n{waybills}".encode()
    return load_labels(files)


def _problems(labels: str = "", waybills: str = "") -> list[str]:
    with pytest.raises(LabelsInvalid) as invalid:
        _load(labels, waybills)
    return [str(problem) for problem in invalid.value.problems]


def test_a_site_without_tables_has_what_is_built_in() -> None:
    assert read(Code("1Z999AA10123456784"), load_labels({})).kind == "ups"


def test_a_number_of_the_site() -> None:
    rules = _load("hub_bag,HB(country:??)#{6-8},,,Our hub,unit,\n")
    label = read(Code("HBFR1234567"), rules)
    assert (label.kind, label.issuer, label.use, label.routing.country) == ("hub_bag", "Our hub", Use.UNIT, "FR")
    assert read(Code("HBFR12345"), rules).kind == "unknown"


def test_the_sites_rows_come_before_what_is_built_in() -> None:
    rules = _load("ours,YT9#{15},luhn,refuse,,,\nours_s10,LX#{9}CN,,,,,\n")
    assert (read(Code("YT9229521272164446"), rules).kind, read(Code("YT9229521272164446"), rules).usable) == (
        "ours",
        False,
    )
    assert read(Code("YT2229521272164446"), rules).kind == "yunexpress"
    label = read(Code("LX000000005CN"), rules)
    assert (label.kind, label.others) == ("ours_s10", ("s10", "dhl_ecommerce"))


def test_a_check_digit_by_name_and_what_follows_from_a_wrong_one() -> None:
    rules = _load("ours,OUR(waybill:(checked:#{8})),gs1,refuse,,,FR\n")
    right = read(Code("OUR12345670"), rules)
    assert (right.valid, right.waybill, right.routing.country) == (True, "12345670", "FR")
    wrong = read(Code("OUR12345671"), rules)
    assert (wrong.kind, wrong.usable, wrong.why) == ("ours", False, "check digit is 1, the number asks for 0")


@pytest.mark.parametrize(("how_bad", "usable"), [("ignore", True), ("warn", True), ("refuse", False)])
def test_how_strict_a_site_is_with_a_built_in_kind(how_bad: str, usable: bool) -> None:
    label = read(Code("1Z999AA10123456789"), _load(f"ups,,,{how_bad},,,\n"))
    assert (label.valid, label.severity, label.usable) == (False, Severity(how_bad), usable)


def test_strict_with_sscc_is_not_strict_with_any_eighteen_digits() -> None:
    rules = _load("sscc,,,refuse,,,\nawb,,,refuse,,,\n")
    assert read(Code("340123451234567894"), rules).usable
    assert read(Code("12345678909"), rules).usable
    assert not read(Code("00340123451234567894"), rules).usable


def test_strict_with_a_carrier_that_has_only_digits() -> None:
    rules = _load("fedex_express,,,refuse,,,\n")
    assert not read(Code("986578788852"), rules).usable
    assert read(Code("986578788855"), rules).usable


def test_a_pattern_that_everything_fits_needs_a_check_digit() -> None:
    rules = _load("ours,#{17},,,,,\n")
    assert [str(problem) for problem in rules.warnings] == [
        (
            "labels.csv:2 pattern: warning: has nothing that stands for itself and no check digit, so no number is "
            "taken for this kind; write the letters or digits that it begins with, or name its check"
        )
    ]
    label = read(Code("12345678901234567"), rules)
    assert (label.kind, label.others) == ("unknown", ("ours",))
    assert read(Code("12345678901234566"), _load("ours,#{17},luhn,,,,\n")).kind in {"ours", "unknown"}


def test_the_order_of_kinds_by_tenant() -> None:
    rules = _load("own,OWN#{8},,,,,\n", "temu,own; ups ;s10\n,ups\n")
    assert [rules.rank("temu", kind) for kind in ("own", "ups", "s10", "4px")] == [0, 1, 2, None]
    assert [rules.rank("shein", kind) for kind in ("own", "ups")] == [None, 0]


def test_spreadsheets() -> None:
    """A byte order mark, semicolons, blank lines, trailing separators; the optional columns left out."""
    data = "\ufeffkind;pattern;check;bad_check\r\n\r\nours;OUR#{8};gs1;refuse\r\n;;;\r\n"
    assert read(Code("OUR12345670"), load_labels({LABELS: data.encode()})).kind in {"ours", "unknown"}
    waybills = 'tenant;kinds\n;"ups;s10"\n'
    assert load_labels({WAYBILLS: waybills.encode()}).rank("", "s10") == 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("Ours,X#,,,,,", 'kind: "Ours" is no name of a kind; write up to 32 small letters, digits and _'),
        ("unknown,X#,,,,,", "kind: unknown is what no row fits; give it another name"),
        ("ours,X#,,,,,\nours,X#,,,,,", "kind: stands in line 2 already with this pattern; delete one of them"),
        ("upps,,,warn,,,", "pattern: is empty, and there is no kind upps; did you mean ups?"),
        ("ups,,,,,,", "bad_check: is empty, so the row says nothing; write ignore, warn or refuse, or delete the row"),
        ("ups,,gs1,warn,,,", "check: needs a pattern beside it; write the pattern, or leave it empty"),
        ("ours,X#,,warn,,,", "bad_check: says what follows from a wrong check digit, but no check is named; name the check, or clear it"),
        ("ours,X#,lun,,,,", 'check: "lun" is not known; did you mean luhn?'),
        ("ours,X#,,,,bag,", 'use: "bag" is not known; write one of parcel, routing, unit, product, or nothing'),
        ("ours,X#,,,,,XX", 'country: there is no country "XX"; write two letters of ISO 3166-1, as BE or NL'),
        ("ours,X#{,,,,,", "pattern: cannot be used: '{' at character 3 means nothing here"),
        ("ours,(bag:#),,,,,", "pattern: cannot be used: behind ( at character 1 comes one of waybill"),
        ("ours,X(waybill:#,,,,,", "pattern: cannot be used: the part waybill is not closed with )"),
        ("ours,X#),,,,,", "pattern: cannot be used: there is a ) too many at character 3"),
        ("ours,X#{200},,,,,", "pattern: cannot be used: it takes up to 201 characters, at most 128 are read"),
        ("ours,X#{0},,,,,", "pattern: cannot be used: {0} repeats nothing"),
        ("ours,X#{1-2}?{1-2}#{1-2},,,,,", "pattern: cannot be used: it has 3 parts of variable length, at most 2 are taken"),
        ("ours,X[9-1],,,,,", "pattern: cannot be used: [9-1] runs backwards"),
    ],
)  # fmt: skip
def test_mistakes_in_the_table_of_kinds(row: str, problem: str) -> None:
    line = 1 + len(row.splitlines())
    assert any(found.startswith(f"labels.csv:{line} {problem}") for found in _problems(labels=row)), _problems(row)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("temu,ups;usp", 'kinds: there is no kind "usp"; did you mean ups?'),
        ("temu,", "kinds: is empty; write the kinds, the one that wins first"),
        ("temu,ups;s10;ups", "kinds: ups stands there twice; delete one of them"),
        ("temu,ups\ntemu,s10", "tenant: stands in line 2 already; write all its kinds in one row"),
    ],
)
def test_mistakes_in_the_table_of_waybills(rows: str, problem: str) -> None:
    line = 1 + len(rows.splitlines())
    assert _problems(waybills=rows) == [f"waybills.csv:{line} {problem}"]


def test_all_mistakes_at_once() -> None:
    assert len(_problems("ours,X#{,,,,,\nups,,,,,,\n", "temu,nothing\n")) == 3


def test_a_table_without_end_is_cut() -> None:
    found = _problems("\n".join(f"k{number},K{number}#,,,,," for number in range(300)))
    assert found == ["labels.csv:202: has 300 rows, at most 200 are taken; join patterns of one carrier"]
