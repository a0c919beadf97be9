"""Whole: all that follows for one machine, put together.

Comes in: a machine and the limits. Goes out: one `Derived`. Never here: arithmetic of its own.
"""

from sortctl.site.derive.along import fit_on_belt, induct_groups, lap_ms, order_margin_ms, reach
from sortctl.site.derive.links import areas, nodes, recoveries
from sortctl.site.derive.rates import events_per_s, items_per_hour, window_events_per_s
from sortctl.site.derive.told import Derived, Turn
from sortctl.site.model import Limits, LoopSorter, Machine
from sortctl.words.exchange import LEASE_RESERVE_MS


def derive(machine: Machine, limits: Limits) -> Derived:
    """Everything that follows for one machine."""
    plc, sorter = machine.plc, machine.sorter
    on_belt, waiting = _fit(machine)
    return Derived(
        sorter=machine.sorter_id,
        plc=machine.plc_id,
        turn=_turn(machine, sorter) if isinstance(sorter, LoopSorter) else None,
        order_margin_ms=order_margin_ms(machine, limits),
        chutes=tuple(reach(machine, limits, chute) for chute in machine.chutes),
        recoveries=recoveries(machine),
        areas=areas(machine),
        nodes=nodes(machine),
        requests_per_s=1000 // plc.cycle_ms,
        lease_usable_ms=plc.lease_ms - LEASE_RESERVE_MS - plc.scan_ms,
        items_per_hour=items_per_hour(machine),
        events_per_s=events_per_s(machine),
        window_events_per_s=window_events_per_s(machine),
        on_belt_max=on_belt,
        diverts_waiting_max=waiting,
        waiting_diverts=plc.waiting_diverts,
        scanner_buffer_bytes=sum(scanner.framing.bytes_max for scanner in machine.scanners.values()),
    )


def _fit(machine: Machine) -> tuple[int, int]:
    """(parcels on the sorter, DIVERTs that wait in the PLC) at most."""
    if isinstance(machine.sorter, LoopSorter):
        return machine.sorter.carriers, machine.sorter.carriers
    scan = min(point.position_mm for point in machine.sorter.scan_points)
    end = max(chute.position_mm for chute in machine.chutes)
    return fit_on_belt(machine, end), fit_on_belt(machine, end - scan)


def _turn(machine: Machine, loop: LoopSorter) -> Turn:
    return Turn(
        length_mm=loop.length_mm,
        lap_ms=lap_ms(loop),
        carriers=loop.carriers,
        carriers_per_hour=3600 * loop.speed_mm_s // loop.pitch_mm,
        induct_groups=len(induct_groups(loop, machine.chutes)),
        tunnels=len(loop.scan_points),
        check_points=len(loop.check_points),
    )
