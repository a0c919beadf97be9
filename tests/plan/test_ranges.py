"""Ranges: the flattened form answers as a plain walk over all ranges does."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.plan.ranges import Range, Ranges, crossing, flattened, normalised

_LETTERS = "0159AZ"


def _ranges() -> st.SearchStrategy[Range]:
    same_length = st.integers(0, 3).flatmap(
        lambda n: st.tuples(*[st.text(alphabet=_LETTERS, min_size=n, max_size=n)] * 2)
    )
    return same_length.map(lambda ends: Range(min(ends), max(ends)))


@given(st.lists(_ranges(), max_size=8), st.text(alphabet=_LETTERS, max_size=4))
def test_the_first_that_holds_the_postcode_wins(ranges: list[Range], postcode: str) -> None:
    flat = Ranges(flattened([(span, row) for row, span in enumerate(ranges)]))
    assert flat.find(postcode) == next((row for row, span in enumerate(ranges) if span.holds(postcode)), None)


@given(_ranges(), _ranges())
def test_a_range_within_another_is_narrower(one: Range, other: Range) -> None:
    if one != other and other.start <= one.start and one.end <= other.end:
        assert one.width < other.width
        assert not crossing([one, other])


@given(st.lists(_ranges(), max_size=6))
def test_crossing_ranges_are_all_found(ranges: list[Range]) -> None:
    def cross(one: Range, other: Range) -> bool:
        apart = one.end <= other.start or other.end <= one.start
        within = (one.start <= other.start and other.end <= one.end) or (
            other.start <= one.start and one.end <= other.end
        )
        return one == other or not (apart or within)

    wanted = {(i, j) for j in range(len(ranges)) for i in range(j) if cross(ranges[i], ranges[j])}
    assert set(crossing(ranges)) == wanted


def test_a_postcode_is_compared_without_its_spaces() -> None:
    assert [normalised(text) for text in ("1012 ab", "4000-123", "sw1a 1aa", "\u00a010 115 ")] == [
        "1012AB", "4000123", "SW1A1AA", "10115",
    ]  # fmt: skip
