"""Table: a CSV file as planners and spreadsheets write it, with the line of every row.

Comes in: bytes; utf-8 with or without byte order mark, comma, semicolon or tab (the header decides, or a line sep=; above it), blank lines
and lines that begin with # are skipped. Goes out: rows of plain text by column name, and every problem of form. One row is one
line: a quoted field cannot hold a line break, so that line numbers are those of the editor.
Never here: what a column means.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from difflib import get_close_matches
from io import BytesIO, TextIOWrapper
from operator import itemgetter
from typing import NamedTuple

from sortctl.site.problem import Problem
from sortctl.site.spreadsheet import (
    MEND_QUOTE,
    OPEN_QUOTE,
    foreign,
    says_something,
    separator_of,
    split,
    told_separator,
)


class Row(NamedTuple):
    """One row: its line in the file, and its fields by column name, stripped."""

    line: int
    fields: dict[str, str]


class Table(NamedTuple):
    """What could be read, and what could not."""

    rows: list[Row]
    problems: list[Problem]


def read_table(file: str, data: bytes, columns: Sequence[str], optional: Collection[str] = ()) -> Table:
    """The rows of `data`. Every column that is not optional must be there, in any order, and no other."""
    problems: list[Problem] = []
    return Table(list(table_rows(file, data, columns, optional, problems)), problems)


def table_rows(
    file: str, data: bytes, columns: Sequence[str], optional: Collection[str], problems: list[Problem]
) -> Iterator[Row]:
    """The same row by row; what is wrong goes to `problems` on the way."""
    header: list[str] = []
    for number, fields in _lists(file, data, (columns, optional), header, problems):
        yield Row(number, dict(zip(header, fields, strict=True)))


def table_lists(
    file: str, data: bytes, columns: Sequence[str], optional: Collection[str], problems: list[Problem]
) -> Iterator[tuple[int, Sequence[str]]]:
    """The same for tables of a million: the line, and its fields in the order of `columns`, "" where a column is left out."""
    header: list[str] = []
    in_order: Callable[[list[str]], Sequence[str]] | None = None
    for number, fields in _lists(file, data, (columns, optional), header, problems):
        if in_order is None:  # now the header is known
            in_order = itemgetter(*(header.index(name) if name in header else -1 for name in columns))
        fields.append("")
        yield number, in_order(fields)


def _lists(
    file: str, data: bytes, known: tuple[Sequence[str], Collection[str]], header: list[str], problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Line and fields of each row; the names of the columns go to `header`."""
    columns, optional = known
    other = foreign(data[:64])
    if other is not None:
        problems.append(Problem(file, 1, "", *other))
        return
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(Problem(file, line, "", "is not UTF-8 text", 'save it as "CSV UTF-8"'))
        return
    lines = _lines(data)
    number, first = next(lines, (0, ""))
    told = told_separator(first)
    if told:
        number, first = next(lines, (0, ""))
    if not number:
        problems.append(Problem(file, 1, "", "has no header", f"write {','.join(columns)} in the first line"))
        return
    separator = told or separator_of(first)
    header += [name.strip().lower() for name in split(first, separator) or []]
    while header and not header[-1]:
        header.pop()  # spreadsheets write as many separators as the widest row has
    wrong = _header_problems(file, number, header, columns, optional)
    problems += wrong
    if not wrong:
        yield from _rows(file, lines, separator, header, problems)


def whole_number(text: str) -> int | None:
    """The number that stands there in plain digits; nothing if it is no number."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """Every line that says something, with its number. CR, LF or both end a line."""
    for number, ended in enumerate(TextIOWrapper(BytesIO(data), "utf-8-sig"), start=1):
        line = ended.rstrip("\n")
        if says_something(line):
            yield number, line


def _rows(
    file: str, lines: Iterator[tuple[int, str]], separator: str, header: list[str], problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    width = len(header)
    for number, line in lines:
        fields = split(line, separator)
        if fields is None:
            problems.append(Problem(file, number, "", OPEN_QUOTE, MEND_QUOTE))
            continue
        while len(fields) > width and not fields[-1].strip():
            fields.pop()
        if len(fields) != width:
            what = f"has {len(fields)} fields where the header has {width}"
            problems.append(Problem(file, number, "", what, f"put one {separator!r} between two fields"))
            continue
        if line.split() != [line]:  # spaces somewhere
            fields = list(map(str.strip, fields))
        yield number, fields


def _header_problems(
    file: str, line: int, header: list[str], columns: Sequence[str], optional: Collection[str]
) -> list[Problem]:
    problems = []
    missing = [name for name in columns if name not in header and name not in optional]
    for name in header:
        if name not in columns:
            near = get_close_matches(name, missing, n=1)
            mend = f"did you mean {near[0]}?" if near else f"the columns are {', '.join(columns)}"
            problems.append(Problem(file, line, name, "unknown column", mend))
    for name in missing:
        problems.append(Problem(file, line, name, "column is missing", f"the header is {','.join(columns)}"))
    for name in sorted({name for name in header if header.count(name) > 1 and name in columns}):
        problems.append(Problem(file, line, name, "column stands there twice", "delete one of them"))
    return problems
