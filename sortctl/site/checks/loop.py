"""Checks round a loop: numbers, positions, chutes, windows, and what stands between inducts, tunnels and chutes.

Comes in: a draft. Goes out: its problems.

Positions go round: "behind" is in the direction of travel, and behind the last place comes the first.
"""

from collections.abc import Iterator
from typing import Final

from sortctl.site import derive
from sortctl.site.checks import exits, rates
from sortctl.site.draft import Draft
from sortctl.site.model import Chute, LoopSorter, Machine

INDUCT_MS: Final = 50
"""INDUCTED is written when the load is on its carrier; so much later at the latest the controller has it."""


def check(draft: Draft) -> None:
    """Loop by loop."""
    for name, loop in draft.sorters.items():
        if not isinstance(loop, LoopSorter):
            continue
        _numbers(draft, name, loop)
        _positions(draft, name, loop)
        _windows(draft, name, loop)
        _home(draft, name, loop)
        _exits(draft, name, loop)
        exits.lengths(draft, name, loop)
        if name in draft.chutes:
            _chutes(draft, name, loop)
        if _off_the_loop(draft, name, loop):
            continue  # how far apart things are cannot be said of a loop with another length
        if name in draft.chutes:
            _facing(draft, name, loop)
            _inducts(draft, name, loop)
        machine = draft.machine(name)
        if machine is not None and machine.chutes:
            _tunnels(draft, machine)
            rates.check(draft, machine)


def _off_the_loop(draft: Draft, name: str, loop: LoopSorter) -> bool:
    places = [chute.position_mm for chute in draft.chutes.get(name, ())]
    places += [induct.position_mm for induct in loop.inducts]
    places += [point.position_mm for point in loop.scan_points] + [point.position_mm for point in loop.check_points]
    return max(places) >= loop.length_mm


def _points(loop: LoopSorter) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Every number of the one sequence of points, with its key."""
    for key in ("scan_points", "check_points"):
        for index, point in enumerate(getattr(loop, key)):
            yield (key, index, "number"), point.number
    if loop.home_point:
        yield ("home_point",), loop.home_point


def _numbers(draft: Draft, name: str, loop: LoopSorter) -> None:
    points: dict[int, str] = {}
    for key, number in _points(loop):
        if number in points:
            what = f"{number} is the number of one of the {points[number]} already"
            mend = "scan points, check-points and the home point have one sequence of numbers"
            draft.error(("sorters", name, *key), what, mend)
        points.setdefault(number, str(key[0]))
    inducts: set[int] = set()
    for index, induct in enumerate(loop.inducts):
        if induct.number in inducts:
            draft.error(
                ("sorters", name, "inducts", index, "number"), f"{induct.number} is there twice", "each has its own"
            )
        inducts.add(induct.number)


def _positions(draft: Draft, name: str, loop: LoopSorter) -> None:
    length = loop.length_mm
    for key in ("inducts", "scan_points", "check_points"):
        seen: set[int] = set()
        for index, part in enumerate(getattr(loop, key)):
            path, position = ("sorters", name, key, index, "position_mm"), part.position_mm
            if position >= length:
                draft.error(path, f"{position} is not on the loop of {length} mm", f"must be less than {length}")
            if position in seen:
                draft.error(path, f"{position} is there twice", "each has its own")
            seen.add(position)
    if loop.home_point and loop.home_mm >= length:
        what = f"{loop.home_mm} is not on the loop of {length} mm"
        draft.error(("sorters", name, "home_mm"), what, f"must be less than {length}")


def _windows(draft: Draft, name: str, loop: LoopSorter) -> None:
    half = loop.pitch_mm // 2
    if 2 * loop.window_mm >= loop.pitch_mm:
        what = f"{loop.window_mm} reaches to the next carrier"
        draft.error(("sorters", name, "window_mm"), what, f"must be less than half of pitch_mm, {half}")
    if loop.length_max_mm > loop.pitch_mm:
        what = f"{loop.length_max_mm} is more than pitch_mm ({loop.pitch_mm}): one parcel would lie on two carriers"
        draft.error(("sorters", name, "length_max_mm"), what, f"must be at most {loop.pitch_mm}")
    for kind, heads in (("scanners", draft.scanners), ("readers", draft.readers)):
        for head_id, head in heads.items():
            if head.sorter == name and head.window_mm > half:
                what = f"{head.window_mm} reaches to the next carrier"
                draft.error((kind, head_id, "window_mm"), what, f"must be at most half of pitch_mm, {half}")


def _home(draft: Draft, name: str, loop: LoopSorter) -> None:
    if loop.home_point:
        return
    if draft.lines.has(("sorters", name, "home_mm")):
        draft.warn(
            ("sorters", name, "home_mm"), "has no meaning without a home_point", "say its number, or delete this"
        )
    if loop.carrier_faults_max:
        what = "without a home point carriers cannot be told apart, and none is ever taken out"
        mend = "give the home point its number, or write carrier_faults_max = 0"
        draft.warn(("sorters", name, "home_point"), what, mend)


def _exits(draft: Draft, name: str, loop: LoopSorter) -> None:
    exits.rejects(draft, name, loop)
    exits.causes(draft, name, "laps", loop.laps)
    for index, number in enumerate(loop.overflow):
        exits.there(draft, name, ("overflow", index), number)
        exits.inside(draft, name, ("overflow", index), number)
        if number in loop.overflow[:index]:
            draft.error(
                ("sorters", name, "overflow", index), f"chute {number} stands there twice", "delete one of them"
            )


def _chutes(draft: Draft, name: str, loop: LoopSorter) -> None:
    exits.names(draft, name)
    exits.zones(draft, name)
    for chute in draft.chutes[name]:
        if chute.position_mm >= loop.length_mm:
            what = f"is not on the loop of {loop.length_mm} mm"
            draft.chute_error(name, chute, "position_mm", what, f"must be less than {loop.length_mm}")
        if not chute.side:
            draft.chute_error(name, chute, "side", "has no side", "write left or right, in the direction of travel")
        if not chute.actuator:
            what = "has no actuator: on a loop nothing gets in by itself"
            draft.chute_error(name, chute, "actuator", what, "write yes, or leave out the column")


def _facing(draft: Draft, name: str, loop: LoopSorter) -> None:
    """Neighbours of one side: not at one place, and not where the carrier still discharges to the one before."""
    for side in ("left", "right"):
        row = sorted((chute for chute in draft.chutes[name] if chute.side == side), key=lambda chute: chute.position_mm)
        for place, chute in enumerate(row if len(row) > 1 else ()):
            before = row[place - 1]
            apart = (chute.position_mm - before.position_mm) % loop.length_mm
            if not apart:
                what = f"is at {chute.position_mm} on the {side}, where chute {before.number} is"
                draft.chute_error(name, chute, "position_mm", what, "two at one place stand on different sides")
            elif apart < (moved := loop.length_max_mm + loop.speed_mm_s * before.travel_ms // 1000):
                what = f"is {apart} mm behind chute {before.number} on the {side}, where the longest parcel takes {moved} mm "
                what += "while it is discharged"
                draft.chute_warn(name, chute, "position_mm", what, "measure again; or travel_ms of that chute is less")


def _inducts(draft: Draft, name: str, loop: LoopSorter) -> None:
    """Before a group of inducts a check-point, behind it a tunnel, both before the next chute."""
    chutes = draft.chutes[name]
    at = {induct.position_mm: index for index, induct in enumerate(loop.inducts)}
    checks = [point.position_mm for point in loop.check_points]
    tunnels = [point.position_mm for point in loop.scan_points]
    for group in derive.induct_groups(loop, chutes):
        first, last = group[0], group[-1]
        chute = min(chutes, key=lambda each: (first - each.position_mm) % loop.length_mm)
        if _way(loop, chute.position_mm, first) < min(_way(loop, place, first) for place in checks):
            what = (
                f"no check-point between chute {chute.number} and this induct: a load that stayed on gets a second one"
            )
            mend = f"one behind {chute.position_mm} mm would find it"
            draft.warn(("sorters", name, "inducts", at[first], "position_mm"), what, mend)
        chute = min(chutes, key=lambda each: (each.position_mm - last) % loop.length_mm)
        if _way(loop, last, chute.position_mm) < min(_way(loop, last, place) for place in tunnels):
            what = f"parcels from here pass chute {chute.number} before they are read, and come to it a lap later"
            mend = f"a tunnel belongs between {last} and {chute.position_mm} mm"
            draft.warn(("sorters", name, "inducts", at[last], "position_mm"), what, mend)
    _read_unknown(draft, name, loop)


def _read_unknown(draft: Draft, name: str, loop: LoopSorter) -> None:
    """A load must be known when it is read."""
    least = loop.window_mm + loop.speed_mm_s * INDUCT_MS // 1000
    for index, point in enumerate(loop.scan_points):
        induct = min(loop.inducts, key=lambda each: (point.position_mm - each.position_mm) % loop.length_mm)
        way = _way(loop, induct.position_mm, point.position_mm)
        if way < least:
            what = f"is {way} mm behind induct {induct.number}: a parcel is read before it is known"
            draft.error(("sorters", name, "scan_points", index, "position_mm"), what, f"must be {least} mm behind it")


def _tunnels(draft: Draft, machine: Machine) -> None:
    """Each tunnel reads, and is far enough before its first chute."""
    loop, limits = machine.loop, draft.limits
    seeing = {head.scan_point for head in machine.heads.values()}
    for index, point in enumerate(loop.scan_points):
        path = ("sorters", machine.sorter_id, "scan_points", index)
        if point.number not in seeing and seeing:
            what = f"no scanner reads at scan point {point.number}"
            draft.warn(path, what, f'add one with sorter = "{machine.sorter_id}" and scan_point = {point.number}')
        first = _first_behind(loop, machine.chutes, point.position_mm)
        way = _way(loop, point.position_mm, first.position_mm) - derive.before_chute_mm(machine, limits, first)
        needed = max(
            (head.window_mm + derive.way_mm(machine, derive.read_ms(head))
             for head in machine.heads.values() if head.scan_point == point.number),
            default=0,
        )  # fmt: skip
        if way < needed:
            what = (
                f"is {needed - way} mm too near scan point {point.number}: read and decision end behind its point of "
            )
            what += "no return, so each parcel of it rides a lap"
            mend = f"must be {needed - way} mm further, or window_mm and delay_ms of the scanner less"
            draft.chute_error(machine.sorter_id, first, "position_mm", what, mend)


def _first_behind(loop: LoopSorter, chutes: tuple[Chute, ...], place: int) -> Chute:
    return min(chutes, key=lambda chute: _way(loop, place, chute.position_mm))


def _way(loop: LoopSorter, here: int, there: int) -> int:
    """Millimetres from here to there, in the direction of travel."""
    return (there - here) % loop.length_mm
