"""Closing: the one final outcome of every passage, on whatever sorter.

Comes in: a passage, and the exit whose sensor saw it, or the proof that no sensor did. Goes out: `PassageClosed`, with the cause
and why it is not where the plan wanted it. Nothing else closes a passage.
"""

from sortctl.logic import balance
from sortctl.logic.choosing import group_of
from sortctl.logic.hub import cutoff, data, recall
from sortctl.logic.known.passage import Passage, Stage
from sortctl.logic.known.sorter import Sorter
from sortctl.words.causes import FAMILY, Cause, Disposition, Proof
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import PassageClosed


def close_in(sorter: Sorter, passage: Passage, chute: int, strayed: Cause, undecided: str, proof: Proof) -> None:
    """`passage` went into `chute`. If that is not where it was sent: `strayed` says why, unless the decision had a cause
    itself; `undecided` is said of one that was sent nowhere.
    """
    recall.entered(sorter, passage, chute)
    in_plan = balance.is_own(sorter, passage, group_of(sorter, passage), chute)
    if passage.chute == chute:
        cause, why = passage.cause, passage.why
    elif in_plan and passage.barred is Cause.NONE:
        cause, why = Cause.NONE, f"an alternate of its destination; {passage.why}"
    else:
        cause = passage.cause if passage.cause is not Cause.NONE else strayed
        why = f"decided for chute {passage.chute} ({passage.why})" if passage.chute else undecided
    disposition = Disposition.SORTED if cause is Cause.NONE else Disposition.REJECTED
    close(sorter, passage, disposition, cause, chute, proof, why)


def close(
    sorter: Sorter, passage: Passage, disposition: Disposition, cause: Cause, actual: int, proof: Proof, why: str
) -> None:
    """The end of `passage`."""
    if passage.told is not None:
        sorter.by_order.pop((passage.told.epoch, passage.told.seq), None)
    cutoff.end(sorter, passage)
    recall.ended(sorter, passage, actual)
    if disposition is Disposition.LOST and proof is not Proof.NONE and passage.chute:
        sorter.books[passage.chute].holds += 1
    sorter.leave_chute(passage)
    data.release(sorter, passage)
    sorter.forget(passage)
    passage.stage = Stage.CLOSED
    sorter.state.closed[disposition] += 1
    sorter.say(
        PassageClosed(
            sorter.now_ns,
            sorter.sorter,
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
