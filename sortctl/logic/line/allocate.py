"""Allocate: the chute of a passage on a line. A decision stays open until the point of no return of its chute.

Barred passages go to the end. What no chute of the plan takes goes to the chutes for its cause: those of the plan, the one of
the site, the end of the sorter. Comes in: a passage about which something changed. Goes out: `Decided` (`logic/choosing.py`), and the orders that
follow (`logic/line/divert.py`).
"""

from sortctl.logic import choosing, orders
from sortctl.logic.balance import WAITING
from sortctl.logic.choosing import Choice
from sortctl.logic.hub import cutoff, recall, room
from sortctl.logic.known import deadlines
from sortctl.logic.known.line import Line, LinePassage
from sortctl.logic.known.passage import Passage, Stage
from sortctl.logic.line import divert
from sortctl.words.causes import Cause, ReadClass
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import Candidate, DivertFailed, PassageDoubted
from sortctl.words.units import counts_to_mm


def bar(line: Line, passage: LinePassage, cause: Cause, why: str) -> None:
    """`passage` is diverted nowhere from now on; the first reason stands."""
    if passage.barred is not Cause.NONE or passage.stage is Stage.CLOSED:
        return
    passage.barred, passage.barred_why = cause, why
    line.say(PassageDoubted(line.now_ns, line.sorter, PassageNumber(passage.number), cause, why))
    decide(line, passage)


def decide(line: Line, passage: LinePassage) -> None:
    """Decide anew, as far as the decision is still open."""
    if passage.stage is Stage.CLOSED or not passage.is_placed or divert.is_committed(line, passage):
        return
    choice = _choose(line, passage)
    if choice is None:
        return
    giving = room.who_gives_way(line, passage, choice, lambda one: _may_turn(line, one), lambda: _choose(line, passage))
    if giving is not None:
        choice = giving.choice
    if choice.cause is Cause.TOO_LATE and choice.chute == passage.chute and passage.cause is not Cause.NONE:
        return  # it was rejected for a reason before its chutes were passed; that reason stands
    was = passage.chute, passage.cause, passage.why, passage.planned
    is_new = (choice.chute, choice.cause, choice.why, choice.planned) != was
    if is_new or passage.stage is Stage.TRAVELLING:
        _put_in_force(line, passage, choice)
    divert.align(line, passage)
    if giving is not None and isinstance(giving.passage, LinePassage):
        decide(line, giving.passage)


def _may_turn(line: Line, passage: Passage) -> bool:
    """It can still be sent elsewhere."""
    if not isinstance(passage, LinePassage) or not passage.is_placed:
        return False
    return passage.stage is not Stage.CLOSED and not divert.is_committed(line, passage)


def _choose(line: Line, passage: LinePassage) -> Choice | None:
    """The decision that holds now; None: it is too early for one."""
    end = line.geometry.end.number
    if passage.barred is not Cause.NONE:
        destination, rule, planned = choosing.wanted(line, passage)
        return choosing.bar(passage)._replace(chute=end, destination=destination, rule=rule, planned=planned)
    if passage.read_class is ReadClass.NONE_YET:
        return None
    choice = choosing.by_reads(line, passage, lambda number: _refusal(line, passage, number, is_reject=False))
    if choice.chute:
        return choice
    passed = bool(choice.candidates) and all(_behind(line, passage, one.chute) > 0 for one in choice.candidates)
    if passed and choice.cause is Cause.CHUTES_UNAVAILABLE:
        choice = choice._replace(cause=Cause.TOO_LATE)
    return _reject(line, passage, choice)


def _behind(line: Line, passage: LinePassage, number: int) -> int:
    """By how many counts the point of no return of a chute was passed; an order that stands there keeps it open."""
    place = line.geometry.exits.get(number)
    if place is None or not place.has_actuator or (passage.told is not None and passage.told.chute == number):
        return 0
    no_return = deadlines.firing(line, passage, place) - line.geometry.margin
    return max(0, line.state.belt.at_time(line.now_ns) - no_return)


def _refusal(line: Line, passage: LinePassage, number: int, *, is_reject: bool) -> str:
    """Why chute `number` cannot take `passage` now; empty: it can."""
    if number not in line.geometry.exits:
        return "is not on this sorter"
    if number in passage.failed:
        return "did not take it before"
    behind = _behind(line, passage, number)
    if behind:
        return f"was passed {counts_to_mm(behind, line.machine.sorter.counts_per_metre)} mm ago"
    return choosing.refusal(line, passage, number, is_reject=is_reject)


def _reject(line: Line, passage: LinePassage, choice: Choice) -> Choice:
    """The same choice with the first chute for its cause that can take it, else the end."""
    end = line.geometry.end.number
    candidates = choice.candidates
    for chute in choosing.rejects_of(line, choice.cause):
        if chute == end:
            break
        verdict = _refusal(line, passage, chute, is_reject=True)
        candidates = (*candidates, Candidate(ChuteNumber(chute), verdict or "taken"))
        if not verdict:
            return choice._replace(chute=chute, candidates=candidates)
    return choice._replace(chute=end, candidates=(*candidates, Candidate(ChuteNumber(end), "taken")))


def _put_in_force(line: Line, passage: LinePassage, choice: Choice) -> None:
    # a chute that is left is told so before the passage heads elsewhere
    divert.withdraw_if_other(line, passage, choice.chute)
    choosing.put_in_force(line, passage, choice)


def fail(line: Line, passage: LinePassage, chute: int, why: str) -> None:
    """`passage` was not diverted at `chute`: it is still on the sorter; decide anew from here."""
    orders.drop(line, passage)
    if chute not in passage.failed:
        passage.failed.append(chute)
    line.say(DivertFailed(line.now_ns, line.sorter, PassageNumber(passage.number), ChuteNumber(chute), why))
    decide(line, passage)
    deadlines.remind(line, passage)


def hold_back(line: Line, passage: LinePassage) -> None:
    """What is known of it has changed: an order that it may not have any more is withdrawn, or the parcel recalled."""
    told = passage.told
    if told is None or not line.state.holds or passage.stage is Stage.CLOSED:
        return
    why = recall.forbids(line, passage, told.chute)
    if why and told.seq and not divert.is_committed(line, passage):
        divert.withdraw(line, passage, why)
    elif why:
        recall.call(line, passage, told.chute, why)
    else:
        recall.forgive(line, passage.number, told.chute, f"{passage.waybill} may go there again")


def reconsider(line: Line, chute: int) -> None:
    """Chute `chute` changed: decide anew whoever heads for it, and whoever found no chute; least slack first."""
    found = [one for one in line.state.placed if one.chute == chute or one.cause in WAITING]
    for passage in sorted(found, key=cutoff.hurry):
        decide(line, passage)
