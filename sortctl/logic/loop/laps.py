"""Laps: another lap of a passage and why it rides it, and the share of the loop that recirculates.

Theory. A lap ends at position 0. A load that comes by there with its chute still ahead, or before it was ever read, has lost
nothing; every other lap is ridden for a cause, is counted for it, and is in vain. Where more than the site's share of the
carriers carries such loads, new ones would find no carrier and the old ones no chute: induction is stopped, and the cause
that most of them have is named; it runs again five points below.
Comes in: LAP events. Goes out: `Recirculated`, a decision anew, INDUCT_STOP and INDUCT_RUN.
"""

from sortctl.logic.exits import purge
from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.known.passage import Stage
from sortctl.logic.loop import allocate
from sortctl.words.causes import Cause
from sortctl.words.facts import LapDone
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import Disturbed, Recirculated

BACK_PERCENT = 5
"""So far below the limit induction runs again: less, and it would stop and go with every parcel."""


def take_lap(loop: Loop, fact: LapDone) -> None:
    """A load came by position 0."""
    passage = loop.by_item.get(fact.item)
    if passage is None or passage.where is not Where.RIDING:
        return
    passage.laps += 1
    passage.failed = []
    cause, why = _why(passage)
    if cause is not Cause.NONE:
        passage.ridden[cause] = passage.ridden.get(cause, 0) + 1
        loop.count_recirculating(passage, cause)
    loop.say(Recirculated(loop.now_ns, loop.sorter, PassageNumber(passage.number), passage.laps, cause, why))
    allocate.decide(loop, passage)
    watch(loop)


def _why(passage: LoopPassage) -> tuple[Cause, str]:
    """Why it was not discharged on the lap that ends."""
    if passage.stage is Stage.TRAVELLING:
        return Cause.NONE, "it was not read yet"
    if not passage.chute:
        return passage.cause, passage.why
    if passage.told is None:
        return Cause.NO_ORDER, f"chute {passage.chute} could not be ordered"
    return Cause.NONE, f"chute {passage.chute} lies ahead"


def watch(loop: Loop) -> None:
    """Stop induction, or let it run, as the share of recirculating loads asks for."""
    state, limit = loop.state, loop.site.recirculation_max_percent
    count = sum(loop.recirculating.values())
    share = count * 100 // loop.ring.carriers
    if state.stop:
        stop = share > max(0, limit - BACK_PERCENT)
    else:
        stop = share > limit
    if stop != state.stop:
        state.stop = stop
        top = max(loop.recirculating, key=lambda cause: (loop.recirculating[cause], cause.value), default=Cause.NONE)
        what = "induction is stopped" if stop else "induction runs again"
        why = f"{share} % of the carriers recirculate, {what}"
        if stop:
            why += f"; most of them ({loop.recirculating[top]} of {count}) for {top.value}"
        loop.say(Disturbed(loop.now_ns, loop.sorter, "recirculation", stop, why))
    align(loop)


def align(loop: Loop) -> None:
    """Tell the PLC, if it does not know."""
    purge.align(loop)
