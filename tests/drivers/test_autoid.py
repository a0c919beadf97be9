"""AutoID readers: codes as they come, and no read lost without a word."""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.doors.opcua.reader import Read, ReaderNodes
from sim.faults import at_opcua
from sortctl.drivers import Keys, LinkError, ScannedCode
from sortctl.drivers.opcua import autoid, results
from sortctl.drivers.opcua.autoid import AutoIdWire
from sortctl.drivers.opcua.stack import ua
from sortctl.site.model import Reader
from tests.drivers.opcua_peer import NAMESPACE, NONE, PROTECTED, Peer, Ring, keys_of, running_peer
from tests.drivers.plc import until

OWN = "urn:simulated:reader"
SPACE = 4


def settings(port: int, **changes: Any) -> Reader:
    given: dict[str, Any] = {
        "sorter": "loop",
        "scan_point": 1,
        "address": f"127.0.0.1:{port}",
        "path": "/plc",
        "device": "s=Reader",
        "namespace": OWN,
        "publish_ms": 10,
        "connect_timeout_ms": 5_000,
        "security": NONE,
        "window_mm": 200,
        "delay_ms": 20,
    }
    return Reader.model_validate(given | changes)


class Ear:
    """Listens at a reader."""

    def __init__(self, wire: AutoIdWire) -> None:
        self.opened = 0
        self.scans: list[Sequence[ScannedCode]] = []
        self.task = asyncio.create_task(wire.listen(self._open, self.scans.append))

    def _open(self) -> None:
        self.opened += 1

    async def heard(self, count: int = 1) -> None:
        await until(lambda: len(self.scans) >= count or self.task.done())

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@asynccontextmanager
async def listening(peer: Peer, keys: Keys | None = None, **changes: Any) -> AsyncIterator[Ear]:
    ear = Ear(AutoIdWire(settings(peer.door.port, **changes), keys))
    try:
        await until(lambda: ear.opened or ear.task.done())
        yield ear
    finally:
        await ear.stop()


@pytest.fixture
def reader() -> ReaderNodes:
    return ReaderNodes("s=Reader", OWN)


@pytest.fixture
async def peer(reader: ReaderNodes) -> AsyncIterator[Peer]:
    async with running_peer(more=[reader]) as peer:
        yield peer


@pytest.mark.wire
async def test_codes_come_as_the_reader_sends_them(peer: Peer, reader: ReaderNodes) -> None:
    async with listening(peer) as ear:
        await reader.send_codes(["SX1", Read(b"\x1d01\xff", "]d2", "GS1"), Read("ü", "Code128")])
        await reader.send_codes([])
        await ear.heard(2)
        assert all(code.made_ns for code in ear.scans[0])
        assert [tuple(code._replace(made_ns=0) for code in scan) for scan in ear.scans] == [
            (
                ScannedCode("SX1", "RAW:STRING", ""),
                ScannedCode(b"\x1d01\xff", "GS1", "]d2"),
                ScannedCode("ü", "RAW:STRING", "Code128"),
            ),
            (),
        ]
    await until(lambda: not peer.door.sessions)


@pytest.mark.wire
async def test_many_come_in_their_order(peer: Peer, reader: ReaderNodes) -> None:
    async with listening(peer) as ear:
        for number in range(300):
            await reader.send_codes([f"C{number}"])
            if number % 20 == 0:
                await asyncio.sleep(0.02)
        await ear.heard(300)
        assert [scan[0].data for scan in ear.scans] == [f"C{number}" for number in range(300)]


@pytest.mark.wire
async def test_more_than_the_queue_holds_ends_the_connection(peer: Peer) -> None:
    """A read that was lost must not look like no read. (The server of these tests says nothing when its queue is full.)"""
    wire = AutoIdWire(settings(peer.door.port), None)
    await wire._open()
    overflow = ua.Variant(ua.NodeId(ua.ObjectIds.EventQueueOverflowEventType), ua.VariantType.NodeId)
    with pytest.raises(LinkError, match="events were lost"):
        wire._codes([overflow, ua.Variant()])
    await wire.close()


@pytest.mark.wire
async def test_a_reader_that_waits_for_it_is_started(reader: ReaderNodes, peer: Peer) -> None:
    reader.by_itself = False
    async with listening(peer, start=True) as ear:
        assert reader.scanning
        await reader.send_codes(["A"])
        await ear.heard()
    async with listening(peer, start=True) as ear:
        assert ear.opened, "one that scans already is left scanning"


@pytest.mark.wire
async def test_over_a_protected_link(ring: Ring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoid, "KEEP_ALIVE_MS", 100)
    reader = ReaderNodes("s=Reader", OWN)
    async with running_peer(ring.locks(), [reader]) as peer:
        peer.door.manners.channel_lifetime_max_ms = 1_000
        keys = keys_of(tmp_path, ring, [ring.server])
        async with listening(peer, keys, security=PROTECTED) as ear:
            for number in range(1, 4):
                await reader.send_codes(["A"])
                await ear.heard(number)
                # Longer than the channel lives, with nothing but life signs.
                await asyncio.sleep(1.1)
            assert not ear.task.done()


@pytest.mark.wire
async def test_a_server_that_is_silent_for_too_long_is_refused(peer: Peer) -> None:
    peer.door.manners.channel_lifetime_max_ms = 1_000
    async with listening(peer) as ear:
        with pytest.raises(LinkError, match="it wants to be silent for 1 s"):
            await ear.task


@pytest.mark.wire
async def test_a_device_without_events_is_refused(peer: Peer) -> None:
    async with listening(peer, device="s=Nothing") as ear:
        with pytest.raises(LinkError, match="no events of s=Nothing"):
            await ear.task
        assert not ear.opened


@pytest.mark.wire
async def test_a_server_without_readers_is_refused() -> None:
    async with running_peer() as peer, listening(peer, namespace=NAMESPACE) as ear:
        with pytest.raises(LinkError, match=r"it has no namespace http.*AutoID/"):
            await ear.task


@pytest.mark.wire
async def test_a_mute_reader_is_given_up(peer: Peer) -> None:
    async with listening(peer, publish_ms=100, request_timeout_ms=100) as ear:
        peer.door.freeze()
        async with asyncio.timeout(4):
            with pytest.raises(LinkError, match="no answer within"):
                await ear.task
        peer.door.thaw()


@pytest.mark.wire
async def test_a_reset_ends_it_at_once(peer: Peer) -> None:
    async with listening(peer) as ear:
        peer.door.reset()
        async with asyncio.timeout(1):
            with pytest.raises(LinkError, match="it cut the connection"):
                await ear.task


@pytest.mark.wire
async def test_a_lost_message_ends_the_connection(peer: Peer, reader: ReaderNodes) -> None:
    async with listening(peer) as ear:
        await reader.send_codes(["A"])
        await ear.heard()
        peer.door.mischief.lay(at_opcua.DROPPED, services=frozenset({"Publish"}), times=1)
        await reader.send_codes(["B"])
        await until(lambda: peer.door.mischief.struck)
        await reader.send_codes(["C"])
        with pytest.raises(LinkError, match=r"was lost|no answer|nobody asked"):
            await ear.task
        assert len(ear.scans) == 1


@pytest.mark.wire
async def test_what_the_listener_raises_is_raised_here(peer: Peer, reader: ReaderNodes) -> None:
    def broken(codes: Sequence[ScannedCode]) -> None:
        raise ZeroDivisionError

    wire = AutoIdWire(settings(peer.door.port), None)
    opened: list[int] = []
    task = asyncio.create_task(wire.listen(lambda: opened.append(1), broken))
    await until(lambda: opened)
    await reader.send_codes(["A"])
    with pytest.raises(ZeroDivisionError):
        await task
    await until(lambda: not peer.door.sessions)


# ------------------------------------------------------------------------------------------- the structures


def sized(data: bytes) -> bytes:
    return struct.pack("<i", len(data)) + data


def result(mask: int, tail: bytes, number: int = 5040) -> Any:
    body = struct.pack("<I", mask) + sized(b"GS1") + struct.pack("<I", 2) + sized(b"CODE") + b"\0" * 8 + tail
    return ua.ExtensionObject(ua.NodeId(number, SPACE), body)


@pytest.mark.parametrize(
    ("mask", "tail"),
    [
        (8, b""),
        (2 | 8, b"\0" * 4),
        (2 | 4 | 8, b"\0" * 24),
        (1 | 8, struct.pack("<I", 1) + sized(b"$GPGGA")),
        (1 | 8, struct.pack("<I", 2) + b"\0" * 44),
        (1 | 8, struct.pack("<I", 3) + sized(b"N") + b"\0" * 8 + sized(b"E") + b"\0" * 40),
        (1 | 2 | 4 | 8 | 16, struct.pack("<I", 4) + sized(b"dock") + b"\0" * 24),
    ],
)
def test_symbology_is_found_behind_what_is_optional(mask: int, tail: bytes) -> None:
    whole = result(mask, tail + sized(b"]C1") + b"more of its maker's own")
    assert results.codes([whole], SPACE) == (ScannedCode("CODE", "GS1", "]C1"),)


def test_results_of_other_types_are_understood_without_symbology() -> None:
    assert results.codes([result(8, sized(b"]C1"), 9999)], SPACE) == (ScannedCode("CODE", "GS1", ""),)
    assert results.codes(None, SPACE) == ()
    assert results.codes([], SPACE) == ()


def test_an_epc_is_its_bytes() -> None:
    body = struct.pack("<I", 0) + sized(b"EPC") + struct.pack("<IIH", 3, 0, 7) + sized(b"\x30\x14")
    assert results.codes([ua.ExtensionObject(ua.NodeId(5048, SPACE), body)], SPACE) == (
        ScannedCode(b"\x30\x14", "EPC", ""),
    )


@given(st.binary(max_size=120), st.sampled_from([5040, 5052, 9999]))
def test_no_bytes_make_it_stumble(body: bytes, number: int) -> None:
    try:
        results.codes([ua.ExtensionObject(ua.NodeId(number, SPACE), body)], SPACE)
    except results.ResultUnreadable:
        pass


def test_text_that_is_no_utf8_is_kept() -> None:
    body = struct.pack("<I", 0) + sized(b"") + struct.pack("<I", 2) + sized(b"\xff")
    (code,) = results.codes([ua.ExtensionObject(ua.NodeId(5040, SPACE), body)], SPACE)
    assert isinstance(code.data, str)
    assert code.data.encode("utf-8", "surrogateescape") == b"\xff"
