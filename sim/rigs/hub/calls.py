"""Calls on the wire: what a script has people, customs and the host say and do, typed as the commands that people type.

Comes in: a script's calls, the running plants of the hub, a daemon. Goes out: commands as processes of their own, a
parcel store that is away for a while; and a note of each in the history of the machines. Commands are waited for, the machines go on meanwhile. Words come in their order, one by one.
Never here: what must come of them.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

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
from sim.rigs.daemon import Daemon
from sim.rigs.plant import RunningPlant
from sortctl.words.units import NS_PER_S

STORE: Final = "parcels.db"
WHO: Final = "somebody"
NO_CONTROLLER: Final = 3
AGAIN_MS: Final = 500
MESSAGES: Final = {
    "released": "RELEASE",
    "under_control": "CONTROL",
    "refused": "REFUSE",
    "seized": "SEIZE",
    "lodged": "ACCEPTED",
    "not_lodged": "INVALIDATE",
}
"""What customs sends when a parcel comes to stand so."""


class Calls:
    """Those of one machine. `there` is held by whoever needs the parcel store to be there."""

    def __init__(self, name: str, running: Mapping[str, RunningPlant], daemon: Daemon, there: asyncio.Lock) -> None:
        self._name = name
        self._all = running
        self._running = running[name]
        self._daemon = daemon
        self._there = there
        self._said_s: dict[str, int] = {}
        """Waybill -> second of the newest word of customs."""

    def begin(self) -> None:
        """The machine begins now: what its clock says and the one on the wall belong together."""
        plant = self._running.plant
        plant.history.walls.append(WallTold(plant.now_ns, time.time_ns()))

    async def run(self, calls: tuple[Call, ...]) -> None:
        """Each at its time. Returns when the last one is over."""
        left = list(calls)
        async with asyncio.TaskGroup() as group:
            while left:
                await self._running.until(lambda: bool(come(left, self._running.plant)))
                for call in come(left, self._running.plant):
                    left.remove(call)
                    group.create_task(self._begin(call), name=type(call).__name__)

    async def _begin(self, call: Call) -> None:
        done: Call
        plants = [one.plant for one in self._all.values()] if isinstance(call, OF_THE_HUB) else [self._running.plant]
        if isinstance(call, UnlockChute | BindBag | AskBag | PressButton | Purge | EndWave):
            began_ns = [plant.now_ns for plant in plants]
            done = await self._do(call)
        else:
            async with self._there:
                began_ns = [plant.now_ns for plant in plants]
                done = await self._do(call)
        for plant, at_ns in zip(plants, began_ns, strict=True):
            plant.history.note(done, at_ns, plant.now_ns)

    async def _do(self, call: Call) -> Call:
        match call:
            case TellParcel():
                return await self._tell(call)
            case FallSilent():
                await self._hide_store(call)
            case SwapPlan():
                await self._swap(call)
            case PressButton():
                while not self._running.plant.press_button(call.chute, call.button):
                    await self._running.for_ms(AGAIN_MS)
            case EndWave():
                await self._patiently("wave", "end", call.wave)
            case SetClock():
                raise RuntimeError("the clock on the wall is not ours to set")
            case _:
                await self._at_chute(*_words(call))
        return call

    async def _tell(self, call: TellParcel) -> TellParcel:
        at_s = time.time_ns() // NS_PER_S
        changes = dict(call.changes)
        if changes.get("hold"):
            await self._type("parcels", "hold", call.waybill, changes["hold"])
        elif "hold" in changes:
            await self._type("parcels", "release", call.waybill, "--by", WHO)
        if changes.get("intercept"):
            await self._type("parcels", "intercept", call.waybill, changes["intercept"])
        elif "intercept" in changes:
            await self._type("parcels", "intercept", call.waybill, "--withdraw")
        if "country" in changes:
            await self._import(call.waybill, changes, at_s)
        elif changes.get("customs"):
            # Two words of one second contradict each other: that is said on purpose only.
            at_s = self._said_s[call.waybill] = max(at_s, self._said_s.get(call.waybill, 0) + 1)
            moment = datetime.fromtimestamp(at_s, UTC).isoformat()
            for message in (MESSAGES[changes["customs"]], *(("RELEASE",) if changes.get("conflict") else ())):
                await self._type("parcels", "customs", call.waybill, message, "--at", moment)
        if changes.get("customs"):
            changes.setdefault("customs_at_s", str(at_s))
        return call._replace(changes=tuple(changes.items()))

    async def _import(self, waybill: str, changes: Mapping[str, str], at_s: int) -> None:
        """A parcel of which nothing was known."""
        said = {**changes, "customs_at": str(at_s) if changes.get("customs") else ""}
        names = ("country", "postcode", "declaration", "customs", "customs_at")
        path = self._daemon.state.parent / f"{waybill}.csv"
        row = ",".join([waybill, *(said.get(name, "") for name in names)])
        path.write_text(f"waybill,{','.join(names)}\n{row}\n", encoding="utf-8")
        await self._type("parcels", "import", str(path))

    async def _hide_store(self, call: FallSilent) -> None:
        store, away = self._daemon.state / STORE, self._daemon.state / "away.db"
        store.rename(away)
        await self._running.for_ms(call.ms)
        away.rename(store)

    async def _swap(self, call: SwapPlan) -> None:
        folder = self._daemon.state.parent / f"plan-{self._running.plant.now_ns}"
        for name, data in call.files:
            path = folder / Path(name).relative_to("plan")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        keep = ("--keep",) if call.keep else ()
        await self._type("plan", "apply", str(self._daemon.site), "--plan", str(folder), *keep)

    async def _at_chute(self, *words: str) -> None:
        """A command about a chute of this machine; again while no controller runs, as people do."""
        await self._patiently(*words, "--sorter", self._name)

    async def _patiently(self, *words: str) -> None:
        while await self._try(*words) == NO_CONTROLLER:
            await self._running.for_ms(AGAIN_MS)

    async def _type(self, *words: str) -> None:
        """A command that does what it says."""
        code = await self._try(*words)
        if code:
            raise RuntimeError(f"sortctl {' '.join(words)} ended with {code}")

    async def _try(self, *words: str) -> int:
        """A command, as a person types it; its exit code."""
        command = [sys.executable, "-m", "sortctl", *words, "--state", str(self._daemon.state)]
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        if process.returncode not in (0, NO_CONTROLLER):
            raise RuntimeError(f"{' '.join(command)}: {said.decode(errors='replace')}")
        return process.returncode or 0


def _words(call: BindBag | AskBag | UnlockChute | Purge) -> tuple[str, ...]:
    """What is typed about a chute."""
    match call:
        case BindBag():
            return "bag", "bind", str(call.chute), call.bag
        case AskBag():
            return "bag", "close", str(call.chute)
        case UnlockChute():
            return "chute", "unlock", str(call.chute)
        case Purge():
            chute = ("--chute", str(call.chute)) if call.chute else ()
            return "purge", *chute, *(() if call.begins else ("--back",))
