"""The link to a scanner: opened again for ever, bytes handed on as they come."""

import asyncio
from collections.abc import Callable

from sortctl.drivers import LinkError
from sortctl.runtime.links.head_link import ScannerLink
from sortctl.runtime.links.reconnect import SCANNER_PAUSE_MS
from sortctl.runtime.status import ScannerStatus
from sortctl.words.ids import ScannerId
from tests.runtime.bench import LOADED, Bench, ended, until

TOP = ScannerId("top")


class Port:
    """A scanner's port in the test's hand."""

    def __init__(self) -> None:
        self.is_in = False
        self.opens: list[float] = []
        self.closed = 0
        self.send: Callable[[bytes], None] = lambda _: None
        self._gone: asyncio.Future[None] | None = None

    def wire(self, _: object) -> "Port":
        return self

    def pull(self) -> None:
        self.is_in = False
        if self._gone is not None:
            self._gone.set_exception(LinkError("the adapter was pulled"))

    async def listen(self, on_open: Callable[[], None], on_bytes: Callable[[bytes], None]) -> None:
        self.opens.append(asyncio.get_running_loop().time())
        if not self.is_in:
            raise LinkError("no such port")
        on_open()
        self.send = on_bytes
        self._gone = asyncio.get_running_loop().create_future()
        await self._gone

    async def close(self) -> None:
        self.closed += 1


async def test_a_port_is_tried_at_an_even_pace_until_it_is_there(bench: Bench) -> None:
    port = Port()
    link = ScannerLink(TOP, LOADED.site.scanners["top"], port.wire, bench.engine)
    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: len(port.opens) == 3)
    pauses = [later - sooner for sooner, later in zip(port.opens, port.opens[1:], strict=False)]
    assert all(SCANNER_PAUSE_MS / 1000 <= pause < 2 * SCANNER_PAUSE_MS / 1000 for pause in pauses)
    port.is_in = True
    await until(lambda: _status(bench).linked)
    assert port.closed == 3
    await ended([task])
    assert port.closed == 4


async def test_a_pulled_and_replugged_scanner_reads_again_within_a_second(bench: Bench) -> None:
    port = Port()
    port.is_in = True
    link = ScannerLink(TOP, LOADED.site.scanners["top"], port.wire, bench.engine)
    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: _status(bench).linked)
    port.send(b"\x02BE0012345678")
    port.pull()
    await until(lambda: not _status(bench).linked)
    assert _status(bench).why == "the adapter was pulled"
    port.is_in, replugged = True, asyncio.get_running_loop().time()
    await until(lambda: _status(bench).linked)
    port.send(b"\x02ABC123\x03")
    assert _status(bench).reads == 1
    assert asyncio.get_running_loop().time() - replugged < 1
    await ended([task])


def _status(bench: Bench) -> ScannerStatus:
    return next(one for one in bench.engine.status().scanners if one.scanner == TOP)
