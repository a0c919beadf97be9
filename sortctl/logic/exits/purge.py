"""Purge: emptying a chute or a whole sorter.

Theory. A sorter that is purged inducts nothing more; what is on it is sorted as ever. The purge ends by itself when nothing is booked on
it, and induction runs again. A chute that is purged takes nothing new, is told to be empty when nothing is under way to
it, and stays out of use until the purge is taken back.
Comes in: `PurgeAsked`. Goes out: INDUCT_STOP and INDUCT_RUN, `Disturbed` while it lasts. Never here: who else stops induction.
"""

from sortctl.logic import orders
from sortctl.logic.known.chutes import ChuteBook, Held
from sortctl.logic.known.sorter import Sorter
from sortctl.words.hub import PurgeAsked
from sortctl.words.ids import InductNumber
from sortctl.words.orders import RunInduct, StopInduct
from sortctl.words.outcomes import Disturbed


def take_asked(sorter: Sorter, fact: PurgeAsked) -> None:
    """A purge begins, or is taken back."""
    held = Held(fact.by, "", fact.at_ns) if fact.purging else None
    if fact.chute:
        book = sorter.books.get(fact.chute)
        if book is not None:
            _purge_chute(sorter, book, held, fact.by)
    elif held is not None and sorter.state.purge is None:
        sorter.state.purge = held
        _say(sorter, "purge", active=True, why=f"purged by {fact.by}: nothing more is inducted until it is empty")
    elif held is None and sorter.state.purge is not None:
        end(sorter, f"taken back by {fact.by}")


def _purge_chute(sorter: Sorter, book: ChuteBook, held: Held | None, by: str) -> None:
    if (held is None) == (book.purge is None):
        return
    book.purge = held
    sorter.touched.add(book.number)
    code = f"purge_{book.number}"
    if held is not None:
        sorter.emptying.add(book.number)
        _say(sorter, code, active=True, why=f"chute {book.number} is purged by {by}: nothing new goes there")
    elif book.number in sorter.emptying:
        sorter.emptying.discard(book.number)
        _say(sorter, code, active=False, why=f"taken back by {by}")
    else:
        book.was_emptied()
    book.purging = held is not None


def watch(sorter: Sorter) -> None:
    """Is something empty that was to be?"""
    if sorter.state.purge is not None and not sorter.present:
        end(sorter, "nothing is booked on the sorter any more")
    for number in sorted(sorter.emptying):
        book = sorter.books[number]
        if not book.heading:
            sorter.emptying.discard(number)
            book.purging = False
            why = f"nothing is under way to chute {number} any more; it stays out of use"
            _say(sorter, f"purge_{number}", active=False, why=why)


def end(sorter: Sorter, why: str) -> None:
    """The purge of a sorter is over."""
    sorter.state.purge = None
    _say(sorter, "purge", active=False, why=why)


def align(sorter: Sorter) -> None:
    """Tell the PLC to stop induction or to let it run, if it does not know."""
    state, stop = sorter.state, sorter.wants_stop
    if not state.holds or state.stop_told == bool(stop) or len(state.untaken) >= orders.UNTAKEN_MAX:
        return
    kind, why = (StopInduct, stop) if stop else (RunInduct, sorter.WHY_RUN)
    orders.tell(sorter, kind(sorter.plc, state.epoch, orders.number(sorter), why, InductNumber(0)))
    state.stop_told = bool(stop)


def _say(sorter: Sorter, code: str, *, active: bool, why: str) -> None:
    sorter.say(Disturbed(sorter.now_ns, sorter.sorter, code, active, why))
