"""Chutes: the state of every exit, whether it accepts, and how many parcels still fit. Only OPEN and HALF_FULL accept; unknown is not ready.

Theory. The state is the worst of what the PLC's word says, who holds the chute closed, a purge, and its bag. Three may hold it
closed, each alone: the PLC, an operator, the host; beside them a recall. The level sensors are the truth; counting only bridges what
they cannot see. Below half full, at least the upper half is free: so many parcels may be under way. From half full on, those that
arrived since and those under way must fit into the upper half. A chute that was full takes no more until its sensors
have both cleared. So one that was emptied by hand is believed again as soon as they clear, without anybody telling us.
"""

from msgspec import Struct, field

from sortctl.logic.known.bags import Bag, Change, Item
from sortctl.words.causes import ACCEPTING, ChuteState
from sortctl.words.exchange import ChuteBit

BY_ORDER = "closed by order"
_STATES: tuple[tuple[ChuteBit, ChuteState, str], ...] = (
    (ChuteBit.JAMMED, ChuteState.JAMMED, "jammed"),
    (ChuteBit.ACTUATOR_FAULT, ChuteState.FAULT, "actuator fault"),
    (ChuteBit.MAINTENANCE, ChuteState.MAINTENANCE, "in maintenance"),
    (ChuteBit.CLOSED_BY_PLC, ChuteState.CLOSED, "closed by the PLC"),
    (ChuteBit.CLOSED_BY_ORDER, ChuteState.CLOSED, BY_ORDER),
    (ChuteBit.CLOSED_BY_PANEL, ChuteState.CLOSED, "closed at its panel"),
    (ChuteBit.NO_BAG, ChuteState.BAG_CHANGE, "has no bag"),
    (ChuteBit.FULL, ChuteState.FULL, "full"),
    (ChuteBit.HALF_FULL, ChuteState.HALF_FULL, "half full"),
)
"""The worst that the word says is the state."""
_BROKEN = frozenset({ChuteState.UNKNOWN, ChuteState.JAMMED, ChuteState.FAULT, ChuteState.MAINTENANCE})
"""Nothing that people ask for is worse."""


def state_of(word: int) -> tuple[ChuteState, str]:
    """State of a chute from its word, and the same in words."""
    if not word >> ChuteBit.EXISTS & 1:
        return ChuteState.UNKNOWN, "unknown to the PLC"
    for bit, state, text in _STATES:
        if word >> bit & 1:
            return state, text
    return ChuteState.OPEN, "open"


class Held(Struct, frozen=True):
    """Who holds it, why, and since when."""

    by: str
    why: str
    since_ns: int


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
    # what the PLC says
    told: ChuteState = ChuteState.UNKNOWN
    told_why: str = "not read yet"
    was_full: bool = False
    """It was full, and one of its level sensors has not cleared since."""
    # what people and the host want
    locks: dict[str, Held] = field(default_factory=dict)
    shut: str = ""
    """Why it is closed by order; empty: it is not."""
    purge: Held | None = None
    purging: bool = False
    """It is purged, and something is still under way to it."""
    # its bag
    needs_bag: bool = False
    bag: Bag | None = None
    changes: list[Change] = field(default_factory=list)
    """Pending, oldest first."""
    aside: list[Item] = field(default_factory=list)
    """Seen while a change was pending."""
    # how fast it fills
    inside: int = 0
    """Parcels in it, as far as sensors and counting tell."""
    came_ns: list[int] = field(default_factory=list)
    """When the newest came."""
    fills: bool = False
    """It was told that it will soon be full."""
    lamp: int = 0
    """The colour that the PLC was told; -1: not known."""
    # of a pool
    given: str = ""
    """The destination that has it for itself; empty: nobody."""
    holds: int = 0
    """Parcels that came, or may have come, since a person emptied it."""

    def turn(self, word: int) -> bool:
        """Take over the PLC's word. True if the state changed."""
        self.told, self.told_why = state_of(word)
        half, full = bool(word >> ChuteBit.HALF_FULL & 1), bool(word >> ChuteBit.FULL & 1)
        if not half:
            self.since_half = 0
        if full:
            self.was_full, self.inside = True, self.capacity
        elif not half:
            if self.was_full:
                self.inside = 0
            self.was_full = False
            self.inside = min(self.inside, max(0, self.capacity - 1))
        else:
            self.inside = max(self.inside, self.capacity // 2)
        if self.was_full and self.told is ChuteState.HALF_FULL:
            # in the same words, or a sensor that flickers would be told of each time
            self.told, self.told_why = ChuteState.FULL, "full"
        return self.settle()

    def settle(self) -> bool:
        """Draw the state from everything that is known. True if it changed."""
        state, why = self._worst()
        changed = (state, why) != (self.state, self.why)
        self.state, self.why = state, why
        return changed

    def _worst(self) -> tuple[ChuteState, str]:
        told, bag = (self.told, self.told_why), self.bag
        if self.told in _BROKEN:
            return told
        if self.shut:
            return ChuteState.CLOSED, self.shut
        if self.told is ChuteState.CLOSED:
            return told
        if self.purge is not None:
            return ChuteState.PURGE, f"purged by {self.purge.by}"
        if bag is not None and bag.due:
            return ChuteState.BAG_CHANGE, f"bag {bag.bag} is to be changed: {bag.due}"
        if self.needs_bag and bag is None:
            return ChuteState.BAG_CHANGE, "has no bag"
        return told

    def bag_of(self, passage: int) -> str:
        """The bag that a passage is in, or may be in; of one that is not there yet, the one that it would come into."""
        bags = [*(change.before for change in self.changes), self.bag]
        if any(item.passage == passage for item in self.aside):
            return " or ".join(bag.bag if bag is not None else "loose" for bag in bags)
        found = [bag for bag in bags if bag is not None and any(item.passage == passage for item in bag.items)]
        here = found[0] if found else self.bag
        return here.bag if here is not None else ""

    @property
    def is_empty(self) -> bool:
        """Nothing lies in it, as far as anybody knows."""
        return not (self.holds or self.changes or self.aside)

    def was_emptied(self) -> None:
        """A person took everything out; of what was seen about that moment nobody knows yet."""
        self.holds = len(self.aside)

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
        self.holds += 1
        self.last_entry = odo
        self.inside = min(self.inside + 1, self.capacity)
        if self.state is not ChuteState.OPEN:
            self.since_half += 1
