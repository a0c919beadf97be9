"""Checks along the belt of a line: numbers, positions, chutes, windows, and whether there is time to read, decide and divert.

Comes in: a draft. Goes out: its problems.
"""

from itertools import pairwise
from typing import Final

from sortctl.site import derive
from sortctl.site.checks import exits, rates
from sortctl.site.draft import Draft
from sortctl.site.model import Chute, LineSorter, Machine

INDUCT_MS: Final = 50
"""INDUCTED is written when the tail has left the eye; so much later at the latest the controller has it."""


def check(draft: Draft) -> None:
    """Sorter by sorter."""
    for name, sorter in draft.sorters.items():
        if not isinstance(sorter, LineSorter):
            continue
        _numbers(draft, name, sorter)
        exits.lengths(draft, name, sorter)
        _windows(draft, name, sorter)
        _before_the_chutes(draft, name, sorter)
        exits.rejects(draft, name, sorter)
        if name in draft.chutes:
            _chutes(draft, name, sorter)
            _end_chute(draft, name, sorter)
            exits.inside(draft, name, ("end_chute",), sorter.end_chute)
        machine = draft.machine(name)
        if machine is not None and machine.chutes:
            _time_to_decide(draft, machine)
            rates.check(draft, machine)


def _numbers(draft: Draft, name: str, sorter: LineSorter) -> None:
    for key in ("inducts", "scan_points", "eyes"):
        seen: dict[str, set[int]] = {"number": set(), "position_mm": set()}
        for index, part in enumerate(getattr(sorter, key)):
            for field, values in seen.items():
                value = getattr(part, field)
                if value in values:
                    what = f"{value} is there twice"
                    draft.error(("sorters", name, key, index, field), what, "each has its own")
                values.add(value)


def _windows(draft: Draft, name: str, sorter: LineSorter) -> None:
    def wrong(key: str, what: str, mend: str) -> None:
        draft.error(("sorters", name, key), what, mend)

    half_pitch = (sorter.length_min_mm + sorter.gap_min_mm) // 2
    if sorter.window_mm >= half_pitch:
        what = f"{sorter.window_mm} reaches into the window of the next parcel"
        wrong("window_mm", what, f"must be less than half of length_min_mm + gap_min_mm, {half_pitch}")
    if sorter.late_mm <= sorter.window_mm:
        wrong("late_mm", f"is not more than window_mm ({sorter.window_mm})", "late begins where on time ends")
    least = min(sorter.length_min_mm, sorter.gap_min_mm)
    if sorter.bounce_mm >= least:
        what = f"{sorter.bounce_mm} swallows whole parcels or gaps"
        wrong("bounce_mm", what, f"must be less than length_min_mm and gap_min_mm, {least}")
    elif sorter.bounce_mm * sorter.counts_per_metre < 1000:
        what = f"{sorter.bounce_mm} mm are less than one encoder count"
        wrong("bounce_mm", what, f"must be at least {-(-1000 // sorter.counts_per_metre)}")
    if sorter.length_tolerance_mm >= sorter.length_max_mm - sorter.length_min_mm > 0:
        what = "is as wide as all lengths there are: a swapped parcel would never show"
        draft.warn(("sorters", name, "length_tolerance_mm"), what, "about 60 is usual")


def _before_the_chutes(draft: Draft, name: str, sorter: LineSorter) -> None:
    first_induct = min(induct.position_mm for induct in sorter.inducts)
    if first_induct:
        mend = "measure every position_mm from the first induct eye"
        draft.warn(("sorters", name, "inducts"), f"the first one is at {first_induct}, not at 0", mend)
    last_induct = max(induct.position_mm for induct in sorter.inducts)
    least = last_induct + sorter.length_max_mm + sorter.speed_mm_s * INDUCT_MS // 1000
    for index, point in enumerate(sorter.scan_points):
        if point.position_mm < least:
            what = f"{point.position_mm} is too near the last induct: the longest parcel is read before it is known"
            draft.error(("sorters", name, "scan_points", index, "position_mm"), what, f"must be at least {least}")
    for index, eye in enumerate(sorter.eyes):
        if eye.position_mm <= last_induct:
            what = f"{eye.position_mm} is not behind the last induct ({last_induct})"
            draft.error(("sorters", name, "eyes", index, "position_mm"), what, "a check-point eye stands behind it")


def _chutes(draft: Draft, name: str, sorter: LineSorter) -> None:
    eyes_end = max((eye.position_mm for eye in sorter.eyes), default=0)
    in_order = sorted(draft.chutes[name], key=lambda chute: chute.position_mm)
    exits.names(draft, name)
    exits.zones(draft, name)
    for chute in draft.chutes[name]:
        if not chute.actuator and chute.number != sorter.end_chute:
            what = "has no actuator and is not the end chute: nothing ever gets in"
            draft.chute_error(name, chute, "actuator", what, "write yes, or name it as end_chute")
    for before, chute in pairwise(in_order):
        pushed = sorter.length_max_mm + sorter.speed_mm_s * before.travel_ms // 1000
        if before.actuator and chute.actuator and chute.position_mm - before.position_mm < pushed:
            what = f"is {chute.position_mm - before.position_mm} mm behind chute {before.number}, where the longest "
            what += f"parcel moves {pushed} mm while it is pushed"
            mend = "right if the two push to different sides; else measure again"
            draft.chute_warn(name, chute, "position_mm", what, mend)
    if in_order and eyes_end >= in_order[-1].position_mm:
        last = max(range(len(sorter.eyes)), key=lambda index: sorter.eyes[index].position_mm)
        what = f"{eyes_end} is behind the end of the belt ({in_order[-1].position_mm})"
        draft.error(("sorters", name, "eyes", last, "position_mm"), what, "no parcel comes there")


def _end_chute(draft: Draft, name: str, sorter: LineSorter) -> None:
    chutes = {chute.number: chute for chute in draft.chutes[name]}
    path = ("sorters", name, "end_chute")
    end = chutes.get(sorter.end_chute)
    if end is None:
        draft.error(path, f"there is no chute {sorter.end_chute} in {sorter.chutes}", "name the one at the belt's end")
        return
    if end.actuator:
        what = "is the end chute and has an actuator: a parcel nobody diverts would not get in"
        draft.chute_error(name, end, "actuator", what, "write no, and the end of the belt as its position")
    furthest = max(chutes.values(), key=lambda chute: (chute.position_mm, chute.number != end.number))
    if furthest is not end:
        what = f"is the end chute, but chute {furthest.number} is not before it"
        draft.chute_error(name, end, "position_mm", what, f"must be more than {furthest.position_mm}")


def _time_to_decide(draft: Draft, machine: Machine) -> None:
    first = min(machine.chutes, key=lambda chute: chute.position_mm)
    no_return = derive.no_return_mm(machine, draft.limits, first)
    points = {point.number for point in machine.sorter.scan_points}
    decided = [
        derive.decided_mm(machine, scanner) for scanner in machine.heads.values() if scanner.scan_point in points
    ]
    late = max(decided, default=0) - no_return
    if late > 0:
        what = f"is {late} mm too near the scan point: read and decision end behind its point of no return"
        mend = f"must be at least {first.position_mm + late}, or window_mm and delay_ms of the scanner less"
        draft.chute_error(machine.sorter_id, first, "position_mm", what, mend)
    _eye_before_first(draft, machine, first, no_return)


def _eye_before_first(draft: Draft, machine: Machine, first: Chute, no_return: int) -> None:
    """The eye has told a parcel's length when its tail has passed, half a length behind its middle."""
    sorter = machine.line
    if not sorter.eyes:
        return
    eye = min(range(len(sorter.eyes)), key=lambda index: sorter.eyes[index].position_mm)
    told = sorter.eyes[eye].position_mm + sorter.length_max_mm // 2 + sorter.bounce_mm
    if told > no_return:
        what = f"no eye has seen the longest parcel before the point of no return of chute {first.number}"
        mend = f"one at {sorter.eyes[eye].position_mm - (told - no_return)} or before would notice a swapped parcel"
        draft.warn(("sorters", machine.sorter_id, "eyes", eye, "position_mm"), what, mend)
