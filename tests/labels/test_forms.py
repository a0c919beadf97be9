"""Codes of several fields: what they say, and how a damaged one is told from a whole one."""

import pytest

from sortctl.labels import DEFAULT_RULES, Label, Severity, Use, read
from sortctl.labels.countries import country, postcode
from sortctl.labels.forms import element_strings
from sortctl.labels.gs1 import check_digit
from sortctl.words.facts import Code

GS, RS, EOT = "\x1d", "\x1e", "\x04"
SSCC = "00340123451234567895"


def _read(text: str, aim: str = "") -> Label:
    return read(Code(text, aim), DEFAULT_RULES)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"403R33{SSCC}", "403 ends in a whole SSCC: the separator behind it is missing"),
        (f"42075001{SSCC}", "420 has 25 characters, at most 20: the separator behind it is missing"),
        (f"4212507500{GS}{SSCC[:19]}", "00 is cut off: it has 17 characters"),
        (f"{SSCC}421250{GS}37{GS}", "421 is cut off: it has 3 characters before a separator"),
        (f"{SSCC}37ABC", "37 has signs that it may not have"),
        (f"{SSCC[:-1]}4", "check digit of 00 is 4, the number asks for 5"),
        (f"{SSCC}42075001{GS}42125075001", "420 and 421 may not stand in one message"),
        (f"{SSCC}42075001{GS}42075002", "420 stands there twice, with different data"),
        (f"{SSCC}42199975001", "no country has the code 999"),
        (f"{SSCC}0999", "no application identifier begins with '0999'"),
        (f"{SSCC}4104012345000008", "check digit of 410 is 8, the number asks for 9"),
    ],
)
def test_a_broken_message_gives_no_field(text: str, why: str) -> None:
    label = _read(text, "]C1")
    if label.kind == "sscc":  # twenty characters are one number
        assert label.why == "check digit is 4, the number asks for 5"
        return
    assert (label.kind, label.why, label.ids, label.usable) == ("gs1", why, (), False)


def test_superfluous_separators_are_legal() -> None:
    label = _read(f"{GS}{SSCC}{GS}{GS}403R33{GS}", "]C1")
    assert (label.valid, label.id("route"), label.id("sscc")) == (True, "R33", SSCC[2:])


def test_the_parcel_elements_by_their_roles() -> None:
    text = (
        f"{SSCC}402{40123450000000016}{GS}401ABC123{GS}4104012345000009413{4012345000009}4307FR{GS}42075001{GS}"
        f"4300Soci%C3%A9t%C3%A9%20X{GS}43211{GS}43252612241800{GS}3301000125"
    )
    label = _read(text, "]d2")
    assert label.why == ""
    assert dict(label.ids) == {
        "waybill": SSCC,
        "sscc": SSCC[2:],
        "shipment": "40123450000000016",
        "consignment": "ABC123",
        "ship_to": "4012345000009",
        "ship_for": "4012345000009",
        "to_country": "FR",
        "postcode": "75001",
        "to_company": "Société X",
        "dangerous": "1",
        "not_after": "2612241800",
        "ai_3301": "000125",
    }
    assert (label.routing.country, label.routing.postcode) == ("FR", "75001")


def test_a_message_that_only_says_where_to_is_no_parcel() -> None:
    assert _read("42125075001", "]C1").use is Use.ROUTING


def test_data_that_a_separator_does_not_make_gs1() -> None:
    label = _read(f"ORDER{GS}77")
    assert (label.kind, label.valid, label.text) == ("unknown", True, f"ORDER{GS}77")


def test_a_scanner_that_says_it_is_not_gs1_is_believed() -> None:
    assert _read(f"4212507500100{GS}1", "]d1").kind == "unknown"


def test_an_sscc_with_more_behind_it_is_no_fedex_number() -> None:
    """34 digits that begin with 0 have both shapes."""
    label = _read(f"{SSCC}42012345678901")
    assert (label.kind, label.id("sscc"), label.routing.postcode) == ("gs1", SSCC[2:], "12345678901")


@pytest.mark.parametrize("aim", ["]C1", ""])
def test_the_identifier_may_stand_in_the_text(aim: str) -> None:
    text = f"421{250}75001{GS}{SSCC}"
    assert _read(text if aim else f"]C1{text}", aim).routing.country == "FR"


def test_envelopes() -> None:
    label = _read(f"[)>{RS}06{GS}JUN123456789ABC{GS}2LDE53113+42000001{GS}17UDE{RS}{EOT}", "]d1")
    assert (label.kind, label.why) == ("iso15434", "")
    assert label.id("licence_plate") == "UN123456789ABC"
    assert (label.routing.country, label.routing.postcode) == ("DE", "53113")
    assert {"JUN123456789ABC", "UN123456789ABC"} < set(label.names())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"[)>{RS}06{GS}JUN1", "the end is missing"),
        (f"[)>06{GS}JUN1", "the record separator behind [)> is missing"),
        (f"[)>{RS}99{GS}JUN1{RS}{EOT}", "there is no format '99'"),
        (f"[)>{RS}06{GS}{GS}{RS}{EOT}", "no field has a data identifier"),
        (f"[)>{RS}07free text{RS}{EOT}", "it holds no identifiers"),
        ("[)>", "the record separator behind [)> is missing"),
    ],
)
def test_broken_envelopes_are_said_and_taken(text: str, why: str) -> None:
    label = _read(text)
    assert (label.kind, label.why, label.severity) == ("iso15434", why, Severity.WARN)


def test_gs1_in_an_envelope_is_judged_as_gs1() -> None:
    label = _read(f"[)>{RS}05{GS}4212507500100340123451234567895{RS}{EOT}")
    assert (label.kind, label.usable) == ("gs1", False)


@pytest.mark.parametrize("primary", ["behind", "in front"])
def test_maxicode(primary: str) -> None:
    rest = f"1Z12345675{GS}UPSN{GS}12345E{GS}089{GS}{GS}1/1{GS}10.1{GS}Y{GS}{GS}{GS}UT{RS}{EOT}"
    header = f"[)>{RS}01{GS}96"
    text = f"{header}841706672{GS}840{GS}001{GS}{rest}" if primary == "behind" else f"841706672840001{header}{rest}"
    label = _read(text, "]U1")
    assert (label.kind, label.why, label.issuer) == ("maxicode", "", "UPS")
    assert (label.routing.country, label.routing.postcode, label.routing.service) == ("US", "841706672", "001")
    assert label.waybill == "1Z12345E0112345675"
    assert (label.id("piece"), label.id("weight"), label.id("state"), label.id("shipment")) == ("1/1", "10.1", "UT", "")


def test_maxicode_of_canada() -> None:
    text = f"[)>{RS}01{GS}96V6C3E2{GS}124{GS}066{GS}1Z12345679{GS}UPSN{GS}12345E{GS}089{GS}{GS}1/1{GS}10{GS}Y{GS}{GS}TORONTO{GS}ON{RS}{EOT}"
    label = _read(text)
    assert (label.routing.country, label.routing.postcode, label.id("city")) == ("CA", "V6C3E2", "TORONTO")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"[)>{RS}01{GS}96841706672{GS}840{GS}001", "it has not even postcode, country, class and tracking number"),
        (f"[)>{RS}01{GS}96841706672{GS}999{GS}001{GS}1Z1{RS}{EOT}", "no country has the code '999'"),
        (f"[)>{RS}01{GS}96{GS}840{GS}001{GS}1Z1{RS}{EOT}", "it names no postcode"),
        (f"[)>{RS}01{GS}96841706672{GS}840{GS}001{GS}1Z1", "the end is missing"),
    ],
)
def test_broken_maxicode(text: str, why: str) -> None:
    assert _read(text).why == why


def test_a_tracking_number_that_does_not_come_out_right_is_not_given() -> None:
    text = f"[)>{RS}01{GS}96841706672{GS}840{GS}001{GS}1Z12345674{GS}UPSN{GS}12345E{RS}{EOT}"
    label = _read(text)
    assert (label.id("waybill"), label.id("tracking"), label.valid) == ("", "1Z12345674", True)


def test_receptacles_go_to_the_office_of_destination() -> None:
    label = _read("CNPVGAGBLALAAUN60123001100152")
    assert (label.kind, label.use, label.routing.country, label.issuer) == ("s9", Use.UNIT, "GB", "CN")
    assert (label.id("despatch"), label.id("weight")) == ("0123", "0152")
    assert _read("XXPVGAGBLALAAUN60123001100152").why == "no country has the code XX"


def test_products_seen_through_the_wrapping_are_no_parcels() -> None:
    assert _read("4012345000009", "]E0").use is Use.PRODUCT
    assert not _read("4012345000008", "]E0").valid


@pytest.mark.parametrize(
    ("where", "field", "found"),
    [
        ("DE", "0081827", "81827"),
        ("DE", "0001067", "01067"),
        ("AT", "0001010", "1010"),
        ("GB", "0B294HT", "B294HT"),
        ("NL", "01011AB", "1011AB"),
        ("US", "787459400", "787459400"),
        ("PL", "00-950", "00950"),
        ("", "0081827", "0081827"),
        ("DE", "8182700", "8182700"),
    ],
)
def test_filling_zeros_of_postcodes(where: str, field: str, found: str) -> None:
    assert postcode(where, field) == found


def test_country_numbers() -> None:
    assert [country(text) for text in ("276", "056", "DE", "999", "", "de")] == ["DE", "BE", "DE", "", "", ""]


def test_every_element_of_the_table_is_understood() -> None:
    """The formats that biip's table writes, read into fields."""
    for number in ("253", "255", "4330", "7007", "8003", "8008", "8010", "8043"):
        element = element_strings._lookup(number)
        assert element is not None
        assert element.fields[0][1] >= 1
        assert element.longest >= 2


@pytest.mark.parametrize("identifier", ["01", "02", "00", "402", "410", "417"])
def test_numbers_with_a_check_digit(identifier: str) -> None:
    element = element_strings._lookup(identifier)
    assert element is not None
    body = "1234567890123456789"[: element.longest - 1]
    assert element_strings.parse(identifier + body + str(check_digit(body))).why == ""
    assert "check digit" in element_strings.parse(identifier + body + str((check_digit(body) + 1) % 10)).why
