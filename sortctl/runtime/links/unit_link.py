"""The link to a PackML unit: state and mode, read again and again. On its own connection for a PLC that is only observed; beside
the exchange for one that a sorter uses.

Comes in: wires built by `drivers`. Goes out: readings, to the engine. What the unit shows steers nothing, so it may hold up
nothing: beside an exchange it runs as a task of its own, whose request is under way while cycles begin and end. A unit that
cannot be read costs no connection.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from sortctl.drivers import LinkError, ReplyRefused, UnitReading, UnitWire
from sortctl.runtime.engine import Engine
from sortctl.runtime.links.reconnect import PausePolicy
from sortctl.runtime.links.security import warn_if_bare
from sortctl.runtime.supervise import close_within
from sortctl.site.wires import OpcUaPlc
from sortctl.words.ids import PlcId

log = structlog.get_logger()


class UnitSource(Protocol):
    """Anything with a unit to read."""

    async def read_unit(self) -> UnitReading | None:
        """State and mode; None: there is no unit."""


class UnitWatch:
    """Reads one unit at its pace over one connection."""

    def __init__(self, plc: PlcId, period_s: float, engine: Engine) -> None:
        self._plc = plc
        self._period_s = period_s
        self._engine = engine

    async def run(self, source: UnitSource) -> None:
        """Until cancelled; LinkError when the connection is gone."""
        while True:
            try:
                reading = await source.read_unit()
            except ReplyRefused as refused:
                self._engine.unit_lost(self._plc, f"the unit cannot be read: {refused.name}")
            else:
                if reading is None:
                    return
                self._engine.unit_seen(self._plc, reading.state, reading.mode)
            await asyncio.sleep(self._period_s)

    async def run_beside(self, source: UnitSource) -> None:
        """The same beside an exchange, which notices by itself when the connection is gone."""
        while True:
            try:
                await self.run(source)
                return
            except LinkError as lost:
                self._engine.unit_lost(self._plc, str(lost))
            except Exception as mistake:
                log.exception("unit_not_read", plc=self._plc)
                self._engine.unit_lost(self._plc, f"internal error: {type(mistake).__name__}")
            await asyncio.sleep(self._period_s)


class UnitLink:
    """Keeps one observed PLC connected for as long as `run` runs; ended by cancelling it."""

    def __init__(
        self,
        plc_id: PlcId,
        plc: OpcUaPlc,
        build: Callable[[OpcUaPlc], Awaitable[UnitWire]],
        engine: Engine,
        pauses: PausePolicy,
    ) -> None:
        self.plc = plc_id
        self.connections = 0
        self._told = ""
        self._settings = plc
        self._build = build
        self._engine = engine
        self._pauses = pauses
        period_ms = plc.packml.period_ms if plc.packml is not None else 1_000
        self._watch = UnitWatch(plc_id, period_ms / 1000, engine)

    async def run(self) -> None:
        """Watch, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            opened_s = loop.time()
            cause, was_open = await self._one_connection()
            self.down(cause)
            stood_ns = int((loop.time() - opened_s) * 1e9) if was_open else 0
            await asyncio.sleep(self._pauses.after_loss(stood_ns) / 1000)

    def down(self, cause: str) -> None:
        """Tell that there is no connection; in the log once for each cause, as no outcome tells of it."""
        if cause != self._told:
            self._told = cause
            log.warning("unit_lost", plc=self.plc, why=cause)
        self._engine.unit_lost(self.plc, cause)

    async def _one_connection(self) -> tuple[str, bool]:
        """Why it ended, and whether it ever stood."""
        was_open = False
        try:
            wire = await self._build(self._settings)
            try:
                await wire.open()
                was_open = True
                self.connections += 1
                self._told = ""
                log.info("unit_connected", plc=self.plc)
                warn_if_bare(self._settings, self.plc)
                await self._watch.run(wire)
            finally:
                await close_within(wire.close)
        except LinkError as lost:
            return str(lost), was_open
        return "there is no unit", was_open
