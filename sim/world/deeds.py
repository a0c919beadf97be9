"""Deeds: what people and breakdowns do to a machine, as data.

Comes in: nothing; a story writes them. Goes out: `sim/world/hands.py` does those of a line, `sim/world/loop_hands.py` those
of a loop. Never here: mischief on the wires (that is data of the story, carried out by the rig or at a door).
"""

from typing import Literal, NamedTuple

from sim.world.parcel import Parcel


class Remove(NamedTuple):
    """Parcel `number` is taken away when it has come to `at_mm`: its front on a line, its middle on a loop."""

    number: int
    at_mm: int
    known: bool = False
    """Of a loop: the hand says so at the PLC's panel."""
    after_laps: int = 0
    """Of a loop, here and below: not when it comes there first, but so many laps later."""


class Add(NamedTuple):
    """`parcel` is put into the middle of the gap behind parcel `behind` when the front of the next has come to `at_mm`."""

    parcel: Parcel
    behind: int
    at_mm: int


class Swap(NamedTuple):
    """Of a line, parcels `number` and `number` + 1 change places when the front of the second has come to `at_mm`.

    Of a loop, when both are on carriers and the middle of the second has come to `at_mm`.
    """

    number: int
    at_mm: int
    after_laps: int = 0


class Stick(NamedTuple):
    """The pusher of `chute` does not move from `at_ns` for `ms`. Of a line."""

    at_ns: int
    chute: int
    ms: int


class Desert(NamedTuple):
    """At `at_ns` the chute is full to the brim, and nobody comes."""

    at_ns: int
    chute: int


class DirtyWindow(NamedTuple):
    """The head `scanner` (a scanner or a reader) reads nothing from `at_ns` for `ms`."""

    at_ns: int
    scanner: str
    ms: int


class Slip(NamedTuple):
    """Parcel `number` slides to the carrier behind when it has come to `at_mm`. Of a loop, as are those below."""

    number: int
    at_mm: int
    after_laps: int = 0


class MissInduct(NamedTuple):
    """Parcel `number` leaves its induct and comes to lie on the carrier behind (`next`) or on the `floor`."""

    number: int
    lands: Literal["next", "floor"]


class DoubleLoad(NamedTuple):
    """`parcel` comes onto the same carrier as parcel `number` at the induct; nobody sees it."""

    number: int
    parcel: Parcel


class BeltFault(NamedTuple):
    """The belt of `carrier` does not move from `at_ns` for `ms` (0: for good).

    It `reports` the fault, `claims` that it discharged, or says nothing (`silent`).
    """

    at_ns: int
    carrier: int
    ms: int
    says: Literal["reports", "claims", "silent"]


class Lay(NamedTuple):
    """A hand lays `parcel` on the first empty carrier that comes to `at_mm` from `at_ns` on."""

    at_ns: int
    parcel: Parcel
    at_mm: int


Deed = Remove | Add | Swap | Stick | Desert | DirtyWindow | Slip | MissInduct | DoubleLoad | BeltFault | Lay
LineDeed = Remove | Add | Swap | Stick | Desert | DirtyWindow
LoopDeed = Remove | Swap | Desert | DirtyWindow | Slip | MissInduct | DoubleLoad | BeltFault | Lay
