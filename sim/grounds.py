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

from sim.scenario import Script
from sim.sheets import Sheet
from sim.world.parcel import Parcel, Place
from sortctl.site.model import Machine
from sortctl.words.causes import FAMILY, Balance, Cause, Disposition
from sortctl.words.outcomes import PassageClosed

_ENDED = frozenset({Disposition.SORTED, Disposition.REJECTED})
_BY_A_HAND = frozenset({Cause.IDENTITY_CHANGED, Cause.DOUBLE_LOAD, Cause.MULTI_READ, Cause.CONFLICT, Cause.DUPLICATE})


def untruths(parcel: Parcel, ending: PassageClosed, sheet: Sheet, script: Script, machine: Machine) -> Iterator[str]:
    """What is wrong with the reasons of this ending."""
    cause = ending.cause
    if (ending.disposition is Disposition.SORTED) != (cause is Cause.NONE):
        yield f"{ending.disposition} with cause {cause}"
    if ending.family is not FAMILY[cause]:
        yield f"cause {cause} is not of family {ending.family}"
    if ending.disposition in _ENDED and not _is_planned(ending, sheet):
        yield f"planned chute of {ending.waybill or 'no label'} was called {ending.planned}"
    if ending.disposition is Disposition.SORTED and not parcel.read and not parcel.touched:
        yield "it was called sorted and nobody ever read its label"
    yield from _wrong_labels(ending, sheet)
    yield from _wrong_of_the_body(parcel, cause, machine)
    if script.is_quiet:
        yield from _nobody_did_it(parcel, cause, sheet)


def _wrong_of_the_body(parcel: Parcel, cause: Cause, machine: Machine) -> Iterator[str]:
    if cause is Cause.REMOVED_BY_HAND and parcel.place is not Place.HAND:
        yield f"it was called removed and is {parcel.place.value} {parcel.exit}"
    if cause is Cause.TOO_LONG and parcel.length_um < (machine.sorter.length_max_mm - _tolerance_mm(machine)) * 1_000:
        yield f"it was called too long with {parcel.length_um // 1_000} mm"


def _nobody_did_it(parcel: Parcel, cause: Cause, sheet: Sheet) -> Iterator[str]:
    """What needs a hand or a wire that changed something, where there was none."""
    if cause in _BY_A_HAND:
        yield f"cause {cause}, and nobody had touched anything"
    if cause is Cause.NO_READ and parcel.read:
        yield "it was called no read, and its label was read"
    if cause is Cause.UNKNOWN_PARCEL and sheet.knows(parcel.waybill):
        yield "it was called unknown, and the plan knows it"


def _is_planned(ending: PassageClosed, sheet: Sheet) -> bool:
    group = sheet.group(ending.waybill)
    if not group.chutes:
        return ending.planned == 0
    if group.balance is Balance.FIXED:
        return ending.planned == group.chutes[0]
    return ending.planned in group.chutes


def _wrong_labels(ending: PassageClosed, sheet: Sheet) -> Iterator[str]:
    waybill, cause = ending.waybill, ending.cause
    if cause is Cause.NO_READ and waybill:
        yield f"no read, but it was told as {waybill}"
    if cause is Cause.UNKNOWN_PARCEL and (not waybill or sheet.knows(waybill)):
        yield f"{waybill or 'no label'} was called an unknown parcel"
    if cause is Cause.NO_RULE and (not sheet.knows(waybill) or sheet.chutes(waybill)):
        yield f"{waybill or 'no label'} was called without a rule"


def _tolerance_mm(machine: Machine) -> int:
    return machine.line.length_tolerance_mm if machine.sorter.kind == "line" else machine.sorter.window_mm
