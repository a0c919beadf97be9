"""Choosing: from what was read to a chute, by the sort plan. What lines and loops have in common of a decision.

Theory. Bad reads first, then the sort plan, then the chutes of its group in the order that its balance gives. Every candidate
that was passed over says why. A parcel that heads for a chute of its group stays with it while that takes it, except where the
plan fixes the order. What becomes of a parcel that no chute takes (reject, end, another lap) each kind decides itself.
Comes in: a passage, and a question to ask of each chute. Goes out: a `Choice`; put in force: `Decided`.
"""

from collections.abc import Callable
from typing import NamedTuple

from sortctl.logic.known.passage import Passage, Stage
from sortctl.logic.known.sorter import Sorter
from sortctl.plan import Group, asked_of
from sortctl.words.causes import Balance, Cause, ChuteState, ReadClass
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import Candidate, Decided

CAUSE_OF = {
    ReadClass.NO_READ: Cause.NO_READ,
    ReadClass.MULTI_READ: Cause.MULTI_READ,
    ReadClass.CONFLICT: Cause.CONFLICT,
    ReadClass.INVALID: Cause.INVALID_CODE,
    ReadClass.DUPLICATE: Cause.DUPLICATE,
}

_BAD_READ = {
    Cause.NO_READ: "no scanner read a code",
    Cause.MULTI_READ: "several waybills on one parcel",
    Cause.CONFLICT: "its codes lead to different destinations",
    Cause.INVALID_CODE: "the code fails its check",
    Cause.DUPLICATE: "another parcel on the sorter carries the same waybill",
}

Refusal = Callable[[int], str]
"""Why a chute cannot take the passage now; empty: it can."""


class Choice(NamedTuple):
    """A decision before it is put in force. Chute 0: no chute, `cause` says why."""

    chute: int
    cause: Cause
    why: str
    destination: str = ""
    rule: str = ""
    planned: int = 0
    candidates: tuple[Candidate, ...] = ()


def group_of(sorter: Sorter, destination: str) -> Group:
    """Where the plan wants the parcels of a destination on this sorter."""
    return sorter.shared.plan.group(sorter.sorter, destination)


def by_reads(sorter: Sorter, passage: Passage, refusal: Refusal) -> Choice:
    """What follows from what was read. NONE_YET must not be asked."""
    cause = CAUSE_OF.get(passage.read_class)
    if cause is not None:
        return Choice(0, cause, _BAD_READ[cause])
    parcel = sorter.shared.plan.parcel(passage.waybill)
    if parcel is None:
        return Choice(0, Cause.UNKNOWN_PARCEL, "nothing is known of this waybill")
    match = sorter.shared.plan.match(asked_of(parcel))
    if match is None:
        return Choice(0, Cause.NO_RULE, f"no rule of the sort plan for {parcel.country} {parcel.postcode}")
    return _by_plan(sorter, passage, match.destination, match.rule, refusal)


def wanted(sorter: Sorter, passage: Passage) -> tuple[str, str, int]:
    """(destination, rule, planned chute) as far as the plan names them, whether or not it can be done."""
    plan = sorter.shared.plan
    parcel = plan.parcel(passage.waybill)
    match = plan.match(asked_of(parcel)) if parcel else None
    if match is None:
        return "", "", 0
    return match.destination, match.rule, next(iter(group_of(sorter, match.destination).chutes), 0)


def _by_plan(sorter: Sorter, passage: Passage, destination: str, rule: str, refusal: Refusal) -> Choice:
    group = group_of(sorter, destination)
    planned = group.chutes[0] if group.chutes else 0
    passed_over: list[Candidate] = []
    for number in _in_order(sorter, passage, destination, group):
        verdict = refusal(number)
        if not verdict:
            candidates = (*passed_over, Candidate(ChuteNumber(number), "taken"))
            return Choice(number, Cause.NONE, _why(group, passed_over), destination, rule, planned, candidates)
        passed_over.append(Candidate(ChuteNumber(number), verdict))
    why = _told(passed_over) or "the destination has no chute on this sorter"
    return Choice(0, Cause.CHUTES_UNAVAILABLE, why, destination, rule, planned, tuple(passed_over))


def _why(group: Group, passed_over: list[Candidate]) -> str:
    if passed_over:
        return _told(passed_over)
    return "as planned" if group.balance is Balance.FIXED else f"as planned, {_BALANCED[group.balance]}"


_BALANCED = {
    Balance.ROUND_ROBIN: "in turn",
    Balance.LEAST_LOADED: "the least loaded",
    Balance.FILL_THEN_NEXT: "filled until it takes no more",
}


def _told(passed_over: list[Candidate]) -> str:
    return "; ".join(f"chute {c.chute} {c.verdict}" for c in passed_over)


def _in_order(sorter: Sorter, passage: Passage, destination: str, group: Group) -> tuple[int, ...]:
    """The chutes of the group in the order in which they are asked."""
    chutes = group.chutes
    if group.balance is Balance.FIXED or len(chutes) < 2:
        return chutes
    if group.balance is Balance.LEAST_LOADED:
        ordered = tuple(sorted(chutes, key=lambda number: _load(sorter, number)))
    else:
        last = sorter.state.turns.get(destination)
        first = chutes.index(last) + (group.balance is Balance.ROUND_ROBIN) if last in chutes else 0
        ordered = chutes[first:] + chutes[:first]
    if passage.chute in chutes:
        return (passage.chute, *(number for number in ordered if number != passage.chute))
    return ordered


def _load(sorter: Sorter, number: int) -> tuple[bool, int, int]:
    """How full a chute is, as far as anybody knows: its level, what came since and is under way, what ever came."""
    book = sorter.books.get(number)
    if book is None:
        return True, 0, 0
    return book.state is not ChuteState.OPEN, book.since_half + book.heading, book.entries


def put_in_force(sorter: Sorter, passage: Passage, choice: Choice) -> None:
    """From now on the choice is the decision."""
    if passage.chute != choice.chute:
        sorter.leave_chute(passage)
        sorter.head_for(passage, choice.chute)
        if choice.cause is Cause.NONE:
            sorter.state.turns[choice.destination] = choice.chute
    passage.cause, passage.why = choice.cause, choice.why
    passage.destination, passage.rule, passage.planned = choice.destination, choice.rule, choice.planned
    if passage.stage is Stage.TRAVELLING:
        passage.turn(Stage.DECIDED)
    sorter.say(
        Decided(
            sorter.now_ns,
            sorter.sorter,
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


def room(sorter: Sorter, passage: Passage, number: int) -> str:
    """Why chute `number` has no room for `passage`, which may count among those under way to it already; empty: it has."""
    book = sorter.books[number]
    if passage.chute != number:
        return book.refusal()
    book.heading -= 1
    verdict = book.refusal()
    book.heading += 1
    return verdict
