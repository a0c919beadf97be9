"""Chutes: which exits accept, and how many parcels still fit. Only OPEN and HALF_FULL accept; unknown is not ready.

The level sensors are the truth; counting only bridges what they cannot see. Below half full, at least the upper half is
free: so many parcels may be under way. From half full on, those that arrived since and those under way must fit into the
upper half. So a chute that was emptied by hand is believed again as soon as its sensor clears, without anybody telling us.
"""

from msgspec import Struct

from sortctl.words.causes import ACCEPTING, ChuteState
from sortctl.words.exchange import ChuteBit

_STATES: tuple[tuple[ChuteBit, ChuteState, str], ...] = (
    (ChuteBit.JAMMED, ChuteState.JAMMED, "jammed"),
    (ChuteBit.ACTUATOR_FAULT, ChuteState.FAULT, "actuator fault"),
    (ChuteBit.MAINTENANCE, ChuteState.MAINTENANCE, "in maintenance"),
    (ChuteBit.CLOSED_BY_PLC, ChuteState.CLOSED, "closed by the PLC"),
    (ChuteBit.CLOSED_BY_ORDER, ChuteState.CLOSED, "closed by order"),
    (ChuteBit.CLOSED_BY_PANEL, ChuteState.CLOSED, "closed at its panel"),
    (ChuteBit.NO_BAG, ChuteState.BAG_CHANGE, "has no bag"),
    (ChuteBit.FULL, ChuteState.FULL, "full"),
    (ChuteBit.HALF_FULL, ChuteState.HALF_FULL, "half full"),
)
"""The worst that the word says is the state."""


def state_of(word: int) -> tuple[ChuteState, str]:
    """State of a chute from its word, and the same in words."""
    if not word >> ChuteBit.EXISTS & 1:
        return ChuteState.UNKNOWN, "unknown to the PLC"
    for bit, state, text in _STATES:
        if word >> bit & 1:
            return state, text
    return ChuteState.OPEN, "open"


class ChuteBook(Struct):
    """What is known of one chute."""

    number: int
    capacity: int
    state: ChuteState = ChuteState.UNKNOWN
    why: str = "not read yet"
    heading: int = 0
    """Parcels under way to it."""
    since_half: int = 0
    """Parcels that arrived since the half-full sensor came on."""
    entries: int = 0
    """Parcels seen going in, ever."""
    last_entry: int | None = None
    """Odometer at its newest entry."""

    def turn(self, word: int) -> bool:
        """Take over the PLC's word. True if the state changed."""
        state, why = state_of(word)
        if not word >> ChuteBit.HALF_FULL & 1:
            self.since_half = 0
        changed = (state, why) != (self.state, self.why)
        self.state, self.why = state, why
        return changed

    def refusal(self) -> str:
        """Why it takes no further parcel; empty: it takes one."""
        if self.state not in ACCEPTING:
            return self.why
        upper = max(1, self.capacity // 2)
        if self.state is ChuteState.HALF_FULL:
            return (
                f"full by count: {self.since_half} since half full, {self.heading} under way"
                if (self.since_half + self.heading >= upper)
                else ""
            )
        return f"{self.heading} under way fill its upper half" if self.heading >= upper else ""

    def enter(self, odo: int) -> None:
        """A parcel was seen going in."""
        self.entries += 1
        self.last_entry = odo
        if self.state is not ChuteState.OPEN:
            self.since_half += 1
