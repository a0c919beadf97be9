"""Bags: what hangs at a chute, what went into it, and when it was changed. State only, no conclusions.

Theory. A bag is changed at a moment, and what its chute's eye saw before that moment is in the old one. Until every event up to
the moment has been told, the change is pending: what comes meanwhile is kept aside and belongs to whom its place says.
"""

from msgspec import Struct, field


class Item(Struct, array_like=True):
    """A parcel that the eye of a chute saw when the belt stood at `odo`."""

    passage: int
    waybill: str
    weight_g: int
    odo: int
    departure: str = ""
    unsure: bool = False
    """Seen about when the bag was changed: it may be in the one before or behind."""


class Bag(Struct):
    """One bag at a chute."""

    bag: str
    by: str
    opened_ns: int
    since: int = 0
    """Odometer at which it was hung up."""
    departure: str = ""
    """The departure that leaves first of those its parcels take; empty: none has one."""
    cut_off_s: int = 0
    """Its cut-off on the wall; 0: none."""
    weight_g: int = 0
    items: list[Item] = field(default_factory=list)
    unsure: list[int] = field(default_factory=list)
    due: str = ""
    """Why it takes nothing more and is to be changed; empty: it is not."""
    due_by: str = ""
    """Who asked for that; empty: nobody did."""

    def put(self, item: Item) -> None:
        """`item` is in this bag."""
        self.items.append(item)
        self.weight_g += item.weight_g
        if item.unsure:
            self.unsure.append(item.passage)

    def doubt(self, odo: int) -> None:
        """Whoever was seen from `odo` on may be in the next bag."""
        for item in self.items:
            if item.odo >= odo and not item.unsure:
                item.unsure = True
                self.unsure.append(item.passage)


class Change(Struct):
    """At this moment `before` was taken away (None: nothing hung there), and what comes next hung up."""

    at_ns: int
    before: Bag | None
    why: str
    by: str
    """Who did it; empty: nobody, a limit was reached."""
    odo: int | None = None
    """Where the belt stood, if the machine itself told of the change."""
    is_drawn: bool = False
    """No hand was there: the list ends with whoever came last."""
