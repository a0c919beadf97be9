"""Judge: which request carried the order of which parcel, and how long after its code was written.

Comes in: parcels as their codes are written, orders as they reach the PLC. Goes out: one `Verdict` per step. An order that
names no parcel, or the wrong chute for one, is counted as wrong, whatever its speed.
"""

from dataclasses import dataclass, field
from typing import Final

from bench.fast_lines import chute_of, fire_mm
from sortctl.words.units import NS_PER_MS

LATE_NS: Final = 5 * NS_PER_MS
"""A code that the bench itself wrote so late was read at a place where its parcel no longer was: it proves nothing."""


@dataclass
class Parcel:
    """One parcel on one line; times on the monotonic clock, 0: not yet. `front`: belt count of its front at position 0."""

    line: int
    waybill: int
    front: int
    length: int
    due_ns: int
    counts: bool
    """False: it only warms up."""
    sent_ns: int = 0
    ordered_ns: int = 0

    @property
    def is_spoiled(self) -> bool:
        """By the bench, not by the candidate."""
        return self.sent_ns - self.due_ns > LATE_NS

    @property
    def fire(self) -> int:
        """Belt count at which its pusher must switch."""
        return self.front + self.length // 2 + fire_mm(chute_of(self.waybill))


@dataclass
class Verdict:
    """One step. Latencies in µs, of the parcels that count, in the order in which their codes were written."""

    sent: int
    missing: int
    wrong: int
    spoiled: int
    """Codes that the bench wrote too late; they and their parcels count nowhere else."""
    latencies_us: list[float] = field(default_factory=list)


class Judge:
    """Knows every parcel that was fed."""

    def __init__(self) -> None:
        self._parcels: list[Parcel] = []
        self._by_fire: dict[tuple[int, int, int], Parcel] = {}
        self._by_waybill: dict[tuple[int, int], Parcel] = {}
        self._wrong = 0

    def expect(self, parcels: list[Parcel]) -> None:
        """A step begins with these."""
        self._parcels, self._wrong = parcels, 0
        self._by_fire = {(p.line, chute_of(p.waybill), p.fire): p for p in parcels}
        self._by_waybill = {(p.line, p.waybill): p for p in parcels}

    def divert(self, line: int, chute: int, at_count: int, at_ns: int) -> None:
        """A DIVERT has reached the PLC: it names the parcel by place."""
        self._ordered(self._by_fire.get((line, chute, at_count)), at_ns)

    def route(self, line: int, waybill: int, chute: int, at_ns: int) -> None:
        """An order that names the parcel by the number on its label."""
        self._ordered(self._by_waybill.get((line, waybill)) if chute == chute_of(waybill) else None, at_ns)

    def _ordered(self, parcel: Parcel | None, at_ns: int) -> None:
        if parcel is None or not parcel.sent_ns or parcel.ordered_ns:
            self._wrong += 1
        else:
            parcel.ordered_ns = at_ns

    def verdict(self) -> Verdict:
        """Of the step that has come to rest."""
        sound = [p for p in self._parcels if not p.is_spoiled]
        spoiled = len(self._parcels) - len(sound)
        return Verdict(
            sent=len(self._parcels),
            missing=sum(not p.ordered_ns for p in sound),
            # a spoiled code may have been tied to a neighbour
            wrong=max(0, self._wrong - spoiled),
            spoiled=spoiled,
            latencies_us=[(p.ordered_ns - p.sent_ns) / 1000 for p in sound if p.counts and p.ordered_ns],
        )
