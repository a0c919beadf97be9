"""A controller with its engine and journal on the desk, and wires that end in the simulated PLC without any socket."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from sim.plant import Plant
from sortctl.app import virtual_controller
from sortctl.drivers import LinkError, ReplyRefused
from sortctl.journal.schema import FILE_NAME
from sortctl.journal.writer import JournalWriter
from sortctl.runtime.clock import first_clock
from sortctl.runtime.controller import Start
from sortctl.runtime.engine import Engine
from sortctl.site.load import load_site
from sortctl.words.ids import PlcId
from sortctl.words.units import NS_PER_MS

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
LOADED = load_site(DEMO)
MACHINE = next(machine for machine in LOADED.machines if machine.sorter.kind == "line")
LOOP = next(machine for machine in LOADED.machines if machine.sorter.kind == "loop")
PLC = PlcId(MACHINE.plc_id)
WAIT_NS = 20 * NS_PER_MS


class Bench:
    """Made in the loop; `close` at the end."""

    def __init__(self, folder: Path) -> None:
        self.clock = first_clock()
        self.writer = JournalWriter.open(
            folder / FILE_NAME, self._committed, lambda text: self.engine.trouble(text), asyncio.get_running_loop()
        )
        self.controller = virtual_controller(LOADED, Start(self.clock.now_ns(), self.clock.wall_ns()))
        self.engine = Engine(self.controller, self.clock, self.writer, WAIT_NS, [PLC])

    def _committed(self, row: int) -> None:
        self.engine.committed(row)

    def close(self) -> None:
        self.engine.stop()
        self.writer.close()


class PlcOnDesk:
    """The simulated plant behind wires that are function calls; each request costs it one scan."""

    def __init__(self) -> None:
        self.plant = Plant(MACHINE, 1)
        self.scan_ns = MACHINE.plc.scan_ms * NS_PER_MS
        self.requests: list[str] = []
        self.chute_words: list[int] = []
        self.answers: list[Exception | Callable[[list[int]], list[int]]] = []
        """What happens to the next requests instead of a right answer."""
        self.opens: list[float] = []
        self.is_off = False
        self.pause_s = 0.0
        self.running = 0
        self.most_running = 0

    async def wire(self, _: object) -> "DeskWire":
        return DeskWire(self)

    async def answer(self, request: str, right: Callable[[], list[int]]) -> list[int]:
        self.requests.append(request)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(self.pause_s)
            self.plant.advance(self.plant.now_ns + self.scan_ns)
            if self.is_off:
                raise LinkError("the PLC is off")
            instead = self.answers.pop(0) if self.answers else None
            if isinstance(instead, Exception):
                raise instead
            words = right()
            return instead(words) if instead else words
        finally:
            self.running -= 1


class DeskWire:
    """One connection."""

    def __init__(self, plc: PlcOnDesk) -> None:
        self._plc = plc
        self.is_closed = False

    async def open(self) -> None:
        self._plc.opens.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)
        if self._plc.is_off:
            raise LinkError("the PLC is off")

    async def read_inputs(self) -> list[int]:
        return await self._plc.answer("read", self._plc.plant.plc.read_inputs)

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        self._plc.plant.plc.write_orders(orders)
        return await self._plc.answer("exchange", self._plc.plant.plc.read_inputs)

    async def read_chutes(self, count: int) -> list[int]:
        self._plc.chute_words.append(count)
        return await self._plc.answer("chutes", lambda: self._plc.plant.plc.read_chutes()[:count])

    async def read_unit(self) -> None:
        return None

    async def close(self) -> None:
        self.is_closed = True


def torn(words: list[int]) -> list[int]:
    """The same read, half of it from the next scan."""
    return [*words[:-1], (words[-1] + 1) & 0xFFFF]


def busy() -> ReplyRefused:
    """What a PLC says that has no time."""
    return ReplyRefused(6, "server device busy")


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop turn until this holds; the test's own time-out ends it otherwise."""
    while not holds():  # noqa: ASYNC110 - a test asks from outside; what it waits for has no event
        await asyncio.sleep(0.001)


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel and wait."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
