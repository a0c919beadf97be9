"""Balance: which chutes of its group a parcel may have now, in which order they are asked, and which of them is the planned one.

Theory. Most balances only order the chutes of the group. Two say more. `dynamic`: the chutes are a pool; those that are given to
the destination are asked; when none of them takes anything and it may have one more, those that are free are asked in their
order. `sequence`: its stop has one chute of the group, the (stop - 1) mod n-th in the first pass, the (stop - 1) div n-th in the second. Who
takes the chutes of the first pass in their order and sends them round again finds each chute filled in the order of the route, up to
n times n stops: the passes sort by the last, then by the first digit of the stop, written with base n.
Comes in: a passage, its destination, its group. Goes out: a `Turn`. Never here: whether a chute takes the parcel, for its zone or place.
"""

from typing import Final, NamedTuple

from sortctl.logic.hub import shut
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Sorter
from sortctl.plan import Group
from sortctl.words.causes import Balance, Cause, ChuteState
from sortctl.words.units import spans

WAITING: Final = frozenset({Cause.CHUTES_UNAVAILABLE, Cause.OUT_OF_SEQUENCE})
"""Causes that end when a chute takes parcels again."""

BALANCED: Final = {
    Balance.ROUND_ROBIN: "in turn",
    Balance.LEAST_LOADED: "the least loaded",
    Balance.FILL_THEN_NEXT: "filled until it takes no more",
    Balance.NEAREST: "the nearest on its way",
}


class Turn(NamedTuple):
    """The chutes of the group that are asked. `how` says why the first of them is the planned one, `why` why others are not asked."""

    chutes: tuple[int, ...]
    planned: int
    how: str = ""
    why: str = ""
    cause: Cause = Cause.CHUTES_UNAVAILABLE
    """If none takes it."""
    pool: tuple[int, ...] = ()
    """From which it may be given a chute; one that turns changes the decision."""


def turn(sorter: Sorter, passage: Passage, destination: str, group: Group) -> Turn:
    """What is asked for `passage` now."""
    if group.balance is Balance.DYNAMIC:
        return _dynamic(sorter, passage, destination, group)
    if group.balance is Balance.SEQUENCE:
        return _sequence(passage, group, sorter.shared.plan.document.passing)
    planned = group.chutes[0] if group.chutes else 0
    chutes = group.chutes
    if group.balance is not Balance.FIXED and len(chutes) > 1:
        chutes = _in_order(sorter, passage, destination, group)
    how = BALANCED.get(group.balance, "")
    return Turn(chutes, planned, f"as planned, {how}" if how else "as planned")


def is_own(sorter: Sorter, passage: Passage, group: Group, chute: int) -> bool:
    """A parcel of this group that lies in `chute` is where its plan wants it."""
    if chute in group.chutes and group.balance is Balance.DYNAMIC:
        return sorter.books[chute].given == passage.destination
    if chute in group.chutes and group.balance is Balance.SEQUENCE:
        return chute == passage.planned
    return chute in group.every


def place_of(stop: int, chutes: int, passing: int) -> int | None:
    """Which of so many chutes a stop has in this pass, from 0; None: it has none."""
    if not 1 <= stop <= chutes * chutes:
        return None
    return (stop - 1) % chutes if passing == 1 else (stop - 1) // chutes


def closed(sorter: Sorter, passage: Passage, number: int) -> str:
    """Why a chute takes nothing more now, `passage` itself, if it heads for it, not counted; empty: it takes one."""
    why = shut.refusal(sorter, number)
    book = sorter.books[number]
    if why or passage.chute != number:
        return why or book.refusal()
    book.heading -= 1
    why = book.refusal()
    book.heading += 1
    return why


def _dynamic(sorter: Sorter, passage: Passage, destination: str, group: Group) -> Turn:
    books, pool = sorter.books, [number for number in group.chutes if number in sorter.books]
    of = f"of pool {spans(pool)}"
    own = tuple(number for number in pool if books[number].given == destination)
    if passage.chute in own:
        own = (passage.chute, *(number for number in own if number != passage.chute))
    how, planned = f"given to it {of}", min(own, default=0)
    if any(not closed(sorter, passage, number) for number in own):
        return Turn(own, planned, how, pool=group.chutes)
    if len(own) >= group.limit:
        return Turn(own, planned, how, f"it may have no more than {group.limit} {of}", pool=group.chutes)
    free = tuple(number for number in pool if _is_free(sorter, passage, number))
    return Turn((*own, *free), planned, how, "" if free else f"no chute {of} is free", pool=group.chutes)


def _is_free(sorter: Sorter, passage: Passage, number: int) -> bool:
    book = sorter.books[number]
    under_way = book.heading - (passage.chute == number)
    return not book.given and not under_way and book.is_empty


def _sequence(passage: Passage, group: Group, passing: int) -> Turn:
    stop = passage.record.stop if passage.record is not None else 0
    chutes = len(group.chutes)
    place = place_of(stop, chutes, passing)
    if place is None:
        why = f"stop {stop} is beyond the {chutes * chutes} that {chutes} chutes can put in order" if stop > 0 else ""
        return Turn((), 0, "", why or "nobody said which stop it is for", Cause.NO_STOP)
    planned = group.chutes[place]
    # in the first pass the order within a chute does not count: who comes a lap later is as good
    cause = Cause.CHUTES_UNAVAILABLE if passing == 1 else Cause.OUT_OF_SEQUENCE
    return Turn((planned,), planned, f"as planned for stop {stop} in pass {passing}", "", cause)


def _in_order(sorter: Sorter, passage: Passage, destination: str, group: Group) -> tuple[int, ...]:
    chutes = group.chutes
    if group.balance is Balance.LEAST_LOADED:
        ordered = tuple(sorted(chutes, key=lambda number: _load(sorter, number)))
    elif group.balance is Balance.NEAREST:
        known = [number for number in chutes if number in sorter.books]
        ordered = tuple(sorted(known, key=lambda number: sorter.way_to(passage, number)))
    else:
        last = sorter.state.turns.get(destination)
        first = chutes.index(last) + (group.balance is Balance.ROUND_ROBIN) if last in chutes else 0
        ordered = chutes[first:] + chutes[:first]
    if passage.chute in chutes:
        ordered = (passage.chute, *(number for number in ordered if number != passage.chute))
    return ordered


def _load(sorter: Sorter, number: int) -> tuple[bool, int, int]:
    """How full a chute is, as far as anybody knows: its level, what came since and is under way, what ever came."""
    book = sorter.books.get(number)
    if book is None:
        return True, 0, 0
    return book.state is not ChuteState.OPEN, book.since_half + book.heading, book.entries
