"""Telegrams: what stands in a frame, and what is said when it is not what the site file promises."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.inputs.framing import EXCERPT_CHARACTERS, Frame
from sortctl.inputs.telegram import Heartbeat, parse
from sortctl.site.model import Framing, Limits, Scanner, Telegram
from sortctl.words.facts import Code, CodesRead, FrameRefused
from sortctl.words.ids import ScannerId

TOP = ScannerId("top")
FIRST_NS = 12_345
LIMITS = Limits(codes_per_read_max=4, code_length_max=16)


def read(data: bytes, **telegram: Any) -> CodesRead | Heartbeat | FrameRefused:
    scanner = Scanner(
        sorter="line",
        scan_point=1,
        url="tcp://127.0.0.1:4001",
        framing=Framing(terminator="CR"),
        telegram=Telegram(**telegram),
        window_mm=100,
        delay_ms=10,
    )
    return parse(Frame(data, FIRST_NS), TOP, scanner, LIMITS)


def codes(*texts: str, **rest: Any) -> CodesRead:
    return CodesRead(FIRST_NS, TOP, tuple(Code(text) for text in texts), **rest)


def test_a_bare_code_is_the_whole_frame() -> None:
    assert read(b"RB473124829SE") == codes("RB473124829SE")


def test_no_read_is_a_read_without_codes() -> None:
    assert read(b"NOREAD") == codes()
    assert read(b"?", no_read="?") == codes()
    assert read(b"NOREAD", no_read="?") == codes("NOREAD")


def test_a_heartbeat_is_matched_before_anything_else() -> None:
    alive = Heartbeat(FIRST_NS, TOP)
    assert read(b"ALIVE", heartbeat="ALIVE") == alive
    assert read(b"ALIVE", heartbeat="ALIVE", fields=("sequence", "codes"), field_separator=";") == alive
    assert read(b"NOREAD", heartbeat="NOREAD") == alive
    assert read(b"ALIVE2", heartbeat="ALIVE") == codes("ALIVE2")


def test_a_heartbeat_that_counts_is_written_with_a_star() -> None:
    assert read(b"MOTEVTHB:042", heartbeat="MOTEVTHB:*") == Heartbeat(FIRST_NS, TOP)
    assert read(b"MOTEVTHX:042", heartbeat="MOTEVTHB:*") == codes("MOTEVTHX:042")


def test_several_codes_of_one_telegram() -> None:
    assert read(b"A1;B2;C3", code_separator=";") == codes("A1", "B2", "C3")
    assert read(b"A1\x1fB2", code_separator="\x1f") == codes("A1", "B2")
    assert read(b"A1;B2") == codes("A1;B2")


def test_empty_codes_and_no_read_texts_are_no_codes() -> None:
    assert read(b";A1;;NOREAD;", code_separator=";") == codes("A1")
    assert read(b"NOREAD;NOREAD", code_separator=";") == codes()
    assert read(b";;", code_separator=";") == codes()


def test_the_same_code_twice_is_one_code() -> None:
    """Both sides of a tunnel read the same label."""
    assert read(b"A1;B2;A1;A1;A1;A1;A1", code_separator=";") == codes("A1", "B2")


FIELDS: dict[str, Any] = {"fields": ("sequence", "item", "skip", "codes"), "field_separator": ";"}


def test_fields_have_their_places() -> None:
    assert read(b"0017;1001;12,5kg;A1", **FIELDS) == codes("A1", sequence=17, item=1001)
    assert read(b";;;A1", **FIELDS) == codes("A1")
    assert read(b"17;;;NOREAD", **FIELDS) == codes(sequence=17)
    assert read(b"17;;;", **FIELDS) == codes(sequence=17)


def test_the_last_field_takes_the_rest() -> None:
    assert read(b"17;1001;x;A1;B2", **FIELDS, code_separator=";") == codes("A1", "B2", sequence=17, item=1001)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"17;1001;A1", "3 fields where 4 are expected"),
        (b"A1", "1 fields where 4 are expected"),
        (b"x17;1;;A1", "sequence is not a number"),
        (b"1;-5;;A1", "item is not a number"),
        (b"1;4294967296;;A1", "item is not a number"),
        (b"1;99999999999999999999;;A1", "item is not a number"),
        ("1;²;;A1".encode(), "item is not a number"),
    ],
)
def test_a_telegram_that_is_not_built_as_promised_is_refused(data: bytes, cause: str) -> None:
    refused = read(data, **FIELDS)
    assert isinstance(refused, FrameRefused)
    assert refused.cause.startswith(cause)
    assert refused.at_ns == FIRST_NS
    assert refused.scanner == TOP
    assert len(refused.excerpt) <= EXCERPT_CHARACTERS


def test_fields_without_a_separator_are_refused() -> None:
    assert isinstance(read(b"17A1", fields=("sequence", "codes")), FrameRefused)


def test_aim_identifiers_are_taken_off() -> None:
    assert read(b"]C1(00)1;]d2B2;C3", aim=True, code_separator=";") == CodesRead(
        FIRST_NS, TOP, (Code("(00)1", "]C1"), Code("B2", "]d2"), Code("C3"))
    )
    assert read(b"]C1A1") == codes("]C1A1")
    assert read(b"]C0", aim=True) == codes()


def test_control_characters_inside_a_code_are_data() -> None:
    assert read(b"[)>\x1e06\x1dQ1\x1e\x04") == codes("[)>\x1e06\x1dQ1\x1e\x04")
    assert read(b"A\x00B\r") == codes("A\x00B\r")


def test_text_is_utf_8_if_it_can_be_and_latin_1_if_not() -> None:
    assert read("Straße".encode()) == codes("Straße")
    assert read("Straße".encode("latin-1")) == codes("Straße")
    assert read(b"\xff\xfe") == codes("\xff\xfe")


def test_more_codes_than_the_limit_are_left_out_and_counted() -> None:
    assert read(b"A;B;C;D;E;F", code_separator=";") == codes("A", "B", "C", "D", dropped=2)


def test_a_long_code_beside_good_ones_is_left_out_and_counted() -> None:
    """A driver's licence beside the waybill must not cost the waybill."""
    assert read(b"A1;" + b"x" * 17, code_separator=";") == codes("A1", dropped=1)
    assert read(b"y" * 16) == codes("y" * 16)


def test_nothing_but_long_codes_is_refused_and_not_called_a_no_read() -> None:
    refused = read(b"x" * 17 + b";" + b"z" * 30, code_separator=";")
    assert isinstance(refused, FrameRefused)
    assert refused.cause == "a code of 30 characters, at most 16 are taken"


@given(
    data=st.binary(min_size=1, max_size=200),
    fields=st.sampled_from([("codes",), ("sequence", "codes"), ("codes", "item"), ("skip", "codes", "skip")]),
    field_separator=st.sampled_from(["", ";", "\x1f", "ab"]),
    code_separator=st.sampled_from(["", ";", ",", "\x00"]),
    aim=st.booleans(),
)
def test_any_bytes_make_a_bounded_fact(data: bytes, **telegram: Any) -> None:
    fact = read(data, **telegram)
    assert fact.at_ns == FIRST_NS
    if isinstance(fact, CodesRead):
        assert len(fact.codes) <= LIMITS.codes_per_read_max
        assert all(0 < len(code.text) <= LIMITS.code_length_max for code in fact.codes)
    else:
        assert isinstance(fact, FrameRefused)
        assert fact.excerpt.isprintable()
