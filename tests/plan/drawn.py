"""Drawn: random rules, parcels and files of a plan, small enough to meet one another."""

from hypothesis import strategies as st

from sortctl.plan.asked import Asked
from sortctl.plan.rule import WEIGHT_ANY, Asks, Rule
from sortctl.words.parcels import CustomsState, Declaration

SIZES = (("S", 300), ("M", 600), ("L", 1200))
_PLACES = "019AZ"


def _maybe(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(("", *values))


def _ends() -> st.SearchStrategy[tuple[str, str]]:
    def pair(length: int) -> st.SearchStrategy[tuple[str, str]]:
        text = st.text(_PLACES, min_size=length, max_size=length)
        return st.tuples(text, text).map(lambda two: (min(two), max(two)))

    return st.integers(0, 3).flatmap(pair)


def _codes() -> st.SearchStrategy[tuple[str, str]]:
    """Half of the rules do not ask for codes."""
    return st.one_of(st.just(("", "")), _ends())


@st.composite
def rules(draw: st.DrawFn, line: int) -> Rule:
    """One rule of this line."""
    country = draw(_maybe("BE", "BE", "NL"))
    first, last = draw(_ends()) if country else ("", "")
    low = draw(st.sampled_from((0, 0, 500, 1_000)))
    high = draw(st.sampled_from((WEIGHT_ANY, WEIGHT_ANY, 1_000, 1_999)))
    asks = Asks(
        draw(_maybe("shop", "mall")),
        country,
        draw(_maybe("express")),
        draw(_maybe("h7", "export")),
        draw(_maybe("released", "unknown")),
        draw(_maybe("s10")),
        low,
        high,
        draw(st.sampled_from(("", "", "S", "SM", "L"))),
    )
    return Rule(f"r{line}", f"d{line % 3}", line, asks, first, last, *draw(_codes()))


def plans(rules_max: int = 12) -> st.SearchStrategy[list[Rule]]:
    """The rules of a plan, in the order of their lines."""
    return st.integers(0, rules_max).flatmap(lambda n: st.tuples(*(rules(line) for line in range(2, n + 2))).map(list))


def parcels() -> st.SearchStrategy[Asked]:
    """Parcels that such rules may fit."""
    return st.builds(
        Asked,
        tenant=_maybe("shop", "Mall", "other"),
        country=_maybe("BE", "BE", "NL", "FR"),
        postcode=st.text(_PLACES, max_size=4),
        service=_maybe("express", "EXPRESS", "slow"),
        declaration=st.sampled_from(Declaration),
        customs=st.sampled_from(CustomsState),
        label=_maybe("s10", "sscc"),
        weight_g=st.sampled_from((0, 1, 499, 500, 999, 1_000, 1_001, 1_999, 2_000, 9_000)),
        longest_mm=st.sampled_from((0, 1, 300, 301, 600, 1_200, 1_201)),
        code=st.text(_PLACES.lower() + " -", max_size=5),
    )
