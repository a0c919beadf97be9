"""Status: what the control socket shows. Frozen, JSON-able, asked for at any moment.

Comes in: the logic's lines, the watch's view, both halves of every link. Goes out: one `Status`. Changes nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct

from sortctl.logic import Logic
from sortctl.logic.exits import pool
from sortctl.logic.exits.fills import seconds
from sortctl.logic.known.chutes import ChuteBook
from sortctl.logic.known.loop import Loop, Where
from sortctl.logic.known.sorter import Sorter
from sortctl.runtime.halves.head_half import HeadHalf
from sortctl.runtime.halves.plc_half import PlcHalf
from sortctl.runtime.halves.unit_half import UnitHalf
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


class UnitStatus(Struct, frozen=True):
    """The PackML unit that a PLC offers. Numbers of OPC 30050; 0: it does not tell."""

    plc: str
    observed_only: bool
    """No sorter uses this PLC: its link is this one."""
    read: bool
    why: str
    state: int
    mode: int


class CertificateStatus(Struct, frozen=True):
    """A certificate or revocation list that is out of date (below 0) or soon will be."""

    name: str
    thumbprint: str
    days_left: int


class ScannerStatus(Struct, frozen=True):
    """One scanner or reader and its link. Counted since the start."""

    scanner: str
    linked: bool
    why: str
    silent: bool
    reads: int
    no_reads: int
    heartbeats: int
    refused: int
    kind: str = "scanner"
    """Or "reader"."""


class LockStatus(Struct, frozen=True):
    """Who holds a chute closed, beside the PLC. `since_ns` is of the controller's own clock."""

    lock: str
    by: str
    why: str
    since_ns: int


class BagStatus(Struct, frozen=True):
    """The bag that hangs at a chute."""

    bag: str
    by: str
    opened_ns: int
    parcels: int
    weight_g: int
    departure: str
    due: str
    """Why it is to be changed; empty: it is not."""


class ChuteStatus(Struct, frozen=True):
    """One chute."""

    chute: int
    name: str
    state: str
    why: str
    heading: int
    entries: int
    locks: tuple[LockStatus, ...] = ()
    needs_bag: bool = False
    bag: BagStatus | None = None
    full_in_s: int = -1
    """At its present rate; -1: not foreseeable."""
    given: str = ""
    """The destination that has it for itself, of a pool; empty: nobody."""
    text: str = ""
    """For the display at the chute and the label of its bag."""


class LoopStatus(Struct, frozen=True):
    """What only a loop has."""

    carriers: int
    carriers_out: tuple[int, ...]
    recirculating: int
    """Parcels on a further lap for a cause: their chute takes nothing, or they failed."""
    missing: int
    """Parcels that may be on the loop, but nothing proves it."""
    strangers: int
    """Loads on the loop of which nobody knows yet what they are."""
    stopped: bool
    """Too many recirculate: nothing more is inducted."""


class LineStatus(Struct, frozen=True):
    """One sorter, line or loop: the balance, straight from the logic's books."""

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
    kind: str = "line"
    loop: LoopStatus | None = None
    purged_by: str = ""
    """Who has asked for it to be emptied; empty: nobody."""


class Status(Struct, frozen=True):
    """Everything at `at_ns`."""

    at_ns: int
    plcs: tuple[PlcStatus, ...]
    scanners: tuple[ScannerStatus, ...]
    lines: tuple[LineStatus, ...]
    """Every sorter, line or loop."""
    watch: WatchView
    units: tuple[UnitStatus, ...] = ()
    certificates: tuple[CertificateStatus, ...] = ()


class Halves(NamedTuple):
    """Our side of everything that is connected, and the certificates that need somebody."""

    plcs: Mapping[PlcId, PlcHalf]
    heads: Mapping[ScannerId, HeadHalf]
    units: Mapping[PlcId, UnitHalf]
    aged: Mapping[str, tuple[str, int]]
    """Thumbprint -> (name, days left)."""


def status_of(logic: Logic, view: WatchView, halves: Halves, at_ns: int) -> Status:
    """Gather it."""
    return Status(
        at_ns=at_ns,
        plcs=tuple(_plc(half) for half in halves.plcs.values()),
        scanners=tuple(_scanner(half) for half in halves.heads.values()),
        lines=tuple(_sorter(sorter) for sorter in logic.sorters),
        watch=view,
        units=tuple(_unit(half) for half in halves.units.values()),
        certificates=tuple(CertificateStatus(name, mark, days) for mark, (name, days) in halves.aged.items()),
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


def _unit(half: UnitHalf) -> UnitStatus:
    return UnitStatus(half.plc, half.is_only_observed, half.is_read, half.cause, half.state, half.mode)


def _scanner(half: HeadHalf) -> ScannerStatus:
    return ScannerStatus(
        scanner=half.scanner_id,
        linked=half.is_linked,
        why=half.cause,
        silent=half.is_silent,
        reads=half.reads,
        no_reads=half.no_reads,
        heartbeats=half.heartbeats,
        refused=half.refused,
        kind=half.kind,
    )


def _sorter(sorter: Sorter) -> LineStatus:
    state, closed, present = sorter.state, sorter.state.closed, sorter.present
    return LineStatus(
        sorter=sorter.sorter,
        plc=sorter.plc,
        inducted=state.inducted,
        sorted=closed[Disposition.SORTED],
        rejected=closed[Disposition.REJECTED],
        lost=closed[Disposition.LOST],
        removed=closed[Disposition.REMOVED],
        on_sorter=present,
        holds=state.inducted == sum(closed.values()) + present,
        belt=state.belt.odo,
        chutes=tuple(chute_status(sorter, book) for book in state.chutes),
        kind=sorter.machine.sorter.kind,
        purged_by=state.purge.by if state.purge is not None else "",
        loop=_loop(sorter) if isinstance(sorter, Loop) else None,
    )


def chute_status(sorter: Sorter, book: ChuteBook) -> ChuteStatus:
    """One chute, as people see it."""
    bag = book.bag
    return ChuteStatus(
        chute=book.number,
        name=sorter.chute_names[book.number],
        state=book.state.value,
        why=book.why,
        heading=book.heading,
        entries=book.entries,
        locks=tuple(LockStatus(lock, held.by, held.why, held.since_ns) for lock, held in book.locks.items()),
        needs_bag=book.needs_bag,
        bag=None
        if bag is None
        else BagStatus(bag.bag, bag.by, bag.opened_ns, len(bag.items), bag.weight_g, bag.departure, bag.due),
        full_in_s=seconds(book, sorter.now_ns),
        given=book.given,
        text=pool.text(sorter, book.number),
    )


def _loop(loop: Loop) -> LoopStatus:
    state = loop.state
    return LoopStatus(
        carriers=loop.ring.carriers,
        carriers_out=tuple(sorted(state.out)),
        recirculating=sum(loop.recirculating.values()),
        missing=sum(passage.where is Where.ADRIFT for passage in state.passages.values()),
        strangers=len(state.found),
        stopped=state.stop,
    )
