"""Desk: people, customs and the host on the virtual rig: what a story has them say and do is put to the controller.

Comes in: calls whose time has come, the host, the controller or none. Goes out: facts for the controller, a note of each call
in the history of the machines. What needs a controller is tried again until there is one, as people do.
Never here: what the controller makes of it.
"""

from collections.abc import Mapping
from typing import Any

from sim.hub.calls import (
    OF_THE_HUB,
    AskBag,
    BindBag,
    Call,
    EndWave,
    FallSilent,
    PressButton,
    Purge,
    SetClock,
    SwapPlan,
    TellParcel,
    UnlockChute,
    WallTold,
    come,
)
from sim.plant import Plant
from sim.rigs.virtual.host import Host, record_of
from sim.scenario import Script
from sim.sheets import Expected, Sheets
from sortctl.app import apply_virtually
from sortctl.words.hub import BagAsked, BagBound, ChuteLocked, Lock, PurgeAsked, WaveEnded
from sortctl.words.ids import ChuteNumber, SorterId
from sortctl.words.units import NS_PER_MS, NS_PER_S

WHO = "somebody"
Told = BagAsked | BagBound | ChuteLocked | PurgeAsked | WaveEnded


class Desk:
    """Of one hub. `wall_ns`: the clock on the wall when the machines began."""

    def __init__(self, scripts: Mapping[str, Script], plants: Mapping[str, Plant], sheets: Sheets, seed: int) -> None:
        self._plants = plants
        self._known = _known(scripts, sheets)
        self.host = Host((), seed)
        self._sheets = sheets
        self._to_do = {name: list(script.calls) for name, script in scripts.items()}
        self.wall_ns = 0
        self._clock_ns = 0
        """When the controller looks at the clock on the wall next."""
        self._files = dict(sheets.files)
        self.plans: dict[str, Any] = {}
        """By checksum: the sort plans that were put in force."""
        self._newest: Any = None

    @property
    def is_done(self) -> bool:
        """Everything was said and done."""
        return not any(self._to_do.values())

    def begin(self, wall_ns: int) -> None:
        """The machines begin at this moment on the wall."""
        self.wall_ns = wall_ns
        imported = {"customs_at_s": str(wall_ns // NS_PER_S)}
        for waybill, parcel in self._known.items():
            # What customs said without a moment is as old as the import.
            if parcel.customs and not parcel.customs_at_s:
                self._known[waybill] = parcel.changed(imported)
        self.host.know(self._known.values())
        for plant in self._plants.values():
            plant.history.walls.append(WallTold(plant.now_ns, wall_ns))

    def meet(self, controller: Any, now_ns: int) -> None:
        """A new controller: the plan that was put in force last counts, whatever the journal has kept of it."""
        if self._newest is not None and self._newest.document.checksum != controller.plan:
            controller.apply_plan(self._newest, False, "start", now_ns)
        self.host.meet(controller, now_ns)

    def turn(self, name: str, controller: Any, now_ns: int) -> None:
        """What is due at this machine."""
        if controller is not None and now_ns >= self._clock_ns:
            self._clock_ns = now_ns + NS_PER_S
            controller.wall_set(self.wall_ns + now_ns, now_ns)
        plant = self._plants[name]
        for call in come(self._to_do[name], plant):
            done = self._do(call, name, controller, now_ns)
            if done is None:
                continue
            self._to_do[name].remove(call)
            ended_ns = now_ns + call.ms * NS_PER_MS if isinstance(call, FallSilent) else now_ns
            for other in self._plants.values() if isinstance(call, OF_THE_HUB) else (plant,):
                other.history.note(done, now_ns, ended_ns)

    def _do(self, call: Call, name: str, controller: Any, now_ns: int) -> Call | None:
        """The call as it was done; None: it could not be done yet."""
        if isinstance(call, TellParcel):
            return self._tell(call, now_ns)
        if isinstance(call, FallSilent):
            self.host.fall_silent(call.ms, now_ns, gone=call.gone)
            return call
        if isinstance(call, SetClock):
            self._set_clock(call.by_s, now_ns)
            return call
        if isinstance(call, PressButton):
            return call if self._plants[name].press_button(call.chute, call.button) else None
        if controller is None:
            return None
        if isinstance(call, SwapPlan):
            self._files |= dict(call.files)
            self._newest = apply_virtually(controller, self._files, call.keep, WHO, now_ns)
            self.plans[self._newest.document.checksum] = self._newest
        else:
            controller.told(_fact(call, SorterId(name), now_ns), now_ns)
        return call

    def _set_clock(self, by_s: int, now_ns: int) -> None:
        self.wall_ns += by_s * NS_PER_S
        for plant in self._plants.values():
            plant.history.walls.append(WallTold(now_ns, self.wall_ns + now_ns))

    def _tell(self, call: TellParcel, now_ns: int) -> TellParcel:
        changes = dict(call.changes)
        if "customs" in changes:
            changes.setdefault("customs_at_s", str((self.wall_ns + now_ns) // NS_PER_S))
        known = self._known.get(call.waybill) or self._sheets.expected(call.waybill) or Expected(call.waybill, "", "")
        known = known.changed(changes)
        self._known[call.waybill] = known
        self.host.say(record_of(known), now_ns)
        return call._replace(changes=tuple(changes.items()))


def _fact(call: BindBag | AskBag | UnlockChute | Purge | EndWave, sorter: SorterId, at_ns: int) -> Told:
    """What the controller is told."""
    if isinstance(call, EndWave):
        return WaveEnded(at_ns, call.wave, WHO)
    chute = ChuteNumber(call.chute)
    match call:
        case Purge():
            return PurgeAsked(at_ns, sorter, chute, call.begins, WHO)
        case BindBag():
            return BagBound(at_ns, sorter, chute, call.bag, WHO)
        case AskBag():
            return BagAsked(at_ns, sorter, chute, WHO)
        case UnlockChute():
            return ChuteLocked(at_ns, sorter, chute, Lock.OPERATOR, False, WHO, "")


def _known(scripts: Mapping[str, Script], sheets: Sheets) -> dict[str, Expected]:
    """What the host knows when the machines begin."""
    known = {parcel.waybill: parcel for parcel in sheets.parcels}
    for script in scripts.values():
        for waybill, changes in script.records:
            known[waybill] = known[waybill].changed(dict(changes))
        for waybill in script.withheld:
            known.pop(waybill, None)
    return known
