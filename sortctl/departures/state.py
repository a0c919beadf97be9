"""State: whether a departure takes parcels now, and when that changes, so that its chutes open, warn and close with it.

Comes in: the next of each of its rows, a moment. Goes out: one state. Never here: the state of a chute, which has locks of its own.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from sortctl.departures.weekly import Leaving


class Phase(StrEnum):
    """What its chutes do."""

    CLOSED = "closed"
    """Between the cut-off of one and the opening of the next."""
    OPEN = "open"
    WARNING = "warning"
    """Open, and the cut-off is near."""


class State(Struct, frozen=True, gc=False):
    """Where a departure stands. `leaving`: the one that is open, or opens next."""

    phase: Phase
    leaving: Leaving
    next_change_s: int


def state_of(upcoming: Sequence[Leaving], wall_s: int) -> State | None:
    """The state of those that share a chute, each with its cut-off behind `wall_s`. None: there are none."""
    if not upcoming:
        return None
    changes = (
        moment
        for leaving in upcoming
        for moment in (leaving.open_s, leaving.warn_s, leaving.cut_off_s)
        if moment > wall_s
    )
    running = [leaving for leaving in upcoming if leaving.open_s <= wall_s]
    if not running:
        return State(Phase.CLOSED, min(upcoming, key=lambda leaving: leaving.open_s), min(changes))
    first = min(running, key=lambda leaving: leaving.cut_off_s)
    return State(Phase.WARNING if first.warn_s <= wall_s else Phase.OPEN, first, min(changes))
