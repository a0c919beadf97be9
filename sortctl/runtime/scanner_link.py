"""The link to one scanner: open the port, hand on what comes, open it again. It carries bytes and decides nothing.

Comes in: wires built by `drivers`. Goes out: bytes, to the engine, in the same turn of the loop in which they came. A port
that is gone is tried again at an even pace, for as long as the controller runs. A wire object is one connection.
"""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from sortctl.drivers import LinkError, ScannerWire
from sortctl.runtime.engine import Engine
from sortctl.runtime.reconnect import SCANNER_PAUSE_MS
from sortctl.runtime.supervise import close_within
from sortctl.site.model import Scanner
from sortctl.words.ids import ScannerId


class ScannerFigures(Struct):
    """Counted since the start."""

    connections: int = 0
    losses: int = 0
    telegram_bytes: int = 0


class ScannerLink:
    """Keeps one scanner's port open for as long as `run` runs; ended by cancelling it."""

    def __init__(
        self, scanner_id: ScannerId, scanner: Scanner, build: Callable[[Scanner], ScannerWire], engine: Engine
    ) -> None:
        self.scanner_id = scanner_id
        self.figures = ScannerFigures()
        self._scanner = scanner
        self._build = build
        self._engine = engine

    async def run(self) -> None:
        """Listen, for ever."""
        while True:
            self.down(await self._one_connection())
            await asyncio.sleep(SCANNER_PAUSE_MS / 1000)

    def down(self, cause: str) -> None:
        """Tell that the port is gone."""
        self.figures.losses += 1
        self._engine.scanner_down(self.scanner_id, cause)

    async def _one_connection(self) -> str:
        wire = self._build(self._scanner)
        try:
            await wire.listen(self._opened, self._take)
        except LinkError as lost:
            return str(lost)
        finally:
            await close_within(wire.close)
        return "the port gave up without a word"

    def _opened(self) -> None:
        self.figures.connections += 1
        self._engine.scanner_up(self.scanner_id)

    def _take(self, data: bytes) -> None:
        self.figures.telegram_bytes += len(data)
        self._engine.scanner_bytes(self.scanner_id, data)
