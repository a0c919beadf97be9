"""Allocate: the chute of a passage on a loop, or another lap.

Theory. What no chute takes rides on, as many laps as the site allows for its cause; then it goes to the reject chute of the
cause, then to the overflow chutes in their order; where none of these takes it, it rides on. A decision stays open until the
point of no return of its chute, and is looked at again on every lap, at every read, and whenever a chute that would change
it turns. Barred passages go to the reject at once. Nothing is decided about a passage that is not proven to be riding.
Comes in: a passage about which something changed. Goes out: `Decided` (`logic/choosing.py`), and orders (`logic/loop/divert.py`).
"""

from sortctl.logic import choosing, orders
from sortctl.logic.balance import WAITING
from sortctl.logic.choosing import Choice
from sortctl.logic.hub import cutoff, recall, room
from sortctl.logic.known.loop import Loop, LoopPassage, Where
from sortctl.logic.known.passage import Passage, Stage
from sortctl.logic.loop import deadlines, divert
from sortctl.words.causes import Cause, ReadClass
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import Candidate, DivertFailed, PassageDoubted


def bar(loop: Loop, passage: LoopPassage, cause: Cause, why: str) -> None:
    """`passage` goes to no chute of the plan from now on; the first reason stands."""
    if passage.barred is not Cause.NONE or passage.stage is Stage.CLOSED:
        return
    passage.barred, passage.barred_why = cause, why
    loop.say(PassageDoubted(loop.now_ns, loop.sorter, PassageNumber(passage.number), cause, why))
    decide(loop, passage)


def decide(loop: Loop, passage: LoopPassage) -> None:
    """Decide anew, as far as the decision is still open."""
    if passage.stage is Stage.CLOSED or passage.where is not Where.RIDING or divert.is_committed(loop, passage):
        return
    choice = _choose(loop, passage)
    if choice is None:
        return
    giving = room.who_gives_way(loop, passage, choice, lambda one: _may_turn(loop, one), lambda: _choose(loop, passage))
    if giving is not None:
        choice = giving.choice
    was = passage.chute, passage.cause, passage.why, passage.planned
    is_new = (choice.chute, choice.cause, choice.why, choice.planned) != was
    if is_new or passage.stage is Stage.TRAVELLING:
        choosing.put_in_force(loop, passage, choice)
        loop.want(passage, _wants(loop, choice))
    divert.align(loop, passage)
    if giving is not None and isinstance(giving.passage, LoopPassage):
        decide(loop, giving.passage)


def _may_turn(loop: Loop, passage: Passage) -> bool:
    """It can still be sent elsewhere."""
    if not isinstance(passage, LoopPassage) or passage.where is not Where.RIDING:
        return False
    return passage.stage is not Stage.CLOSED and not divert.is_committed(loop, passage)


def _choose(loop: Loop, passage: LoopPassage) -> Choice | None:
    """The decision that holds now; None: it is too early for one."""
    if passage.barred is not Cause.NONE:
        destination, rule, planned = choosing.wanted(loop, passage)
        choice = choosing.bar(passage)._replace(destination=destination, rule=rule, planned=planned)
        return _reject(loop, passage, choice)
    if passage.read_class is ReadClass.NONE_YET:
        return None
    waits = _may_wait(loop, passage)
    choice = choosing.by_reads(
        loop, passage, lambda number: _refusal(loop, passage, number, is_reject=False), waits=waits
    )
    if choice.chute:
        return choice
    allowed, ridden = laps_allowed(loop, choice.cause), passage.ridden.get(choice.cause, 0)
    if ridden < allowed:
        return choice._replace(why=f"rides on, lap {ridden + 1} of {allowed}: {choice.why}")
    return _reject(loop, passage, choice)


def laps_allowed(loop: Loop, cause: Cause) -> int:
    """So many laps a parcel may ride on for this cause."""
    default = loop.site.laps_max if cause is Cause.CHUTES_UNAVAILABLE else 0
    if cause in choosing.UNKNOWN:
        default = loop.shared.rules.parcels.wait_laps
    return loop.site.laps.get(cause.value, default)


def _may_wait(loop: Loop, passage: LoopPassage) -> bool:
    """Nothing is known of it yet, and it may ride on until something is."""
    ridden = sum(passage.ridden.get(cause, 0) for cause in choosing.UNKNOWN)
    return ridden < max(laps_allowed(loop, cause) for cause in choosing.UNKNOWN)


def _reject(loop: Loop, passage: LoopPassage, choice: Choice) -> Choice:
    """The same choice with the first of its reject and the overflow chutes that takes it; another lap if none does."""
    candidates = choice.candidates
    for chute in dict.fromkeys((*choosing.rejects_of(loop, choice.cause), *loop.site.overflow)):
        verdict = _refusal(loop, passage, chute, is_reject=True)
        candidates = (*candidates, Candidate(ChuteNumber(chute), verdict or "taken"))
        if not verdict:
            return choice._replace(chute=chute, candidates=candidates)
    return choice._replace(why=f"rides on, no reject or overflow chute takes it: {choice.why}", candidates=candidates)


def _refusal(loop: Loop, passage: LoopPassage, number: int, *, is_reject: bool) -> str:
    """Why chute `number` cannot take `passage` now; empty: it can."""
    if number not in loop.ring.exits:
        return "is not on this sorter"
    if number in passage.failed:
        return "did not take it on this lap"
    return choosing.refusal(loop, passage, number, is_reject=is_reject)


def _wants(loop: Loop, choice: Choice) -> list[int]:
    """The chutes that would change this decision."""
    if choice.chute and choice.cause not in WAITING:
        return []
    refused = dict.fromkeys(candidate.chute for candidate in choice.candidates if candidate.verdict != "taken")
    return [chute for chute in dict.fromkeys((*refused, *choice.pool)) if chute in loop.wanting]


def fail(loop: Loop, passage: LoopPassage, chute: int, why: str) -> None:
    """`passage` was not discharged at `chute`: it is still on the loop and has no target; decide anew."""
    orders.drop(loop, passage)
    if chute not in passage.failed:
        passage.failed.append(chute)
    loop.say(DivertFailed(loop.now_ns, loop.sorter, PassageNumber(passage.number), ChuteNumber(chute), why))
    decide(loop, passage)
    deadlines.remind(loop, passage)


def hold_back(loop: Loop, passage: LoopPassage) -> None:
    """What is known of it has changed: an order that it may not have any more is withdrawn, or the parcel recalled."""
    told = passage.told
    if told is None or not loop.state.holds or passage.stage is Stage.CLOSED:
        return
    why = recall.forbids(loop, passage, told.chute)
    if why and told.seq and passage.item and not divert.is_committed(loop, passage):
        divert.withdraw(loop, passage, why)
        loop.head_nowhere(passage)
    elif why:
        recall.call(loop, passage, told.chute, why)
    else:
        recall.forgive(loop, passage.number, told.chute, f"{passage.waybill} may go there again")


def reconsider(loop: Loop, chute: int) -> None:
    """Chute `chute` changed: decide anew whoever heads for it, and whoever rides on because of it; least slack first."""
    for group in (loop.heading[chute], loop.wanting[chute]):
        for passage in sorted(group.values(), key=_first):
            decide(loop, passage)


def _first(passage: LoopPassage) -> tuple[int, int]:
    return cutoff.hurry(passage), passage.number


def offer(loop: Loop, chute: int) -> None:
    """There is room for one more in `chute`: who has the least time left may have it, or else who has waited longest."""
    passage = min(loop.wanting[chute].values(), key=_first, default=None)
    if passage is not None:
        decide(loop, passage)


def give_waiting(loop: Loop) -> None:
    """Orders had to wait for room in the PLC: give them now, or decide anew."""
    while (passage := divert.next_waiting(loop)) is not None:
        decide(loop, passage)
