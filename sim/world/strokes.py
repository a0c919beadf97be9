"""Strokes: what the truth records: labels that pass a scan point, and each time something was switched on to discharge.

Comes in: nothing; these are the records of the line and of the loop. Goes out: the scanners read `Passed`, the referee
reads `Stroke`.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sim.plc.table import Carried
from sim.world.parcel import Parcel


class Passed(NamedTuple):
    """A parcel's middle was under a scan point."""

    at_ns: int
    scan_point: int
    parcel: Parcel
    beside: tuple[Parcel, ...] = ()
    """Others on the same carrier: the scanner sees their labels too."""


@dataclass(slots=True)
class Stroke:
    """A pusher or a carrier's belt that was switched on, and whom it hit."""

    carried: Carried
    at_ns: int
    hit: tuple[int, ...] = ()
    stuck: bool = False
    """It did not move anything, whatever it reported."""
    carrier: int = 0
    """Number of the carrier, of a loop."""
