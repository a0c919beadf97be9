"""Every key is found on its line, however the TOML is written."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.site.locate import Lines, Path

TEXT = '''# comment with [table] and key = 1
top = 1
[plain]
a = "# [no] comment"
"quoted key" = 'x'
dotted.inner.deep = 2
multi = """
[not.a.table]
b = "three\\""" quotes"""
after = 1
literal = \'\'\'
c = 1
\'\'\'
list = [
  1,
  { x = 1, y = [2,
    3] },  # tail
]
[outer.middle]
z = 1
[outer]
w = 1
[[outer.items]]
n = 1
[[outer.items]]
n = 2
[outer.items.sub]
s = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("plain",), 3),
        (("plain", "a"), 4),
        (("plain", "quoted key"), 5),
        (("plain", "dotted"), 6),
        (("plain", "dotted", "inner", "deep"), 6),
        (("plain", "multi"), 7),
        (("plain", "after"), 10),
        (("plain", "literal"), 11),
        (("plain", "list"), 14),
        (("plain", "list", 0), 15),
        (("plain", "list", 1, "x"), 16),
        (("plain", "list", 1, "y", 1), 17),
        (("outer", "middle", "z"), 20),
        (("outer",), 21),
        (("outer", "items"), 23),
        (("outer", "items", 0, "n"), 24),
        (("outer", "items", 1), 25),
        (("outer", "items", 1, "sub", "s"), 28),
        (("plain", "missing"), 3),
        (("nowhere", "at", 3, "all"), 1),
    ],
)
def test_a_key_is_found_on_its_line(path: Path, line: int) -> None:
    tomllib.loads(TEXT)
    assert Lines(TEXT).line(path) == line


_KEYS = st.sampled_from(["a", "b", '"q q"', "'l'", "d.e", "f-1"])
_VALUES = st.recursive(
    st.sampled_from(["1", "true", '"x"', "'y#]'", '"""\nm\n"""', "1979-05-27", "[\n]", "{}", '"\\""', "''''q''''"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(items) + "]")
        | st.lists(st.tuples(st.sampled_from("xyz"), inner), max_size=2, unique_by=lambda pair: pair[0]).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=6,
)
_LINES = st.lists(
    st.one_of(
        st.tuples(_KEYS, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
        st.sampled_from(["[t]", "[t.u]", "[[v]]", "[v.w]", "[[t.x]]", "# c", ""]),
    ),
    max_size=8,
)


def _paths(value: Any, path: Path = ()) -> list[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, one in inner for deeper in _paths(one, (*path, key)))]


@given(_LINES)
def test_whatever_toml_accepts_is_found_whole(lines: list[str]) -> None:
    """Every path of the values has its own line; no other path is made up."""
    text = "\n".join(lines)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = Lines(text)
    assert all(found.has(path) for path in _paths(parsed)), text
    assert all(1 <= found.line(path) <= text.count("\n") + 1 for path in _paths(parsed))


@given(st.text(alphabet="[]{}=.,\"'\\#\n a1", max_size=60))
def test_no_text_at_all_stops_the_search(text: str) -> None:
    assert Lines(text).line(("a", "b")) >= 1
