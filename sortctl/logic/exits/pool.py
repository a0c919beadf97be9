"""Pool: chutes that are given to a destination, and released when they are empty.

Theory. A chute is given when the first parcel is decided for it, and takes parcels of no other destination. It is
released when nothing is under way to it, no order that names it is still to reach the PLC, and nothing lies in it: nothing came since a person has
emptied it. That a person did is told by a new tag, by button 1, by a bag that somebody asked to be closed, or by the end of a purge; of
a chute that takes nothing without a bag by the end of its bag, whoever closed it. A level sensor that clears proves room, not
that nothing is left. A parcel that was lost on its way to a chute may lie there. So two destinations never meet, whatever plan is in
force: a chute that is no longer in the pool goes the same way.
Comes in: decisions, entries, changes of bags. Goes out: `ChuteGiven`, `ChuteReleased`. Never here: which chute is chosen.
"""

from sortctl.logic.known.chutes import ChuteBook
from sortctl.logic.known.sorter import Sorter
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import Cancel, Divert
from sortctl.words.outcomes import ChuteGiven, ChuteReleased


def give(sorter: Sorter, number: int, destination: str, pool: tuple[int, ...]) -> None:
    """From now on the chute is this destination's."""
    book = sorter.books[number]
    if number not in pool or book.given == destination:
        return
    book.given = destination
    text, chutes = sorter.shared.plan.text(destination), tuple(ChuteNumber(one) for one in pool)
    sorter.say(ChuteGiven(sorter.now_ns, sorter.sorter, ChuteNumber(number), destination, text, chutes))


def refusal(sorter: Sorter, number: int, destination: str) -> str:
    """Why a chute is not for this destination; empty: it may be."""
    book = sorter.books.get(number)
    given = book.given if book is not None else ""
    return f"is given to {given}" if given not in ("", destination) else ""


def is_wanted(sorter: Sorter, number: int) -> bool:
    """An order that names this chute may still be on its way."""
    return any(isinstance(order, Divert | Cancel) and order.chute == number for order in sorter.state.untaken)


def release(sorter: Sorter, book: ChuteBook) -> None:
    """The chute is empty, and nobody's."""
    destination, book.given = book.given, ""
    sorter.say(ChuteReleased(sorter.now_ns, sorter.sorter, ChuteNumber(book.number), destination))


def text(sorter: Sorter, number: int) -> str:
    """What the display at a chute and the label of its bag show."""
    given = sorter.books[number].given
    plan = sorter.shared.plan
    return plan.text(given) if given else plan.texts(sorter.sorter, number)


def serves(sorter: Sorter, number: int, destination: str) -> bool:
    """Parcels of this destination come into this chute, as far as is known now."""
    group = sorter.shared.plan.group(sorter.sorter, destination)
    given = sorter.books[number].given
    return given == destination or (not given and not group.is_pool and number in group.chutes)
