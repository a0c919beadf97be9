"""Ring: where things are on a loop, in encoder counts, and who is near a place. Arithmetic modulo the loop's length.

Theory. `origin` is the odometer at which the middle of a load's carrier stood, or would have stood, at position 0; so the
carrier is at position P whenever the odometer is `origin + P` plus whole laps. `phase`, the origin modulo the length, never
changes while the belt turns: two loads lie as far apart as their phases. Never here: what to conclude.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from sortctl.logic.known.geometry import BEATS_MS, Exit, exit_of
from sortctl.site.derive import order_margin_ms
from sortctl.site.model import Limits, Machine

RESULT_MS = 1_500
"""So long after its end position was due a carrier's drive has told how it went, or its PLC has given it up."""


class Ring:
    """Distances of one loop in counts."""

    def __init__(self, machine: Machine, limits: Limits) -> None:
        loop = machine.loop
        self.length = machine.counts(loop.length_mm)
        self.carriers = loop.carriers
        self.home_point = loop.home_point
        self.home = machine.counts(loop.home_mm)
        self.inducts = {induct.number: machine.counts(induct.position_mm) for induct in loop.inducts}
        self.scan_points = {point.number: machine.counts(point.position_mm) for point in loop.scan_points}
        self.points = self.scan_points | {
            point.number: machine.counts(point.position_mm) for point in loop.check_points
        }
        self.exits: dict[int, Exit] = {chute.number: exit_of(machine, chute) for chute in machine.chutes}
        self.window = machine.counts(loop.window_mm)
        self.blink = self.length // loop.carriers // 2
        """Two entries into one chute closer than half a pitch are one."""
        self.confirm = machine.counts_in(loop.confirm_ms)
        self.margin = machine.counts_in(order_margin_ms(machine, limits))
        """Before its firing place an order must leave by so much."""
        self.beats = machine.counts_in(BEATS_MS)
        self._fires = sorted({place.fire % self.length for place in self.exits.values()})
        self.result = machine.counts_in(RESULT_MS)
        self.read_ends = self._read_ends(machine)

    def _read_ends(self, machine: Machine) -> list[int]:
        """For each scan point the position at which no read of this pass can come any more."""
        ends = dict(self.scan_points)
        for head in machine.heads.values():
            end = (
                self.scan_points[head.scan_point]
                + 2 * machine.counts(head.window_mm)
                + machine.counts_in(head.delay_ms)
            )
            ends[head.scan_point] = max(ends[head.scan_point], end)
        return sorted(ends.values())

    def phase(self, origin: int) -> int:
        """Where on the ring a load lies, 0 <= phase < length."""
        return origin % self.length

    def centre(self, distance: int) -> int:
        """A distance as the shorter way round, negative if that is upstream."""
        half = self.length // 2
        return (distance + half) % self.length - half

    def next_at(self, origin: int, position: int, after: int) -> int:
        """The first odometer, `after` or later, at which a carrier is at a position."""
        return after + (origin + position - after) % self.length

    def next_read_end(self, origin: int, after: int) -> int:
        """Where no read of its next pass of a tunnel can come any more."""
        return min(self.next_at(origin, end, after) for end in self.read_ends)

    def next_firing(self, origin: int, chute: int, after: int) -> int:
        """The first odometer, `after` or later, at which a chute may be fired for a carrier."""
        return self.next_at(origin, self.exits[chute].fire, after)

    def next_chance(self, origin: int, after: int) -> int:
        """The first odometer behind `after` at which any chute may be fired for a carrier."""
        stood = (after - origin) % self.length
        index = bisect_right(self._fires, stood)
        ahead = self._fires[index] if index < len(self._fires) else self._fires[0] + self.length
        return after + ahead - stood

    def carrier(self, origin: int, home: int) -> int:
        """Number of the carrier, if `home` is the origin of carrier 1; the higher ones follow behind it."""
        behind = self.phase(origin - home)
        return (behind * self.carriers + self.length // 2) // self.length % self.carriers + 1

    def origin_of(self, carrier: int, home: int) -> int:
        """Origin of a carrier, if `home` is that of carrier 1."""
        return home + (carrier - 1) * self.length // self.carriers


class Places:
    """Keys by their phase: who lies near a place. Adding, removing and asking cost the same with 10 and 1,000 carriers."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._sorted: list[tuple[int, int]] = []

    def add(self, phase: int, key: int) -> None:
        """`key` lies here."""
        insort(self._sorted, (phase, key))

    def remove(self, phase: int, key: int) -> None:
        """`key` no longer lies here. KeyError: it never did."""
        index = bisect_left(self._sorted, (phase, key))
        if index == len(self._sorted) or self._sorted[index] != (phase, key):
            raise KeyError(key)
        del self._sorted[index]

    def near(self, phase: int, reach: int) -> Iterator[tuple[int, int]]:
        """(distance of `phase` downstream from it, key) of everything within `reach`, less than half a lap, nearest upstream last."""
        for low, high, lap in self._ranges(phase - reach, phase + reach):
            for index in range(bisect_left(self._sorted, (low, -1 << 62)), len(self._sorted)):
                at, key = self._sorted[index]
                if at > high:
                    break
                yield phase - at - lap, key

    def _ranges(self, low: int, high: int) -> Iterator[tuple[int, int, int]]:
        """The range in pieces that do not cross the seam, and what to add to the phases there."""
        if low < 0:
            yield low + self._length, self._length - 1, -self._length
        yield max(low, 0), min(high, self._length - 1), 0
        if high >= self._length:
            yield 0, high - self._length, self._length

    def __len__(self) -> int:
        return len(self._sorted)
