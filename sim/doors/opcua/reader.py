"""Reader: an optical AutoID reader (OPC 30010) that sends what the simulated scanner has read as events.

Comes in: codes and when they were read. Goes out: OpticalScanEventType events at the device and at the server, one per
read, without results for a no-read; LastScanData of the last code. ScanStart and ScanStop work, also when the reader scans
by itself. Results are packed by hand here, after the published order of fields. Never here: sockets, subscriptions.
"""

import asyncio
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from asyncua import Node, Server, ua
from asyncua.common.event_objects import BaseEvent

from sim.doors.nodesets import autoid
from sim.doors.nodesets.facts import Id
from sim.doors.opcua.build import Builder
from sim.doors.opcua.ids import node_id, parsed_id

SYMBOLOGY_BIT: Final = 1 << 3
"""Third optional field of OpticalScanResult after Location: Grade, Position, Symbology."""
EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
"""From here DateTime counts 100 ns (OPC 10000-6, 5.2.2.5)."""
RAW_TEXT, RAW_BYTES = "RAW:STRING", "RAW:BYTES"


class Read(NamedTuple):
    """One code that was read. Bytes are sent as ByteString, text as String."""

    data: str | bytes
    symbology: str = ""
    code_type: str = ""
    """Empty: RAW:STRING or RAW:BYTES."""


class ScanSettings(NamedTuple):
    """When a scan ends; the first condition fulfilled ends it."""

    duration_ms: float = 0.0
    cycles: int = 0
    data_available: bool = False


class ReaderNodes:
    """One reader. `device` is its node as in the site file, in `namespace`."""

    def __init__(self, device: str, namespace: str, name: str = "Reader", *, by_itself: bool = True) -> None:
        self.name = name
        self.by_itself = by_itself
        """Reads without ScanStart."""
        self.sent = 0
        self.unasked = 0
        """Reads that were not sent because nobody had started the reader."""
        self._device_id = device
        self._namespace = namespace
        self._scan: ScanSettings | None = None
        self._began = 0.0
        self._cycles = 0
        self._server: Server | None = None
        self._device: Node | None = None
        self._children: dict[str, Node] = {}
        self._ids: dict[str, ua.NodeId] = {}

    @property
    def scanning(self) -> bool:
        """A scan was started and has not ended."""
        scan = self._scan
        age_ms = (asyncio.get_running_loop().time() - self._began) * 1000
        if scan is not None and 0 < scan.duration_ms <= age_ms:
            self._scan = None
        return self._scan is not None

    # ------------------------------------------------------------------------------------ nodes

    async def furnish(self, server: Server) -> None:
        self._server = server
        builder = Builder(server)
        await builder.add_types(autoid.DI)
        await builder.add_types(autoid.AUTOID)
        own = await builder.register(self._namespace)
        di, standard = await builder.register(autoid.DI_URI), await builder.register(autoid.URI)
        reader = Id(autoid.OPTICAL_READER, autoid.URI)
        self._ids = {
            "event": builder.id(Id(autoid.OPTICAL_SCAN_EVENT, autoid.URI)),
            "result": builder.id(Id(autoid.OPTICAL_SCAN_RESULT_BINARY, autoid.URI)),
        }
        devices = await builder.add_object(
            server.nodes.objects, node_id(autoid.DEVICE_SET, di), f"{di}:DeviceSet", Id(58), ua.ObjectIds.Organizes
        )
        nodeid = parsed_id(self._device_id, own)
        device = await builder.add_object(devices, nodeid, f"{own}:{self.name}", reader)
        await device.set_event_notifier([ua.EventNotifier.SubscribeToEvents])
        self._device = device
        await self._add_plate(device, own, di)
        await self._add_members(builder, own, standard)
        await self._add_methods(builder, own, standard)

    def _below(self, own: int, name: str) -> ua.NodeId:
        return parsed_id(f"s={self._device_id.partition('=')[2]}.{name}", own)

    async def _add_plate(self, device: Node, own: int, di: int) -> None:
        for name in ("Manufacturer", "Model"):
            text = ua.Variant(ua.LocalizedText("simulated"), ua.VariantType.LocalizedText)
            await device.add_property(self._below(own, name), f"{di}:{name}", text)
        for name in ("HardwareRevision", "SoftwareRevision", "DeviceRevision", "DeviceManual", "SerialNumber"):
            await device.add_property(self._below(own, name), f"{di}:{name}", ua.Variant("1", ua.VariantType.String))
        revision = ua.Variant(-1, ua.VariantType.Int32)
        await device.add_property(self._below(own, "RevisionCounter"), f"{di}:RevisionCounter", revision)

    async def _add_members(self, builder: Builder, own: int, standard: int) -> None:
        assert self._device is not None
        device = self._device
        for name, text in (("DeviceName", self.name), ("AutoIdModelVersion", "1.01")):
            value = ua.Variant(text, ua.VariantType.String)
            await device.add_property(self._below(own, name), f"{standard}:{name}", value)
        begun = datetime.fromtimestamp(0, UTC)
        status = builder.id(Id(autoid.DEVICE_STATUS_TYPE, autoid.URI))
        for name, first, kind in (
            ("DeviceStatus", ua.Variant(autoid.IDLE, ua.VariantType.Int32), status),
            ("LastScanData", ua.Variant("", ua.VariantType.String), node_id(ua.ObjectIds.BaseDataType)),
            ("LastScanTimestamp", ua.Variant(begun, ua.VariantType.DateTime), node_id(ua.ObjectIds.UtcTime)),
        ):
            node = await device.add_variable(self._below(own, name), f"{standard}:{name}", first, datatype=kind)
            self._children[name] = node
        first = ua.Variant(self.by_itself, ua.VariantType.Boolean)
        active = await device.add_variable(self._below(own, "ScanActive"), f"{standard}:ScanActive", first)
        builder.server.set_attribute_value_callback(active.nodeid, self._show_active)
        builder.server.set_attribute_value_callback(self._children["DeviceStatus"].nodeid, self._show_status)

    async def _add_methods(self, builder: Builder, own: int, standard: int) -> None:
        assert self._device is not None
        settings = _argument("Settings", builder.id(Id(autoid.SCAN_SETTINGS, autoid.URI)))
        status = _argument("Status", builder.id(Id(autoid.OPERATION_STATUS, autoid.URI)))
        start, stop = self._below(own, "ScanStart"), self._below(own, "ScanStop")
        await self._device.add_method(start, f"{standard}:ScanStart", self._start, [settings], [status])
        await self._device.add_method(stop, f"{standard}:ScanStop", self._stop, [], [])

    def _show_active(self, nodeid: ua.NodeId, attribute: ua.AttributeIds) -> ua.DataValue:  # noqa: ARG002
        return ua.DataValue(ua.Variant(self.by_itself or self.scanning, ua.VariantType.Boolean))

    def _show_status(self, nodeid: ua.NodeId, attribute: ua.AttributeIds) -> ua.DataValue:  # noqa: ARG002
        busy = self.by_itself or self.scanning
        return ua.DataValue(ua.Variant(autoid.SCANNING if busy else autoid.IDLE, ua.VariantType.Int32))

    # ------------------------------------------------------------------------------------ methods

    async def _start(self, parent: ua.NodeId, settings: ua.Variant) -> Any:  # noqa: ARG002 asyncua's signature
        asked = parsed_settings(settings.Value)
        if asked is None:
            return ua.StatusCode(ua.UInt32(ua.StatusCodes.BadInvalidArgument))
        if self.scanning:
            return ua.StatusCode(ua.UInt32(ua.StatusCodes.BadInvalidState))
        self._scan, self._cycles = asked, 0
        self._began = asyncio.get_running_loop().time()
        return [ua.Variant(autoid.SUCCESS, ua.VariantType.Int32)]

    async def _stop(self, parent: ua.NodeId) -> Any:  # noqa: ARG002 asyncua's signature
        if not self.scanning:
            return ua.StatusCode(ua.UInt32(ua.StatusCodes.BadInvalidState))
        self._scan = None
        return []

    # ------------------------------------------------------------------------------------ reads

    async def send_codes(self, codes: Sequence[str | bytes | Read], at: datetime | None = None) -> None:
        """One read of the reader: all its codes, none for a no-read. What nobody has asked for is not sent."""
        if not (self.by_itself or self.scanning):
            self.unasked += 1
            return
        at = at or datetime.now(UTC)
        reads = [code if isinstance(code, Read) else Read(code) for code in codes]
        self.sent += 1
        if reads:
            last = reads[-1].data
            text = last if isinstance(last, str) else last.decode("latin-1")
            await self._write("LastScanData", ua.Variant(text, ua.VariantType.String), at)
            await self._write("LastScanTimestamp", ua.Variant(at, ua.VariantType.DateTime), at)
        await self._send(reads, at)
        self._count_cycle(bool(reads))

    def _count_cycle(self, found: bool) -> None:
        scan = self._scan
        if scan is None:
            return
        self._cycles += 1
        if (scan.cycles and self._cycles >= scan.cycles) or (scan.data_available and found):
            self._scan = None

    async def _write(self, name: str, value: ua.Variant, at: Any) -> None:
        assert self._server is not None
        await self._server.write_attribute_value(self._children[name].nodeid, ua.DataValue(value, SourceTimestamp=at))

    async def _send(self, reads: Sequence[Read], at: datetime) -> None:
        assert self._server is not None
        assert self._device is not None
        results = [ua.ExtensionObject(self._ids["result"], ua.ByteString(packed(read, at))) for read in reads]
        event: Any = BaseEvent(self._device.nodeid, f"{len(reads)} codes", 1)  # type: ignore[no-untyped-call]
        event.EventType = self._ids["event"]
        event.EventId = struct.pack(">Q", self.sent)
        event.SourceName = self.name
        event.Time = event.ReceiveTime = at
        event.add_property("DeviceName", self.name, ua.VariantType.String)
        event.add_property("ScanResult", results, ua.VariantType.ExtensionObject)
        service = self._server.iserver.subscription_service
        for notifier in (self._device.nodeid, node_id(ua.ObjectIds.Server)):
            event.emitting_node = notifier
            await service.trigger_event(event)


def packed(read: Read, at: datetime) -> bytes:
    """Binary body of an OpticalScanResult (OPC 10000-6, 5.2.6): mask, CodeType, ScanData, Timestamp, what is optional."""
    as_bytes = isinstance(read.data, bytes)
    data = read.data if isinstance(read.data, bytes) else read.data.encode()
    code_type = read.code_type or (RAW_BYTES if as_bytes else RAW_TEXT)
    mask = SYMBOLOGY_BIT if read.symbology else 0
    union = struct.pack("<I", autoid.DATA_BYTES if as_bytes else autoid.DATA_TEXT) + _sized(data)
    stamp = struct.pack("<q", (at - EPOCH) // timedelta(microseconds=1) * 10)
    tail = _sized(read.symbology.encode()) if read.symbology else b""
    return struct.pack("<I", mask) + _sized(code_type.encode()) + union + stamp + tail


def parsed_settings(value: Any) -> ScanSettings | None:
    """ScanSettings as they came; None: they are something else. A client in this process may have named the type."""
    if isinstance(value, ua.ExtensionObject):
        body = bytes(value.Body or b"")
        if len(body) < struct.calcsize("<Idi?"):
            return None
        return ScanSettings(*struct.unpack_from("<di?", body, 4))
    if hasattr(value, "Duration"):
        return ScanSettings(float(value.Duration), int(value.Cycles), bool(value.DataAvailable))
    return None


def _sized(data: bytes) -> bytes:
    return struct.pack("<i", len(data)) + data


def _argument(name: str, kind: ua.NodeId) -> ua.Argument:
    argument = ua.Argument()
    argument.Name = ua.String(name)
    argument.DataType = kind
    argument.ValueRank = ua.Int32(-1)
    return argument
