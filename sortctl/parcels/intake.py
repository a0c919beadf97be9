"""Intake: a whole list of parcels, from a file or a pipe, into the store, piece by piece.

Comes in: bytes of CSV or JSON lines, any length. Goes out: what was taken, mended, refused, each refusal with its line; on request
the refused lines as they were, to be mended and given again. What is refused stops nothing: the rest is taken.
One line of the list is one line of the file, so that line numbers are those of the editor.
Never here: what a line means (`records.py`), what becomes of a record (`writer.py`).
"""

import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple, Protocol

from sortctl.parcels.records import Layout, Line, Wrong, read_csv, read_header, read_json
from sortctl.parcels.writer import ParcelWriter, Taken
from sortctl.site.problem import Problem
from sortctl.site.spreadsheet import foreign, says_something, told_separator
from sortctl.words.parcels import ParcelRecord

PIECE_LINES: Final = 100_000
"""Lines in one commit. Waybills are spread over the whole index, so each commit writes most of it again: few large ones. Others get
their turn after two or three seconds.
"""
LINE_CHARS_MAX: Final = 64 << 10
PROBLEMS_KEPT: Final = 200
"""Told one by one; the rest is counted."""


class Keep(Protocol):
    """Who wants the refused lines, as they were."""

    def keep_header(self, text: str) -> None: ...
    def keep(self, text: str) -> None: ...


class ListUnreadable(Exception):
    """The list as a whole cannot be read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Mending(NamedTuple):
    """What was done to lines of one kind of fault: how many, and the first of them."""

    what: str
    lines: int
    first: int


class Intake:
    """What became of a list so far."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = 0
        """The last line that was read."""
        self.new = self.changed = self.same = self.twice = self.refused = self.told = 0
        self.problems: list[Problem] = []
        """Refusals, and what was taken with a reservation (warnings); the first of each."""
        self._mended: Counter[str] = Counter()
        self._first: dict[str, int] = {}

    @property
    def taken(self) -> int:
        """Lines that are in the store now."""
        return self.new + self.changed + self.same + self.twice

    @property
    def mended(self) -> list[Mending]:
        """Kinds of mending."""
        return [Mending(what, count, self._first[what]) for what, count in sorted(self._mended.items())]

    def refuse(self, number: int, key: str, what: str, mend: str) -> None:
        """A line was not taken."""
        self.refused += 1
        if self.refused <= PROBLEMS_KEPT:
            self.problems.append(Problem(self.source, number, key, what, mend))

    def mend(self, number: int, kinds: tuple[str, ...]) -> None:
        """A line was taken after it was mended."""
        for kind in kinds:
            self._mended[kind] += 1
            self._first.setdefault(kind, number)

    def add(self, taken: Taken) -> None:
        """A piece was written."""
        self.new, self.changed = self.new + taken.new, self.changed + taken.changed
        self.same, self.twice = self.same + taken.same, self.twice + taken.twice
        for number, why in taken.refused:
            self.refuse(number, "waybill", why, "keep the line that is right")
        for number, why in taken.told:
            self.told += 1
            if self.told <= PROBLEMS_KEPT:
                mend = "see what is known: sortctl parcels show"
                self.problems.append(Problem(self.source, number, "", why, mend, "warning"))


class Reading(NamedTuple):
    """How a list is to be read."""

    source: str
    is_json: bool
    skip_unknown: bool
    keep: Keep


def take_list(data: BinaryIO, how: Reading, writer: ParcelWriter, intake: Intake) -> Iterator[int]:
    """Bring the list into the store; yields, after each piece, the number of the last line. `intake` counts. Raises
    ListUnreadable, before anything is taken or after a part was, and StoreUnusable.
    """
    piece: list[tuple[int, ParcelRecord]] = []
    texts: dict[int, str] = {}
    layout: Layout | None = None
    separator = ""
    for number, text in _lines(data, how):
        intake.lines = number
        if layout is None and not how.is_json:
            if not separator and (separator := told_separator(text)):
                continue
            layout = _header(number, text, how, separator)
            continue
        try:
            line = _line(layout, text, how)
        except Wrong as wrong:
            intake.refuse(number, wrong.key, wrong.what, wrong.mend)
            how.keep.keep(text)
            continue
        if line.mended:
            intake.mend(number, line.mended)
        piece.append((number, line.record))
        texts[number] = text
        if len(piece) >= PIECE_LINES:
            _write(piece, texts, how, writer, intake)
            yield number
    if layout is None and not how.is_json:
        raise ListUnreadable(
            Problem(how.source, 1, "", "has no header", "write the names of the columns in the first line")
        )
    if piece:
        _write(piece, texts, how, writer, intake)
    yield intake.lines


def _write(
    piece: list[tuple[int, ParcelRecord]], texts: dict[int, str], how: Reading, writer: ParcelWriter, intake: Intake
) -> None:
    taken = writer.take(piece, how.source)
    intake.add(taken)
    for number, _ in taken.refused:
        how.keep.keep(texts[number])
    piece.clear()
    texts.clear()


def _lines(data: BinaryIO, how: Reading) -> Iterator[tuple[int, str]]:
    """Numbered lines that say something. UTF-8 with or without byte order mark; any line end."""
    text = io.TextIOWrapper(data, "utf-8-sig", errors="surrogateescape", newline=None)
    number = 0
    try:
        while line := text.readline(LINE_CHARS_MAX):
            number += 1
            other = foreign(line[:64].encode("utf-8", "surrogateescape")) if number == 1 else None
            if other is not None:
                raise ListUnreadable(Problem(how.source, number, "", *other))
            if len(line) >= LINE_CHARS_MAX:
                mend = "end each line with a line feed"
                raise ListUnreadable(
                    Problem(how.source, number, "", f"is longer than {LINE_CHARS_MAX} characters", mend)
                )
            line = line.rstrip("\n")
            if says_something(line):
                yield number, line
    finally:
        text.detach()


def _header(number: int, text: str, how: Reading, separator: str) -> Layout:
    _check_text(number, text, how)
    try:
        layout = read_header(text, skip_unknown=how.skip_unknown, separator=separator)
    except Wrong as wrong:
        raise ListUnreadable(Problem(how.source, number, wrong.key, wrong.what, wrong.mend)) from None
    how.keep.keep_header(text)
    return layout


def _check_text(number: int, text: str, how: Reading) -> None:
    if not text.isprintable() and not all(char.isprintable() or char == "\t" for char in text):
        mend = 'save it as "CSV UTF-8"'
        raise ListUnreadable(Problem(how.source, number, "", "is not UTF-8 text", mend))


def _line(layout: Layout | None, text: str, how: Reading) -> Line:
    if not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text):
        raise Wrong("", "is not UTF-8 text", 'save the list as "CSV UTF-8"')
    if layout is None:
        return read_json(text, skip_unknown=how.skip_unknown)
    return read_csv(layout, text)
