"""Room: least slack first. Where a chute takes no more only because of those under way to it, one of them gives its place.

Theory. Who has its place keeps it, unless one that is in a greater hurry finds none: then of those that can still be turned away
the one with the most time left is decided anew, behind the other; it takes an alternate, or on a loop rides on. It may make one give way that
has still more time, and so on: time only grows, so that ends. A chute that its sensor calls full has no place to give.
Comes in: a decision, and who may be turned away. Goes out: the better decision, and who gives its place for it. Never here: orders.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from sortctl.logic.choosing import Choice
from sortctl.logic.hub.cutoff import hurry
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Sorter
from sortctl.words.causes import ACCEPTING

MARGIN_S: Final = 600
"""Nobody is turned away for less: ten minutes more or less are a matter of luck on the way to the dock."""


class Giving(NamedTuple):
    """`passage` is to be decided anew behind `choice`, which takes its place."""

    choice: Choice
    passage: Passage


def who_gives_way(
    sorter: Sorter,
    passage: Passage,
    choice: Choice,
    may_turn: Callable[[Passage], bool],
    choose: Callable[[], Choice | None],
) -> Giving | None:
    """Who must be decided anew so that `passage` has the first of its chutes that is short of room; None: nobody."""
    if not passage.latest_s or not choice.destination:
        return None
    for candidate in choice.candidates:
        if candidate.chute == choice.chute:
            return None
        book = sorter.books.get(candidate.chute)
        if book is None or book.state not in ACCEPTING or not book.heading or not book.refusal():
            continue
        last = max(
            (one for one in sorter.all_open() if one.chute == book.number and one is not passage and may_turn(one)),
            key=lambda one: (hurry(one), one.number),
            default=None,
        )
        if last is None or hurry(last) < hurry(passage) + MARGIN_S:
            continue
        book.heading -= 1  # as if it were gone already
        better = choose()
        book.heading += 1
        if better is not None and better.chute == book.number:
            return Giving(better, last)
    return None
