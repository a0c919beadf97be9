"""Locks: who holds a chute closed, why and since when; and the state that follows from all that is known of it.

Theory. The PLC, an operator and the host each hold a chute closed on their own; it is open when none does. What operator and host
want, the PLC is told (`hub/shut.py`). A chute that the PLC says was closed by order, though nobody here wants it, was closed by
another controller or before the journal was lost: it stays closed until somebody unlocks it.
Comes in: `ChuteLocked`, button 2. Goes out: orders, `ChuteStateChanged`. Never here: bags.
"""

from sortctl.logic.hub import recall, shut
from sortctl.logic.known.chutes import BY_ORDER, ChuteBook, Held
from sortctl.logic.known.sorter import Sorter
from sortctl.words.facts import ButtonPressed
from sortctl.words.hub import ChuteLocked, Lock
from sortctl.words.ids import ChuteNumber
from sortctl.words.outcomes import ChuteStateChanged

PANEL = "the button at the chute"


def take_locked(sorter: Sorter, fact: ChuteLocked) -> None:
    """A lock was set or taken away."""
    book = sorter.books.get(fact.chute)
    if book is not None:
        turn(sorter, book, fact.lock, Held(fact.by, fact.why, fact.at_ns) if fact.locked else None, fact.by)


def press(sorter: Sorter, fact: ButtonPressed) -> None:
    """Button 2 of a chute: the operator's lock, on or off."""
    book = sorter.books[fact.panel]
    held = None if Lock.OPERATOR in book.locks else Held(PANEL, "", fact.at_ns)
    turn(sorter, book, Lock.OPERATOR, held, PANEL)


def turn(sorter: Sorter, book: ChuteBook, lock: Lock, held: Held | None, by: str) -> None:
    """`lock` of a chute is held like this from now on; None: it is not, which `by` did."""
    chute = book.number
    if held is not None:
        book.locks[lock] = held
        shut.close(sorter, chute, lock, f"locked by {held.by}" + (f": {held.why}" if held.why else ""))
        return
    book.locks.pop(lock, None)
    if lock is Lock.OPERATOR:
        recall.end(sorter, chute, f"unlocked by {by}")
    shut.let_go(sorter, chute, lock)
    if book.told_why == BY_ORDER:
        shut.open_strange(sorter, chute)


def settle(sorter: Sorter, book: ChuteBook) -> bool:
    """Draw the state of a chute anew. True: it has changed."""
    book.shut = shut.reason(sorter, book.number)
    if not book.settle():
        return False
    sorter.say(ChuteStateChanged(sorter.now_ns, sorter.sorter, ChuteNumber(book.number), book.state, book.why))
    return True
