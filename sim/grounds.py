"""Grounds: whether an ending gives its true reason: label, cause, family, planned chute.

Comes in: a parcel as it truly was, what was said of its end, the plan of its machine. Goes out: what is untrue, in words.
Never here: where it lies (`sim/referee.py`).

- `planned` is the first chute of the plan for the label that was told (one of them where parcels are spread), else none.
- Sorted has no cause, everything else has one, and the family is the one of the cause.
- What no scanner ever read is not sorted. What one did read has not "no read" as its cause, if nobody touched wires or parcel.
- No read has no label; an unknown parcel has one that the plan does not know; without a rule is one that it knows.
- Nobody is told removed who is not in a hand, nor too long who is not; a changed identity needs a hand or a wire that changed it.
"""

from collections.abc import Iterator

from sim.hub.judges.timely import is_ever_late
from sim.hub.truth import HubTruth
from sim.scenario import Script
from sim.sheets import Sheet
from sim.world.parcel import Parcel, Place
from sortctl.site.model import Machine
from sortctl.words.causes import FAMILY, Balance, Cause, Disposition
from sortctl.words.outcomes import PassageClosed

_ENDED = frozenset({Disposition.SORTED, Disposition.REJECTED})
_AT_CUSTOMS = frozenset({Cause.CUSTOMS_HOLD, Cause.CUSTOMS_INSPECT, Cause.CUSTOMS_REFUSED, Cause.SECURITY_HOLD})
_BEFORE_THE_PLAN = _AT_CUSTOMS | {Cause.INTERCEPTED, Cause.UNKNOWN_PARCEL, Cause.DATA_LATE}
_BY_A_HAND = frozenset({Cause.IDENTITY_CHANGED, Cause.DOUBLE_LOAD, Cause.MULTI_READ, Cause.CONFLICT, Cause.DUPLICATE})


def untruths(
    parcel: Parcel, ending: PassageClosed, plans: list[Sheet], script: Script, truth: HubTruth
) -> Iterator[str]:
    """What is wrong with the reasons of this ending."""
    cause, sheet = ending.cause, plans[-1]
    if (ending.disposition is Disposition.SORTED) != (cause is Cause.NONE):
        yield f"{ending.disposition} with cause {cause}"
    if ending.family is not FAMILY[cause]:
        yield f"cause {cause} is not of family {ending.family}"
    by_label = ending.planned in truth.chutes_by_label(parcel)
    if ending.disposition in _ENDED and not by_label and not any(_is_planned(ending, plan) for plan in plans):
        yield f"planned chute of {ending.waybill or 'no label'} was called {ending.planned}"
    if ending.disposition is Disposition.SORTED and not parcel.read and not parcel.touched:
        yield "it was called sorted and nobody ever read its label"
    yield from _wrong_labels(parcel, ending, plans, truth)
    yield from _wrong_of_the_body(parcel, cause, truth.machine)
    yield from _wrong_of_the_hub(parcel, cause, plans, truth)
    if script.is_quiet:
        yield from _nobody_did_it(parcel, cause, sheet, truth)


def _wrong_of_the_body(parcel: Parcel, cause: Cause, machine: Machine) -> Iterator[str]:
    if cause is Cause.REMOVED_BY_HAND and parcel.place is not Place.HAND:
        yield f"it was called removed and is {parcel.place.value} {parcel.exit}"
    if cause is Cause.TOO_LONG and parcel.length_um < (machine.sorter.length_max_mm - _tolerance_mm(machine)) * 1_000:
        yield f"it was called too long with {parcel.length_um // 1_000} mm"


def _wrong_of_the_hub(parcel: Parcel, cause: Cause, plans: list[Sheet], truth: HubTruth) -> Iterator[str]:
    """It was kept, and there was nothing to keep it for."""
    end_ns = parcel.exit_ns or truth.now_ns
    if parcel.touched:
        return
    if cause in _AT_CUSTOMS and not truth.was_kept(parcel.waybill, end_ns):
        yield f"cause {cause}, and it was released all the time"
    if cause is Cause.INTERCEPTED and not truth.was_intercepted(parcel.waybill, end_ns):
        yield "it was called intercepted, and nobody had asked for it"
    if cause is Cause.CUT_OFF_PASSED and not is_ever_late(truth, plans, parcel):
        yield "it was called late, and was not"
    if cause is Cause.DATA_LATE and not truth.was_unknown(parcel.waybill, end_ns):
        yield "its data were called late, and the host answered"


def _nobody_did_it(parcel: Parcel, cause: Cause, sheet: Sheet, truth: HubTruth) -> Iterator[str]:
    """What needs a hand or a wire that changed something, where there was none."""
    if cause in _BY_A_HAND:
        yield f"cause {cause}, and nobody had touched anything"
    if cause is Cause.NO_READ and parcel.read:
        yield "it was called no read, and its label was read"
    known = sheet.knows(parcel.waybill) and not truth.was_unknown(parcel.waybill, truth.now_ns)
    if cause is Cause.UNKNOWN_PARCEL and known:
        yield "it was called unknown, and the plan knows it"


def _is_planned(ending: PassageClosed, sheet: Sheet) -> bool:
    if ending.cause in _BEFORE_THE_PLAN and ending.planned == 0:
        return True
    group = sheet.group(ending.waybill)
    if not group.chutes:
        return ending.planned == 0
    if group.balance is Balance.FIXED:
        return ending.planned == group.chutes[0]
    return ending.planned in group.chutes or (group.balance is Balance.DYNAMIC and ending.planned == 0)


def _wrong_labels(parcel: Parcel, ending: PassageClosed, plans: list[Sheet], truth: HubTruth) -> Iterator[str]:
    waybill, cause, sheet = ending.waybill, ending.cause, plans[-1]
    unknown = truth.was_unknown(waybill, parcel.exit_ns or truth.now_ns)
    if cause is Cause.NO_READ and waybill:
        yield f"no read, but it was told as {waybill}"
    if cause is Cause.UNKNOWN_PARCEL and (not waybill or (sheet.knows(waybill) and not unknown)):
        yield f"{waybill or 'no label'} was called an unknown parcel"
    if cause is Cause.NO_RULE and (not sheet.knows(waybill) or all(plan.chutes(waybill) for plan in plans)):
        yield f"{waybill or 'no label'} was called without a rule"


def _tolerance_mm(machine: Machine) -> int:
    return machine.line.length_tolerance_mm if machine.sorter.kind == "line" else machine.sorter.window_mm
