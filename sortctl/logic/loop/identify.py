"""Identify: what the codes of a load amount to as soon as it is known what they stand for, or can be waited for no longer.

Comes in: a passage with codes. Goes out: `ParcelAsked`, `ReadClassed`. Never here: what a later pass says of an identity (`tunnel`).
"""

from sortctl.logic import codes
from sortctl.logic.hub import data
from sortctl.logic.known.loop import Loop, LoopPassage
from sortctl.logic.loop import deadlines


def must_wait(loop: Loop, passage: LoopPassage) -> bool:
    """Ask what is not asked yet. True: answers are to come, and there is time before the next chute."""
    if data.ask(loop, passage):
        passage.answer_by = deadlines.answer_end(loop, passage)
    if data.is_open(loop.shared, passage) and passage.answer_by > loop.state.belt.at_time(loop.now_ns):
        deadlines.remind(loop, passage)
        return True
    passage.answer_by = 0
    return False


def classify(loop: Loop, passage: LoopPassage) -> None:
    """Class its codes, unless that must wait."""
    if not must_wait(loop, passage):
        codes.classify(loop, passage)
