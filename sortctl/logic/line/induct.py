"""Induct: a parcel came onto the sorter; its passage opens here.

Comes in: INDUCTED events (and items that an eye found). Goes out: an open passage with its place on the belt, barred from
diverting where it is too long, or too close to a neighbour for a pusher to tell them apart.
"""

from sortctl.logic.known import deadlines
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.line import allocate, ending
from sortctl.words.causes import Cause
from sortctl.words.facts import Inducted
from sortctl.words.ids import InductNumber, PassageNumber
from sortctl.words.outcomes import PassageOpened
from sortctl.words.units import counts_to_mm


def open_inducted(line: Line, fact: Inducted) -> None:
    """A passage for the parcel that left the induct eye."""
    place = line.geometry.inducts.get(fact.induct)
    origin = line.state.belt.at_count(fact.count) - (place or 0)
    passage = open_passage(line, origin, fact.length_mm, (fact.boot_id, fact.seq, fact.count), fact.induct)
    if place is None:
        allocate.bar(line, passage, Cause.UNKNOWN_ITEM, f"induct {fact.induct} is not in the site file")
    elif fact.length_mm > line.machine.sorter.length_max_mm:
        allocate.bar(line, passage, Cause.TOO_LONG, f"{fact.length_mm} mm is longer than the sorter takes")


def open_passage(line: Line, origin: int, length_mm: int, event: tuple[int, int, int], induct: int) -> LinePassage:
    """A new passage at `origin`; `event` is (boot_id, seq, count) of the PLC's event that told of it."""
    _make_room(line)
    boot_id, seq, count = event
    passage = LinePassage(
        number=line.next_number(),
        origin=origin,
        length_mm=length_mm,
        boot_id=boot_id,
        seq=seq,
        induct=induct,
        opened_ns=line.now_ns,
    )
    line.shared.by_number[passage.number] = (line, passage)
    line.place(passage)
    line.say(
        PassageOpened(
            line.now_ns,
            line.sorter,
            PassageNumber(passage.number),
            boot_id,
            seq,
            count,
            InductNumber(induct),
            length_mm,
        )
    )
    bar_if_close(line, passage)
    deadlines.remind(line, passage)
    return passage


def _make_room(line: Line) -> None:
    """At the limit the oldest passage is given up: something is badly wrong with it, and the new one is real."""
    present = line.present
    if present >= line.shared.limits.passages_max:
        oldest = min(line.all_open(), key=lambda passage: passage.number)
        ending.close_lost(line, oldest, Cause.LIMIT, f"{present} passages are open, the limit of the site")


def bar_if_close(line: Line, passage: LinePassage) -> None:
    """Neither this passage nor a neighbour closer than the least gap may be diverted: a pusher would hit both."""
    ahead, behind = line.neighbours(passage)
    _bar_pair(line, ahead, passage, line.machine.line.gap_min_mm)
    _bar_pair(line, passage, behind, line.machine.line.gap_min_mm)


def bar_if_moved_close(line: Line, passage: LinePassage) -> None:
    """An eye has corrected this passage and the one ahead of it: have they slid together, beyond what an eye may err?"""
    ahead, _ = line.neighbours(passage)
    if ahead is not None and ahead.eyes_passed >= passage.eyes_passed:
        _bar_pair(line, ahead, passage, line.machine.line.gap_min_mm - line.machine.sorter.window_mm)


def _bar_pair(line: Line, first: LinePassage | None, second: LinePassage | None, least_mm: int) -> None:
    if first is None or second is None:
        return
    free = second.origin - first.origin - line.geometry.counts(first.length_mm)
    free_mm = counts_to_mm(free, line.machine.sorter.counts_per_metre)
    if free_mm < least_mm:
        why = f"only {free_mm} mm between passage {first.number} and passage {second.number}"
        allocate.bar(line, first, Cause.GAP_TOO_SMALL, why)
        allocate.bar(line, second, Cause.GAP_TOO_SMALL, why)
