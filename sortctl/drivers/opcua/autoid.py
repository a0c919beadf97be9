"""AutoID: a reader that sends its codes as OPC UA events (OPC 30010).

Comes in: the reader's object. Goes out: the codes of each event, as they come. The theory: one subscription to the events of
AutoIdScanEventType and what is derived from it, with every parameter given. asyncua asks for the next message and acknowledges
the last; its own class of subscriptions is left out, for it does not look at the numbers of messages and lengthens keep-alive
times. The server must say something within its own keep-alive time; a gap in its numbers, a queue that ran over and an ended
subscription end the connection, for a lost read must not look like no read.
Never here: what a code means, which parcel it belongs to.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from sortctl.drivers.keys import Keys
from sortctl.drivers.opcua import faults, results
from sortctl.drivers.opcua.guard import CONNECTING, LISTENING, READING, Guard
from sortctl.drivers.opcua.session import Session, node_id, within
from sortctl.drivers.opcua.stack import ua
from sortctl.drivers.ports import LinkError, ReplyRefused, ScannedCode
from sortctl.site.model import Reader

NAMESPACE: Final = "http://opcfoundation.org/UA/AutoID/"
SCAN_EVENT: Final = 1004
"""AutoIdScanEventType."""
SCAN_SETTINGS: Final = 5015
"""Binary encoding of ScanSettings."""
FOR_EVER: Final = struct.pack("<Idi?", 0, 0.0, 0, False)
"""ScanSettings: no optional field; no limit of time, of cycles, nor at the first code."""
SUCCESS: Final = 0
KEEP_ALIVE_MS: Final = 1_000
"""A reader with nothing to say says so this often."""
SILENCES: Final = 4
"""A channel is renewed when a quarter of its life is left: within it, the server must speak and be answered."""
LIFETIME_KEEP_ALIVES: Final = 10
"""The subscription ends at the server when nobody listens for so many of them."""
QUEUE_EVENTS: Final = 100
"""Events that the server keeps for one Publish: at 20 ms, 5,000 reads a second."""
NUMBERS: Final = 0xFFFFFFFF
"""Messages are numbered from 1 to this (OPC 10000-4, 7.25)."""
MESSAGES_MAX: Final = 1_000
"""That came and were not yet handed on: more of them means that this process stands still."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EVENT_TYPE, SCAN_RESULT, MADE = range(3)
"""Fields that are asked for, in this order."""


class AutoIdWire:
    """One connection to a reader."""

    def __init__(self, reader: Reader, keys: Keys | None) -> None:
        self._reader = reader
        self._where = f"reader at {reader.address}"
        self._news = asyncio.Event()
        self._session = Session(self._where, reader, keys, Guard(CONNECTING | READING | LISTENING), self._news.set)
        self._namespace = 0
        self._patience_s = 0.0
        self._last = 0
        self._messages: deque[Any] = deque()

    async def listen(self, on_open: Callable[[], None], on_scan: Callable[[Sequence[ScannedCode]], None]) -> None:
        """Connect and hand on what comes; never returns."""
        try:
            await within(self._where, self._reader.connect_timeout_ms, self._open())
            on_open()
            while True:
                for event in await self._next():
                    on_scan(self._codes(event))
        except ReplyRefused as refused:
            raise LinkError(f"{self._where}: {refused.name}") from refused
        finally:
            await self.close()

    async def close(self) -> None:
        """Close session, channel and socket; returns when the socket is closed."""
        await self._session.close()

    # ------------------------------------------------------------------------------------------- at each connect

    async def _open(self) -> None:
        session, reader = self._session, self._reader
        await session.open()
        self._namespace = await session.namespace_index(NAMESPACE)
        device = node_id(reader.device, await session.namespace_index(reader.namespace))
        await self._subscribe(device)
        if reader.start:
            await self._start(device)

    async def _subscribe(self, device: Any) -> None:
        wanted = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=float(self._reader.publish_ms),
            RequestedMaxKeepAliveCount=max(1, KEEP_ALIVE_MS // self._reader.publish_ms),
            MaxNotificationsPerPublish=0,
            PublishingEnabled=True,
        )
        wanted.RequestedLifetimeCount = wanted.RequestedMaxKeepAliveCount * LIFETIME_KEEP_ALIVES
        given = await self._session.ask(lambda services: services.create_subscription(wanted, self._hear))
        keep_alive_s = given.RevisedPublishingInterval * given.RevisedMaxKeepAliveCount / 1000
        # What the server says must come often enough to keep the session, and to change the keys of the channel in time.
        longest_s = min(self._reader.session_timeout_ms / 1000, self._session.connection.lifetime_s)
        if keep_alive_s > longest_s / SILENCES:
            why = f"it wants to be silent for {keep_alive_s:g} s: set shorter keep-alive times or a longer channel life there"
            raise LinkError(f"{self._where}: {why}")
        self._patience_s = keep_alive_s + self._session.request_s
        items = ua.CreateMonitoredItemsParameters(
            SubscriptionId=given.SubscriptionId,
            TimestampsToReturn=ua.TimestampsToReturn.Neither,
            ItemsToCreate=[self._events_of(device)],
        )
        made = await self._session.ask(lambda services: services.create_monitored_items(items))
        code = int(made[0].StatusCode.value) if made else faults.NOTHING
        if not faults.is_good(code):
            raise LinkError(f"{self._where}: no events of {self._reader.device}: {faults.words(code)}")

    def _events_of(self, device: Any) -> Any:
        """One monitored item: scan events of any kind, of each its type and its results."""
        kind = ua.NodeId(SCAN_EVENT, self._namespace)
        asked = ua.EventFilter()
        for owner, name in (
            (ua.NodeId(ua.ObjectIds.BaseEventType), ua.QualifiedName("EventType", 0)),
            (kind, ua.QualifiedName("ScanResult", self._namespace)),
            (ua.NodeId(ua.ObjectIds.BaseEventType), ua.QualifiedName("Time", 0)),
        ):
            field = ua.SimpleAttributeOperand(TypeDefinitionId=owner, AttributeId=ua.AttributeIds.Value)
            field.BrowsePath = [name]
            asked.SelectClauses.append(field)
        is_scan = ua.ContentFilterElement(FilterOperator=ua.FilterOperator.OfType)
        is_scan.FilterOperands = [ua.LiteralOperand(Value=ua.Variant(kind, ua.VariantType.NodeId))]
        asked.WhereClause.Elements = [is_scan]
        item = ua.MonitoredItemCreateRequest(MonitoringMode=ua.MonitoringMode.Reporting)
        item.ItemToMonitor = ua.ReadValueId(NodeId=device, AttributeId=ua.AttributeIds.EventNotifier)
        item.RequestedParameters.ClientHandle = 1
        item.RequestedParameters.SamplingInterval = 0.0
        item.RequestedParameters.QueueSize = QUEUE_EVENTS
        item.RequestedParameters.DiscardOldest = False
        item.RequestedParameters.Filter = asked
        return item

    async def _start(self, device: Any) -> None:
        """ScanStart without end. One that scans already goes on."""
        (method,) = await self._session.find(device, [f"/{self._namespace}:ScanStart"])
        if method is None:
            raise LinkError(f"{self._where}: it has no ScanStart: set start = false, if it scans by itself")
        settings = ua.ExtensionObject(ua.NodeId(SCAN_SETTINGS, self._namespace), FOR_EVER)
        call = ua.CallMethodRequest(ObjectId=device, MethodId=method)
        call.InputArguments = [ua.Variant(settings, ua.VariantType.ExtensionObject)]
        self._session.allow(Guard(CONNECTING | READING | LISTENING, calls=[call]))
        (result,) = self._session.all_of(await self._session.ask(lambda services: services.call([call])), 1)
        code = int(result.StatusCode.value)
        if code == ua.StatusCodes.BadInvalidState:
            return
        told = result.OutputArguments[0].Value if faults.is_good(code) and result.OutputArguments else SUCCESS
        if not faults.is_good(code) or told != SUCCESS:
            why = faults.words(code) if not faults.is_good(code) else f"AutoIdOperationStatus {told}"
            raise LinkError(f"{self._where}: it does not start to scan: {why}")

    # ------------------------------------------------------------------------------------------- events

    def _hear(self, message: Any) -> None:
        """Called by asyncua for each message of the subscription, life signs too."""
        self._session.connection.expect()
        if len(self._messages) >= MESSAGES_MAX:
            self._session.connection.fail(f"more than {MESSAGES_MAX} of its messages wait here")
        else:
            self._messages.append(message.NotificationMessage)
        self._news.set()

    async def _next(self) -> list[Any]:
        """The fields of each event in the next message; none if it is a life sign."""
        try:
            async with asyncio.timeout(self._patience_s):
                while not self._messages:
                    self._news.clear()
                    if self._session.connection.cause:
                        self._drop("")
                    await self._news.wait()
        except TimeoutError:
            self._drop(f"no answer within {self._patience_s * 1000:.0f} ms")
        message = self._messages.popleft()
        self._in_order(int(message.SequenceNumber), is_life_sign=not message.NotificationData)
        events: list[Any] = []
        for data in message.NotificationData or ():
            if isinstance(data, ua.StatusChangeNotification):
                self._drop(f"it ended the subscription: {faults.words(int(data.Status.value))}")
            if isinstance(data, ua.EventNotificationList):
                events += [each.EventFields for each in data.Events]
        return events

    def _in_order(self, number: int, *, is_life_sign: bool) -> None:
        """A life sign has the number that the next message will have."""
        expected = self._last % NUMBERS + 1
        if self._last and number != expected:
            self._drop(f"message {expected} was lost, {number} came")
        self._last = number - 1 if is_life_sign else number

    def _codes(self, fields: list[Any]) -> Sequence[ScannedCode]:
        kind = fields[EVENT_TYPE].Value if fields else None
        if kind == ua.NodeId(ua.ObjectIds.EventQueueOverflowEventType):
            self._drop("events were lost: it has more of them than it can send")
        if len(fields) <= SCAN_RESULT:
            self._drop("an event without results was sent as one of a reader")
        try:
            codes = results.codes(fields[SCAN_RESULT].Value, self._namespace)
            made_ns = _nanoseconds(fields[MADE].Value) if len(fields) > MADE else 0
            return tuple(code._replace(made_ns=made_ns) for code in codes)
        except results.ResultUnreadable as unreadable:
            self._drop(f"{unreadable}: not as OPC 30010 says")

    def _drop(self, cause: str) -> NoReturn:
        raise self._session.connection.fail(cause)


def _nanoseconds(made: Any) -> int:
    """A time of the server's clock as a number; 0: it is none."""
    return (made - EPOCH) // timedelta(microseconds=1) * 1_000 if isinstance(made, datetime) else 0
