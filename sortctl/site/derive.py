"""Derive: what follows from the values of a site. Pure arithmetic; `sortctl check` prints it, the logic uses the margin.

Comes in: machines and limits. Goes out: positions along the belt, times to recover, registers, rates. All times are the
worst case. Never here: printing, problems.

Where a parcel is, is said of its middle: the middle is read at the scan point, and the middle meets the pusher. So the
length drops out, and one way and one time to decide hold for every parcel of a chute.
"""

from typing import Final

from msgspec import Struct

from sortctl.site.model import Chute, Limits, Machine, Scanner
from sortctl.words.exchange import (
    ACQUIRE_PAUSE_MS,
    LEASE_RESERVE_MS,
    PLC_TIME_STILL_MS,
    inputs_words,
    orders_words,
)

ORDER_SLACK_MS: Final = 20
"""Two stalls of the loop of 10 ms, the longest seen on a busy host."""
DECISION_MS: Final = 20
"""From the first byte of a telegram to the decision: the telegram's own length on the wire and one turn of the loop."""
PLC_PAUSE_MAX_MS: Final = 2_400
"""Longest pause between two tries for a PLC: 2,000 ms and the 20 % by which it is spread."""
SCANNER_PAUSE_MS: Final = 250
"""Pause between two tries for a scanner."""
WINDOW_RESERVE: Final = 3
"""The event window carries so many times the events at full rate: after a cut it has to catch up."""


class ChuteReach(Struct, frozen=True):
    """How long a decision for a chute may take. `way_mm`: the parcel's middle from the scan point to the point of no
    return; `time_ms`: the same at belt speed. Both below 0: too near.
    """

    chute: int
    name: str
    position_mm: int
    way_mm: int
    time_ms: int


class Recovery(Struct, frozen=True):
    """`link`: what failed; `case`: how; after at most `worst_ms` it is noticed or mended, made up of `sum_of`."""

    link: str
    case: str
    worst_ms: int
    sum_of: str


class Area(Struct, frozen=True):
    """Registers from `first` to `last` (counted from 0) in one table of one PLC."""

    plc: str
    area: str
    table: str
    first: int
    last: int


class Derived(Struct, frozen=True):
    """All that follows for one machine."""

    sorter: str
    plc: str
    order_margin_ms: int
    chutes: tuple[ChuteReach, ...]
    recoveries: tuple[Recovery, ...]
    areas: tuple[Area, ...]
    requests_per_s: int
    lease_usable_ms: int
    items_per_hour: int
    events_per_s: int
    window_events_per_s: int
    on_belt_max: int
    diverts_waiting_max: int
    scanner_buffer_bytes: int


def derive(machine: Machine, limits: Limits) -> Derived:
    """Everything that follows for one machine."""
    plc, sorter = machine.plc, machine.line
    scan_mm = min(point.position_mm for point in sorter.scan_points)
    end_mm = max(chute.position_mm for chute in machine.chutes)
    return Derived(
        sorter=machine.sorter_id,
        plc=machine.plc_id,
        order_margin_ms=order_margin_ms(machine, limits),
        chutes=tuple(_reach(machine, limits, chute, scan_mm) for chute in machine.chutes),
        recoveries=(*_plc_recoveries(machine), *_scanner_recoveries(machine)),
        areas=areas(machine),
        requests_per_s=1000 // plc.cycle_ms,
        lease_usable_ms=plc.lease_ms - LEASE_RESERVE_MS - plc.scan_ms,
        items_per_hour=3600 * sorter.speed_mm_s // (sorter.length_min_mm + sorter.gap_min_mm),
        events_per_s=events_per_s(machine),
        window_events_per_s=window_events_per_s(machine),
        on_belt_max=fit_on_belt(machine, end_mm),
        diverts_waiting_max=fit_on_belt(machine, end_mm - scan_mm),
        scanner_buffer_bytes=sum(scanner.framing.bytes_max for scanner in machine.scanners.values()),
    )


# ------------------------------------------------------------------------------------------- along the belt


def order_margin_ms(machine: Machine, limits: Limits) -> int:
    """So long before its `at_count` an order must leave the logic: its commit, one cycle, and two scans of the PLC (one
    may have begun just before the block came, the next one takes it).
    """
    return machine.plc.cycle_ms + 2 * machine.plc.scan_ms + limits.commit_wait_ms + ORDER_SLACK_MS


def stale_ms(machine: Machine, scanner: Scanner) -> int:
    """A read that may be older than this could be of another parcel: half the least distance between the middles of two, or
    the whole window of the scanner if that is less.
    """
    half_mm = (machine.sorter.length_min_mm + machine.line.gap_min_mm) // 2
    return min(half_mm, scanner.window_mm) * 1000 // machine.sorter.speed_mm_s


def no_return_mm(machine: Machine, limits: Limits, chute: Chute) -> int:
    """Where a parcel's middle is at the chute's point of no return: before the pusher by lead, half its travel, and the
    order's own way.
    """
    before_ms = chute.lead_ms + chute.travel_ms // 2 + order_margin_ms(machine, limits)
    return chute.position_mm - way_mm(machine, before_ms)


def decided_mm(machine: Machine, scanner: Scanner) -> int:
    """Where a parcel's middle is at the latest when its read has led to a decision."""
    points = {point.number: point.position_mm for point in machine.sorter.scan_points}
    return points[scanner.scan_point] + scanner.window_mm + way_mm(machine, scanner.delay_ms + DECISION_MS)


def way_mm(machine: Machine, ms: int) -> int:
    """Millimetres of belt in so many milliseconds at nominal speed."""
    return machine.sorter.speed_mm_s * ms // 1000


def fit_on_belt(machine: Machine, mm: int) -> int:
    """How many of the shortest parcels, as close as they may be, lie on so much belt."""
    return mm // (machine.sorter.length_min_mm + machine.line.gap_min_mm) + 1


def _reach(machine: Machine, limits: Limits, chute: Chute, scan_mm: int) -> ChuteReach:
    way = no_return_mm(machine, limits, chute) - scan_mm
    return ChuteReach(chute.number, chute.name, chute.position_mm, way, way * 1000 // machine.sorter.speed_mm_s)


# ------------------------------------------------------------------------------------------- rates


def events_per_s(machine: Machine) -> int:
    """Events at full rate, the shortest parcels as close as they may be: induct, divert, and two edges at every eye and
    at the eye of the chute.
    """
    sorter = machine.line
    each = 2 + 2 * (len(sorter.eyes) + 1)
    return -(-sorter.speed_mm_s * each // (sorter.length_min_mm + sorter.gap_min_mm))


def window_events_per_s(machine: Machine) -> int:
    """Events that the window carries: it takes two cycles, to read and to acknowledge, and no new event within a scan."""
    return machine.plc.event_slots * 1000 // (2 * max(machine.plc.cycle_ms, machine.plc.scan_ms))


# ------------------------------------------------------------------------------------------- registers


def areas(machine: Machine) -> tuple[Area, ...]:
    """The registers of one machine's exchange image."""
    plc = machine.modbus
    table = f"{plc.read} registers"
    return (
        Area(
            machine.plc_id,
            "orders",
            "holding registers",
            plc.orders_at,
            _last(plc.orders_at, orders_words(plc.order_slots)),
        ),
        Area(machine.plc_id, "inputs", table, plc.inputs_at, _last(plc.inputs_at, inputs_words(plc.event_slots))),
        Area(machine.plc_id, "chutes", table, plc.chutes_at, _last(plc.chutes_at, machine.chute_words)),
    )


def _last(first: int, words: int) -> int:
    return first + words - 1


# ------------------------------------------------------------------------------------------- recovery


def back_in_ms(machine: Machine) -> int:
    """From the request that got no answer to the first block on a new connection that the PLC has evaluated."""
    plc = machine.plc
    return plc.request_timeout_ms + plc.connect_timeout_ms + plc.cycle_ms + 2 * plc.scan_ms


def _plc_recoveries(machine: Machine) -> tuple[Recovery, ...]:
    plc, name = machine.plc, f"PLC {machine.plc_id}"
    first_block = plc.cycle_ms + 2 * plc.scan_ms
    acquire = ACQUIRE_PAUSE_MS[1] + first_block
    return (
        Recovery(name, "connection cut, PLC there", back_in_ms(machine), "request time-out, connect, cycle, 2 scans"),
        Recovery(name, "PLC program stands still: noticed", PLC_TIME_STILL_MS + plc.cycle_ms, "still time, cycle"),
        Recovery(
            name,
            "PLC back after a long outage",
            PLC_PAUSE_MAX_MS + plc.connect_timeout_ms + acquire,
            "longest pause, connect, pause before acquire, cycle, 2 scans",
        ),
        Recovery(
            name,
            "another controller takes over",
            plc.lease_ms + acquire,
            "lease, pause before acquire, cycle, 2 scans",
        ),
    )


def _scanner_recoveries(machine: Machine) -> tuple[Recovery, ...]:
    found = []
    for scanner_id, scanner in machine.scanners.items():
        name = f"scanner {scanner_id}"
        found.append(Recovery(name, "scanner back: opened again", SCANNER_PAUSE_MS, "pause between two tries"))
        if scanner.silent_ms:
            found.append(Recovery(name, "silent though connected: alarm", scanner.silent_ms, "silent_ms"))
    return tuple(found)
