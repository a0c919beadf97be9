"""Every group of published test vectors, right and wrong, through the one way in: group by group, with what each must be read as."""

from time import perf_counter

import pytest

from sortctl.labels import DEFAULT_RULES, Label, choose, read
from sortctl.words.facts import Code

GS, RS, EOT = "\x1d", "\x1e", "\x04"
SSCC = "00340123451234567895"

RIGHT = {
    "s10": (
        "s10",
        "RB473124829GB RM123456785GB LX000000005CN UA000000014CN CP999999995DE RR000000155SE RR000000080SE",
    ),
    "sscc": ("sscc", "340123451234567895 000123450000000027 106141411928374657 069012340000000016"),
    "ups": ("ups", "1Z5R89390357567127 1Z879E930346834440 1Z410E7W0392751591 1Z999AA10123456784 1Z12345E6605272234"),
    "usps": (
        "usps_impb",
        (
            "9400111206206406260787 9205500000000000000001 420787459400111206206406260787 92748931507708513018050063 "
            "9361289878700317633795"
        ),
    ),
    "fedex12": ("fedex_express", "986578788855 477179081230 799531274483"),
    "fedex_ground": ("fedex_ground", "041441760228964"),
    "fedex_ground_96": ("fedex_ground_96", "9611020987654312345672 9622001900000000000000776632517510"),
    "dhl_express": ("dhl_express", "3318810025 8487135506 1099255990"),
    "dhl_paket20": ("sscc", "00340433836442636597"),
    "dpd14": ("dpd", "09980000020033F 09980000020034D"),
    "yun": ("yunexpress", "YT2229521272164446"),
    "awb": ("awb", "020-12345675 020-81140743 125-45245222"),
    "uld": ("uld", "AKE12345LH PMC1234BA PMCA1234CX"),
}
WRONG = {
    "s10": ("s10", "RB473124828GB RB473124829G rb473124829gb"),
    "sscc": ("sscc", "340123451234567894 340434161234567894 00340123451234567894 00340434161234567894"),
    "ups": ("ups", "1Z999AA10123456789 1Z12345E0205271688 2Z5R89390357567127"),
    "fedex12": ("fedex_express", "996578788855"),
    "dhl_express": ("dhl_express", "3318810010"),
    "dhl_paket20": ("sscc", "00340434161234567894"),
    "dpd28": ("dpd", "008182709980000020033350276A"),
    "yun": ("yunexpress", "YT123456789012345"),
    "awb": ("awb", "020-12345674"),
    "uld": ("uld", "AKE12345 AKE123456LH AKE1234599"),
}
WITH_PARTS = {
    "fedex34_zip": ("fedex_34", "1001921334250001000300779017972697", "US", "10003", "779017972697"),
    "leitcode-1": ("dhl_leitcode", "53113001001005", "DE", "53113", "53113001001005"),
    "leitcode-2": ("dhl_leitcode", "21348075016401", "DE", "21348", "21348075016401"),
    "dpd28-1": ("dpd", "008182709980000020033350276C", "DE", "81827", "09980000020033"),
    "dpd28-2": ("dpd", "008182709980000020045327276N", "DE", "81827", "09980000020045"),
}
"""Kind, text, country, postcode, number."""


def _read(text: str, aim: str = "") -> Label:
    return read(Code(text, aim), DEFAULT_RULES)


def _each(groups: dict[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(group, kind, text) for group, (kind, texts) in groups.items() for text in texts.split()]


@pytest.mark.parametrize(("group", "kind", "text"), _each(RIGHT))
@pytest.mark.parametrize("end", ["", "\r\n", " ", GS], ids=["bare", "crlf", "space", "gs"])
def test_right_ones(group: str, kind: str, text: str, end: str) -> None:
    """Line ends, spaces and a separator behind the last field belong to the scanner, not to the code."""
    label = _read(text + end)
    assert (label.kind, label.valid) == (kind, True), group
    assert kind == "uld" or choose([label], {}, DEFAULT_RULES).waybill


@pytest.mark.parametrize(("group", "kind", "text"), _each(WRONG))
@pytest.mark.parametrize("aim", ["", "]C0", "]C1", "]d1", "]I1", "]X0"])
def test_wrong_ones(group: str, kind: str, text: str, aim: str) -> None:
    """Whatever the scanner says of the symbol, a wrong number is not a right one of its kind, nor possibly one."""
    label = _read(text, aim)
    assert (label.kind, label.valid) != (kind, True), group
    assert kind not in label.others


@pytest.mark.parametrize("name", WITH_PARTS)
def test_parts(name: str) -> None:
    kind, text, country, postcode, number = WITH_PARTS[name]
    label = _read(text)
    assert (label.kind, label.valid, label.waybill) == (kind, True, number)
    assert (label.routing.country, label.routing.postcode) == (country, postcode)


@pytest.mark.parametrize("text", ["201298452277", "563102430313"])
def test_identcodes(text: str) -> None:
    """In their symbology they are sure enough; without it the other fathers of twelve digits are named, none is hidden."""
    assert _read(text, "]I0").kind == "dhl_identcode"
    label = _read(text)
    assert not label.sure
    assert "dhl_identcode" in (label.kind, *label.others)


GS1 = (
    ("]C1", f"42125075001{GS}{SSCC}", {"country_postcode": "25075001", "sscc": SSCC[2:]}),
    ("]d2", f"{SSCC}403R33{GS}42075001", {"sscc": SSCC[2:], "route": "R33", "postcode": "75001"}),
)


@pytest.mark.parametrize("led", ["", GS], ids=["plain", "fnc1-as-gs"])
@pytest.mark.parametrize("in_text", [False, True], ids=["aim-apart", "aim-in-front"])
@pytest.mark.parametrize(("aim", "text", "elements"), GS1)
def test_gs1(aim: str, text: str, elements: dict[str, str], led: str, in_text: bool) -> None:
    label = _read(aim + led + text) if in_text else _read(led + text, aim)
    assert (label.kind, label.valid, label.waybill, dict(label.ids)) == (
        "gs1",
        True,
        SSCC,
        {"waybill": SSCC} | elements,
    )


@pytest.mark.parametrize(
    "text",
    [
        f"42125075001{SSCC}",
        f"42075001{SSCC}",
        f"{SSCC}42075001403R33",
        f"{SSCC}4212501000403R33",
        f"403R3342075001{SSCC}",
        f"40212345678901234567{SSCC}",
        f"401ABC{SSCC}",
    ],
)
@pytest.mark.parametrize("aim", ["", "]C1", "]d2", "]Q3"])
def test_a_missing_separator_is_told_and_nothing_is_given_out(text: str, aim: str) -> None:
    label = _read(text, aim)
    assert (label.kind, label.usable, label.ids) == ("gs1", False, ())
    assert (label.routing.country, label.routing.postcode) == ("", "")
    assert "the separator behind it is missing" in label.why


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        (f"{SSCC}4218401706672", "1706672"),
        (f"{SSCC}421440LT-01100", "LT-01100"),
        (f"{SSCC}421840841706672", "841706672"),
        (f"{SSCC}421826SW1A2AA", "SW1A2AA"),
        (f"{SSCC}42012345-6789", "12345-6789"),
        (f"{SSCC}42012345678901", "12345678901"),
    ],
)
def test_postcodes_of_every_length_are_no_missing_separator(text: str, postcode: str) -> None:
    assert (_read(text, "]C1").valid, _read(text, "]C1").routing.postcode) == (True, postcode)


REST = f"1Z12345675{GS}UPSN{GS}12345E{GS}089{GS}{GS}1/1{GS}10.1{GS}Y{GS}{GS}{GS}UT"
HEADER = f"[)>{RS}01{GS}96"


@pytest.mark.parametrize("aim", ["]U0", "]U1", "]U2", "]U3"])
@pytest.mark.parametrize(
    ("primary", "country", "postcode"),
    [(("84170", "840", "001"), "US", "84170"), (("841706672", "840", "001"), "US", "841706672"), (("V6C3E2", "124", "001"), "CA", "V6C3E2")],
)  # fmt: skip
def test_maxicode_of_both_modes_in_every_order_that_readers_have(
    primary: tuple[str, ...], country: str, postcode: str, aim: str
) -> None:
    between, without = GS.join(primary) + GS, "".join(primary)
    for text in (
        HEADER + between + REST,
        without + HEADER + REST,
        between + HEADER + REST,
        between + REST,
        without + REST,
    ):
        label = _read(f"{text}{RS}{EOT}", aim)
        assert (label.kind, label.why, label.issuer) == ("maxicode", "", "UPS"), text
        assert (label.routing.country, label.routing.postcode, label.routing.service) == (country, postcode, "001")
        assert label.waybill == "1Z12345E0112345675"


def test_the_country_in_an_s10_number_leads_nowhere() -> None:
    """Not alone, not beside a postcode, not beside the number of a carrier from the same country."""
    for others in ([], ["1Z999AA10123456784"], ["53113001001005"], [f"{SSCC}42075001"]):
        labels = [_read(text) for text in ("CP999999995DE", *others)]
        assert labels[0].issuer == "DE"
        assert choose(labels, {}, DEFAULT_RULES).routing.country == ""


LONG = 100_000
WORST = (
    "9", "0", "A", "J", "%", " ", "\r\n", GS, RS, "[)>", HEADER, "4300%41", "%41", f"10A{GS}", f"J1{GS}", SSCC, "421250",
    "1Z999AA", "2L", "JGB ", "CNPVGA", "020-", "LP", "]C1", "\ud800", "\u0663", "8417066728400",
)  # fmt: skip


@pytest.mark.parametrize("piece", WORST, ids=ascii)
@pytest.mark.parametrize("front", ["", f"[)>{RS}05{GS}", f"[)>{RS}06{GS}", HEADER, "4300", SSCC], ids=ascii)
def test_a_hundred_thousand_signs_of_the_worst_kind_take_no_time(piece: str, front: str) -> None:
    """A tenth of a second is a hundred times what is needed; a pattern that runs away takes minutes."""
    for length in (LONG, 4_096, 128):
        text = (front + piece * (length // len(piece) + 1))[:length]
        for aim in ("", "]C1", "]U1"):
            started = perf_counter()
            _read(text, aim)
            assert perf_counter() - started < 0.5
