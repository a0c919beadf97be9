"""Every published number is read as what it is, and every damaged one is not."""

import pytest

from sortctl.labels import DEFAULT_RULES, Label, names, read
from sortctl.labels.forms import element_strings
from sortctl.labels.numbers import digits
from sortctl.words.facts import Code
from tests.labels.samples import SAMPLES, Sample

GS = "\x1d"

VALID = {
    "s10": "RB473124829GB RM123456785GB LX000000005CN UA000000014CN CP999999995DE EE111122229CN RR287043775IN RR000000155SE "
    "RR000000080SE",
    "sscc": "340123451234567895 000123450000000027 106141411928374657 069012340000000016 340434161234567896 "
    "00340433836442636597 00340123451234567895",
    "ups": "1Z5R89390357567127 1Z879E930346834440 1Z410E7W0392751591 1Z999AA10123456784 1Z12345E6605272234",
    "usps_impb": "9400111206206406260787 9205500000000000000001 420787459400111206206406260787 92748931507708513018050063 "
    "9361289878700317633795",
    "usps_20": "03071790000523483741",
    "fedex_express": "986578788855 477179081230 799531274483",
    "fedex_ground": "041441760228964",
    "fedex_ground_96": "9611020987654312345672 9622001900000000000000776632517510",
    "dhl_express": "3318810025 8487135506 1099255990",
    "dpd": "008182709980000020033350276C 008182709980000020045327276N 09980000020033F 09980000020034D",
    "yunexpress": "YT2229521272164446",
    "cainiao": "LP00724622449605 CNUSUP00016597663",
    "amazon": "TBA010000000000",
    "ontrac": "C11031500001879 D10011354453707",
    "dhl_ecommerce": "GM2951173225174494",
    "dhl_piece": "JJD0099999999 JVGL0999999990",
    "colissimo": "8L20524752032 8L01234567895 7A01234567895",
    "colissimo_routing": "8L1722409000011234000097 7A1722409000011234000097",
    "awb": "020-12345675 020-81140743 125-45245222",
    "uld": "AKE12345LH PMC1234BA AKE91068KL PMCA1234CX AKE123454B",
}
INVALID = {
    "s10": "RB473124828GB RB473124829G rb473124829gb RB123456785XX",
    "sscc": "340123451234567894 340434161234567894 00340123451234567894 00340434161234567894",
    "ups": "1Z999AA10123456789 1Z12345E0205271688 1Z12345E0305271640 2Z5R89390357567127",
    "usps_impb": "9434611206206407667131",
    "fedex_express": "996578788855",
    "fedex_34": "1001901781990001000300617767839438",
    "fedex_ground": "568283610012732",
    "fedex_ground_96": "9622001560001234567100794808390595",
    "dhl_express": "3318810010",
    "dhl_piece": "XJD0099999998",
    "dpd": "008182709980000020033350276A 09980000020033D",
    "yunexpress": "YT123456789012345",
    "ontrac": "C11031500001889",
    "colissimo": "8L20524752031",
    "awb": "020-12345674 020-12345677 020-12345678 020-12345679",
    "uld": "AKE12345 AKE123456LH AKE1234599 AK12345LH",
}


def _read(text: str, aim: str = "") -> Label:
    return read(Code(text, aim), DEFAULT_RULES)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, all_ in VALID.items() for text in all_.split()])
def test_right_numbers(kind: str, text: str) -> None:
    label = _read(text)
    assert (label.kind, label.valid, label.why) == (kind, True, "")


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, all_ in INVALID.items() for text in all_.split()])
def test_wrong_numbers(kind: str, text: str) -> None:
    label = _read(text)
    assert (label.kind, label.valid) != (kind, True)
    assert kind not in label.others


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("RB473124828GB", "s10"),
        ("00340123451234567894", "sscc"),
        ("1Z999AA10123456789", "ups"),
        ("9434611206206407667131", "usps_impb"),
        ("008182709980000020033350276A", "dpd"),
        ("020-12345674", "awb"),
    ],
)
def test_a_wrong_number_of_a_sure_shape_keeps_its_kind_and_says_what_is_wrong(text: str, kind: str) -> None:
    label = _read(text)
    assert label.kind == kind
    assert "check digit is" in label.why


@pytest.mark.parametrize("text", ["201298452277", "563102430313"])
def test_identcodes_in_their_symbology(text: str) -> None:
    assert _read(text, "]I0").kind == "dhl_identcode"
    assert "dhl_identcode" in (_read(text).kind, *_read(text).others)


@pytest.mark.parametrize(("text", "postcode"), [("53113001001005", "53113"), ("21348075016401", "21348")])
def test_leitcodes_say_only_where_to(text: str, postcode: str) -> None:
    label = _read(text)
    assert (label.kind, label.use) == ("dhl_leitcode", "routing")
    assert (label.routing.country, label.routing.postcode) == ("DE", postcode)


@pytest.mark.parametrize("text", ["008182709980000020033350276C", "008182709980000020045327276N"])
def test_dpd_says_where_to(text: str) -> None:
    for written in (text, "%" + text, "%" + text[:-1]):
        label = _read(written)
        assert (label.kind, label.waybill) == ("dpd", text[7:21])
        assert (label.routing.country, label.routing.postcode, label.routing.service) == ("DE", "81827", text[21:24])


def test_no_part_is_cut_out_of_a_number_that_may_be_another_kind() -> None:
    """Sixteen digits: an air waybill and a piece, or anybody's number."""
    label = _read("0201234567500001")
    assert (label.kind, label.sure, label.waybill) == ("awb", False, "0201234567500001")
    assert "020-12345675" in label.names()


def test_dpd_without_its_check_character() -> None:
    label = _read("008182709980000020033350276")
    assert (label.kind, label.sure, label.routing.postcode) == ("dpd", False, "81827")
    assert _read("008182709980000020033350999").kind == "unknown"


def test_a_postcode_keeps_its_own_leading_zero() -> None:
    body = "0001067" + "09980000020033" + "101" + "276"
    text = body + digits.RULES["iso7064"].wanted(body)
    assert _read(text).routing.postcode == "01067"


def test_the_check_digit_of_gls() -> None:
    """Worked by hand: 3 1 3 1 ... on 50851234567 is 104, and one is 105: 5 is missing to the next ten."""
    assert digits.fault("gls", "508512345675") == ""
    assert "gls" in (_read("508512345675").kind, *_read("508512345675").others)


def test_fedex_and_usps_hold_the_zip_beside_the_number() -> None:
    label = _read("1001921334250001000300779017972697")
    assert (label.routing.country, label.routing.postcode, label.waybill) == ("US", "10003", "779017972697")
    for text in ("420787459400111206206406260787", f"42078745{GS}9400111206206406260787"):
        label = _read(text, "]C1")
        assert (label.routing.postcode, label.waybill) == ("78745", "9400111206206406260787")


@pytest.mark.parametrize(
    ("zip_code", "number"), [("12345", "92748931507708513018050063"), ("123456789", "9400111206206406260787")]
)
def test_thirty_four_digits_are_divided_where_the_check_digit_is_right(zip_code: str, number: str) -> None:
    label = _read(f"420{zip_code}{number}")
    assert (label.kind, label.routing.postcode, label.waybill) == ("usps_impb", zip_code, number)


@pytest.mark.parametrize(
    ("aim", "text", "elements"),
    [
        ("]C1", f"42125075001{GS}00340123451234567895", {"421": "25075001", "00": "340123451234567895"}),
        (
            "]d2",
            f"00340123451234567895403R33{GS}42075001",
            {"00": "340123451234567895", "403": "R33", "420": "75001"},
        ),
    ],
)
def test_element_strings(aim: str, text: str, elements: dict[str, str]) -> None:
    assert dict(element_strings.parse(text).elements) == elements
    label = _read(text, aim)
    assert (label.kind, label.valid, label.waybill) == ("gs1", True, "00340123451234567895")
    assert label.routing.postcode == "75001"


@pytest.mark.parametrize("aim", ["", "]C1", "]d2"])
def test_a_missing_separator_is_said_and_no_field_is_given_out(aim: str) -> None:
    label = _read("4212507500100340123451234567895", aim)
    assert (label.kind, label.usable, label.ids) == ("gs1", False, ())
    assert label.routing.country == label.routing.postcode == ""
    assert "separator behind it is missing" in label.why


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str) -> None:
    sample: Sample = SAMPLES[name]
    label = read(sample.code, DEFAULT_RULES)
    assert label.kind == sample.kind
    assert label.valid or name == "garbage"


def test_a_number_is_looked_up_in_every_way_that_hosts_write_it() -> None:
    assert names([_read("00340123451234567895")]) == ("00340123451234567895", "340123451234567895")
    assert "02012345675" in names([_read("020-12345675")])
    assert "020-12345675" in names([_read("02012345675")])
    assert names([_read("1Z999AA10123456784")]) == ("1Z999AA10123456784",)
