"""The AutoID reader of the simulator, with asyncua's own client that knows the types only from the server."""

import asyncio
import struct
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from asyncua import Client, ua
from asyncua.common.subscription import Subscription

from sim.doors.nodesets import autoid
from sim.doors.opcua.ids import node_id
from sim.doors.opcua.reader import Read, ReaderNodes, ScanSettings, parsed_settings
from sim.doors.opcua_door import Entrance, OpcUaDoor
from sim.faults import at_opcua
from sim.faults.at_opcua import Manners, Mischief
from tests.sim.doors.test_opcua_door import leave

pytestmark = pytest.mark.wire

AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def reader() -> ReaderNodes:
    return ReaderNodes("s=Tunnel", "urn:simulated:reader", "Tunnel")


@pytest.fixture
async def door(reader: ReaderNodes, port: int) -> AsyncIterator[OpcUaDoor]:
    door = OpcUaDoor(Entrance(port), [reader], Mischief(1), Manners())
    await door.open()
    yield door
    await door.end()


@pytest.fixture
async def client(door: OpcUaDoor) -> AsyncIterator[Client]:
    client = Client(door.url, timeout=2)
    client.session_timeout = 5_000
    await client.connect()
    yield client
    await leave(client)


class Ear:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Any] = asyncio.Queue()

    def event_notification(self, event: Any) -> None:
        self.heard.put_nowait(event)

    async def next(self) -> Any:
        async with asyncio.timeout(5):
            return await self.heard.get()


async def listen(client: Client, ear: Ear, at: int | None = None) -> Subscription:
    index = await client.get_namespace_index(autoid.URI)
    own = await client.get_namespace_index("urn:simulated:reader")
    params = ua.CreateSubscriptionParameters(
        RequestedPublishingInterval=1, RequestedLifetimeCount=1000, RequestedMaxKeepAliveCount=10
    )
    subscription = await client.create_subscription(params, ear)
    source = client.get_node(node_id("Tunnel", own)) if at is None else client.get_node(at)
    await subscription.subscribe_events(
        source, client.get_node(node_id(autoid.OPTICAL_SCAN_EVENT, index)), queuesize=100
    )
    return subscription


@pytest.mark.parametrize("at", [None, ua.ObjectIds.Server])
async def test_codes_come_as_events(client: Client, reader: ReaderNodes, at: int | None) -> None:
    await client.load_data_type_definitions()
    ear = Ear()
    subscription = await listen(client, ear, at)
    await reader.send_codes(["00340123451234567895", Read(b"\x1d42", "Code128", "GS1")], AT)
    await reader.send_codes([], AT)
    event = await ear.next()
    assert (event.DeviceName, event.Time) == ("Tunnel", AT.replace(tzinfo=event.Time.tzinfo))
    text, raw = event.ScanResult
    assert (text.CodeType, text.ScanData.Value, text.Symbology) == ("RAW:STRING", "00340123451234567895", None)
    assert text.ScanData.Encoding == autoid.DATA_TEXT
    assert text.Timestamp.replace(tzinfo=UTC) == AT
    assert (raw.CodeType, raw.ScanData.Value, raw.Symbology) == ("GS1", b"\x1d42", "Code128")
    assert not (await ear.next()).ScanResult
    assert reader.sent == 2
    await subscription.delete()


async def test_the_last_code_can_be_read(client: Client, reader: ReaderNodes) -> None:
    await reader.send_codes(["A", "B"], AT)
    own = await client.get_namespace_index("urn:simulated:reader")
    assert await client.get_node(node_id("Tunnel.LastScanData", own)).read_value() == "B"
    assert await client.get_node(node_id("Tunnel.DeviceStatus", own)).read_value() == autoid.SCANNING


async def test_a_reader_that_waits_to_be_started(client: Client, reader: ReaderNodes) -> None:
    reader.by_itself = False
    own, index = await client.get_namespace_index("urn:simulated:reader"), await client.get_namespace_index(autoid.URI)
    device = client.get_node(node_id("Tunnel", own))
    await reader.send_codes(["early"])
    assert (reader.sent, reader.unasked) == (0, 1)
    with pytest.raises(ua.uaerrors.BadInvalidState):
        await device.call_method(f"{index}:ScanStop")
    settings = ua.ExtensionObject(node_id(5015, index), ua.ByteString(struct.pack("<Idi?", 0, 0.0, 2, False)))
    assert await device.call_method(f"{index}:ScanStart", settings) == autoid.SUCCESS
    with pytest.raises(ua.uaerrors.BadInvalidState):
        await device.call_method(f"{index}:ScanStart", settings)
    for code in ("one", "two", "late"):
        await reader.send_codes([code])
    assert (reader.sent, reader.unasked) == (2, 2)
    assert await device.call_method(f"{index}:ScanStart", settings) == autoid.SUCCESS
    await device.call_method(f"{index}:ScanStop")
    assert not reader.scanning
    with pytest.raises(ua.uaerrors.BadInvalidArgument):
        await device.call_method(f"{index}:ScanStart", "soon")


def test_settings_in_either_shape() -> None:
    class Named:
        Duration, Cycles, DataAvailable = 1500.0, 3, True

    body = struct.pack("<Idi?", 1, 1500.0, 3, True) + struct.pack("<i", 2)
    asked = ScanSettings(1500.0, 3, data_available=True)
    assert parsed_settings(ua.ExtensionObject(Body=ua.ByteString(body))) == asked
    assert parsed_settings(Named()) == asked
    assert parsed_settings("soon") is None
    assert parsed_settings(ua.ExtensionObject(Body=ua.ByteString(body[:9]))) is None


async def test_the_device_is_where_the_specification_says(client: Client) -> None:
    di, index = await client.get_namespace_index(autoid.DI_URI), await client.get_namespace_index(autoid.URI)
    devices = client.get_node(node_id(autoid.DEVICE_SET, di))
    (device,) = await devices.get_children()
    assert await device.read_type_definition() == node_id(autoid.OPTICAL_READER, index)
    names = {(await child.read_browse_name()).Name for child in await device.get_children()}
    assert names >= {"DeviceName", "DeviceStatus", "AutoIdModelVersion", "Manufacturer", "SerialNumber", "ScanStart"}


async def test_slow_publishing(door: OpcUaDoor, client: Client, reader: ReaderNodes) -> None:
    door.manners.publishing_interval_min_ms = 150
    await client.load_data_type_definitions()
    other = Client(door.url, timeout=2)
    await other.connect()  # manners are taken over when somebody comes
    ear = Ear()
    subscription = await listen(other, ear)
    assert subscription.parameters.RequestedPublishingInterval == 150
    await other.disconnect()


async def test_publish_is_late_or_lost(door: OpcUaDoor, client: Client, reader: ReaderNodes) -> None:
    ear = Ear()
    subscription = await listen(client, ear)
    await reader.send_codes(["first"])
    await ear.next()
    door.mischief.lay(at_opcua.delayed(80), times=1, services=frozenset({"Publish"}))
    began = asyncio.get_running_loop().time()
    await reader.send_codes(["late"])
    await ear.next()
    assert asyncio.get_running_loop().time() - began > 0.07
    await subscription.delete()
