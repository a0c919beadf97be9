"""Lamps: what the lamp of a chute shows, by its state. Told to the PLC only when it changes, and only so many in a second.

Theory. Orders are carried out in their turn, and a lamp must not keep a parcel waiting: so few are given at once. A site whose chutes have no
lamps that we set says so; a recall is shown all the same, as somebody must find it.
Comes in: states. Goes out: CHUTE_LAMP. Never here: why a state is as it is.
"""

from typing import Final

from sortctl.logic import orders
from sortctl.logic.known.chutes import ChuteBook
from sortctl.logic.known.sorter import Sorter
from sortctl.words.causes import ChuteState
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import ShowLamp
from sortctl.words.units import NS_PER_MS

AT_ONCE: Final = 2
PAUSE_NS: Final = 200 * NS_PER_MS
"""Ten in a second: the lamps of 800 chutes within 80 s of a PLC's start."""
OFF, GREEN, YELLOW, RED, FLASHING = 0, 1, 2, 3, 16
NOT_KNOWN: Final = -1

_COLOURS: Final = {
    ChuteState.OPEN: GREEN,
    ChuteState.HALF_FULL: YELLOW,
    ChuteState.BAG_CHANGE: YELLOW + FLASHING,
    ChuteState.FULL: RED,
    ChuteState.CLOSED: RED,
    ChuteState.PURGE: RED,
    ChuteState.MAINTENANCE: RED,
    ChuteState.JAMMED: RED + FLASHING,
    ChuteState.FAULT: RED + FLASHING,
}
"""A chute that the PLC does not know has no lamp either."""


def wanted(sorter: Sorter, book: ChuteBook) -> int:
    """The colour that the lamp is to show."""
    if book.number in sorter.state.recalled:
        return RED + FLASHING
    if sorter.machine.sorter.lamps:
        return _COLOURS.get(book.state, max(OFF, book.lamp))
    return OFF


def note(sorter: Sorter, book: ChuteBook) -> None:
    """Something about this chute has changed: does its lamp show it?"""
    colour = wanted(sorter, book)
    if book.lamp == colour or (colour == OFF and book.lamp == NOT_KNOWN and not sorter.machine.sorter.lamps):
        sorter.dim.discard(book.number)
    else:
        sorter.dim.add(book.number)


def align(sorter: Sorter) -> None:
    """Tell the PLC what it does not show yet."""
    state = sorter.state
    if not state.holds or sorter.now_ns < state.lamps_ns or len(state.untaken) >= orders.UNTAKEN_MAX:
        return
    state.lamps_ns = sorter.now_ns + PAUSE_NS
    # a recall goes before everything else
    first = sorted(sorter.dim, key=lambda number: (number not in state.recalled, number))[:AT_ONCE]
    for number in first:
        book = sorter.books[number]
        book.lamp = wanted(sorter, book)
        sorter.dim.discard(number)
        seq, why = orders.number(sorter), f"chute {number} {book.why}"
        orders.tell(sorter, ShowLamp(sorter.plc, state.epoch, seq, why, ChuteNumber(number), book.lamp))


def forget(sorter: Sorter, colour: int) -> None:
    """The PLC was started (OFF), or nobody knows what it shows (NOT_KNOWN)."""
    for book in sorter.state.chutes:
        book.lamp = colour
    sorter.touched.update(sorter.books)
