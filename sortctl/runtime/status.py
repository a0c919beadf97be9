"""Status: what the control socket shows. Frozen, JSON-able, asked for at any moment.

Comes in: the logic's lines, the watch's view, both halves of every link. Goes out: one `Status`. Changes nothing.
"""

from collections.abc import Mapping

from msgspec import Struct

from sortctl.logic import Logic
from sortctl.logic.known.line import Line
from sortctl.runtime.plc_half import PlcHalf
from sortctl.runtime.scanner_half import ScannerHalf
from sortctl.watch.watch import WatchView
from sortctl.words.causes import Disposition
from sortctl.words.ids import PlcId, ScannerId


class PlcStatus(Struct, frozen=True):
    """One PLC and its link."""

    plc: str
    linked: bool
    why: str
    holds_epoch: bool
    epoch: int
    state: int
    orders_waiting: int
    events_taken: int
    events_dropped: int


class ScannerStatus(Struct, frozen=True):
    """One scanner and its port. Counted since the start."""

    scanner: str
    linked: bool
    why: str
    silent: bool
    reads: int
    no_reads: int
    heartbeats: int
    refused: int


class ChuteStatus(Struct, frozen=True):
    """One chute."""

    chute: int
    name: str
    state: str
    why: str
    heading: int
    entries: int


class LineStatus(Struct, frozen=True):
    """One sorter: the balance, straight from the logic's books."""

    sorter: str
    plc: str
    inducted: int
    sorted: int
    rejected: int
    lost: int
    removed: int
    on_sorter: int
    holds: bool
    belt: int
    chutes: tuple[ChuteStatus, ...]


class Status(Struct, frozen=True):
    """Everything at `at_ns`."""

    at_ns: int
    plcs: tuple[PlcStatus, ...]
    scanners: tuple[ScannerStatus, ...]
    lines: tuple[LineStatus, ...]
    watch: WatchView


def status_of(
    logic: Logic,
    view: WatchView,
    plcs: Mapping[PlcId, PlcHalf],
    scanners: Mapping[ScannerId, ScannerHalf],
    at_ns: int,
) -> Status:
    """Gather it."""
    return Status(
        at_ns=at_ns,
        plcs=tuple(_plc(half) for half in plcs.values()),
        scanners=tuple(_scanner(half) for half in scanners.values()),
        lines=tuple(_line(line) for line in logic.lines),
        watch=view,
    )


def _plc(half: PlcHalf) -> PlcStatus:
    image = half.image
    return PlcStatus(
        plc=half.plc,
        linked=half.is_linked,
        why=half.cause if not half.is_linked else "",
        holds_epoch=half.ownership.holds,
        epoch=half.ownership.epoch,
        state=image.state if image else 0,
        orders_waiting=half.block.depth,
        events_taken=half.events_taken,
        events_dropped=image.events_dropped if image else 0,
    )


def _scanner(half: ScannerHalf) -> ScannerStatus:
    return ScannerStatus(
        scanner=half.scanner_id,
        linked=half.is_linked,
        why=half.cause,
        silent=half.is_silent,
        reads=half.reads,
        no_reads=half.no_reads,
        heartbeats=half.heartbeats,
        refused=half.refused,
    )


def _line(line: Line) -> LineStatus:
    state, closed = line.state, line.state.closed
    present = len(state.placed) + len(state.adrift)
    return LineStatus(
        sorter=line.sorter,
        plc=line.plc,
        inducted=state.inducted,
        sorted=closed[Disposition.SORTED],
        rejected=closed[Disposition.REJECTED],
        lost=closed[Disposition.LOST],
        removed=closed[Disposition.REMOVED],
        on_sorter=present,
        holds=state.inducted == sum(closed.values()) + present,
        belt=state.belt.odo,
        chutes=tuple(
            ChuteStatus(book.number, place.name, book.state.value, book.why, book.heading, book.entries)
            for book in state.chutes
            for place in (line.geometry.exits[book.number],)
        ),
    )
