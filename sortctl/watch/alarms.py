"""Alarms: what somebody must go and see to. One standing alarm per cause, raised and cleared by what the outcomes say.

Comes in: outcomes about links, chutes, the machine and tracking. Goes out: the standing alarms, with a stable code, a
sentence and since when. What needs nobody is no alarm: single unexpected items and orphaned reads count only in numbers.
"""

from typing import Final

from msgspec import Struct, field

from sortctl.watch.figures import Window
from sortctl.words.causes import ChuteState, Disposition, Proof
from sortctl.words.exchange import PackML
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
    PassageClosed,
    PassageOpened,
    ReadOrphaned,
    TrackingVoided,
    UnitTurned,
)

ALARMS_MAX: Final = 200
"""Standing at the same time; nobody reads further, and beyond it they are counted only."""
ODD_PER_MINUTE: Final = 5
"""Unexpected items, or reads without a parcel, in one minute: at two parcels a second this is one in twenty-five."""
FILLS_S: Final = 300
"""A forecast of less is an alarm, as in the logic."""
DIVERTS_FAILED: Final = 3
"""Failures in a row at one chute: no longer chance, somebody must look at the actuator."""

_CHUTE_CODES: Final = {
    ChuteState.FULL: ("chute_full", "is full"),
    ChuteState.JAMMED: ("chute_jammed", "is jammed"),
    ChuteState.FAULT: ("chute_fault", "has a fault"),
}
HUB: Final = "hub"
"""Where an alarm is that concerns no sorter."""
_STANDING: Final = frozenset({PackML.STOPPING, PackML.STOPPED, PackML.ABORTING, PackML.ABORTED})


class Alarm(Struct, frozen=True):
    """`where` is the sorter, with the part of it if one is meant; `times` is how often it was told since it stands."""

    code: str
    where: str
    text: str
    since_ns: int
    times: int


class Alarms(Struct):
    """What stands, by cause. `suppressed` alarms found no room."""

    standing: dict[str, Alarm] = field(default_factory=dict)
    suppressed: int = 0
    newest_passage: int = 0
    voided: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, code: str, where: str, text: str, at_ns: int) -> None:
        """Raise an alarm, or renew the one that stands for the same cause."""
        old = self.standing.get(key)
        if old is not None and old.code == code:
            self.standing[key] = Alarm(code, where, text, old.since_ns, old.times + 1)
        elif old is not None or len(self.standing) < ALARMS_MAX:
            self.standing[key] = Alarm(code, where, text, at_ns, 1)
        else:
            self.suppressed += 1

    def clear(self, key: str) -> None:
        self.standing.pop(key, None)

    def see_link(self, outcome: LinkChanged) -> None:
        key = f"link {outcome.kind} {outcome.name}"
        if outcome.up:
            self.clear(key)
        else:
            kind = "PLC" if outcome.kind == "plc" else outcome.kind
            text = f"{kind} {outcome.name} is not connected: {outcome.why}"
            self.put(key, "link_down", f"{outcome.kind} {outcome.name}", text, outcome.at_ns)

    def see_chute(self, outcome: ChuteStateChanged) -> None:
        where = f"{outcome.sorter} chute {outcome.chute}"
        code = _CHUTE_CODES.get(outcome.state)
        if code is None:
            self.clear(where)
        else:
            why = f": {outcome.why}" if outcome.why else ""
            self.put(where, code[0], where, f"chute {outcome.chute} {code[1]}{why}", outcome.at_ns)

    def see_fills(self, outcome: ChuteFills) -> None:
        """Stands while somebody has to hurry; what is told at its end is more than the limit, or nothing foreseeable."""
        where = f"{outcome.sorter} chute {outcome.chute}"
        key = f"fills {where}"
        if 0 <= outcome.seconds < FILLS_S:
            text = f"chute {outcome.chute} will be full in {outcome.seconds // 60} min {outcome.seconds % 60} s"
            self.put(key, "chute_fills", where, text, outcome.at_ns)
        else:
            self.clear(key)

    def see_disturbed(self, outcome: Disturbed) -> None:
        key = f"disturbed {outcome.sorter} {outcome.code}"
        if outcome.active:
            self.put(key, outcome.code, outcome.sorter or HUB, outcome.why, outcome.at_ns)
        else:
            self.clear(key)

    def see_machine(self, outcome: MachineChanged) -> None:
        key = f"machine {outcome.plc}"
        if outcome.state in _STANDING:
            text = f"the machine at {outcome.plc} stands: {PackML(outcome.state).name.lower()}"
            self.put(key, "machine_stopped", outcome.sorter, text, outcome.at_ns)
        else:
            self.clear(key)

    def see_unit(self, outcome: UnitTurned) -> None:
        """A PLC that a sorter uses tells of its machine in its exchange; only one that is observed has no other voice."""
        key = f"unit {outcome.plc}"
        if not outcome.sorter and outcome.state in _STANDING:
            text = f"the unit at {outcome.plc} stands: {PackML(outcome.state).name.lower()}"
            self.put(key, "unit_stopped", f"plc {outcome.plc}", text, outcome.at_ns)
        else:
            self.clear(key)

    def see_carrier(self, outcome: CarrierTurned) -> None:
        key = f"carrier {outcome.sorter} {outcome.carrier}"
        if outcome.out:
            text = f"carrier {outcome.carrier} is out of use: {outcome.why}"
            self.put(key, "carrier_out", f"{outcome.sorter} carrier {outcome.carrier}", text, outcome.at_ns)
        else:
            self.clear(key)

    def see_voided(self, outcome: TrackingVoided) -> None:
        """Stands until a parcel that was inducted afterwards has been sorted: then tracking works again."""
        self.voided[outcome.sorter] = self.newest_passage
        text = f"positions are void, {outcome.passages} parcels went to unknown: {outcome.why}"
        self.put(f"voided {outcome.sorter}", "tracking_voided", outcome.sorter, text, outcome.at_ns)

    def see_opened(self, outcome: PassageOpened) -> None:
        self.newest_passage = max(self.newest_passage, outcome.passage)

    def see_closed(self, outcome: PassageClosed) -> None:
        if not self.voided or outcome.disposition is not Disposition.SORTED:
            return
        if outcome.passage > self.voided.get(outcome.sorter, outcome.passage):
            del self.voided[outcome.sorter]
            self.clear(f"voided {outcome.sorter}")

    def see_divert_failed(self, outcome: DivertFailed) -> None:
        where = f"{outcome.sorter} chute {outcome.chute}"
        self.failures[where] = times = self.failures.get(where, 0) + 1
        if times >= DIVERTS_FAILED:
            text = f"chute {outcome.chute} did not divert {times} times in a row: {outcome.why}"
            self.put(f"divert {where}", "divert_failing", where, text, outcome.at_ns)

    def see_divert(self, outcome: DivertTold) -> None:
        if self.failures and outcome.proof in {Proof.DONE, Proof.SEEN}:
            where = f"{outcome.sorter} chute {outcome.chute}"
            if self.failures.pop(where, 0) >= DIVERTS_FAILED:
                self.clear(f"divert {where}")

    def see_imbalance(self, sorter: str, at_ns: int) -> None:
        """Stands for good: what was counted wrong once cannot become right by counting on."""
        key = f"balance {sorter}"
        if key not in self.standing:
            self.put(key, "balance_broken", sorter, "inducted is not what ended plus what is on the sorter", at_ns)


class Oddities:
    """Things that may happen now and then and mean something when they come often: an alarm from a rate."""

    __slots__ = ("_alarms", "_code", "_sorter", "_what", "_window")

    def __init__(self, sorter: str, code: str, what: str, alarms: Alarms) -> None:
        self._sorter, self._code, self._what, self._alarms = sorter, code, what, alarms
        self._window = Window(60)

    def see(self, outcome: ItemUnexpected | ReadOrphaned) -> None:
        self._window.add(outcome.at_ns)
        if self._window.total >= ODD_PER_MINUTE:
            text = f"{self._window.total} {self._what} within a minute, the last: {outcome.why}"
            self._alarms.put(f"{self._code} {self._sorter}", self._code, self._sorter, text, outcome.at_ns)

    def settle(self, at_ns: int) -> None:
        """Cleared by a whole minute without."""
        if self._window.count(at_ns) == 0:
            self._alarms.clear(f"{self._code} {self._sorter}")
