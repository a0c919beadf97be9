"""What an AutoID reader's event says: codes, or that there was none, or that it cannot be taken; never an error."""

from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.inputs.autoid import parse, size_of
from sortctl.site.model import Limits
from sortctl.words.facts import Code, CodesRead, FrameRefused
from sortctl.words.ids import ScannerId

TUNNEL = ScannerId("tunnel")
LIMITS = Limits(codes_per_read_max=3, code_length_max=20)


class Result(NamedTuple):
    data: str | bytes
    symbology: str = ""
    made_ns: int = 0


def codes(*results: Result) -> tuple[Code, ...]:
    said = parse(results, TUNNEL, LIMITS, 7)
    assert isinstance(said, CodesRead)
    assert (said.at_ns, said.scanner) == (7, TUNNEL)
    return said.codes


def test_text_and_bytes_are_codes_in_the_readers_order() -> None:
    assert codes(Result("RR1NL"), Result(b"BOX-1")) == (Code("RR1NL"), Code("BOX-1"))


@pytest.mark.parametrize(
    "results",
    [(), (Result(""),), (Result(b""),), (Result("NOREAD"),), (Result("no_identifier"),), (Result("READ_ERROR"),)],
)
def test_nothing_read_is_a_read_without_codes(results: tuple[Result, ...]) -> None:
    assert codes(*results) == ()


def test_a_no_read_text_beside_a_code_is_no_code() -> None:
    assert codes(Result("NOREAD"), Result("RR1NL")) == (Code("RR1NL"),)


@pytest.mark.parametrize(
    ("symbology", "aim"),
    [
        ("]C1", "]C1"),
        ("]I1", "]I1"),
        ("Code 128", "]C0"),
        ("GS1-128", "]C1"),
        ("DATAMATRIX", "]d1"),
        ("QR_CODE", "]Q1"),
        ("Interleaved 2 of 5", "]I0"),
        ("our own", ""),
        ("x" * 5_000, ""),
        ("]", ""),
        ("", ""),
    ],
)
def test_a_symbology_is_an_aim_identifier_or_a_name_that_is_known(symbology: str, aim: str) -> None:
    assert codes(Result("RR1NL", symbology)) == (Code("RR1NL", aim),)


def test_an_identifier_that_stands_in_front_of_the_text_too_is_taken_off_once() -> None:
    assert codes(Result("]C1]C1X", "]C1")) == (Code("]C1X", "]C1"),)
    assert codes(Result("]C1X")) == (Code("]C1X"),)


def test_bytes_become_text_as_those_of_a_scanner() -> None:
    assert codes(Result(b"\x1d00123\x04")) == (Code("\x1d00123\x04"),)
    assert codes(Result("Liège".encode())) == (Code("Liège"),)
    assert codes(Result(b"Li\xe8ge")) == (Code("Liège"),)


def test_bytes_that_came_as_lone_surrogates_are_the_bytes_again() -> None:
    assert codes(Result(b"Li\xe8ge".decode("utf-8", "surrogateescape"))) == (Code("Liège"),)


def test_the_same_code_twice_is_one() -> None:
    assert codes(Result("A"), Result(b"A"), Result("A", "]C0")) == (Code("A"), Code("A", "]C0"))


def test_codes_beyond_the_limits_are_counted() -> None:
    said = parse([Result(text) for text in ("A", "B", "C", "D", "E" * 21)], TUNNEL, LIMITS, 0)
    assert isinstance(said, CodesRead)
    assert [code.text for code in said.codes] == ["A", "B", "C"]
    assert said.dropped == 2


def test_only_codes_that_are_too_long_is_no_empty_label() -> None:
    said = parse([Result("E" * 21)], TUNNEL, LIMITS, 0)
    assert isinstance(said, FrameRefused)
    assert "21 characters" in said.cause


@given(
    st.lists(
        st.builds(
            Result,
            st.one_of(st.binary(max_size=60), st.text(st.characters(exclude_categories=()), max_size=60)),
            st.text(st.characters(exclude_categories=()), max_size=100),
        ),
        max_size=8,
    )
)
def test_whatever_comes_is_a_fact_that_a_journal_can_hold(results: list[Result]) -> None:
    said = parse(results, TUNNEL, LIMITS, 0)
    held = msgspec.json.encode(said)
    assert msgspec.json.decode(held, type=type(said)) == said
    assert size_of(results) >= 0
    if isinstance(said, CodesRead):
        assert len(said.codes) <= 3
        assert all(0 < len(code.text) <= 20 for code in said.codes)
