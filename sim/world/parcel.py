"""Parcel: one body with its label, where it lies on the belt, and what truly became of it.

On a line a parcel lags the belt by a little, in proportion to the way; positions are of the front edge, in micrometres
from the first induct eye. On a loop it lies on a carrier, a little off its middle; `base_um` is where its middle was on
the loop when it was put there. Never here: what anybody believes about it.
"""

from dataclasses import dataclass, field
from enum import Enum

MILLION = 1_000_000


class Place(Enum):
    """Where a parcel truly is."""

    WAITING = "waiting"
    BELT = "belt"
    SLIDE = "slide"
    CHUTE = "chute"
    HAND = "hand"
    FLOOR = "floor"


@dataclass(slots=True)
class Parcel:
    """Number `number` of the run, from 1. `waybill` is what the label means, `codes` what can be read from it."""

    number: int
    waybill: str
    codes: tuple[str, ...]
    length_um: int
    slip_ppm: int = 0
    scannable: bool = True
    base_belt_um: int = 0
    base_um: int = 0
    generation: int = 0
    place: Place = Place.WAITING
    exit: int = 0
    """The chute it lies in."""
    exit_ns: int = 0
    front_at_induct_um: int | None = None
    """Where the belt stood when the front reached the induct eye."""
    inducted: tuple[int, int] | None = None
    """(boot_id, seq) of the INDUCTED event that the PLC wrote for it."""
    inducted_ns: int = 0
    """When the PLC wrote it."""
    unheard: bool = False
    """It crossed the induct eye and the controller may never have been told: no event, or one that a restart wiped out."""
    merged: bool = False
    """It lay so close behind another that the induct eye saw one body."""
    read: int = 0
    """Telegrams and events in which its label was sent."""
    touched: bool = False
    """A hand moved, added or removed it."""
    pushed: list[tuple[int, int]] = field(default_factory=list)
    """(epoch, order_seq) of every stroke that hit it."""
    carrier: int = 0
    """Of a loop: the number of the carrier that it lies on, or lay on last."""
    offset_um: int = 0
    """So far before the middle of the carrier (in the way of travel)."""
    laps: int = 0
    """How often it passed position 0 of the loop."""
    items: list[tuple[int, int]] = field(default_factory=list)
    """(boot_id, item) of every number that the PLC gave its carrier's load because of it, the newest last."""

    def put(self, belt_um: int, front_um: int) -> None:
        """It lies with its front at `front_um` while the belt stands at `belt_um`."""
        self.base_belt_um, self.base_um = belt_um, front_um
        self.generation += 1
        self.place = Place.BELT

    def front(self, belt_um: int) -> int:
        """Position of the front edge when the belt is at `belt_um`."""
        way = belt_um - self.base_belt_um
        return self.base_um + way - way * self.slip_ppm // MILLION

    def middle(self, belt_um: int) -> int:
        """Position of the middle."""
        return self.front(belt_um) - self.length_um // 2

    def belt_when_front_at(self, um: int) -> int:
        """Where the belt is when the front edge reaches `um`."""
        return self.base_belt_um - (self.base_um - um) * MILLION // (MILLION - self.slip_ppm)
