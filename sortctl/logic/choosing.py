"""Choosing: from what was read and what is known to a chute. What lines and loops have in common of a decision.

Theory. The order is fixed: bad reads; hold, customs, selection, intercept (`hub/clearance.py`); the sort plan, of whose rules
those of a tenant are some; cut-off (`hub/cutoff.py`); then the chutes of the group in the order that its balance gives, its
alternates, its overflow. Every candidate that was passed over says why: for its zone, its tenants, its room. A parcel that
heads for a chute of its group stays with it while that takes it, except where the plan fixes the order. An unknown parcel goes by
its own label, if the site says so. What becomes of a parcel that no chute takes (reject, end, another lap) each kind decides.
Comes in: a passage, and a question to ask of each chute. Goes out: a `Choice`; put in force: `Decided`.
"""

from collections.abc import Callable
from typing import NamedTuple

from sortctl.logic import balance, codes
from sortctl.logic.balance import Turn
from sortctl.logic.exits import pool
from sortctl.logic.hub import clearance, cutoff, data
from sortctl.logic.known.passage import Kept, Passage, Stage
from sortctl.logic.known.sorter import Sorter
from sortctl.plan import Asked, Group, Match, asked_of
from sortctl.words.causes import Cause, ReadClass
from sortctl.words.ids import ChuteNumber, PassageNumber
from sortctl.words.outcomes import Candidate, Decided
from sortctl.words.parcels import Zone

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

UNKNOWN = frozenset({Cause.UNKNOWN_PARCEL, Cause.DATA_LATE})
"""Causes that end when more is known."""

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
    pool: tuple[int, ...] = ()
    """Chutes of which it may be given one."""


def group_of(sorter: Sorter, passage: Passage) -> Group:
    """Where the plan by which `passage` was decided wants it on this sorter."""
    kept = passage.kept
    if kept is not None and kept.destination == passage.destination:
        return kept.group
    return sorter.shared.plan.group(sorter.sorter, passage.destination)


def bar(passage: Passage) -> Choice:
    """What follows for a barred passage: to no chute of the plan."""
    passage.zones = clearance.INSIDE
    return Choice(0, passage.barred, passage.barred_why)


def by_reads(sorter: Sorter, passage: Passage, refusal: Refusal, *, waits: bool = False) -> Choice:
    """What follows from what was read and is known. NONE_YET must not be asked. `waits`: an unknown parcel can wait."""
    cause = CAUSE_OF.get(passage.read_class)
    if cause is not None:
        passage.zones = clearance.INSIDE
        return Choice(0, cause, _BAD_READ[cause])
    cleared = clearance.clear(sorter, passage)
    passage.zones = cleared.zones
    if cleared.cause is not Cause.NONE:
        return Choice(0, cleared.cause, cleared.why)
    if passage.record is None:
        return _unknown(sorter, passage, refusal, waits=waits)
    match = _match(sorter, passage)
    if match is None:
        record = passage.record
        return Choice(0, Cause.NO_RULE, f"no rule of the sort plan for {record.country} {record.postcode}")
    return _by_plan(sorter, passage, match, refusal)


def _unknown(sorter: Sorter, passage: Passage, refusal: Refusal, *, waits: bool) -> Choice:
    """Nothing is known of the parcel: its own label may say where it goes."""
    if data.is_open(sorter.shared, passage):
        choice = Choice(0, Cause.DATA_LATE, "no answer came to what is known of this waybill")
    else:
        choice = Choice(0, Cause.UNKNOWN_PARCEL, "nothing is known of this waybill")
    if waits or sorter.shared.rules.parcels.unknown != "label":
        return choice
    routing = codes.routing_of(sorter.shared, passage.codes)
    asked = Asked(
        country=routing.country,
        postcode=routing.postcode,
        service=routing.service,
        label=passage.label,
        code=passage.waybill,
    )
    match = sorter.shared.plan.match(asked)
    if not routing.country and not (match and match.by_code):
        return choice._replace(why=f"{choice.why}; its label does not say where it goes")
    if match is None:
        return choice._replace(why=f"{choice.why}; no rule for {routing.country} {routing.postcode} of its label")
    found = _by_plan(sorter, passage, match, refusal)
    return found._replace(why=f"{found.why}; by its label, {choice.why}")


def wanted(sorter: Sorter, passage: Passage) -> tuple[str, str, int]:
    """(destination, rule, planned chute) as far as the plan names them, whether or not it can be done."""
    match = _match(sorter, passage)
    if match is None:
        return "", "", 0
    turn = balance.turn(sorter, passage, match.destination, _group(sorter, passage, match))
    return match.destination, match.rule, turn.planned


def _match(sorter: Sorter, passage: Passage) -> Match | None:
    if passage.kept is not None:
        return Match(passage.kept.rule, passage.kept.destination)
    record = passage.record
    return sorter.shared.plan.match(asked_of(record, passage.label)) if record is not None else None


def _group(sorter: Sorter, passage: Passage, match: Match) -> Group:
    if passage.kept is not None:
        return passage.kept.group
    return sorter.shared.plan.group(sorter.sorter, match.destination)


def keep(sorter: Sorter, passage: Passage) -> None:
    """The plan is about to change: a passage that is decided by it keeps what it says."""
    if passage.kept is None and passage.destination and passage.stage is not Stage.TRAVELLING:
        passage.kept = Kept(passage.rule, passage.destination, group_of(sorter, passage))


def _by_plan(sorter: Sorter, passage: Passage, match: Match, refusal: Refusal) -> Choice:
    group = _group(sorter, passage, match)
    destination, rule = match.destination, match.rule
    turn = balance.turn(sorter, passage, destination, group)
    planned = turn.planned
    taken = cutoff.departing(sorter, passage.record, destination)
    cutoff.note(sorter, passage, taken)
    if taken.is_late:
        return Choice(0, Cause.CUT_OFF_PASSED, taken.why, destination, rule, planned)
    passed_over: list[Candidate] = []
    for number in (*turn.chutes, *group.alternates, *group.overflow):
        refused = taken.closed if number not in group.overflow else ""
        refused = refused or pool.refusal(sorter, number, destination) or refusal(number)
        if not refused:
            candidates = (*passed_over, Candidate(ChuteNumber(number), "taken"))
            why = _why(turn, number, passed_over, taken.why)
            planned = planned or (number if number in turn.pool else 0)
            return Choice(number, Cause.NONE, why, destination, rule, planned, candidates, turn.pool)
        passed_over.append(Candidate(ChuteNumber(number), refused))
    why = _told(passed_over, turn.why) or "the destination has no chute on this sorter"
    return Choice(0, turn.cause, why, destination, rule, planned, tuple(passed_over), turn.pool)


def _why(turn: Turn, number: int, passed_over: list[Candidate], departing: str) -> str:
    others = turn.why if number not in turn.chutes else ""
    why = _told(passed_over, others) or (turn.how if number in turn.chutes else "as planned")
    if number in turn.pool and passed_over:
        why = f"{turn.how}; {why}"
    return f"{why}; with the next departure, {departing}" if departing else why


def _told(passed_over: list[Candidate], more: str) -> str:
    return "; ".join([*(f"chute {c.chute} {c.verdict}" for c in passed_over), *([more] if more else [])])


def put_in_force(sorter: Sorter, passage: Passage, choice: Choice) -> None:
    """From now on the choice is the decision."""
    if choice.chute and choice.cause is Cause.NONE:
        pool.give(sorter, choice.chute, choice.destination, choice.pool)
    if passage.chute != choice.chute:
        sorter.leave_chute(passage)
        sorter.head_for(passage, choice.chute)
        if choice.cause is Cause.NONE and passage.kept is None:
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


# ------------------------------------------------------------------------------------------- asking a chute


def rejects_of(sorter: Sorter, cause: Cause) -> tuple[int, ...]:
    """Where parcels with this cause go, in the order in which it is asked: those of the plan, then the one of the site."""
    reject = sorter.machine.sorter.rejects.get(cause.value)
    chutes = sorter.shared.plan.for_cause(sorter.sorter, cause).every
    return (*chutes, reject) if reject and reject not in chutes else chutes


def refusal(sorter: Sorter, passage: Passage, number: int, *, is_reject: bool) -> str:
    """Why chute `number` cannot take `passage`, which may count among those under way to it already; empty: it can."""
    zone, tenants = sorter.zones[number], sorter.tenants[number]
    if not clearance.admits(passage.zones, zone, is_reject=is_reject):
        return (
            f"is {zone.value}, for which it is not cleared" if zone is not Zone.OPEN else "is not under customs control"
        )
    tenant = passage.record.tenant if passage.record is not None else ""
    if is_reject and sorter.books[number].given:
        return f"is given to {sorter.books[number].given}"
    if tenants and tenant.lower() not in tenants:
        return f"takes no parcels of {tenant or 'an unknown tenant'}"
    return balance.closed(sorter, passage, number)
