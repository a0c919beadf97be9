"""Which of several codes is the waybill, and what becomes of the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.labels import DEFAULT_RULES, Found, Label, Routing, choose, names, read
from sortctl.labels.rules import label_rules
from sortctl.words.facts import Code
from tests.labels.samples import SAMPLES

S10, UPS, YUN, SSCC = "RB473124829GB", "1Z999AA10123456784", "YT2229521272164446", "00340123451234567895"
DPD = "008182709980000020033350276C"
LEITCODE, ULD, BAD_S10 = "53113001001005", "AKE12345LH", "RB473124828GB"


def _labels(*texts: str) -> list[Label]:
    return [read(Code(text), DEFAULT_RULES) for text in texts]


def test_nothing_was_read() -> None:
    assert choose([], {}, DEFAULT_RULES).found is Found.NOTHING


def test_the_one_that_the_hub_knows_wins_wherever_it_was_read() -> None:
    choice = choose(_labels(S10, UPS, YUN), {YUN: "temu"}, DEFAULT_RULES)
    assert (choice.found, choice.waybill, choice.tenant) == (Found.KNOWN, YUN, "temu")
    assert [(lost.label.text, lost.why) for lost in choice.lost] == [
        (S10, "the hub does not know it, and knows the one chosen"),
        (UPS, "the hub does not know it, and knows the one chosen"),
    ]


def test_a_text_mapped_to_none_is_not_known() -> None:
    assert choose(_labels(S10), {S10: None}, DEFAULT_RULES).found is Found.STRANGER


def test_a_known_number_with_a_wrong_check_digit_was_given_out_like_that() -> None:
    choice = choose(_labels(BAD_S10), {BAD_S10: ""}, DEFAULT_RULES)
    assert (choice.found, choice.waybill) == (Found.KNOWN, BAD_S10)


def test_a_parcel_is_found_under_the_sscc_without_its_identifier() -> None:
    choice = choose(_labels(SSCC), {SSCC[2:]: "shein"}, DEFAULT_RULES)
    assert (choice.found, choice.waybill, choice.tenant) == (Found.KNOWN, SSCC[2:], "shein")


def test_the_list_of_the_tenant_decides_between_two_known_codes() -> None:
    rules = label_rules(orders={"temu": ("yunexpress", "ups"), "": ("ups", "yunexpress")})
    known = {UPS: "temu", YUN: "temu"}
    choice = choose(_labels(UPS, YUN), known, rules)
    assert (choice.waybill, choice.rivals) == (YUN, (UPS,))
    assert choice.lost[0].why == "yunexpress comes first in the list of temu"
    everybody = choose(_labels(UPS, YUN), dict.fromkeys(known, "shein"), rules)
    assert everybody.waybill == UPS


@pytest.mark.parametrize(
    ("known", "orders"),
    [
        ({UPS: "temu", YUN: "temu"}, {}),
        ({UPS: "temu", YUN: "shein"}, {"temu": ("ups", "yunexpress")}),
        ({UPS: "temu", S10: "temu"}, {"temu": ("yunexpress",)}),
    ],
)
def test_without_a_rule_nothing_is_chosen_among_known_codes(
    known: dict[str, str], orders: dict[str, tuple[str, ...]]
) -> None:
    choice = choose(_labels(UPS, YUN, S10), known, label_rules(orders=orders))
    assert (choice.found, choice.waybill, choice.label) == (Found.SEVERAL, "", None)
    assert set(choice.rivals) == set(known)
    assert len(choice.lost) == 3


def test_two_numbers_of_one_kind_are_two_parcels() -> None:
    other = "LX000000005CN"
    rules = label_rules(orders={"": ("s10",)})
    assert choose(_labels(S10, other), {S10: "", other: ""}, rules).found is Found.SEVERAL


def test_the_same_number_in_two_symbols_is_one() -> None:
    labels = [*_labels(SSCC), read(Code(f"{SSCC}403R33", "]C1"), DEFAULT_RULES)]
    choice = choose(labels, {SSCC: ""}, DEFAULT_RULES)
    assert (choice.found, choice.waybill, choice.rivals) == (Found.KNOWN, SSCC, ())
    assert choice.lost[0].why == "it names the same parcel"


def test_of_strangers_a_sure_shape_comes_before_digits_that_may_be_anything() -> None:
    choice = choose(_labels("REF-77", "986578788855", UPS), {}, DEFAULT_RULES)
    assert (choice.found, choice.waybill) == (Found.STRANGER, UPS)
    assert [lost.why for lost in choice.lost] == [
        "the hub knows neither, and ups comes before unknown",
        "the hub knows neither, and ups comes before fedex_express",
    ]


def test_the_list_for_everybody_orders_strangers() -> None:
    rules = label_rules(orders={"": ("unknown", "ups")})
    assert choose(_labels(UPS, "REF-77"), {}, rules).waybill == "REF-77"


def test_what_is_no_parcel_is_no_waybill() -> None:
    choice = choose(_labels(LEITCODE, ULD, BAD_S10), {}, DEFAULT_RULES)
    assert (choice.found, choice.waybill) == (Found.REFUSED, "")
    assert [lost.why for lost in choice.lost] == [
        "it says only where to",
        "it names a bag or a container, not a parcel",
        "check digit is 8, the serial asks for 9",
    ]


def test_a_code_beside_the_waybill_may_say_where_to() -> None:
    labels = [read(Code(text, "]I0"), DEFAULT_RULES) for text in ("201298452277", LEITCODE)]
    choice = choose(labels, {}, DEFAULT_RULES)
    assert (choice.routing.country, choice.routing.postcode, choice.disputed) == ("DE", "53113", False)


def test_fourteen_digits_alone_send_nothing_to_germany() -> None:
    assert choose(_labels(S10, LEITCODE), {}, DEFAULT_RULES).routing == Routing()


def test_an_s10_number_never_says_where_to() -> None:
    assert choose(_labels(S10), {}, DEFAULT_RULES).routing.country == ""


def test_labels_that_contradict_one_another_say_nothing() -> None:
    french = read(Code(f"42125075001\x1d{SSCC}", "]C1"), DEFAULT_RULES)
    choice = choose([french, *_labels(DPD)], {}, DEFAULT_RULES)
    assert (choice.routing.country, choice.routing.postcode, choice.disputed) == ("", "", True)
    assert choose([french, french], {}, DEFAULT_RULES).routing == Routing("FR", "75001")


texts = st.sampled_from([sample.code.text for sample in SAMPLES.values()])


@given(st.lists(texts, max_size=8, unique=True), st.dictionaries(texts, st.sampled_from(["", "a", "b", None])))
def test_every_code_is_the_waybill_or_has_lost_with_a_reason(read_: list[str], known: dict[str, str | None]) -> None:
    labels = _labels(*read_)
    choice = choose(labels, known, DEFAULT_RULES)
    assert len(choice.lost) + (choice.label is not None) == len(labels)
    assert all(lost.why for lost in choice.lost)
    assert bool(choice.waybill) == (choice.found in (Found.KNOWN, Found.STRANGER))
    if choice.found is Found.KNOWN:
        assert known[choice.waybill] == choice.tenant
        assert choice.waybill in names(labels)
