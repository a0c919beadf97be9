"""Geometry: where things are on one line, in encoder counts, worked out once from the site.

Comes in: a machine of the site. Goes out: eyes and chutes in the order of the belt, with every distance the logic needs.
A chute's `fire` is the distance from a passage's origin (plus half its length) to the count at which its output switches.
"""

from typing import NamedTuple

from sortctl.site.derive import order_margin_ms
from sortctl.site.model import Chute, Limits, Machine

BEATS_MS = 150
"""Deadlines are looked at when the belt is told of, every 50 ms, and a telling may be late."""
DEBOUNCE_SCANS = 4
"""A PLC filters an eye over two or three scans: an edge is told so much later than another eye's."""


class EyePlace(NamedTuple):
    """A check-point eye."""

    number: int
    at: int


class Exit(NamedTuple):
    """A chute."""

    number: int
    at: int
    """Middle of the pusher, or the belt's end."""
    fire: int
    """`at` less lead and half the travel."""
    stroke: int
    """From firing to the actuator's end position."""
    arrive: int
    """From firing to the chute eye."""
    has_actuator: bool
    name: str


class Geometry:
    """Distances of one line in counts."""

    def __init__(self, machine: Machine, limits: Limits) -> None:
        sorter = machine.line
        self.counts = machine.counts
        self.inducts = {induct.number: machine.counts(induct.position_mm) for induct in sorter.inducts}
        self.scan_points = {point.number: machine.counts(point.position_mm) for point in sorter.scan_points}
        self.eyes = sorted((EyePlace(eye.number, machine.counts(eye.position_mm)) for eye in sorter.eyes), key=_at)
        self.eye_index = {eye.number: index for index, eye in enumerate(self.eyes)}
        self.exits = {chute.number: exit_of(machine, chute) for chute in machine.chutes}
        self.end = self.exits[sorter.end_chute]
        self.window = machine.counts(sorter.window_mm)
        self.late = machine.counts(sorter.late_mm)
        self.bounce = machine.counts(sorter.bounce_mm)
        self.debounce = machine.counts_in(DEBOUNCE_SCANS * machine.plc.scan_ms)
        self.blink = machine.counts(sorter.gap_min_mm)
        """Two entries into one chute closer than the least gap are one."""
        self.confirm = machine.counts_in(sorter.confirm_ms)
        self.margin = machine.counts_in(order_margin_ms(machine, limits))
        """Before its firing count an order must leave by so much."""
        self.beats = machine.counts_in(BEATS_MS)
        self.longest = machine.counts(sorter.length_max_mm)
        self.read_end = self._read_end(machine)

    def _read_end(self, machine: Machine) -> int:
        """From the passage's middle at position 0 to where no read of it can come any more."""
        ends = [
            self.scan_points[scanner.scan_point]
            + 2 * machine.counts(scanner.window_mm)
            + machine.counts_in(scanner.delay_ms)
            for scanner in machine.heads.values()
        ]
        return max(ends, default=max(self.scan_points.values()))


def _at(place: EyePlace) -> int:
    return place.at


def exit_of(machine: Machine, chute: Chute) -> Exit:
    at = machine.counts(chute.position_mm)
    return Exit(
        number=chute.number,
        at=at,
        fire=at - machine.counts_in(chute.lead_ms + chute.travel_ms // 2),
        stroke=machine.counts_in(chute.lead_ms + chute.travel_ms),
        arrive=machine.counts_in(chute.lead_ms + chute.travel_ms + chute.slide_ms),
        has_actuator=chute.actuator,
        name=chute.name,
    )
