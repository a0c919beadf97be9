"""Tables: rows under headings, with frames on a terminal and plain columns anywhere else.

Comes in: what `site/derive` found. Goes out: text. Never here: numbers of its own.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sortctl.commands.screen import escaped
from sortctl.site.derive import WINDOW_RESERVE, ChuteReach, Derived, Turn


class Sheet(NamedTuple):
    """A title, the headings, the rows; a heading that ends in a unit or number word stands right."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    """Columns of numbers."""


ROWS_MAX: Final = 30
"""So many chutes are shown one by one; of more, those that stand in a row share a line."""
BUNDLE_MAX: Final = 20


def derived_tables(derived: Derived) -> list[Sheet]:
    """What follows for one machine."""
    return [
        _chutes(derived),
        _recoveries(derived),
        _registers(derived) if derived.areas else _nodes(derived),
        _figures(derived),
    ]


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
    many = len(derived.chutes) > ROWS_MAX
    rows = tuple(
        _bundle(bundle) for bundle in (_bundles(derived.chutes) if many else ([each] for each in derived.chutes))
    )
    whence = "the last tunnel before it" if derived.turn else "the scan point"
    title = f"{derived.sorter}: decide until (parcel's middle, from {whence} to the point of no return)"
    if many:
        title += "; ranges where chutes stand in a row"
    return Sheet(title, ("chute", "name", "position mm", "way mm", "time ms"), rows, frozenset({0, 2, 3, 4}))


def _bundles(reaches: Sequence[ChuteReach]) -> list[list[ChuteReach]]:
    """Chutes numbered in a row, whose way grows from each to the next: some of those behind one tunnel."""
    bundles: list[list[ChuteReach]] = []
    for here in reaches:
        before = bundles[-1][-1] if bundles else None
        in_row = before is not None and here.chute == before.chute + 1 and here.way_mm >= before.way_mm
        if in_row and len(bundles[-1]) < BUNDLE_MAX:
            bundles[-1].append(here)
        else:
            bundles.append([here])
    return bundles


def _bundle(reaches: Sequence[ChuteReach]) -> tuple[str, ...]:
    first, last = reaches[0], reaches[-1]
    pairs = (
        (str(first.chute), str(last.chute)),
        (first.name, last.name),
        (f"{first.position_mm:,}", f"{last.position_mm:,}"),
        (f"{first.way_mm:,}", f"{last.way_mm:,}"),
        (f"{first.time_ms:,}", f"{last.time_ms:,}"),
    )
    return tuple(low if low == high else f"{low} to {high}" for low, high in pairs)


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


def _nodes(derived: Derived) -> Sheet:
    rows = tuple((each.plc, each.area, each.namespace, each.node, str(each.words)) for each in derived.nodes)
    headings = ("PLC", "area", "namespace", "node", "words")
    return Sheet(f"{derived.sorter}: nodes used", headings, rows, frozenset({4}))


def _figures(derived: Derived) -> Sheet:
    turn = derived.turn
    rows = (
        ("order margin", f"{derived.order_margin_ms:,} ms", "an order leaves so long before its count"),
        ("requests", f"{derived.requests_per_s:,} /s", "one a cycle, and at once when an order waits"),
        ("lease for orders", f"{derived.lease_usable_ms:,} ms", "without an answer for longer no order is sent"),
        *(_turn(turn) if turn else ()),
        (
            "full rate",
            f"{derived.items_per_hour:,} /h",
            "every carrier loaded at every group of inducts" if turn else "shortest parcels, smallest gaps",
        ),
        (
            "events at full rate",
            f"{derived.events_per_s:,} /s",
            "induct, divert, chute eyes, points, laps" if turn else "induct, divert, eyes",
        ),
        (
            "event window",
            f"{derived.window_events_per_s:,} /s",
            f"should be {WINDOW_RESERVE} times the events at full rate",
        ),
        ("parcels on the loop" if turn else "parcels on the belt", f"{derived.on_belt_max:,}", "at most"),
        (
            "diverts waiting",
            f"{derived.diverts_waiting_max:,}",
            f"at most; this PLC holds {derived.waiting_diverts:,}, further orders wait until there is room",
        ),
        ("scanner buffers", f"{derived.scanner_buffer_bytes:,} bytes", "at most"),
    )
    return Sheet(f"{derived.sorter}: figures", ("what", "value", "meaning"), rows, frozenset({1}))


def _turn(turn: Turn) -> tuple[tuple[str, str, str], ...]:
    places = f"groups of inducts: {turn.induct_groups}, tunnels: {turn.tunnels}, check-points: {turn.check_points}"
    return (
        ("loop", f"{turn.length_mm:,} mm", places),
        ("lap", f"{turn.lap_ms:,} ms", "once round"),
        ("carriers", f"{turn.carriers:,}", f"{turn.carriers_per_hour:,} an hour pass every place"),
    )
