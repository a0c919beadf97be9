"""Labels: check digits against published and independently computed numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.labels import gs1, judge, s10
from sortctl.labels.aim import split, symbology

S10_VALID = [
    "RB473124829GB", "RM123456785GB", "LX000000005CN", "UA000000014CN", "CP999999995DE", "EE111122229CN", "RR287043775IN",
    "RR000000155SE", "RR000000080SE",
]  # fmt: skip
SSCC_VALID = [
    "340123451234567895",
    "000123450000000027",
    "106141411928374657",
    "069012340000000016",
    "340434161234567896",
]


@pytest.mark.parametrize("text", S10_VALID)
def test_postal_numbers_with_the_right_check_digit(text: str) -> None:
    assert judge(text) == judge(text).__class__("s10", valid=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("RB473124828GB", "check digit is 8, the serial asks for 9"),
        ("rb473124829gb", "not in capitals"),
        ("RB123456785XX", "no post has the code XX"),
    ],
)
def test_postal_numbers_that_are_wrong(text: str, why: str) -> None:
    verdict = judge(text)
    assert (verdict.kind, verdict.valid, verdict.why) == ("s10", False, why)


def test_a_number_that_is_too_short_is_another_kind() -> None:
    assert judge("RB473124829G").kind == "unknown"


@given(st.integers(0, 99_999_999), st.integers(0, 9))
def test_one_check_digit_in_ten_is_right(serial: int, check: int) -> None:
    text = f"RB{serial:08}{check}GB"
    assert judge(text).valid == (check == s10.check_digit(f"{serial:08}"))


@pytest.mark.parametrize("code", SSCC_VALID)
def test_shipping_units_with_the_right_check_digit(code: str) -> None:
    verdict = judge(f"00{code}")
    assert (verdict.kind, verdict.valid) == ("sscc", True)


@pytest.mark.parametrize("code", ["340123451234567894", "340434161234567894"])
def test_shipping_units_with_a_wrong_check_digit(code: str) -> None:
    assert not judge(f"00{code}").valid


def test_the_worked_example_of_the_sscc() -> None:
    assert gs1.check_digit("00340433836442636597"[2:-1]) == 7


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("YT2229521272164446", "yunexpress"),
        ("LP00724622449605", "cainiao"),
        ("CNUSUP00016597663", "cainiao"),
        ("4PX3001234567890CN", "4px"),
        ("SF1234567890123", "sf_express"),
        ("JJD0099999999", "dhl_piece"),
        ("JVGL0999999990", "dhl_piece"),
        ("YT123456789012345", "unknown"),
        ("1Z999AA10123456784", "unknown"),
        ("包裹", "unknown"),
    ],
)
def test_other_kinds_are_named_and_never_refused(text: str, kind: str) -> None:
    verdict = judge(text)
    assert (verdict.kind, verdict.valid, verdict.why) == (kind, True, "")


@pytest.mark.parametrize("text", ["", " ", "\x1d"])
def test_nothing_is_no_code(text: str) -> None:
    assert not judge(text).valid


@given(st.text(max_size=40))
def test_judging_never_raises(text: str) -> None:
    verdict = judge(text)
    assert verdict.valid == (not verdict.why)


@pytest.mark.parametrize(
    ("text", "aim", "rest"),
    [
        ("]C1LX000000005CN", "]C1", "LX000000005CN"),
        ("]d2", "]d2", ""),
        ("]Cx1", "]Cx", "1"),
        ("]Q3]C1", "]Q3", "]C1"),
        ("LX000000005CN", "", "LX000000005CN"),
        ("]C", "", "]C"),
        ("]y0A", "", "]y0A"),
        ("]C-A", "", "]C-A"),
        ("", "", ""),
    ],
)
def test_the_symbology_identifier_is_cut_off(text: str, aim: str, rest: str) -> None:
    assert split(text) == (aim, rest)


@given(st.text(max_size=20))
def test_cutting_loses_nothing(text: str) -> None:
    aim, rest = split(text)
    assert aim + rest == text
    assert bool(symbology(aim)) == bool(aim)
