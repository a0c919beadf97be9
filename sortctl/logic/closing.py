"""Closing: the one final outcome of every passage.

Comes in: a passage, and the exit whose sensor saw it, or the proof that no sensor did. Goes out: `PassageClosed`, with the cause
and why it is not where the plan wanted it. Nothing else closes a passage.
"""

from sortctl.logic import divert
from sortctl.logic.known.line import Line
from sortctl.logic.known.passage import Passage, Stage
from sortctl.words.causes import FAMILY, Cause, Disposition, Proof
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import PassageClosed


def close_in(line: Line, passage: Passage, chute: int) -> None:
    """A sensor saw `passage` go into `chute`."""
    in_plan = chute in line.shared.plan.chutes(passage.destination) if passage.destination else False
    if passage.chute == chute:
        cause, why = passage.cause, passage.why
    elif in_plan and passage.barred is Cause.NONE:
        cause, why = Cause.NONE, f"an alternate of its destination; {passage.why}"
    else:
        cause = passage.cause if passage.cause is not Cause.NONE else _strayed(line, passage, chute)
        why = f"decided for chute {passage.chute} ({passage.why})" if passage.chute else "came to the end undecided"
    disposition = Disposition.SORTED if cause is Cause.NONE else Disposition.REJECTED
    _close(line, passage, disposition, cause, chute, Proof.SEEN, why)


def _strayed(line: Line, passage: Passage, chute: int) -> Cause:
    """Why a parcel that had a good chute is in another one."""
    if passage.barred is not Cause.NONE:
        return passage.barred
    if chute != line.geometry.end.number:
        return Cause.WRONG_CHUTE
    if passage.stage is Stage.TRAVELLING:
        return Cause.NO_READ
    return Cause.DIVERT_FAILED if passage.told is not None or passage.failed else Cause.NO_ORDER


def close_lost(line: Line, passage: Passage, cause: Cause, why: str) -> None:
    """No sensor saw `passage` where it must have been seen; its order is withdrawn."""
    proof = passage.proof
    if passage.is_placed and not divert.is_committed(line, passage):
        divert.withdraw(line, passage, "its passage is lost")
    _close(line, passage, Disposition.LOST, cause, 0, proof, why)


def _close(
    line: Line, passage: Passage, disposition: Disposition, cause: Cause, actual: int, proof: Proof, why: str
) -> None:
    if passage.told is not None:
        line.by_order.pop((passage.told.epoch, passage.told.seq), None)
    if passage.chute:
        line.books[passage.chute].heading -= 1
    line.forget(passage)
    passage.stage = Stage.CLOSED
    line.state.closed[disposition] += 1
    line.say(
        PassageClosed(
            line.now_ns,
            line.sorter,
            PassageNumber(passage.number),
            disposition,
            cause,
            FAMILY[cause],
            passage.waybill,
            passage.destination,
            ChuteNumber(passage.planned),
            ChuteNumber(actual),
            proof,
            why,
        )
    )
