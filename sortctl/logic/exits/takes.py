"""Takes: which fact about chutes is whose, and what is looked at before and after each step of a sorter.

Comes in: facts of people and the host, buttons, time, whatever was touched in a step. Goes out: a table; the chutes whose state has changed, for
the room that knows who heads for them.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sortctl.logic.exits import bags, fills, lamps, locks, pool, purge, waves
from sortctl.logic.known.sorter import Sorter
from sortctl.words import facts, hub
from sortctl.words.orders import RunInduct, ShowLamp, StopInduct
from sortctl.words.units import NS_PER_S

LOOK_NS: Final = NS_PER_S
"""What only time changes is looked at so often."""
CLOSE_BAG, LOCK = 1, 2


def _press(sorter: Sorter, fact: facts.ButtonPressed) -> None:
    """Buttons at chutes have the chute's number; panels begin far above."""
    if fact.panel not in sorter.books:
        return
    if fact.button == CLOSE_BAG:
        bags.press(sorter, fact)
    elif fact.button == LOCK:
        locks.press(sorter, fact)


TAKE: dict[type[facts.Fact], Callable[[Sorter, Any], object]] = {
    facts.ButtonPressed: _press,
    hub.ChuteLocked: locks.take_locked,
    hub.BagBound: bags.take_bound,
    hub.BagAsked: bags.take_asked,
    hub.PurgeAsked: purge.take_asked,
    hub.WaveEnded: waves.take_ended,
}


Told = hub.ChuteLocked | hub.BagBound | hub.BagAsked | hub.PurgeAsked | hub.WaveEnded
"""What people and the host may tell."""


def forbids(sorters: Sequence[Sorter], fact: Told) -> str:
    """Why this cannot be told; empty: it can."""
    if isinstance(fact, hub.WaveEnded):
        return ""
    sorter = next((one for one in sorters if one.sorter == fact.sorter), None)
    if sorter is None:
        return f"there is no sorter {fact.sorter}; there is {', '.join(one.sorter for one in sorters)}"
    if fact.chute not in sorter.books and not (isinstance(fact, hub.PurgeAsked) and not fact.chute):
        return f"{fact.sorter} has no chute {fact.chute}"
    if isinstance(fact, hub.BagAsked) and sorter.books[fact.chute].bag is None:
        return f"no bag hangs at chute {fact.chute} of {fact.sorter}"
    return ""


def before(sorter: Sorter, fact: facts.Fact) -> None:
    """What the PLC may have forgotten, or never got."""
    state = sorter.state
    if isinstance(fact, facts.PlcRestarted):
        lamps.forget(sorter, lamps.OFF)
        state.stop_told = False
    elif isinstance(fact, facts.ControllerStarted):
        if fact.doubt:
            lamps.forget(sorter, lamps.NOT_KNOWN)
            state.stop_told = None
    elif isinstance(fact, facts.EpochGranted) and fact.epoch != state.epoch:
        for order in state.untaken:
            if isinstance(order, ShowLamp) and order.chute in sorter.books:
                sorter.books[order.chute].lamp = lamps.NOT_KNOWN
                sorter.touched.add(order.chute)
            elif isinstance(order, (StopInduct, RunInduct)):
                state.stop_told = None


def after(sorter: Sorter, fact: facts.Fact) -> list[int]:
    """What follows for the chutes; those that are in another state now."""
    state = sorter.state
    if sorter.changing and isinstance(fact, facts.BeltMoved) and fact.all_told:
        bags.settle(sorter, fact.at_ns)
    if sorter.now_ns - state.looked_ns >= LOOK_NS:
        _look(sorter)
    if sorter.closing:
        bags.finish(sorter)
    turned = _settle(sorter) if sorter.touched else []
    if state.purge is not None or sorter.emptying:
        purge.watch(sorter)
    purge.align(sorter)
    if sorter.dim:
        lamps.align(sorter)
    return turned


def next_moment_ns(sorter: Sorter) -> int | None:
    """When time alone may change something; None: it does not."""
    state = sorter.state
    if sorter.ticks:
        return state.looked_ns + LOOK_NS
    return state.lamps_ns if sorter.dim and state.holds else None


def _look(sorter: Sorter) -> None:
    sorter.state.looked_ns = sorter.now_ns
    sorter.ticks = False
    for book in sorter.state.chutes:
        sorter.ticks = sorter.ticks or book.bag is not None or bool(book.came_ns)
        if book.bag is not None:
            bags.look(sorter, book)
        if book.came_ns:
            fills.look(sorter, book)
            fills.forget_old(book, sorter.now_ns)


def _settle(sorter: Sorter) -> list[int]:
    turned: list[int] = []
    waiting: set[int] = set()
    for number in sorted(sorter.touched):
        book = sorter.books[number]
        if locks.settle(sorter, book):
            turned.append(number)
        lamps.note(sorter, book)
        if not book.given or book.heading or not book.is_empty:
            continue
        if pool.is_wanted(sorter, number):
            waiting.add(number)
            continue
        pool.release(sorter, book)
        if number not in turned:
            turned.append(number)
    sorter.touched = waiting
    return turned
