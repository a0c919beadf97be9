"""Whatever a scanner sends, a read ends soon and with a label."""

from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sortctl.labels import DEFAULT_RULES, Label, names, read
from sortctl.labels.forms import element_strings
from sortctl.labels.numbers import digits
from sortctl.labels.numbers.shape import ALPHABET, Shape, ShapeWrong, compile_shape
from sortctl.labels.read import LENGTH_MAX
from sortctl.words.facts import Code
from tests.labels.samples import SAMPLES

CONTROLS = st.sampled_from(
    ["\x1d", "\x1e", "\x04", "\x00", "\r", " ", "[)>", "\x1e01\x1d96", "\x1e05\x1d", "\x1e06\x1d"]
)
PIECES = st.sampled_from(
    ["00", "421", "4300", "%41%41", "420", "403", "91", "10", "2L", "J", "1Z", "9" * 20, "JGB ", "]C1"]
)
pieces = st.lists(st.one_of(CONTROLS, PIECES, st.text(max_size=20)), max_size=60).map("".join)
anything = st.one_of(
    st.text(max_size=LENGTH_MAX), pieces, st.binary(max_size=400).map(lambda raw: raw.decode("latin-1"))
)
aims = st.sampled_from(["", "]C0", "]C1", "]d2", "]Q3", "]E0", "]U1", "]I0", "]zz", "x"])

READ_S_MAX = 0.5
"""Of the slowest text on a busy machine. A pattern that runs away takes minutes."""


@given(anything, aims)
@example("\x1d" * LENGTH_MAX, "]C1")
@example("4300" + "%41" * 1300, "]C1")
@example("[)>" * 1000, "")
def test_reading_never_raises(text: str, aim: str) -> None:
    label = read(Code(text, aim), DEFAULT_RULES)
    assert isinstance(label, Label)
    assert label.valid == (not label.why)
    assert label.usable or label.why
    assert len(label.text) <= LENGTH_MAX
    names([label])


@given(st.sampled_from(list(SAMPLES)), st.integers(0, 200), st.characters())
def test_a_damaged_sample_is_still_read(name: str, place: int, sign: str) -> None:
    code = SAMPLES[name].code
    place %= len(code.text)
    for damaged in (code.text[:place], code.text[:place] + sign + code.text[place + 1 :], code.text[place:]):
        read(Code(damaged, code.aim), DEFAULT_RULES)


@pytest.mark.parametrize(
    "text",
    [
        "4300" + "%41%41" * 600 + "\x7f",
        "4300" + "%41%41" * 17 + "\x1d" + ("4300" + "%41%41" * 17 + "\x1d") * 37,
        "10A\x1d" * 1024,
        "[)>\x1e06\x1d" + "J1\x1d" * 1300,
        "[)>\x1e01\x1d96" + "\x1d" * 4000,
        "9" * LENGTH_MAX,
        "J" * LENGTH_MAX,
        "]C1" + "\x1d" * 4000,
        "00340123451234567895" * 204,
    ],
    ids=lambda text: repr(text[:12]),
)
@pytest.mark.parametrize("aim", ["", "]C1"])
def test_no_text_takes_long(text: str, aim: str) -> None:
    started = perf_counter()
    read(Code(text, aim), DEFAULT_RULES)
    assert perf_counter() - started < READ_S_MAX


def test_the_worst_pattern_of_a_table_takes_no_time() -> None:
    """Two parts of variable length are all that a pattern may have."""
    shape = compile_shape("*{0-63}*{0-63}#")
    started = perf_counter()
    for _ in range(20):
        assert shape.match("1" * 126 + "x") is None
    assert perf_counter() - started < READ_S_MAX


@given(st.text(alphabet=f"{ALPHABET}#?*()[]{{}}:;", max_size=40))
def test_any_pattern_is_a_shape_or_wrong(pattern: str) -> None:
    shape = _compiled(pattern)
    if shape is not None:
        assert 0 <= shape.shortest <= shape.longest
        shape.match("1" * shape.longest)


def _compiled(pattern: str) -> Shape | None:
    with suppress(ShapeWrong):
        return compile_shape(pattern)
    return None


@given(st.text(max_size=60), st.sampled_from(list(digits.RULES)))
def test_checking_never_raises(text: str, name: str) -> None:
    digits.fault(name, text)


@given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.sampled_from(list(digits.RULES)))
def test_the_digit_that_is_asked_for_is_right(body: str, name: str) -> None:
    wanted = digits.RULES[name].wanted(body)
    assert digits.fault(name, body + wanted) == ""
    others = [digit for digit in "0123456789" if digit != wanted]
    assert all(digits.fault(name, body + digit) for digit in others)


@given(st.text(max_size=200))
def test_element_strings_never_raise(text: str) -> None:
    message = element_strings.parse(text)
    assert message.elements or message.why
