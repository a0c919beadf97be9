"""Desk: where the requests of one OPC UA connection are answered, as strictly and as badly as the door is told.

Comes in: messages. Goes out: asyncua's answers, after a treatment of `sim/faults/at_opcua.py`. Stricter than asyncua by
itself: clients that are not trusted get no channel, a channel without security may ask for the endpoints only (unless the
door offers none), a channel that is not renewed ends, a session outlives its connection until its time-out, a stamped write
is refused.
Never here: the socket (`connection.py`), what the nodes are.
"""

import asyncio
import contextlib
from typing import Any, Final, Protocol

from asyncua import ua
from asyncua.common.utils import Buffer, ServiceError
from asyncua.crypto.security_policies import SecurityPolicyNone
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.ua_binary import Primitives, nodeid_from_binary, struct_from_binary, uatcp_to_binary

from sim.doors.opcua.ids import status
from sim.doors.opcua.locks import Locks
from sim.doors.opcua.outlet import Outlet
from sim.doors.opcua.standing import StandingServer
from sim.faults.at_opcua import BAD, HONEST, SEVERITY, Manners, Mischief

VALUE_ONLY: Final = 0x01
"""Encoding byte of a DataValue that has a value and nothing else (OPC 10000-6, 5.2.2.17)."""
TOKEN_GRACE: Final = 1.25
"""A token is taken for a quarter of its lifetime longer (OPC 10000-4, 5.5.2.1)."""
WITHOUT_SESSION: Final = frozenset({"GetEndpoints", "FindServers", "CloseSecureChannel"})
_SUFFIX: Final = "Request_Encoding_DefaultBinary"


class Place(Protocol):
    """The door that the desk belongs to."""

    server: StandingServer
    locks: Locks
    mischief: Mischief
    manners: Manners
    requests: int
    renewals: int


def service_of(typeid: Any) -> str:
    """The name of the service that a request of this type asks for."""
    return str(ua.ObjectIdNames.get(typeid.Identifier, "")).removesuffix(_SUFFIX)


class Desk(UaProcessor):
    """One connection's answers, in the order of its requests; those to Publish come when there is something to say."""

    def __init__(self, place: Place, outlet: Outlet) -> None:
        super().__init__(place.server.iserver, outlet, place.server.limits)
        self.set_policies(place.server.policies)  # type: ignore[no-untyped-call]
        self._place = place
        self._outlet = outlet
        self._treatment = HONEST
        self._channel_until = 0.0

    # ------------------------------------------------------------------------------------ the channel

    async def process(self, header: Any, body: Any) -> bool:
        """False: the connection is to be closed."""
        try:
            if header.MessageType == ua.MessageType.Hello:
                fault = self._place.mischief.treat("Hello").fault
                if fault:
                    raise ServiceError(fault)
            overdue = asyncio.get_running_loop().time() > self._channel_until
            if header.MessageType == ua.MessageType.SecureMessage and overdue:
                raise ServiceError(ua.StatusCodes.BadSecureChannelTokenUnknown)
            return bool(await super().process(header, body))  # type: ignore[no-untyped-call]
        except (ServiceError, ua.uaerrors.UaStatusCodeError) as error:
            self._end_with(error.code)
        except Exception:  # noqa: BLE001 a message that asyncua cannot read: unknown policy, wrong key, wrong token
            self._end_with(ua.StatusCodes.BadSecurityChecksFailed)
        return False

    def _end_with(self, code: int) -> None:
        message = ua.ErrorMessage(status(code))
        self._outlet.write(uatcp_to_binary(ua.MessageType.Error, message))  # type: ignore[arg-type]  # it means bytes

    def open_secure_channel(self, algohdr: Any, seqhdr: Any, body: Any) -> None:
        fault = self._place.mischief.treat("OpenSecureChannel").fault
        if fault:
            raise ServiceError(fault)
        secured = algohdr.SecurityPolicyURI != SecurityPolicyNone.URI
        if secured and not self._place.locks.trusts(algohdr.SenderCertificate):
            raise ServiceError(ua.StatusCodes.BadSecurityChecksFailed)
        request = struct_from_binary(ua.OpenSecureChannelRequest, body)
        if self._connection.is_open():
            self._place.renewals += 1
        else:
            self._connection.select_policy(
                algohdr.SecurityPolicyURI, algohdr.SenderCertificate, request.Parameters.SecurityMode
            )
        lifetime = min(request.Parameters.RequestedLifetime, self._place.manners.channel_lifetime_max_ms)
        request.Parameters.RequestedLifetime = ua.UInt32(lifetime)
        self._channel_until = asyncio.get_running_loop().time() + lifetime / 1000 * TOKEN_GRACE
        response = ua.OpenSecureChannelResponse()
        response.Parameters = self._connection.open(request.Parameters, self.iserver)
        self.send_response(request.RequestHeader.RequestHandle, seqhdr, response, ua.MessageType.SecureOpen)

    # ------------------------------------------------------------------------------------ one request

    async def _process_message(self, typeid: Any, requesthdr: Any, seqhdr: Any, body: Any) -> bool:
        service = service_of(typeid)
        self._place.requests += 1
        if service not in WITHOUT_SESSION and not self._place.server.offers_none and self._is_bare():
            raise ServiceError(ua.StatusCodes.BadSecurityPolicyRejected)
        if service == "Publish":
            return await self._super(typeid, requesthdr, seqhdr, body)
        treatment = self._place.mischief.treat(service)
        self._treatment = treatment
        try:
            if treatment.fault:
                raise ServiceError(treatment.fault)
            if not treatment.apply:
                return True
            return await self._carry_out(service, typeid, requesthdr, seqhdr, body)
        except (ServiceError, ua.uaerrors.UaStatusCodeError) as error:
            self._send_fault(error.code, requesthdr, seqhdr)
            return True
        finally:
            self._treatment = HONEST

    async def _carry_out(self, service: str, typeid: Any, requesthdr: Any, seqhdr: Any, body: Any) -> bool:
        ready = self.session is not None and self.session.is_activated()
        if service == "Read" and ready:
            self._hear()
            await self._read(requesthdr, seqhdr, body)
            return True
        if service == "Write" and ready:
            self._hear()
            await self._write(requesthdr, seqhdr, body)
            return True
        if service == "CreateSession" and self._sessions() >= self._place.manners.sessions_max:
            raise ServiceError(ua.StatusCodes.BadTooManySessions)
        return await self._super(typeid, requesthdr, seqhdr, body)

    async def _super(self, typeid: Any, requesthdr: Any, seqhdr: Any, body: Any) -> bool:
        return bool(await super()._process_message(typeid, requesthdr, seqhdr, body))  # type: ignore[no-untyped-call]

    def _is_bare(self) -> bool:
        return bool(self._connection.security_policy.URI == SecurityPolicyNone.URI)

    def _sessions(self) -> int:
        return len(self.iserver._external_sessions)  # noqa: SLF001 asyncua has no other list of its sessions

    def _hear(self) -> None:
        self.session_last_activity = asyncio.get_running_loop().time()
        if self.session is not None:
            self.session.touch()

    async def _read(self, requesthdr: Any, seqhdr: Any, body: Any) -> None:
        assert self.session is not None
        params = struct_from_binary(ua.ReadParameters, body)
        results = await self.session.read(params)
        if self._treatment.status:
            results = [_spoilt(result, self._treatment.status) for result in results]
        response = ua.ReadResponse()
        response.Results = results
        self.send_response(requesthdr.RequestHandle, seqhdr, response)

    async def _write(self, requesthdr: Any, seqhdr: Any, body: Any) -> None:
        assert self.session is not None
        response = ua.WriteResponse()
        for item, mask in _written(body):
            response.Results.append(status(await self._write_one(item, mask)))
        self.send_response(requesthdr.RequestHandle, seqhdr, response)

    async def _write_one(self, item: ua.WriteValue, mask: int) -> int:
        """Status code of one item."""
        assert self.session is not None
        asked = self._treatment.status
        if asked & SEVERITY == BAD:
            return asked
        if self._place.manners.refuses_stamped_writes and mask != VALUE_ONLY:
            return ua.StatusCodes.BadWriteNotSupported
        if item.IndexRange:
            return ua.StatusCodes.BadWriteNotSupported
        params = ua.WriteParameters()
        params.NodesToWrite.append(item)
        try:
            (result,) = await self.session.write(params)
        except ua.uaerrors.UaStatusCodeError as error:
            return int(error.code)
        return int(result.value) or asked

    # ------------------------------------------------------------------------------------ answers

    def send_response(self, requesthandle: Any, seqhdr: Any, response: Any, msgtype: Any = None) -> None:
        treatment = self._treatment
        if not treatment.answer:
            return
        self._outlet.delay_ms, self._outlet.piece_bytes = treatment.delay_ms, treatment.piece_bytes
        try:
            super().send_response(  # type: ignore[no-untyped-call]
                requesthandle, seqhdr, response, msgtype or ua.MessageType.SecureMessage
            )
        finally:
            self._outlet.delay_ms = self._outlet.piece_bytes = 0

    async def forward_publish_response(self, result: Any, requestdata: Any) -> None:
        # Comes between the requests, out of the loop of a subscription.
        treatment, before = self._place.mischief.treat("Publish"), self._treatment
        self._treatment = treatment
        try:
            if treatment.fault:
                self._send_fault(treatment.fault, requestdata.requesthdr, requestdata.seqhdr)
            elif treatment.apply:
                await super().forward_publish_response(result, requestdata)
        finally:
            self._treatment = before

    def _send_fault(self, code: int, requesthdr: Any, seqhdr: Any) -> None:
        response = ua.ServiceFault()
        response.ResponseHeader.ServiceResult = status(code)
        self.send_response(requesthdr.RequestHandle, seqhdr, response)

    # ------------------------------------------------------------------------------------ the end

    def _should_close_session_on_transport_loss(self) -> bool:
        # A session lives until its time-out: the client may come back to it on another channel (OPC 10000-4, 6.7).
        return self.session is not None and not self.session.is_activated()

    async def part(self) -> None:
        """The connection is gone."""
        self._closing = True
        watch = self._session_watchdog_task
        if watch is not None:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
        if self.session is not None and self._should_close_session_on_transport_loss():
            await self.session.close_session(True)


def _written(body: Any) -> "list[tuple[ua.WriteValue, int]]":
    """The items of a WriteRequest, each with the encoding byte of its value: asyncua forgets what was not sent."""
    items = []
    for _ in range(max(0, Primitives.Int32.unpack(body))):
        item = ua.WriteValue()
        item.NodeId = nodeid_from_binary(body)
        item.AttributeId = ua.AttributeIds(Primitives.UInt32.unpack(body))
        item.IndexRange = Primitives.String.unpack(body)
        mask = Buffer.copy(body, 1).read(1)[0]
        item.Value = struct_from_binary(ua.DataValue, body)
        items.append((item, mask))
    return items


def _spoilt(shown: ua.DataValue, code: int) -> ua.DataValue:
    value = None if code & SEVERITY == BAD else shown.Value
    return ua.DataValue(value, StatusCode=status(code), SourceTimestamp=shown.SourceTimestamp)
