"""Ending: how a passage of a loop ends: in a chute, taken off by hand, or never found again.

Comes in: a passage, and what proves its end. Goes out: the one final outcome (`logic/closing.py`), the withdrawal of a target that
nobody waits for, and the room that it leaves, to the next who wants it, and to induction.
"""

from sortctl.logic import closing, orders
from sortctl.logic.known.loop import Loop, LoopPassage
from sortctl.logic.loop import allocate, divert, laps
from sortctl.words.causes import Cause, Disposition, Proof


def close_in(loop: Loop, passage: LoopPassage, chute: int) -> None:
    """A sensor saw `passage` go into `chute`."""
    strayed = passage.barred if passage.barred is not Cause.NONE else Cause.WRONG_CHUTE
    headed = passage.chute
    closing.close_in(loop, passage, chute, strayed, f"decided for no chute ({passage.why})", Proof.SEEN)
    _make_use(loop, headed)


def close_removed(loop: Loop, passage: LoopPassage, why: str) -> None:
    """The PLC saw a hand take it."""
    headed = passage.chute
    orders.drop(loop, passage)  # it is in no chute
    closing.close(loop, passage, Disposition.REMOVED, Cause.REMOVED_BY_HAND, 0, Proof.NONE, why)
    _make_use(loop, headed)


def close_lost(loop: Loop, passage: LoopPassage, cause: Cause, why: str) -> None:
    """Nobody saw `passage` where it must have been seen; its target is withdrawn."""
    proof, headed = passage.proof, passage.chute
    if not divert.is_committed(loop, passage):
        divert.withdraw(loop, passage, "its passage is lost")
    closing.close(loop, passage, Disposition.LOST, cause, 0, proof, why)
    _make_use(loop, headed)


def _make_use(loop: Loop, chute: int) -> None:
    if chute:
        allocate.offer(loop, chute)
    allocate.give_waiting(loop)
    laps.watch(loop)
