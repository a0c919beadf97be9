"""The links to what reads codes: opened again for ever, what comes is handed on as it comes."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from sortctl.drivers import LinkError, ScannedCode
from sortctl.runtime.halves.reader_half import ReaderHalf
from sortctl.runtime.links.head_link import ReaderLink, ScannerLink
from sortctl.runtime.links.reconnect import SCANNER_PAUSE_MS, PausePolicy
from sortctl.runtime.status import ScannerStatus
from sortctl.words.ids import ScannerId
from sortctl.words.units import NS_PER_MS
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


# ------------------------------------------------------------------------------------------- readers


class Tunnel:
    """A reader in the test's hand."""

    def __init__(self) -> None:
        self.is_off = True
        self.opens = 0
        self.closed = 0
        self.scan: Callable[[Sequence[ScannedCode]], None] = lambda _: None
        self._gone: asyncio.Future[None] | None = None

    async def wire(self, _: object) -> "Tunnel":
        if self.opens == 1:
            self.opens += 1
            raise LinkError("no certificate of our own")
        return self

    async def listen(self, on_open: Callable[[], None], on_scan: Callable[[Sequence[ScannedCode]], None]) -> None:
        self.opens += 1
        if self.is_off:
            raise LinkError("it is off")
        on_open()
        self.scan = on_scan
        self._gone = asyncio.get_running_loop().create_future()
        await self._gone

    def cut(self) -> None:
        assert self._gone is not None
        self._gone.set_exception(LinkError("cut"))

    async def close(self) -> None:
        self.closed += 1


def _reader(bench: Bench) -> Tunnel:
    """The side scanner's place, taken by a reader."""
    settings = next(iter(LOADED.site.readers.values()))
    stale_ns = 100 * NS_PER_MS
    half = ReaderHalf(ScannerId("side"), settings, LOADED.site.limits, stale_ns)
    bench.controller._readers[ScannerId("side")] = half
    bench.controller._heads[ScannerId("side")] = half
    return Tunnel()


async def test_a_reader_is_connected_again_whatever_went_wrong_and_its_events_are_reads(bench: Bench) -> None:
    tunnel = _reader(bench)
    settings = next(iter(LOADED.site.readers.values()))
    link = ReaderLink(ScannerId("side"), settings, tunnel.wire, bench.engine, PausePolicy(Random(1)))
    task = asyncio.get_running_loop().create_task(link.run())

    def status() -> ScannerStatus:
        return next(one for one in bench.engine.status().scanners if one.scanner == "side")

    await until(lambda: tunnel.opens >= 3)
    assert status().kind == "reader"
    assert not status().linked
    tunnel.is_off = False
    await until(lambda: status().linked)
    tunnel.scan([ScannedCode("RR1NL", "RAW:STRING", "]C0"), ScannedCode(b"BOX-1", "RAW:BYTES", "")])
    tunnel.scan([])
    assert (status().reads, status().no_reads) == (2, 1)
    assert link.figures.telegram_bytes == 10
    tunnel.cut()
    await until(lambda: link.figures.connections == 2)
    await ended([task])
    assert tunnel.closed == tunnel.opens - 1, "every wire that was built is closed"
