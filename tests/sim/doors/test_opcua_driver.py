"""The OPC UA doors with the real driver: two readings of the same standards agree."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from sim.doors.opcua.exchange import ExchangeNodes
from sim.doors.opcua.reader import RAW_BYTES, RAW_TEXT, Read, ReaderNodes
from sim.doors.opcua.unit import Shown, UnitNodes
from sim.doors.opcua_door import Entrance, OpcUaDoor
from sim.faults.at_opcua import Mischief
from sortctl.drivers import ScannedCode, exchange_wire, reader_wire
from sortctl.site.model import Reader
from sortctl.words.exchange import MAGIC, VERSION, PackML, orders_words
from tests.sim.doors.conftest import Words, opcua_machine_at

pytestmark = pytest.mark.wire

ORDERS = [1, MAGIC, VERSION, *range(4, orders_words(2)), 1]


@pytest.fixture(params=[True, False])
async def unit(request: pytest.FixtureRequest) -> UnitNodes:
    return UnitNodes("s=Unit", "urn:simulated:unit", lambda: Shown(PackML.HELD, mode=2), numbered=request.param)


@pytest.fixture
async def door(words: Words, port: int, unit: UnitNodes) -> AsyncIterator[OpcUaDoor]:
    nodes = ExchangeNodes(opcua_machine_at(port), lambda: words)
    door = OpcUaDoor(Entrance(port, "/plc"), [nodes, unit], Mischief(1))
    await door.open()
    yield door
    await door.end()


async def test_the_driver_agrees_with_the_door(door: OpcUaDoor, words: Words) -> None:
    machine = opcua_machine_at(door.port)
    described = {**machine.plc.model_dump(), "packml": {"unit": "s=Unit", "namespace": "urn:simulated:unit"}}
    wire = exchange_wire(machine.model_copy(update={"plc": type(machine.plc).model_validate(described)}))
    await wire.open()
    assert await wire.exchange(ORDERS) == words.read_inputs()
    assert words.written == [(0, ORDERS)]
    assert await wire.read_inputs() == words.read_inputs()
    assert await wire.read_chutes(4) == words.read_chutes()
    assert await wire.read_unit() == (PackML.HELD, 2)
    await wire.close()
    assert door.sessions == 0


@pytest.mark.parametrize("start", [False, True])
async def test_the_driver_hears_the_reader(port: int, start: bool) -> None:
    nodes = ReaderNodes("s=Tunnel", "urn:simulated:reader", "Tunnel", by_itself=not start)
    door = OpcUaDoor(Entrance(port), [nodes], Mischief(1))
    await door.open()
    described: dict[str, Any] = {
        "sorter": "line", "scan_point": 1, "address": f"127.0.0.1:{port}", "device": "s=Tunnel", "start": start,
        "namespace": "urn:simulated:reader", "security": {"policy": "none", "why": "a test"}, "window_mm": 60, "delay_ms": 20,
    }  # fmt: skip
    wire = reader_wire(Reader.model_validate(described))
    opened, heard = asyncio.Event(), asyncio.Queue[Sequence[ScannedCode]]()
    async with asyncio.timeout(10):
        listening = asyncio.create_task(wire.listen(opened.set, heard.put_nowait))
        await opened.wait()
        await nodes.send_codes(["00340123451234567895", Read(b"\x1d42", "Code128", RAW_BYTES)])
        await nodes.send_codes([])
        codes, none = await heard.get(), await heard.get()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert all(code.made_ns > 0 for code in codes)
    assert [code._replace(made_ns=0) for code in codes] == [
        ScannedCode("00340123451234567895", RAW_TEXT, ""),
        ScannedCode(b"\x1d42", RAW_BYTES, "Code128"),
    ]
    assert list(none) == []
    await door.end()
