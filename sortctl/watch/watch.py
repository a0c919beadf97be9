"""Watch: shows every outcome to balance, alarms and figures, and gives one picture of it all.

Comes in: outcomes in order (`see`, in the loop: a microsecond or so each). Goes out: `view(at_ns)`, ready for JSON, and
`snapshot`, which belongs into the controller's own: a restart goes on counting. Never here: what an outcome means to the line.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct, field

from sortctl.watch.alarms import Alarm, Alarms, Oddities
from sortctl.watch.balance import Balance, SorterBalance
from sortctl.watch.figures import Figures, SorterFigures, Totals
from sortctl.words.causes import ReadClass
from sortctl.words.outcomes import (
    CarrierTurned,
    ChuteFills,
    ChuteStateChanged,
    Disturbed,
    DivertFailed,
    DivertTold,
    ItemUnexpected,
    LinkChanged,
    MachineChanged,
    Outcome,
    PassageClosed,
    PassageFound,
    PassageMissing,
    PassageOpened,
    ReadClassed,
    ReadOrphaned,
    Recirculated,
    TrackingVoided,
    UnitTurned,
)


class WatchView(Struct, frozen=True):
    """All that people look at, at one instant. Alarms are in the order in which they came."""

    at_ns: int
    holds: bool
    balance: tuple[SorterBalance, ...]
    alarms: tuple[Alarm, ...]
    alarms_suppressed: int
    figures: tuple[SorterFigures, ...]


class _Memory(Struct):
    """What lasts over a restart; sliding windows begin anew."""

    balances: dict[str, Balance] = field(default_factory=dict)
    totals: dict[str, Totals] = field(default_factory=dict)
    alarms: Alarms = field(default_factory=Alarms)


class Watch:
    """Made once, for all sorters of the controller; a sorter is known from its first outcome on."""

    def __init__(self) -> None:
        self._remember(_Memory())

    def see(self, outcome: Outcome) -> None:
        """Take one outcome."""
        seer = self._seers.get(type(outcome))
        if seer is not None:
            seer(outcome)

    def view(self, at_ns: int) -> WatchView:
        """The picture at `at_ns`."""
        for oddities in self._oddities.values():
            for oddity in oddities:
                oddity.settle(at_ns)
        memory = self._memory
        return WatchView(
            at_ns=at_ns,
            holds=all(balance.holds for balance in memory.balances.values()),
            balance=tuple(balance.view() for balance in memory.balances.values()),
            alarms=tuple(sorted(memory.alarms.standing.values(), key=lambda alarm: alarm.since_ns)),
            alarms_suppressed=memory.alarms.suppressed,
            figures=tuple(figures.view(at_ns) for figures in self._figures.values()),
        )

    def snapshot(self) -> bytes:
        """All that must be known after a restart."""
        return msgspec.json.encode(self._memory)

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot. Raises `msgspec.DecodeError`."""
        self._remember(msgspec.json.decode(snapshot, type=_Memory))

    def _remember(self, memory: _Memory) -> None:
        self._memory = memory
        self._balances, alarms = memory.balances, memory.alarms
        self._alarms = alarms
        self._figures: dict[str, Figures] = {}
        self._oddities: dict[str, tuple[Oddities, Oddities]] = {}
        for sorter in memory.balances:
            self._meet(sorter)
        self._seers: dict[type, Callable[[Any], None]] = {
            PassageOpened: self._see_opened,
            ReadClassed: self._see_classed,
            PassageClosed: self._see_closed,
            DivertTold: alarms.see_divert,
            DivertFailed: alarms.see_divert_failed,
            LinkChanged: alarms.see_link,
            ChuteStateChanged: alarms.see_chute,
            ChuteFills: alarms.see_fills,
            Disturbed: alarms.see_disturbed,
            MachineChanged: alarms.see_machine,
            TrackingVoided: alarms.see_voided,
            UnitTurned: alarms.see_unit,
            CarrierTurned: alarms.see_carrier,
            Recirculated: lambda outcome: self._figures_of(outcome.sorter).see_lap(outcome),
            PassageMissing: lambda outcome: self._figures_of(outcome.sorter).see_missing(),
            PassageFound: lambda outcome: self._figures_of(outcome.sorter).see_found(),
            ItemUnexpected: lambda outcome: self._odd(outcome.sorter)[0].see(outcome),
            ReadOrphaned: lambda outcome: self._odd(outcome.sorter)[1].see(outcome),
        }

    def _see_opened(self, outcome: PassageOpened) -> None:
        balance = self._balances.get(outcome.sorter) or self._meet(outcome.sorter)
        balance.see_opened(outcome)
        self._figures[outcome.sorter].see_opened(outcome.at_ns)
        self._alarms.see_opened(outcome)
        if not balance.holds:
            self._alarms.see_imbalance(outcome.sorter, outcome.at_ns)

    def _see_classed(self, outcome: ReadClassed) -> None:
        balance = self._balances.get(outcome.sorter)
        if balance is not None and outcome.passage in balance.open:
            balance.open[outcome.passage] = outcome.read_class is ReadClass.GOOD

    def _see_closed(self, outcome: PassageClosed) -> None:
        balance = self._balances.get(outcome.sorter) or self._meet(outcome.sorter)
        good_read = balance.see_closed(outcome)
        self._figures[outcome.sorter].see_closed(outcome, good_read)
        self._alarms.see_closed(outcome)
        if not balance.holds:
            self._alarms.see_imbalance(outcome.sorter, outcome.at_ns)

    def _figures_of(self, sorter: str) -> Figures:
        if sorter not in self._figures:
            self._meet(sorter)
        return self._figures[sorter]

    def _odd(self, sorter: str) -> tuple[Oddities, Oddities]:
        if sorter not in self._oddities:
            self._meet(sorter)
        return self._oddities[sorter]

    def _meet(self, sorter: str) -> Balance:
        memory = self._memory
        balance = memory.balances.setdefault(sorter, Balance(sorter))
        self._figures[sorter] = Figures(sorter, memory.totals.setdefault(sorter, Totals()))
        self._oddities[sorter] = (
            Oddities(sorter, "items_unexpected", "items where none was booked", memory.alarms),
            Oddities(sorter, "reads_orphaned", "reads that fit no parcel", memory.alarms),
        )
        return balance
