"""Checks of rates: does the event window carry what the sorter makes, do the limits hold what fits on it?

Comes in: a draft and a whole machine. Goes out: its problems.
"""

from sortctl.site import derive
from sortctl.site.draft import Draft
from sortctl.site.model import LoopSorter, Machine


def check(draft: Draft, machine: Machine) -> None:
    """One machine."""
    needed, carried = derive.events_per_s(machine), derive.window_events_per_s(machine)
    if carried < derive.WINDOW_RESERVE * needed:
        what = f"the event window carries {carried} events a second, full rate makes {needed}"
        mend = f"{derive.WINDOW_RESERVE} times as many should pass: more event_slots, or a shorter cycle_ms"
        draft.warn(("plcs", machine.plc_id, "event_slots"), what, mend)
    if isinstance(machine.sorter, LoopSorter):
        fit, where = machine.sorter.carriers, "loop"
    else:
        fit, where = derive.fit_on_belt(machine, max(chute.position_mm for chute in machine.chutes)), "belt"
    if draft.limits.passages_max < fit:
        what = (
            f"{draft.limits.passages_max} is less than the {fit} parcels that fit on the {where} of {machine.sorter_id}"
        )
        draft.error(("limits", "passages_max"), what, f"must be at least {fit}")
    if isinstance(machine.sorter, LoopSorter) and machine.plc.waiting_diverts < machine.sorter.carriers:
        what = f"the PLC holds {machine.plc.waiting_diverts} targets, but {fit} parcels fit on the loop: a full one "
        what += "takes no order of any kind"
        draft.warn(("plcs", machine.plc_id, "waiting_diverts"), what, f"{fit} are needed, in the PLC and here")
