"""Rates: parcels and events at full rate, and what the event window carries.

Comes in: a machine. Goes out: numbers per hour and second. Never here: what a PLC or a scanner really reaches.
"""

from typing import Final

from sortctl.site.derive.along import apart_mm, induct_groups
from sortctl.site.model import LoopSorter, Machine

WINDOW_RESERVE: Final = 3
"""The event window carries so many times the events at full rate: after a cut it has to catch up."""


def items_per_hour(machine: Machine) -> int:
    """A line: the shortest parcels as close as they may be. A loop: every carrier loaded at every group of inducts."""
    sorter = machine.sorter
    rate = 3600 * sorter.speed_mm_s // apart_mm(sorter)
    return rate * len(induct_groups(sorter, machine.chutes)) if isinstance(sorter, LoopSorter) else rate


def events_per_s(machine: Machine) -> int:
    """Events at full rate. A line: induct, divert, and two edges at every eye and at the eye of the chute. A loop: induct,
    divert and two edges of the chute's eye for each parcel; a point for each carrier at every scan point and check-point,
    and a lap for each carrier, as if all were loaded all the way round.
    """
    sorter = machine.sorter
    if isinstance(sorter, LoopSorter):
        groups = len(induct_groups(sorter, machine.chutes))
        each = 4 * groups + len(sorter.scan_points) + len(sorter.check_points) + 1
        return -(-sorter.speed_mm_s * each // sorter.pitch_mm) + (1 if sorter.home_point else 0)
    each = 2 + 2 * (len(machine.line.eyes) + 1)
    return -(-sorter.speed_mm_s * each // apart_mm(sorter))


def window_events_per_s(machine: Machine) -> int:
    """Events that the window carries: it takes two cycles, to read and to acknowledge, and no new event within a scan."""
    return machine.plc.event_slots * 1000 // (2 * max(machine.plc.cycle_ms, machine.plc.scan_ms))
