"""The link to one PLC: connect, exchange words every cycle, connect again. It carries words and decides nothing.

Comes in: wires built by `drivers`, blocks from the engine. Goes out: words read, to the engine; words written, to the wire.
One cycle is running or none: the next begins at its time, or at once when an order waits, never before the last has ended.
A read that was torn is repeated by a plain read. A refused request costs its cycle; refusals alone for a second, or anything
wrong with the connection, cost the connection. A wire object is one connection, made with the keys of its moment. The link
begins before the PLC does and outlives it. A PackML unit on the same connection is read by a task of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from msgspec import Struct

from sortctl.drivers import ExchangeWire, LinkError, ReadTorn, ReplyRefused
from sortctl.runtime.controller import Reading
from sortctl.runtime.engine import Engine
from sortctl.runtime.links.cadence import Cadence
from sortctl.runtime.links.reconnect import PausePolicy
from sortctl.runtime.links.security import warn_if_bare
from sortctl.runtime.links.unit_link import UnitWatch
from sortctl.runtime.supervise import close_within
from sortctl.site.model import Machine
from sortctl.site.wires import OpcUaPlc
from sortctl.words.exchange import TORN_REREADS_MAX
from sortctl.words.ids import PlcId

REFUSED_MAX_S: Final = 1.0
"""As long as a lease: a PLC that only refuses for so long has lost us anyway; a new connection may help."""

log = structlog.get_logger()


class PlcFigures(Struct):
    """What a controls engineer wants to know of a link; counted since the start."""

    connections: int = 0
    losses: int = 0
    cycles: int = 0
    hurried: int = 0
    """Cycles begun at once for an order that waited."""
    missed: int = 0
    """Cycles begun late because the one before took longer than the cycle time."""
    torn: int = 0
    refused: int = 0
    slowest_us: int = 0


class PlcLink:
    """Keeps one PLC connected for as long as `run` runs. `turned_s` is when it last did something (loop time)."""

    def __init__(
        self, machine: Machine, build: Callable[[Machine], Awaitable[ExchangeWire]], engine: Engine, pauses: PausePolicy
    ) -> None:
        self.plc = PlcId(machine.plc_id)
        self.figures = PlcFigures()
        self.turned_s = 0.0
        self._machine = machine
        self._build = build
        self._engine = engine
        self._pauses = pauses
        self._bell = engine.bell(self.plc)
        self._good_since_s = 0.0
        self._refused_since_s = 0.0
        self._stop = asyncio.Event()
        packml = machine.plc.packml if isinstance(machine.plc, OpcUaPlc) else None
        self._unit = UnitWatch(self.plc, packml.period_ms / 1000, engine) if packml is not None else None

    async def run(self) -> None:
        """Connect, exchange, connect again; ends after `stop`."""
        while not self._stop.is_set():
            cause, stood_ns = await self._one_connection()
            if self._stop.is_set():
                return
            self.down(cause)
            await self._pause(self._pauses.after_loss(stood_ns))

    def stop(self) -> None:
        """End after one more cycle, whose block releases the epoch; at once if there is no connection."""
        self._stop.set()
        self._bell.ring()

    def down(self, cause: str) -> None:
        """Tell that there is no connection."""
        self.figures.losses += 1
        self._engine.plc_down(self.plc, cause)

    async def _one_connection(self) -> tuple[str, int]:
        """Why it ended, and for how many ns it gave good reads."""
        self._good_since_s = self._refused_since_s = 0.0
        self.turned_s = asyncio.get_running_loop().time()
        cause = "the controller stops"
        try:
            wire = await self._build(self._machine)
            try:
                await wire.open()
                self.figures.connections += 1
                warn_if_bare(self._machine.plc, self.plc)
                self._engine.plc_opened(self.plc)
                async with self._unit_beside(wire):
                    await self._exchange(wire)
            finally:
                await close_within(wire.close)
        except LinkError as lost:
            cause = str(lost)
        stood_s = asyncio.get_running_loop().time() - self._good_since_s if self._good_since_s else 0.0
        return cause, int(stood_s * 1e9)

    @asynccontextmanager
    async def _unit_beside(self, wire: ExchangeWire) -> AsyncIterator[None]:
        """While this lasts, the PackML unit is read too, if there is one. It delays no cycle and ends none."""
        if self._unit is None:
            yield
            return
        task = asyncio.create_task(self._unit.run_beside(wire), name=f"unit {self.plc}")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _exchange(self, wire: ExchangeWire) -> None:
        loop = asyncio.get_running_loop()
        cadence = Cadence(self._machine.plc.cycle_ms / 1000, loop.time())
        while True:
            began_s, last = loop.time(), self._stop.is_set()
            await self._cycle(wire, began_s)
            if last:
                return
            self._count(began_s, loop.time())
            cadence.ended(self.turned_s)
            await self._until_due(cadence)
            self.figures.hurried += cadence.hurried
            self.figures.missed += cadence.missed
            cadence.hurried = cadence.missed = 0

    async def _until_due(self, cadence: Cadence) -> None:
        loop = asyncio.get_running_loop()
        while not cadence.is_due(now_s := loop.time()) and not self._stop.is_set():
            if self._engine.is_urgent(self.plc) and cadence.hurry(now_s):
                return
            await self._bell.wait(cadence.due_s)

    async def _cycle(self, wire: ExchangeWire, now_s: float) -> None:
        try:
            await self._turn(wire)
        except ReplyRefused as refused:
            self.figures.refused += 1
            log.warning("plc_refused_request", plc=self.plc, code=refused.code, why=refused.name)
            self._refused_since_s = self._refused_since_s or now_s
            if now_s - self._refused_since_s >= REFUSED_MAX_S:
                raise LinkError(f"the PLC refuses every request: {refused.name}") from refused
        else:
            self._refused_since_s = 0.0
            self._good_since_s = self._good_since_s or now_s

    async def _turn(self, wire: ExchangeWire) -> None:
        block = self._engine.plc_block(self.plc)
        reading = await self._taken(wire.read_inputs() if block is None else wire.exchange(block))
        rereads = 0
        while reading is Reading.TORN:
            self.figures.torn += 1
            if rereads == TORN_REREADS_MAX:
                raise LinkError(f"the inputs area was torn {rereads + 1} times in a row")
            rereads += 1
            reading = await self._taken(wire.read_inputs())
        if reading is Reading.DEAD:
            raise LinkError(self._engine.plc_cause(self.plc))
        if self._engine.wants_chutes(self.plc):
            self._engine.plc_chutes(self.plc, await wire.read_chutes(self._machine.chute_words))

    async def _taken(self, words: Awaitable[list[int]]) -> Reading:
        try:
            return self._engine.plc_inputs(self.plc, await words)
        except ReadTorn:
            return Reading.TORN

    def _count(self, began_s: float, ended_s: float) -> None:
        self.turned_s = ended_s
        self.figures.cycles += 1
        self.figures.slowest_us = max(self.figures.slowest_us, int((ended_s - began_s) * 1e6))

    async def _pause(self, pause_ms: int) -> None:
        loop = asyncio.get_running_loop()
        self.turned_s = loop.time()
        until_s = self.turned_s + pause_ms / 1000
        while loop.time() < until_s and not self._stop.is_set():
            await self._bell.wait(until_s)
