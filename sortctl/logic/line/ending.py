"""Ending: how a passage of a line ends: seen in an exit, or proven to be in none.

Comes in: a passage, and the exit whose sensor saw it, or why it is lost. Goes out: the one final outcome (`logic/closing.py`), and
the withdrawal of an order that nobody waits for any more.
"""

from sortctl.logic import closing
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.known.passage import Stage
from sortctl.logic.line import divert
from sortctl.words.causes import Cause, Disposition, Proof


def close_in(line: Line, passage: LinePassage, chute: int) -> None:
    """A sensor saw `passage` go into `chute`."""
    strayed = _strayed(line, passage, chute)
    closing.close_in(line, passage, chute, strayed, "came to the end undecided", Proof.SEEN)


def _strayed(line: Line, passage: LinePassage, chute: int) -> Cause:
    """Why a parcel that had a good chute is in another one."""
    if passage.barred is not Cause.NONE:
        return passage.barred
    if chute != line.geometry.end.number:
        return Cause.WRONG_CHUTE
    if passage.stage is Stage.TRAVELLING:
        return Cause.NO_READ
    return Cause.DIVERT_FAILED if passage.told is not None or passage.failed else Cause.NO_ORDER


def close_lost(line: Line, passage: LinePassage, cause: Cause, why: str) -> None:
    """No sensor saw `passage` where it must have been seen; its order is withdrawn."""
    proof = passage.proof
    if passage.is_placed and not divert.is_committed(line, passage):
        divert.withdraw(line, passage, "its passage is lost")
    closing.close(line, passage, Disposition.LOST, cause, 0, proof, why)
