"""Allocate: destination and chute of a passage. A decision stays open until the point of no return of its chute.

Order of the decision: barred passages and bad reads first, then the sort plan, then its alternates, then reject, then the
end of the sorter. Every candidate that was passed over says why. Comes in: a passage about which something changed. Goes
out: `Decided`, and the orders that follow (`logic/divert.py`).
"""

from typing import NamedTuple

from sortctl.logic import divert
from sortctl.logic.known import deadlines
from sortctl.logic.known.line import Line
from sortctl.logic.known.passage import Passage, Stage
from sortctl.words.causes import Cause, ReadClass
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import Candidate, Decided, DivertFailed, PassageDoubted
from sortctl.words.units import counts_to_mm

_CAUSE_OF = {
    ReadClass.NO_READ: Cause.NO_READ,
    ReadClass.MULTI_READ: Cause.MULTI_READ,
    ReadClass.CONFLICT: Cause.CONFLICT,
    ReadClass.INVALID: Cause.INVALID_CODE,
    ReadClass.DUPLICATE: Cause.DUPLICATE,
}


class Choice(NamedTuple):
    """A decision before it is put in force."""

    chute: int
    cause: Cause
    why: str
    destination: str = ""
    rule: str = ""
    planned: int = 0
    candidates: tuple[Candidate, ...] = ()


def bar(line: Line, passage: Passage, cause: Cause, why: str) -> None:
    """`passage` is diverted nowhere from now on; the first reason stands."""
    if passage.barred is not Cause.NONE or passage.stage is Stage.CLOSED:
        return
    passage.barred, passage.barred_why = cause, why
    line.say(PassageDoubted(line.now_ns, line.sorter, PassageNumber(passage.number), cause, why))
    decide(line, passage)


def decide(line: Line, passage: Passage) -> None:
    """Decide anew, as far as the decision is still open."""
    if passage.stage is Stage.CLOSED or not passage.is_placed or divert.is_committed(line, passage):
        return
    choice = _choose(line, passage)
    if choice is None:
        return
    if choice.cause is Cause.TOO_LATE and choice.chute == passage.chute and passage.cause is not Cause.NONE:
        return  # it was rejected for a reason before its chutes were passed; that reason stands
    was = passage.chute, passage.cause, passage.why, passage.planned
    is_new = (choice.chute, choice.cause, choice.why, choice.planned) != was
    if is_new or passage.stage is Stage.TRAVELLING:
        _put_in_force(line, passage, choice)
    divert.align(line, passage)


def _choose(line: Line, passage: Passage) -> Choice | None:
    """The decision that holds now; None: it is too early for one."""
    end = line.geometry.end.number
    if passage.barred is not Cause.NONE:
        return Choice(end, passage.barred, passage.barred_why, *_wanted(line, passage))
    if passage.read_class is ReadClass.NONE_YET:
        return None
    cause = _CAUSE_OF.get(passage.read_class)
    if cause is not None:
        return _reject(line, passage, Choice(0, cause, _BAD_READ[cause]))
    parcel = line.shared.plan.parcel(passage.waybill)
    if parcel is None:
        return _reject(line, passage, Choice(0, Cause.UNKNOWN_PARCEL, "nothing is known of this waybill"))
    match = line.shared.plan.match(parcel)
    if match is None:
        why = f"no rule of the sort plan for {parcel.country} {parcel.postcode}"
        return _reject(line, passage, Choice(0, Cause.NO_RULE, why))
    return _by_plan(line, passage, match.destination, match.rule)


_BAD_READ = {
    Cause.NO_READ: "no scanner read a code",
    Cause.MULTI_READ: "several waybills on one parcel",
    Cause.CONFLICT: "its codes lead to different destinations",
    Cause.INVALID_CODE: "the code fails its check",
    Cause.DUPLICATE: "another parcel on the sorter carries the same waybill",
}


def _wanted(line: Line, passage: Passage) -> tuple[str, str, int]:
    """(destination, rule, planned chute) as far as the plan names them, whether or not it can be done."""
    plan = line.shared.plan
    parcel = plan.parcel(passage.waybill)
    match = plan.match(parcel) if parcel else None
    if match is None:
        return "", "", 0
    return match.destination, match.rule, next(iter(plan.chutes(match.destination)), 0)


def _by_plan(line: Line, passage: Passage, destination: str, rule: str) -> Choice:
    chutes = line.shared.plan.chutes(destination)
    planned = chutes[0] if chutes else 0
    passed_over: list[Candidate] = []
    for number in chutes:
        verdict = _refusal(line, passage, number)
        if not verdict:
            candidates = (*passed_over, Candidate(ChuteNumber(number), "taken"))
            why = _told(passed_over) or "as planned"
            return Choice(number, Cause.NONE, why, destination, rule, planned, candidates)
        passed_over.append(Candidate(ChuteNumber(number), verdict))
    all_passed = bool(chutes) and all(_behind(line, passage, number) > 0 for number in chutes)
    cause = Cause.TOO_LATE if all_passed else Cause.CHUTES_UNAVAILABLE
    why = _told(passed_over) or "the destination has no chute"
    return _reject(line, passage, Choice(0, cause, why, destination, rule, planned, tuple(passed_over)))


def _told(passed_over: list[Candidate]) -> str:
    return "; ".join(f"chute {c.chute} {c.verdict}" for c in passed_over)


def _behind(line: Line, passage: Passage, number: int) -> int:
    """By how many counts the point of no return of a chute was passed; an order that stands there keeps it open."""
    place = line.geometry.exits.get(number)
    if place is None or not place.has_actuator or (passage.told is not None and passage.told.chute == number):
        return 0
    no_return = deadlines.firing(line, passage, place) - line.geometry.margin
    return max(0, line.state.belt.at_time(line.now_ns) - no_return)


def _refusal(line: Line, passage: Passage, number: int) -> str:
    """Why chute `number` cannot take `passage` now; empty: it can."""
    if number not in line.geometry.exits:
        return "is not on this sorter"
    if number in passage.failed:
        return "did not take it before"
    behind = _behind(line, passage, number)
    if behind:
        return f"was passed {counts_to_mm(behind, line.machine.sorter.counts_per_metre)} mm ago"
    book = line.books[number]
    if passage.chute == number:
        # it counts among those under way to this chute already
        book.heading -= 1
        verdict = book.refusal()
        book.heading += 1
        return verdict
    return book.refusal()


def _reject(line: Line, passage: Passage, choice: Choice) -> Choice:
    """The same choice with the chute for its cause: the reject chute if it can take it, else the end."""
    end = line.geometry.end.number
    chute = line.machine.reject_chute(choice.cause)
    candidates = choice.candidates
    if chute != end:
        verdict = _refusal(line, passage, chute)
        candidates = (*candidates, Candidate(ChuteNumber(chute), verdict or "taken"))
        if not verdict:
            return choice._replace(chute=chute, candidates=candidates)
    return choice._replace(chute=end, candidates=(*candidates, Candidate(ChuteNumber(end), "taken")))


def _put_in_force(line: Line, passage: Passage, choice: Choice) -> None:
    # a chute that is left is told so before the passage heads elsewhere
    divert.withdraw_if_other(line, passage, choice.chute)
    if passage.chute != choice.chute:
        if passage.chute:
            line.books[passage.chute].heading -= 1
        line.books[choice.chute].heading += 1
    passage.chute, passage.cause, passage.why = choice.chute, choice.cause, choice.why
    passage.destination, passage.rule, passage.planned = choice.destination, choice.rule, choice.planned
    if passage.stage is Stage.TRAVELLING:
        passage.turn(Stage.DECIDED)
    line.say(
        Decided(
            line.now_ns,
            line.sorter,
            PassageNumber(passage.number),
            passage.waybill,
            choice.destination,
            choice.rule,
            ChuteNumber(choice.planned),
            ChuteNumber(choice.chute),
            choice.cause,
            choice.why,
            choice.candidates,
        )
    )


def fail(line: Line, passage: Passage, chute: int, why: str) -> None:
    """`passage` was not diverted at `chute`: it is still on the sorter; decide anew from here."""
    divert.drop(line, passage)
    if chute not in passage.failed:
        passage.failed.append(chute)
    line.say(DivertFailed(line.now_ns, line.sorter, PassageNumber(passage.number), ChuteNumber(chute), why))
    decide(line, passage)
    deadlines.remind(line, passage)


def reconsider(line: Line, chute: int) -> None:
    """Chute `chute` changed: decide anew whoever heads for it, and whoever found no chute."""
    for passage in list(line.state.placed):
        if passage.chute == chute or passage.cause is Cause.CHUTES_UNAVAILABLE:
            decide(line, passage)
