"""Fills: when a chute will be full at its present rate, so that somebody can go there before it is.

Theory. The rate is that of the newest entries that its eye saw, the room what sensors and counting leave. Told once when less
than the limit is left, and once when it is half as much again: a parcel more or less does not make it come and go. Integers only.
Comes in: entries, time. Goes out: `ChuteFills`. Never here: what is under way, which comes in time.
"""

from typing import Final

from sortctl.logic.known.chutes import ChuteBook
from sortctl.logic.known.sorter import Sorter
from sortctl.words.causes import ACCEPTING
from sortctl.words.ids import ChuteNumber
from sortctl.words.outcomes import ChuteFills
from sortctl.words.units import NS_PER_S

KEPT_MAX: Final = 16
"""Entries that make the rate."""
ENOUGH: Final = 4
"""From fewer no rate is drawn."""
OLD_NS: Final = 600 * NS_PER_S
"""Entries of ten minutes ago say nothing of the present rate."""
LIMIT_S: Final = 300
"""The way of a person through a large hub, with time to do something."""
CLEAR_S: Final = LIMIT_S * 3 // 2
NOT_FORESEEABLE: Final = -1


def enter(sorter: Sorter, book: ChuteBook) -> None:
    """A parcel came in."""
    sorter.ticks = True
    book.came_ns.append(sorter.now_ns)
    if len(book.came_ns) > KEPT_MAX:
        del book.came_ns[0]
    look(sorter, book)


def seconds(book: ChuteBook, now_ns: int) -> int:
    """Until it is full, at the rate of its newest entries; -1: not foreseeable."""
    recent = [at_ns for at_ns in book.came_ns if now_ns - at_ns <= OLD_NS]
    if len(recent) < ENOUGH or book.state not in ACCEPTING:
        return NOT_FORESEEABLE
    # between the first and now lie as many gaps as entries behind the first
    span_ns = max(1, now_ns - recent[0])
    return max(0, book.capacity - book.inside) * span_ns // ((len(recent) - 1) * NS_PER_S)


def look(sorter: Sorter, book: ChuteBook) -> None:
    """Is it time to tell somebody, or is that over?"""
    if not book.came_ns:
        return
    left = seconds(book, sorter.now_ns)
    if not book.fills and 0 <= left < LIMIT_S:
        book.fills = True
    elif book.fills and (left < 0 or left > CLEAR_S):
        book.fills = False
    else:
        return
    told = left if book.fills or left > 0 else NOT_FORESEEABLE
    sorter.say(ChuteFills(sorter.now_ns, sorter.sorter, ChuteNumber(book.number), told))


def forget_old(book: ChuteBook, now_ns: int) -> None:
    """Entries that say nothing any more."""
    if book.came_ns and now_ns - book.came_ns[-1] > OLD_NS:
        book.came_ns = []
