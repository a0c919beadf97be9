"""Figures: how much, how fast, how well read, into which chutes, rejected for what.

Comes in: passages that open and close. Goes out: rates over a sliding window of the outcomes' own times, and counts since
the journal began. Never here: time spans inside the program (the runtime measures those).
"""

from collections import deque
from typing import Final

from msgspec import Struct, field

from sortctl.words.causes import Cause, Disposition, Family
from sortctl.words.outcomes import PassageClosed, Recirculated
from sortctl.words.units import NS_PER_S

BUCKETS: Final = 60
"""A window slides in steps of a sixtieth of itself."""
RATE_WINDOW_S: Final = 60
READ_WINDOW_S: Final = 600
"""Ten minutes are a few hundred parcels: enough for a read rate to a tenth of a per cent or so."""


class SorterFigures(Struct, frozen=True):
    """Rates are parcels in the last minute; `read_rate` is per cent of the parcels of the last ten minutes, None without any."""

    sorter: str
    inducted_per_min: int
    sorted_per_min: int
    rejected_per_min: int
    read_rate: float | None
    chutes: dict[int, int]
    causes: dict[str, int]
    families: dict[str, int]
    recirculated_per_min: int = 0
    """Laps begun for a cause; a parcel whose chute only lies ahead has lost nothing."""
    laps: dict[int, int] = {}
    """Lap -> how many parcels began it for a cause, in all."""
    missing: int = 0
    found: int = 0
    """How often a parcel on a loop was no longer proven to be there, and how often one was found again."""


class Window:
    """A count over the last `seconds`. Constant memory."""

    __slots__ = ("_buckets", "_step_ns", "total")

    def __init__(self, seconds: int) -> None:
        self._step_ns = seconds * NS_PER_S // BUCKETS
        self._buckets: deque[list[int]] = deque()
        self.total = 0

    def add(self, at_ns: int) -> None:
        step = at_ns // self._step_ns
        buckets = self._buckets
        self.total += 1
        if buckets and step <= buckets[-1][0]:  # an outcome may be a little older than the one before
            buckets[-1][1] += 1
            return
        buckets.append([step, 1])
        self._slide(step)

    def count(self, at_ns: int) -> int:
        self._slide(at_ns // self._step_ns)
        return self.total

    def _slide(self, step: int) -> None:
        buckets = self._buckets
        while buckets and buckets[0][0] <= step - BUCKETS:
            self.total -= buckets.popleft()[1]


class Totals(Struct):
    """Counts since the journal began."""

    chutes: dict[int, int] = field(default_factory=dict)
    causes: dict[Cause, int] = field(default_factory=dict)
    families: dict[Family, int] = field(default_factory=dict)
    laps: dict[int, int] = field(default_factory=dict)
    missing: int = 0
    found: int = 0


class Figures:
    """The figures of one sorter."""

    __slots__ = ("_good", "_inducted", "_lapped", "_read", "_rejected", "_sorted", "sorter", "totals")

    def __init__(self, sorter: str, totals: Totals) -> None:
        self.sorter, self.totals = sorter, totals
        self._inducted, self._sorted, self._rejected, self._lapped = (Window(RATE_WINDOW_S) for _ in range(4))
        self._read, self._good = Window(READ_WINDOW_S), Window(READ_WINDOW_S)

    def see_opened(self, at_ns: int) -> None:
        self._inducted.add(at_ns)

    def see_lap(self, outcome: Recirculated) -> None:
        if outcome.cause is Cause.NONE:
            return
        self._lapped.add(outcome.at_ns)
        self.totals.laps[outcome.laps] = self.totals.laps.get(outcome.laps, 0) + 1

    def see_missing(self) -> None:
        self.totals.missing += 1

    def see_found(self) -> None:
        self.totals.found += 1

    def see_closed(self, outcome: PassageClosed, good_read: bool) -> None:
        at_ns, totals = outcome.at_ns, self.totals
        self._read.add(at_ns)
        if good_read:
            self._good.add(at_ns)
        if outcome.disposition is Disposition.SORTED:
            self._sorted.add(at_ns)
        elif outcome.disposition is Disposition.REJECTED:
            self._rejected.add(at_ns)
        if outcome.actual:
            totals.chutes[outcome.actual] = totals.chutes.get(outcome.actual, 0) + 1
        if outcome.cause is not Cause.NONE:
            totals.causes[outcome.cause] = totals.causes.get(outcome.cause, 0) + 1
            totals.families[outcome.family] = totals.families.get(outcome.family, 0) + 1

    def view(self, at_ns: int) -> SorterFigures:
        read = self._read.count(at_ns)
        good = self._good.count(at_ns)
        return SorterFigures(
            sorter=self.sorter,
            inducted_per_min=self._inducted.count(at_ns),
            sorted_per_min=self._sorted.count(at_ns),
            rejected_per_min=self._rejected.count(at_ns),
            read_rate=round(100 * good / read, 1) if read else None,
            chutes=dict(sorted(self.totals.chutes.items())),
            causes={cause.value: count for cause, count in sorted(self.totals.causes.items())},
            families={family.value: count for family, count in sorted(self.totals.families.items())},
            recirculated_per_min=self._lapped.count(at_ns),
            laps=dict(sorted(self.totals.laps.items())),
            missing=self.totals.missing,
            found=self.totals.found,
        )
