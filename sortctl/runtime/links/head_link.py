"""The links to what reads codes: scanners and OPC UA readers. Open, hand on what comes, open again; they decide nothing.

Comes in: wires built by `drivers`. Goes out: bytes or scan events, to the engine, in the same turn of the loop in which they
came. A scanner's port that is gone is tried again at an even pace, so that a replugged one is soon found; a reader, whose
connection costs both sides more, after pauses like a PLC's. Both for as long as the controller runs. A wire object is one
connection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from sortctl.drivers import LinkError, ReaderWire, ScannedCode, ScannerWire
from sortctl.runtime.engine import Engine
from sortctl.runtime.links.reconnect import SCANNER_PAUSE_MS, PausePolicy
from sortctl.runtime.links.security import warn_if_bare
from sortctl.runtime.supervise import close_within
from sortctl.site.model import Reader, Scanner
from sortctl.words.ids import ScannerId


class ScannerFigures(Struct):
    """Counted since the start."""

    connections: int = 0
    losses: int = 0
    telegram_bytes: int = 0
    """Of a reader: characters and bytes of its codes."""


class HeadLink:
    """Keeps one scanner or reader connected for as long as `run` runs; ended by cancelling it."""

    def __init__(self, scanner_id: ScannerId, engine: Engine) -> None:
        self.scanner_id = scanner_id
        self.figures = ScannerFigures()
        self._engine = engine
        self._opened_s = 0.0

    async def run(self) -> None:
        """Listen, for ever."""
        while True:
            self._opened_s = 0.0
            try:
                cause = await self._one_connection()
            except LinkError as lost:
                cause = str(lost)
            stood_s = asyncio.get_running_loop().time() - self._opened_s if self._opened_s else 0.0
            self.down(cause)
            await asyncio.sleep(self._pause_ms(int(stood_s * 1e9)) / 1000)

    def down(self, cause: str) -> None:
        """Tell that the link is gone."""
        self.figures.losses += 1
        self._engine.scanner_down(self.scanner_id, cause)

    async def _one_connection(self) -> str:
        """Listen until it ends: why, or LinkError."""
        raise NotImplementedError

    def _pause_ms(self, stood_ns: int) -> int:
        """How long to wait; the connection stood for so long."""
        raise NotImplementedError

    def _opened(self) -> None:
        self.figures.connections += 1
        self._opened_s = asyncio.get_running_loop().time()
        self._engine.scanner_up(self.scanner_id)


class ScannerLink(HeadLink):
    """One scanner's port."""

    def __init__(
        self, scanner_id: ScannerId, scanner: Scanner, build: Callable[[Scanner], ScannerWire], engine: Engine
    ) -> None:
        super().__init__(scanner_id, engine)
        self._scanner = scanner
        self._build = build

    async def _one_connection(self) -> str:
        wire = self._build(self._scanner)
        try:
            await wire.listen(self._opened, self._take)
        finally:
            await close_within(wire.close)
        return "the port gave up without a word"

    def _pause_ms(self, stood_ns: int) -> int:  # noqa: ARG002 - a replugged adapter is found at the same pace as ever
        return SCANNER_PAUSE_MS

    def _take(self, data: bytes) -> None:
        self.figures.telegram_bytes += len(data)
        self._engine.scanner_bytes(self.scanner_id, data)


class ReaderLink(HeadLink):
    """One OPC UA reader."""

    def __init__(
        self,
        scanner_id: ScannerId,
        reader: Reader,
        build: Callable[[Reader], Awaitable[ReaderWire]],
        engine: Engine,
        pauses: PausePolicy,
    ) -> None:
        super().__init__(scanner_id, engine)
        self._reader = reader
        self._build = build
        self._pauses = pauses

    async def _one_connection(self) -> str:
        wire = await self._build(self._reader)
        try:
            await wire.listen(self._opened, self._take)
        finally:
            await close_within(wire.close)
        return "the reader gave up without a word"

    def _pause_ms(self, stood_ns: int) -> int:
        return self._pauses.after_loss(stood_ns)

    def _opened(self) -> None:
        warn_if_bare(self._reader, self.scanner_id)
        super()._opened()

    def _take(self, codes: Sequence[ScannedCode]) -> None:
        self.figures.telegram_bytes += sum(len(code.data) for code in codes)
        self._engine.reader_scan(self.scanner_id, codes)
