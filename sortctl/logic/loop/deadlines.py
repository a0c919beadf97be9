"""Deadlines: the belt positions at which something must be concluded about a passage of a loop.

As on a line an absence is a position, never a time. A reminder that comes too early costs one look, so the one in force
stays when its reason moves on. Comes in: a passage about which something changed. Goes out: its next reminder.
"""

from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.known.passage import Stage

PRESENCE_PITCHES = 2
"""A check-point looks a part of a pitch behind the middle, and the PLC tells it a scan later."""


def remind(loop: Loop, passage: LoopPassage) -> None:
    """Note the next deadline of `passage`, unless an earlier one is noted."""
    due = _next(loop, passage)
    if not passage.due or due < passage.due:
        loop.remind(passage, due)


def _next(loop: Loop, passage: LoopPassage) -> int:
    if passage.where is not Where.RIDING:
        return passage.ends_at
    due = presence_end(loop, passage)
    if passage.answer_by:
        due = min(due, passage.answer_by)
    elif is_unread(passage):
        due = min(due, passage.read_end_at)
    if passage.told is not None:
        due = min(due, result_end(loop, passage, passage.told.chute))
    return due


def presence_end(loop: Loop, passage: LoopPassage) -> int:
    """Where a check-point must have seen it again."""
    pitch = loop.ring.length // loop.ring.carriers
    return passage.proven_at + loop.ring.length + PRESENCE_PITCHES * pitch


def is_unread(passage: LoopPassage) -> bool:
    """Nothing was decided about it yet, and only a read can change that."""
    return passage.stage is Stage.TRAVELLING


def answer_end(loop: Loop, passage: LoopPassage) -> int:
    """Where answers about it are no longer waited for: the next chute that it comes to is wanted in time."""
    early = loop.ring.margin + loop.ring.beats
    return loop.ring.next_chance(passage.origin, loop.state.belt.at_time(loop.now_ns) + early) - early


def result_end(loop: Loop, passage: LoopPassage, chute: int) -> int:
    """Where the PLC must have told how the order was carried out."""
    return passage.fires_at + loop.ring.exits[chute].stroke + loop.ring.result
