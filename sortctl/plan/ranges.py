"""Ranges: the rules of one country, flattened, so that the rule of a postcode is found by one bisection.

Comes in: ranges of postcodes with what they stand for. Goes out: a sorted list of where the answer changes.

A range is written with its first letters and digits only: 10 to 19 in DE is every postcode that begins with 10 to 19,
1000 to 1299 in NL is 1000AA to 1299ZZ. Both ends have the same length and are compared as text, character by character,
digits before letters; so leading zeros count and letters work. Where ranges lie in one another the narrower wins, of two
of the same width the one that stands first in the file. An empty range is the whole country, the widest of all.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import Final, Generic, NamedTuple, TypeVar

POSTCODE_LENGTH_MAX: Final = 12
"""The longest in use have 10 letters and digits."""
_BEYOND: Final = "~"
"""Sorts behind every letter and digit: first + _BEYOND is behind every postcode that begins with first."""

_T = TypeVar("_T")


class Range(NamedTuple):
    """Postcodes that begin with `first` to `last`; both empty: all of the country."""

    first: str
    last: str

    @property
    def start(self) -> str:
        """The lowest text within."""
        return self.first

    @property
    def end(self) -> str:
        """The lowest text behind."""
        return self.last + _BEYOND

    @property
    def width(self) -> int:
        """How much of all postcodes the range takes: a range within another one is narrower."""
        if not self.first:
            return _place("Z", "Z") + 1  # from 0 to Z is within the whole country
        return _place(self.last, "Z") - _place(self.first, "0")


def normalised(postcode: str) -> str:
    """Capitals, without spaces, hyphens and dots: "4000-123" and "1012 ab" become 4000123 and 1012AB."""
    return "".join(char for char in postcode.upper() if char not in " -.\t\u00a0")


def is_postcode(text: str) -> bool:
    """Whether a normalised text can be (the beginning of) a postcode."""
    return text.isascii() and text.isalnum() and len(text) <= POSTCODE_LENGTH_MAX


class Ranges(Generic[_T]):
    """The flattened ranges of one country."""

    __slots__ = ("_answers", "_starts")

    def __init__(self, entries: Iterable[tuple[Range, _T]]) -> None:
        self._starts: list[str] = []
        self._answers: list[_T | None] = []
        for start, answer in _flattened(list(entries)):
            self._starts.append(start)
            self._answers.append(answer)

    def find(self, postcode: str) -> _T | None:
        """What the narrowest range around a normalised postcode stands for."""
        at = bisect_right(self._starts, postcode) - 1
        return self._answers[at] if at >= 0 else None


def crossing(ranges: Sequence[Range]) -> list[tuple[int, int]]:
    """Pairs of ranges that share postcodes without one lying in the other, and pairs that are equal."""
    order = sorted(range(len(ranges)), key=lambda i: (ranges[i].start, -ranges[i].width, i))
    open_ones: list[int] = []
    found = []
    for i in order:
        here = ranges[i]
        open_ones = [j for j in open_ones if ranges[j].end > here.start]
        for j in open_ones:
            if ranges[j].end < here.end or ranges[j] == here:
                found.append((min(i, j), max(i, j)))
        open_ones.append(i)
    return found


def _flattened(entries: list[tuple[Range, _T]]) -> list[tuple[str, _T | None]]:
    """From each start on this answer holds, until the next start."""
    entering = deque(sorted(range(len(entries)), key=lambda row: entries[row][0].start))
    edges = sorted({edge for span, _ in entries for edge in (span.start, span.end)})
    inside: list[tuple[int, int]] = []
    flat: list[tuple[str, _T | None]] = []
    for edge in edges:
        while entering and entries[entering[0]][0].start <= edge:
            row = entering.popleft()
            heappush(inside, (entries[row][0].width, row))
        while inside and entries[inside[0][1]][0].end <= edge:
            heappop(inside)
        flat.append((edge, entries[inside[0][1]][1] if inside else None))
    return flat


def _place(text: str, fill: str) -> int:
    return int(text.ljust(POSTCODE_LENGTH_MAX, fill), 36)
