"""Overdue: what a deadline that has passed means on a loop. An absence becomes a conclusion here and nowhere else.

Comes in: a passage or a stranger whose deadline the belt has passed, every event up to there told. Goes out: no-read, a divert
that nobody spoke of, adrift, lost.
"""

from sortctl.logic import codes
from sortctl.logic.codes import Judged
from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.known.passage import Stage, Told
from sortctl.logic.loop import adrift, allocate, carriers, deadlines, divert, tunnel
from sortctl.words.causes import Cause, ReadClass


def conclude(loop: Loop, number: int) -> None:
    """The deadline of passage `number` has passed; less than zero: of the stranger with this item."""
    if number < 0:
        found = loop.state.found.get(-number)
        if found is not None:
            adrift.conclude(loop, found)
        return
    passage = loop.passage(number)
    if passage is None:
        return
    passage.due = 0
    known = loop.state.known
    if passage.where is Where.RIDING:
        _look(loop, passage, known)
    elif passage.ends_at <= known:
        if passage.where is Where.ADRIFT:
            adrift.give_up(loop, passage)
            return
        chute = passage.told.chute if passage.told is not None else 0
        adrift.lose_sight(loop, passage, Cause.NOT_SEEN, f"discharged at chute {chute}, but its eye saw nothing")
    deadlines.remind(loop, passage)


def _look(loop: Loop, passage: LoopPassage, known: int) -> None:
    told = passage.told
    if told is not None and deadlines.result_end(loop, passage, told.chute) <= known:
        _no_result(loop, passage, told, known)
    if passage.where is Where.RIDING and passage.answer_by:
        if passage.answer_by <= known:
            tunnel.judge(loop, passage)
    elif passage.where is Where.RIDING and deadlines.is_unread(passage) and passage.read_end_at <= known:
        codes.settle(loop, passage, Judged(ReadClass.NO_READ, ""))
        allocate.decide(loop, passage)
    if passage.where is Where.RIDING and deadlines.presence_end(loop, passage) <= known:
        adrift.lose_sight(loop, passage, Cause.NOT_SEEN, "no check-point has seen it for a lap")


def _no_result(loop: Loop, passage: LoopPassage, told: Told, known: int) -> None:
    """Its carrier has passed its chute, and the PLC told nothing of it."""
    ring = loop.ring
    sure = passage.taken_at and passage.taken_at < passage.fires_at - ring.window and not passage.doubtful
    if not sure:
        # the order may have come too late for this lap; it stands for the next
        passage.fires_at = ring.next_firing(passage.origin, told.chute, known - ring.window)
        allocate.decide(loop, passage)
        if passage.told is told and (passage.doubtful or _is_nowhere(loop, passage, told)):
            divert.renew(loop, passage)
    elif passage.proven_at > passage.fires_at + ring.exits[told.chute].stroke:
        carriers.fault(loop, passage, f"chute {told.chute}")
        allocate.fail(loop, passage, told.chute, "it came past the chute, and the PLC told nothing of its divert")
    else:
        adrift.lose_sight(loop, passage, Cause.NOT_SEEN, f"the PLC told nothing of its divert to chute {told.chute}")


def _is_nowhere(loop: Loop, passage: LoopPassage, told: Told) -> bool:
    """Its epoch ended before the PLC was known to have it, and it is not among what is given again."""
    return passage.stage is Stage.ORDERED and told.epoch != loop.state.epoch and loop.state.holds
