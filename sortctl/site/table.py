"""Table: a CSV file as planners and spreadsheets write it, with the line of every row.

Comes in: bytes; utf-8 with or without byte order mark, comma or semicolon (the header decides), blank lines and lines
that begin with # are skipped. Goes out: rows of plain text by column name, and every problem of form. One row is one
line: a quoted field cannot hold a line break, so that line numbers are those of the editor.
Never here: what a column means.
"""

import csv
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from sortctl.site.problem import Problem


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
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Table([], [Problem(file, line, "", "is not UTF-8 text", 'save it as "CSV UTF-8"')])
    lines = [
        (number, line)
        for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)
        if line.strip(" \t,;") and not line.lstrip().startswith("#")
    ]
    if not lines:
        return Table([], [Problem(file, 1, "", "has no header", f"write {','.join(columns)} in the first line")])
    number, first = lines[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    header = [name.strip().lower() for name in _split(first, separator) or []]
    while header and not header[-1]:
        header.pop()  # spreadsheets write as many separators as the widest row has
    problems = _header_problems(file, number, header, columns, optional)
    if problems:
        return Table([], problems)
    return _rows(file, lines[1:], separator, header)


def whole_number(text: str) -> int | None:
    """The number that stands there in plain digits; nothing if it is no number."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def _rows(file: str, lines: list[tuple[int, str]], separator: str, header: list[str]) -> Table:
    rows, problems = [], []
    for number, line in lines:
        fields = _split(line, separator)
        if fields is None:
            problems.append(Problem(file, number, "", "has a quote that is not closed", 'write "…" around the field'))
            continue
        while len(fields) > len(header) and not fields[-1].strip():
            fields.pop()
        if len(fields) != len(header):
            what = f"has {len(fields)} fields where the header has {len(header)}"
            problems.append(Problem(file, number, "", what, f"put one {separator!r} between two fields"))
            continue
        rows.append(Row(number, {name: field.strip() for name, field in zip(header, fields, strict=True)}))
    return Table(rows, problems)


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


def _split(line: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True), [])
    except csv.Error:
        return None
