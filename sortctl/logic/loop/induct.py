"""Induct: a load is on its carrier; its passage opens here, with the PLC's number.

Comes in: INDUCTED events, and strangers that turn out to belong to nobody. Goes out: an open passage with its place on the ring.
"""

from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.loop import allocate, deadlines, ending
from sortctl.words.causes import Cause
from sortctl.words.ids import InductNumber, PassageNumber
from sortctl.words.outcomes import PassageOpened

NO_PLACE_LAPS = 1
"""A load at an induct that the site does not know must be seen at a check-point within so many laps."""


def open_passage(
    loop: Loop, item: int, origin: int, length_mm: int, event: tuple[int, int, int], induct: int
) -> LoopPassage:
    """A new passage on the carrier with this origin; `event` is (boot_id, seq, count) of the event that told of it."""
    _make_room(loop)
    boot_id, seq, count = event
    odo = loop.state.belt.odo
    passage = LoopPassage(
        number=loop.next_number(),
        origin=origin,
        length_mm=length_mm,
        boot_id=boot_id,
        seq=seq,
        induct=induct,
        opened_ns=loop.now_ns,
        item=item,
        era=loop.state.era,
        proven_at=odo,
        read_end_at=loop.ring.next_read_end(origin, odo),
    )
    loop.admit(passage)
    number = PassageNumber(passage.number)
    loop.say(
        PassageOpened(loop.now_ns, loop.sorter, number, boot_id, seq, count, InductNumber(induct), length_mm, item)
    )
    deadlines.remind(loop, passage)
    return passage


def open_inducted(
    loop: Loop, item: int, place: int | None, odo: int, length_mm: int, event: tuple[int, int, int], induct: int
) -> None:
    """A passage for the load that came on at an induct; `place` None: nobody knows where that is."""
    passage = open_passage(loop, item, odo - (place or 0), length_mm, event, induct)
    if place is None or not item:
        why = f"induct {induct} is not in the site file" if item else "the PLC gave it no number"
        loop.loosen(passage, Where.ADRIFT)
        passage.missing, passage.missing_cause = why, Cause.UNKNOWN_ITEM
        passage.ends_at, passage.due = odo + NO_PLACE_LAPS * loop.ring.length, 0
        deadlines.remind(loop, passage)
        allocate.bar(loop, passage, Cause.UNKNOWN_ITEM, why)
    elif length_mm > loop.site.length_max_mm:
        allocate.bar(loop, passage, Cause.TOO_LONG, f"{length_mm} mm is longer than the sorter takes")


def _make_room(loop: Loop) -> None:
    """At the limit the oldest passage is given up: something is badly wrong with it, and the new one is real."""
    if loop.present >= loop.shared.limits.passages_max:
        oldest = next(iter(loop.state.passages.values()))
        why = f"{loop.present} passages are open, the limit of the site"
        ending.close_lost(loop, oldest, Cause.LIMIT, why)
