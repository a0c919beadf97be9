"""Plans: a sort plan from the shelf is put in force while the controller runs, when a person asks for it over the control socket.

    {"ask": "plan", "checksum": "...", "keep": false, "by": "ann"}  -> {"plan": {"checksum": ..., "rerouted": 3}}
    -> {"error": {"code": "refused", "why": ...}} for a plan that is not on the shelf, is damaged, or does not fit the machines

It is read and compiled in a thread: a large plan takes seconds. Comes in: the checksum. Goes out: JSON. Never here: the shelf itself.
"""

import asyncio
from pathlib import Path

import msgspec

from sortctl.plan import Plan, shelf
from sortctl.plan.document import with_plan
from sortctl.plan.load import PlanInvalid, load_plan
from sortctl.runtime.engine import Engine
from sortctl.site.load import LoadedSite

BY_MAX = 64


class PlanDesk:
    """Where a running controller is given another plan."""

    def __init__(self, engine: Engine, state_dir: Path, loaded: LoadedSite) -> None:
        self._engine = engine
        self._state_dir = state_dir
        self._loaded = loaded

    async def put(self, checksum: str, keep: bool, by: str) -> bytes:
        """Put this plan in force; the answer."""
        if not (by.isprintable() and len(by) <= BY_MAX):
            return _error(f"`by` has at most {BY_MAX} characters that can be printed")
        try:
            files, plan = await asyncio.to_thread(self._load, checksum)
        except (shelf.ShelfUnusable, PlanInvalid) as unusable:
            return _error(str(unusable))
        rerouted = self._engine.apply_plan(plan, files, keep, by)
        return msgspec.json.encode({"plan": {"checksum": plan.document.checksum, "rerouted": rerouted}})

    def _load(self, checksum: str) -> tuple[dict[str, bytes], Plan]:
        files = shelf.kept(self._state_dir, checksum)
        return files, load_plan(with_plan(self._loaded.files, files), self._loaded.machines)


def _error(why: str) -> bytes:
    return msgspec.json.encode({"error": {"code": "refused", "why": why}})
