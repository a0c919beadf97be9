"""A list as spreadsheets write it: what is taken, what is mended, what is refused and with which words."""

import pytest

from sortctl.parcels.merge import merged
from sortctl.parcels.records import COLUMNS, SMALL, ZERO, Layout, Wrong, read_csv, read_header, read_json
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord

HEADER = "waybill,ids,tenant,country,postcode,weight_g,declaration,customs,customs_at,due"


def layout(header: str = HEADER) -> Layout:
    return read_header(header, skip_unknown=False)


def refused(line: str, header: str = HEADER) -> Wrong:
    with pytest.raises(Wrong) as wrong:
        read_csv(layout(header), line)
    return wrong.value


def test_a_whole_line() -> None:
    line = read_csv(layout(), "X1,A|B,acme,BE,4000,1500,h7,released,2026-02-03T14:00:00Z,1770127200")
    assert line == (
        ParcelRecord(
            "X1",
            ids=("A", "B"),
            tenant="acme",
            country="BE",
            postcode="4000",
            weight_g=1500,
            declaration=Declaration.H7,
            customs=CustomsState.RELEASED,
            customs_at_s=1770127200,
            due_s=1770127200,
        ),
        (),
    )


def test_json_says_the_same_as_csv() -> None:
    told = read_json(
        '{"waybill": "X1", "ids": ["A", "X1"], "country": "be", "weight_g": 1500, "due": null}', skip_unknown=False
    )
    assert told.record == ParcelRecord("X1", ids=("A",), country="BE", weight_g=1500)
    assert told.mended == (SMALL,)


@pytest.mark.parametrize(
    "header", ["Waybill;Country;Postcode", "waybill\tcountry\tpostcode", '"waybill","country","postcode",,']
)
def test_headers_of_spreadsheets(header: str) -> None:
    sep = max(",;\t", key=header.count)
    assert read_csv(layout(header), sep.join(("X1", "NL", "1012 ab"))).record.postcode == "1012AB"
    assert read_csv(layout(header), sep.join(('"X1"', "NL", "1012", "", ""))).record.waybill == "X1"


@pytest.mark.parametrize(
    ("country", "postcode", "mended"),
    [
        ("FR", "1000", "01000"),
        ("DE", "1067", "01067"),
        ("IT", "9010", "09010"),
        ("ES", "8001", "08001"),
        ("US", "2134", "02134"),
    ],
)
def test_a_lost_zero_is_put_back_where_the_country_proves_it(country: str, postcode: str, mended: str) -> None:
    line = read_csv(layout("waybill,country,postcode"), f"X1,{country},{postcode}")
    assert line.record.postcode == mended
    assert line.mended == (ZERO,)


@pytest.mark.parametrize(
    ("country", "postcode"), [("BE", "4000"), ("NL", "1012AB"), ("FR", "13870"), ("GB", "SW1A 1AA"), ("IE", "D02X285")]
)
def test_what_is_whole_stays(country: str, postcode: str) -> None:
    line = read_csv(layout("waybill,country,postcode"), f"X1,{country},{postcode}")
    assert line.record.postcode == postcode.replace(" ", "")
    assert line.mended == ()


def test_two_lost_zeros_are_a_guess_and_refused() -> None:
    wrong = refused("X1,IT,118", "waybill,country,postcode")
    assert wrong.key == "postcode"
    assert "3 digits" in wrong.what


@pytest.mark.parametrize(
    ("line", "key", "what"),
    [
        (",,,BE,,,,,,", "waybill", "empty"),
        ("1.23457E+15,,,BE,,,,,,", "waybill", "rounded by a spreadsheet"),
        ('"1,23E+12",,,BE,,,,,,', "waybill", "rounded by a spreadsheet"),
        ("X1,,,XX,,,,,,", "country", "no country"),
        ("X1,,,BE,4000!,,,,,", "postcode", "no postcode"),
        ("X1,,,BE,,1.5,,,,", "weight_g", "no whole number"),
        ("X1,,,BE,,9999999,,,,", "weight_g", "too much"),
        ("X1,,,BE,,,h9,,,", "declaration", 'no "h9"'),
        ("X1,,,BE,,,,releasd,,", "customs", 'no "releasd"'),
        ("X1,,,BE,,,,released,3.2.2026,", "customs_at", "no moment"),
        ("X1,,,BE,,,,released,2026-02-03T14:00:00,", "customs_at", "no time zone"),
        ("X1,,,BE,,,,,,99", "due", "2000 and 2100"),
        ("X1,1|2|3|4|5|6|7|8|9,,BE,,,,,,", "ids", "9 codes"),
        (f"{'X' * 129},,,BE,,,,,,", "waybill", "no code"),
        ("X\x071,,,BE,,,,,,", "waybill", "no code"),
        (f"X1,,{'t' * 41},BE,,,,,,", "tenant", "41 characters"),
        ("X1,,,BE", "", "4 fields where the header has 10"),
        ('X1,,"acme,BE,,,,,,', "", "quote"),
    ],
)
def test_a_refusal_names_column_and_fault(line: str, key: str, what: str) -> None:
    wrong = refused(line)
    assert wrong.key == key
    assert what in wrong.what
    assert wrong.mend


@pytest.mark.parametrize(
    ("header", "what", "mend"),
    [
        ("waybil,country", "unknown column", "waybill"),
        ("country,postcode", "column is missing", "waybill"),
        ("waybill,country,country", "twice", "delete"),
    ],
)
def test_a_wrong_header(header: str, what: str, mend: str) -> None:
    with pytest.raises(Wrong) as wrong:
        layout(header)
    assert what in wrong.value.what
    assert mend in wrong.value.mend


def test_columns_of_others_may_be_left_out() -> None:
    known = read_header("waybill,colour,country", skip_unknown=True)
    assert read_csv(known, "X1,red,BE").record == ParcelRecord("X1", country="BE")
    assert read_json('{"waybill":"X1","colour":[1]}', skip_unknown=True).record.waybill == "X1"


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", '{"waybill": {"a": 1}}', '{"waybill": 1.5}', '{"waybil": "X"}', "\udc80"]
)
def test_json_that_is_none(text: str) -> None:
    with pytest.raises(Wrong):
        read_json(text, skip_unknown=False)


def test_every_field_of_a_record_has_a_column_but_the_conflict() -> None:
    fields = set(ParcelRecord.__struct_fields__) - {"customs_conflict"}
    assert {column.field for column in COLUMNS.values()} == fields


@pytest.mark.parametrize(("said", "due_s"), [("+72h", 259_200), ("+1", 3_600), ("1770127200", 1770127200)])
def test_a_promise_is_a_moment_or_hours(said: str, due_s: int) -> None:
    assert read_csv(read_header("waybill,due", skip_unknown=False), f"X1,{said}").record.due_s == due_s


@pytest.mark.parametrize("said", ["+", "+0h", "+721h", "+-3h", "+3d", "+\u0663h", "+9999999999h"])
def test_a_promise_that_is_none_is_told(said: str) -> None:
    with pytest.raises(Wrong, match="no time from now"):
        read_csv(read_header("waybill,due", skip_unknown=False), f"X1,{said}")


def test_a_promise_in_hours_counts_from_the_first_time_that_it_is_said() -> None:
    said = ParcelRecord("X1", due_s=3_600)
    first, _ = merged(None, said, 1_800_000_000)
    again, _ = merged(first, said, 1_900_000_000)
    assert first.due_s == again.due_s == 1_800_003_600
    assert merged(first, ParcelRecord("X1", due_s=1_850_000_000), 1_900_000_000)[0].due_s == 1_850_000_000
