"""Overdue: what a deadline that has passed means. An absence becomes a conclusion here and nowhere else.

Comes in: a passage whose deadline the belt has passed, every event up to there told. Goes out: no-read, or lost.
"""

from sortctl.logic.known import deadlines
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.line import ending, identify
from sortctl.words.causes import Cause, ReadClass


def conclude(line: Line, number: int) -> None:
    """A deadline of passage `number` has passed at the known odometer."""
    known, passage = line.state.known, line.passage(number)
    if passage is None:
        return
    if not passage.is_placed:
        ending.close_lost(line, passage, Cause.POSITION_VOID, "never seen again after its position was void")
        return
    if deadlines.presence_end(line, passage) <= known:
        ending.close_lost(line, passage, Cause.NOT_SEEN, _missed(line, passage))
        return
    if passage.answer_by:
        if passage.answer_by <= known:
            identify.judge(line, passage)
    elif not deadlines.is_decided(passage) and deadlines.read_end(line, passage) <= known:
        identify.settle(line, passage, ReadClass.NO_READ)
    deadlines.remind(line, passage)


def _missed(line: Line, passage: LinePassage) -> str:
    geometry, told = line.geometry, passage.told
    where = []
    if told is not None:
        where.append(f"chute {told.chute} ({passage.proof.value})")
    if passage.eyes_passed < len(geometry.eyes):
        where.append(f"eye {geometry.eyes[passage.eyes_passed].number}")
    else:
        where.append(f"end chute {geometry.end.number}")
    return "not seen at " + ", nor at ".join(where)
