"""Markdown: rows into a table that reads well as plain text too. Comes in: cells. Goes out: lines of one table."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; a pipe inside a cell is escaped."""
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row([str(cell).replace("|", "\\|") for cell in row]) for row in rows]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
