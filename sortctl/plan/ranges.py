"""Ranges: postcode and code ranges of many rules, flattened, so that the rule of a postcode is found by one bisection.

Comes in: ranges with what they stand for, best first. Goes out: a sorted list of where the answer changes.

A range is written with its first letters and digits only: 10 to 19 in DE is every postcode that begins with 10 to 19,
1000 to 1299 in NL is 1000AA to 1299ZZ. Both ends have the same length and are compared as text, character by character,
digits before letters; so leading zeros count and letters work. An empty range is the whole country, the widest of all.
Ranges of codes (waybills, barcodes) are the same, but longer, and an empty one is no range.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import Final, Generic, NamedTuple, TypeVar

POSTCODE_LENGTH_MAX: Final = 12
"""The longest in use have 10 letters and digits."""
CODE_LENGTH_MAX: Final = 40
"""Of the beginning of a code; the longest waybills in use have 35 characters."""
PLAIN_MAX: Final = 32
"""Up to so many starts are searched at once; of more first those with the same head, so that the search stays short."""
_NEAR: Final = 36
"""Starts with the same head, at most on average."""
_BEYOND: Final = "~"
"""Sorts behind every letter and digit."""
_NEXT: Final = dict(zip("012345678ABCDEFGHIJKLMNOPQRSTUVWXY", "123456789BCDEFGHIJKLMNOPQRSTUVWXYZ", strict=True)) | {
    "9": "A"
}
_UNITS: Final[tuple[int, ...]] = tuple(
    36 ** (POSTCODE_LENGTH_MAX - length) for length in range(POSTCODE_LENGTH_MAX + 1)
)
"""How many postcodes begin with so many characters."""

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
        """The lowest text behind: for 10 to 19 it is 1A, as no postcode lies between 19ZZZ and 1A."""
        cut = self.last.rstrip("Z")
        return cut[:-1] + _NEXT.get(cut[-1], _BEYOND) if cut else _BEYOND

    @property
    def width(self) -> int:
        """How much of all postcodes the range takes: a range within another one is narrower."""
        return width(self.first, self.last)

    def holds(self, postcode: str) -> bool:
        """Whether a normalised postcode is within."""
        return self.first <= postcode[: len(self.first)] <= self.last

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first} to {self.last}"


def width(first: str, last: str) -> int:
    """How much of all postcodes lies from the one to the other."""
    if not first:
        return _UNITS[0] + 1  # from 0 to Z is within the whole country
    unit = _UNITS[len(first)]
    return unit if first == last else (int(last, 36) - int(first, 36) + 1) * unit


def code_width(first: str, last: str) -> int:
    """How much of all codes lies from the one to the other; without a range more than any."""
    unit = int(pow(36, CODE_LENGTH_MAX - len(first)))
    return (int(last, 36) - int(first, 36) + 1) * unit if first else unit + 1


def plain_code(code: str) -> str:
    """The letters and digits of a code, in capitals."""
    if code.isascii() and code.isalnum():
        return code.upper()
    return "".join(char for char in code if char.isascii() and char.isalnum()).upper()


def normalised(postcode: str) -> str:
    """Capitals, without spaces, hyphens and dots: "4000-123" and "1012 ab" become 4000123 and 1012AB."""
    if postcode.isalnum():
        return postcode.upper()
    return "".join(char for char in postcode.upper() if char not in " -.\t\u00a0")


def is_postcode(text: str) -> bool:
    """Whether a normalised text can be (the beginning of) a postcode."""
    return text.isascii() and text.isalnum() and len(text) <= POSTCODE_LENGTH_MAX


class Prefixes(Generic[_T]):
    """Ranges that are all of one beginning (10, not 10 to 19): the longest that a postcode begins with wins, of two alike the first.

    The same answers as `Ranges` has for them, quicker to build and to ask.
    """

    __slots__ = ("_tables",)

    def __init__(self, entries: Iterable[tuple[str, _T]]) -> None:
        tables: dict[int, dict[str, _T]] = {}
        for prefix, answer in entries:
            table = tables.get(len(prefix))
            if table is None:
                table = tables[len(prefix)] = {}
            table.setdefault(prefix, answer)
        self._tables = tuple(sorted(tables.items(), reverse=True))

    def find(self, postcode: str) -> _T | None:
        """What the longest beginning of a normalised postcode stands for."""
        for length, table in self._tables:
            found = table.get(postcode[:length])
            if found is not None:
                return found
        return None

    @property
    def starts(self) -> Sequence[str]:
        """Where the answer changes, ascending."""
        spans = [Range(prefix, prefix) for _, table in self._tables for prefix in table]
        return sorted({edge for span in spans for edge in (span.start, span.end)})


class Ranges(Generic[_T]):
    """Flattened ranges: from each of the starts on its answer holds, until the next."""

    __slots__ = ("_answers", "_heads", "_length", "_starts")

    def __init__(self, changes: Iterable[tuple[str, _T | None]]) -> None:
        self._starts: list[str] = []
        self._answers: list[_T | None] = []
        for start, answer in changes:
            self._starts.append(start)
            self._answers.append(answer)
        self._length, self._heads = 0, dict[str, tuple[list[str], list[_T | None]]]()
        if len(self._starts) > PLAIN_MAX:
            self._length = _head_length(self._starts)
            self._heads = self._by_heads()

    def find(self, postcode: str) -> _T | None:
        """What the best range around a normalised postcode stands for."""
        if self._length:
            near = self._heads.get(postcode[: self._length])
            if near is not None:
                return near[1][bisect_right(near[0], postcode) - 1]
        at = bisect_right(self._starts, postcode) - 1
        return self._answers[at] if at >= 0 else None

    @property
    def starts(self) -> Sequence[str]:
        """Where the answer changes, ascending."""
        return self._starts

    def _by_heads(self) -> dict[str, tuple[list[str], list[_T | None]]]:
        """For each head the starts that begin with it, and in front of them the answer that holds from the head itself on."""
        heads: dict[str, tuple[list[str], list[_T | None]]] = {}
        before: _T | None = None
        for start, answer in zip(self._starts, self._answers, strict=True):
            if len(start) >= self._length:
                head = start[: self._length]
                if head not in heads:
                    heads[head] = ([], []) if start == head else ([head], [before])
                heads[head][0].append(start)
                heads[head][1].append(answer)
            before = answer
        return heads


def crossing(ranges: Sequence[Range], work_max: int | None = None) -> list[tuple[int, int]]:
    """Pairs of ranges that share postcodes without one lying in the other, and pairs that are equal.

    With `work_max` it ends after so many comparisons: thousands of ranges within one another would take minutes.
    """
    order = sorted(range(len(ranges)), key=lambda i: (ranges[i].first, -code_width(*ranges[i]), i))
    open_ones: list[tuple[int, str]] = []
    found: list[tuple[int, int]] = []
    work = 0
    for i in order:
        here = ranges[i]
        start, end = here.start, here.end
        open_ones = [(j, until) for j, until in open_ones if until > start]
        for j, until in open_ones:
            if until < end or ranges[j] == here:
                found.append((min(i, j), max(i, j)))
        open_ones.append((i, end))
        work += len(open_ones)
        if work_max is not None and work > work_max:
            break
    return found


def _head_length(starts: Sequence[str]) -> int:
    """So many characters in front that about `_NEAR` starts have them in common."""
    for length in range(1, POSTCODE_LENGTH_MAX):
        if len({start[:length] for start in starts}) * _NEAR >= len(starts):
            return length
    return POSTCODE_LENGTH_MAX


def layered(entries: Sequence[tuple[Range, _T]]) -> Iterator[tuple[str, tuple[_T, ...]]]:
    """From each start on all of these answers hold, the first given first, until the next start."""
    ends = [span.end for span, _ in entries]
    entering = sorted(range(len(entries)), key=lambda row: entries[row][0].start, reverse=True)
    inside: list[int] = []
    for edge in sorted({*(span.start for span, _ in entries), *ends}):
        while entering and entries[entering[-1]][0].start <= edge:
            insort(inside, entering.pop())
        inside = [row for row in inside if ends[row] > edge]
        yield edge, tuple(entries[row][1] for row in inside)


def flattened(entries: Sequence[tuple[Range, _T]]) -> Iterator[tuple[str, _T | None]]:
    """From each start on this answer holds, until the next start. Where ranges overlap, the one that was given first wins."""
    if len(entries) == 1:
        span, answer = entries[0]
        yield span.start, answer
        if span.first:
            yield span.end, None
        return
    ends = [span.end for span, _ in entries]
    entering = sorted(range(len(entries)), key=lambda row: entries[row][0].first, reverse=True)
    edges = sorted({*(span.first for span, _ in entries), *ends})  # of two alike texts the rule's own is kept
    inside: list[int] = []
    before: _T | None = None
    for edge in edges:
        while entering and entries[entering[-1]][0].first <= edge:
            heappush(inside, entering.pop())
        while inside and ends[inside[0]] <= edge:
            heappop(inside)
        best: _T | None = entries[inside[0]][1] if inside else None
        if best is not before:
            yield edge, best
        before = best
