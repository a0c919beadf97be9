"""Tables: rows under headings, with frames on a terminal and plain columns anywhere else.

Comes in: what `site/derive.py` found. Goes out: text. Never here: numbers of its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sortctl.commands.screen import escaped
from sortctl.site.derive import WINDOW_RESERVE, Derived
from sortctl.words.exchange import WAITING_DIVERTS_MIN


class Sheet(NamedTuple):
    """A title, the headings, the rows; a heading that ends in a unit or number word stands right."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    """Columns of numbers."""


def derived_tables(derived: Derived) -> list[Sheet]:
    """What follows for one machine."""
    return [_chutes(derived), _recoveries(derived), _registers(derived), _figures(derived)]


def print_table(console: Console, sheet: Sheet) -> None:
    """One table. What is not a terminal gets no frames, for grep and for the log."""
    if console.is_terminal:
        _framed(console, sheet)
        return
    rows = [tuple(escaped(cell) for cell in row) for row in (sheet.headings, *sheet.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(sheet.headings))]
    console.out("", highlight=False)
    console.out(escaped(sheet.title), highlight=False)
    for row in rows:
        console.out(f"  {_plain(row, widths, sheet.right)}", highlight=False)


def _framed(console: Console, sheet: Sheet) -> None:
    table = Table(title=Text(escaped(sheet.title), "bold"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column, heading in enumerate(sheet.headings):
        table.add_column(heading, justify="right" if column in sheet.right else "left", overflow="fold")
    for row in sheet.rows:
        table.add_row(*(Text(escaped(cell)) for cell in row))
    console.print(table, soft_wrap=False)


def _plain(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    cells = (
        cell.rjust(width) if column in right else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()


def _chutes(derived: Derived) -> Sheet:
    rows = tuple(
        (str(reach.chute), reach.name, f"{reach.position_mm:,}", f"{reach.way_mm:,}", f"{reach.time_ms:,}")
        for reach in derived.chutes
    )
    title = f"{derived.sorter}: decide until (parcel's middle, from the scan point to the point of no return)"
    return Sheet(title, ("chute", "name", "position mm", "way mm", "time ms"), rows, frozenset({0, 2, 3, 4}))


def _recoveries(derived: Derived) -> Sheet:
    rows = tuple((each.link, each.case, f"{each.worst_ms:,}", each.sum_of) for each in derived.recoveries)
    title = f"{derived.sorter}: recovery, worst case"
    return Sheet(title, ("link", "case", "ms", "made up of"), rows, frozenset({2}))


def _registers(derived: Derived) -> Sheet:
    rows = tuple(
        (each.plc, each.area, each.table, str(each.first), str(each.last), str(each.last - each.first + 1))
        for each in derived.areas
    )
    headings = ("PLC", "area", "table", "first", "last", "words")
    return Sheet(f"{derived.sorter}: registers used", headings, rows, frozenset({3, 4, 5}))


def _figures(derived: Derived) -> Sheet:
    rows = (
        ("order margin", f"{derived.order_margin_ms:,} ms", "an order leaves so long before its count"),
        ("requests", f"{derived.requests_per_s:,} /s", "one a cycle, and at once when an order waits"),
        ("lease for orders", f"{derived.lease_usable_ms:,} ms", "without an answer for longer no order is sent"),
        ("full rate", f"{derived.items_per_hour:,} /h", "shortest parcels, smallest gaps"),
        ("events at full rate", f"{derived.events_per_s:,} /s", "induct, divert, eyes"),
        (
            "event window",
            f"{derived.window_events_per_s:,} /s",
            f"should be {WINDOW_RESERVE} times the events at full rate",
        ),
        ("parcels on the belt", f"{derived.on_belt_max:,}", "at most"),
        (
            "diverts waiting",
            f"{derived.diverts_waiting_max:,}",
            f"at most; every PLC holds {WAITING_DIVERTS_MIN}, further orders wait until there is room",
        ),
        ("scanner buffers", f"{derived.scanner_buffer_bytes:,} bytes", "at most"),
    )
    return Sheet(f"{derived.sorter}: figures", ("what", "value", "meaning"), rows, frozenset({1}))
