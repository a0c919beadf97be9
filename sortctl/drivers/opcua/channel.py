"""Channel: one TCP connection to an OPC UA server with one secure channel on it.

Comes in: encoded requests. Goes out: encoded answers, each to the request it belongs to.
The theory. A request has one of two ends: its answer, found by its number, or the end of the channel, which fails every
request in flight at once. There is no task: bytes are worked off in the turn of the loop in which they come, and the
channel is renewed by a timer while requests go on. A channel that failed takes no request but the farewell.
Never here: sessions (`session.py`), whom to trust (`identity.py`), a retry.
"""

import asyncio
from typing import Any, Final, NoReturn

from sortctl.drivers import sockets
from sortctl.drivers.opcua import faults
from sortctl.drivers.opcua.guard import Guard
from sortctl.drivers.opcua.stack import Buffer, SecureConnection, TransportLimits, binary, create_nonce, ua
from sortctl.drivers.ports import LinkError, ReplyRefused

CHUNK_BYTES_MAX: Final = 65_535
"""The largest message piece that is taken, and that is offered to the server."""
CHUNK_BYTES_MIN: Final = 8_192
"""No server may ask for smaller pieces (OPC 10000-6, 7.1.2.3)."""
ANSWER_BYTES_MAX: Final = 1 << 20
"""A whole answer. The largest here, the endpoints with their certificates, takes some 20 kB."""
RENEW_PERCENT: Final = 75
"""Of the channel's lifetime; what is left is the server's to answer in (OPC 10000-4, 5.6.2)."""
LIFETIME_MIN_MS: Final = 1_000
SERVICE_FAULT: Final = ua.FourByteNodeId(ua.ObjectIds.ServiceFault_Encoding_DefaultBinary)
HEADER_FIXED_BYTES: Final = 4 + 8 + 4 + 4 + 4 + 4 + 3
"""Service number, and the request header but for its token: time, handle, diagnostics, audit, patience, no more."""
BARE_HEADER_BYTES: Final = HEADER_FIXED_BYTES + 2
"""With the empty token."""
PIECE_HEADER_BYTES: Final = 8
"""Kind and size; all but the first two kinds of message have the channel's number behind them."""
GONE_S: Final = 0.05
"""To send the farewell off; what is not gone by then is not sent any more."""


class Channel(asyncio.Protocol):
    """One connection. `cause` is why it failed; empty while it stands."""

    def __init__(self, where: str, policy: Any, lifetime_ms: int, guard: Guard) -> None:
        self.cause = ""
        self.header_bytes = 0
        """Length of service number and header in an encoded request."""
        self.token = ua.NodeId()
        self.where = where
        self.policy = policy
        self.lifetime_s = 0.0
        """As the server wants it."""
        self._lifetime_ms = lifetime_ms
        self.guard = guard
        self._loop = asyncio.get_running_loop()
        # Without limits of its own for whole messages: the library would take the server's. Ours are kept here.
        self._limits = TransportLimits(CHUNK_BYTES_MAX, CHUNK_BYTES_MAX, 0, 0)
        self._secure: Any = SecureConnection(policy, self._limits)
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._bytes = b""
        self._unfinished = 0
        self._number = 0
        self._awaited: dict[int, asyncio.Future[Any]] = {}
        self._asked: tuple[int, Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------------------------------- from and to the session

    async def open(self, host: str, port: int, url: str) -> None:
        """Connect and open the channel. The caller sets the limit of time, and closes."""
        try:
            await self._loop.create_connection(lambda: self, host, port)
        except (OSError, UnicodeError) as error:
            raise LinkError(sockets.plain(self.where, error)) from error
        hello = ua.Hello()
        hello.EndpointUrl = url
        hello.ReceiveBufferSize = hello.SendBufferSize = CHUNK_BYTES_MAX
        hello.MaxMessageSize = hello.MaxChunkCount = 0
        acknowledged = self._expect(0)
        self._send(binary.uatcp_to_binary(ua.MessageType.Hello, hello))
        await acknowledged
        await self._ask_channel(ua.SecurityTokenRequestType.Issue)

    async def ask(self, request: Any, answer: type, patience_s: float | None = None) -> Any:
        """A request to its end. ReplyRefused: the server does not want to. LinkError: nothing more to be asked."""
        request.RequestHeader = self.header(patience_s)
        (found,) = await self.answers(patience_s, *self.post(binary.struct_to_binary(request)))
        return self.decoded(found, answer)

    def header(self, patience_s: float | None) -> Any:
        """The header of the next request."""
        return ua.RequestHeader(
            AuthenticationToken=self.token,
            RequestHandle=ua.UInt32(self._number + 1),
            TimeoutHint=ua.UInt32(int((patience_s or 0) * 1000)),
        )

    @property
    def next_number(self) -> int:
        """The number of the next request."""
        return self._number + 1

    @property
    def token(self) -> Any:
        """The session's authentication token; goes with every request."""
        return self._token

    @token.setter
    def token(self, token: Any) -> None:
        self._token = token
        self.header_bytes = HEADER_FIXED_BYTES + len(binary.nodeid_to_binary(token))

    def post(self, *requests: bytes) -> list[asyncio.Future[Buffer]]:
        """Send encoded requests in one piece; each answer will come, or the end of the channel."""
        if self.cause:
            raise LinkError(f"{self.where}: {self.cause}")
        encoded = [self._encoded(request, ua.MessageType.SecureMessage) for request in requests]
        self._send(b"".join(encoded))
        return [self._expect(self._number - later) for later in reversed(range(len(requests)))]

    async def answers(self, patience_s: float | None, *awaited: asyncio.Future[Buffer]) -> list[Buffer]:
        """Wait for all of them; the channel fails when they do not come in time, and when the wait is given up."""
        timer = None
        if patience_s is not None:
            # Lighter than asyncio.timeout, hundreds of times a second: the end of the channel fails the requests.
            timer = self._loop.call_later(patience_s, self.fail, f"no answer within {patience_s * 1000:.0f} ms")
        try:
            return [await each for each in awaited]
        except asyncio.CancelledError:
            self.fail("a request was given up")
            raise
        finally:
            if timer is not None:
                timer.cancel()
            for each in awaited:
                forget(each)

    def decoded(self, found: Buffer, answer: type) -> Any:
        """The answer, of this type of `ua`, and good."""
        try:
            kind = binary.nodeid_from_binary(found.copy())
            if kind == SERVICE_FAULT:
                fault = binary.struct_from_binary(ua.ServiceFault, found)
                raise faults.refusal(self.where, int(fault.ResponseHeader.ServiceResult.value))
            response = binary.struct_from_binary(answer, found)
        except (LinkError, ReplyRefused):
            raise
        except Exception as error:  # noqa: BLE001 bytes from outside: the codec has no one class for what it cannot read
            self.drop(f"the answer cannot be read: {error}")
        if response.TypeId != answer().TypeId:
            self.drop(f"the answer is no {answer.__name__}")
        code = int(response.ResponseHeader.ServiceResult.value)
        if not faults.is_good(code):
            raise faults.refusal(self.where, code)
        return response

    # ------------------------------------------------------------------------------------------- the end

    def fail(self, cause: str) -> None:
        """No more requests, for this reason; the first one counts. Those in flight end now."""
        self.cause = self.cause or cause
        self._set_timer(None)
        for awaited in self._awaited.values():
            if not awaited.done():
                awaited.set_exception(LinkError(f"{self.where}: {self.cause}"))
        self._awaited.clear()

    def drop(self, cause: str) -> NoReturn:
        """Fail, and cut the connection: what came cannot be trusted."""
        self.fail(cause)
        self._cut()
        raise LinkError(f"{self.where}: {self.cause}")

    def farewell(self, request: Any) -> None:
        """Send a last request without waiting for its answer, also on a channel that failed."""
        if self._transport is not None and not self._transport.is_closing() and self._secure.is_open():
            kind = ua.MessageType.SecureMessage
            if isinstance(request, ua.CloseSecureChannelRequest):
                kind = ua.MessageType.SecureClose
            request.RequestHeader = self.header(None)
            self._post(binary.struct_to_binary(request), kind).cancel()

    async def close(self) -> None:
        """Close the connection; returns when the socket is closed."""
        self.farewell(ua.CloseSecureChannelRequest())
        self.fail("the connection was closed here")
        if self._transport is not None and not self._gone.done():
            self._transport.close()
            await asyncio.wait([self._gone], timeout=GONE_S)
            if not self._gone.done():
                self._cut()
                await asyncio.wait([self._gone])

    def _cut(self) -> None:
        if self._transport is not None and not self._gone.done():
            sockets.forget_unsent(self._transport.get_extra_info("socket"))
            self._transport.abort()

    # ------------------------------------------------------------------------------------------- from the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sockets.watch(transport.get_extra_info("socket"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(sockets.meaning(exc))
        if not self._gone.done():
            self._gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self.cause:
            return
        try:
            self._take(self._bytes + data if self._bytes else data)
        except LinkError:
            pass  # `drop` has told everybody
        except Exception as error:  # noqa: BLE001 bytes from outside, as in `decoded`
            self.fail(f"what it sent cannot be read: {type(error).__name__} {error}".rstrip())
            self._cut()

    def _take(self, data: bytes) -> None:
        buffer = Buffer(data)
        while len(buffer) >= PIECE_HEADER_BYTES:
            size = int.from_bytes(data[buffer.cur_pos + 4 : buffer.cur_pos + 8], "little")
            if not PIECE_HEADER_BYTES <= size <= CHUNK_BYTES_MAX:
                self.drop(f"a message of {size} bytes: is this an OPC UA server?")
            if len(buffer) < size:
                break
            self._unfinished += size
            if self._unfinished > ANSWER_BYTES_MAX:
                self.drop(f"an answer of more than {ANSWER_BYTES_MAX} bytes")
            self._piece(binary.header_from_binary(buffer), buffer)
        self._bytes = bytes(buffer)

    def _piece(self, header: Any, buffer: Buffer) -> None:
        if header.body_size < 0:
            self.drop("a message that is shorter than its header")
        if header.MessageType == ua.MessageType.Acknowledge:
            told = binary.struct_from_binary(ua.Acknowledge, buffer.copy(header.body_size))
            buffer.skip(header.body_size)
            self._agree(told)
            return
        message = self._secure.receive_from_header_and_body(header, buffer)
        if message is None:
            return
        self._unfinished = 0
        if isinstance(message, ua.ErrorMessage):
            self.drop(faults.words(int(message.Error.value)))
        if not isinstance(message, ua.Message):
            self.drop("a message that no server sends")
        if header.MessageType == ua.MessageType.SecureOpen:
            self._opened(message)
        else:
            self._found(message.request_id(), message.body())

    def _agree(self, told: Any) -> None:
        if told.ReceiveBufferSize < CHUNK_BYTES_MIN:
            self.drop(f"it takes only {told.ReceiveBufferSize} bytes at once")
        self._limits.max_send_buffer = min(CHUNK_BYTES_MAX, told.ReceiveBufferSize)
        self._unfinished = 0
        self._found(0, None)

    def _found(self, number: int, answer: Any) -> None:
        awaited = self._awaited.pop(number, None)
        if awaited is None:
            self.drop("an answer that nobody asked for")
        if not awaited.done():
            awaited.set_result(answer)

    # ------------------------------------------------------------------------------------------- the secure channel

    def _ask_channel(self, kind: Any) -> asyncio.Future[Any]:
        request = ua.OpenSecureChannelRequest()
        request.RequestHeader.RequestHandle = ua.UInt32(self._number + 1)
        wanted = request.Parameters
        wanted.RequestType = kind
        wanted.SecurityMode = self.policy.Mode
        wanted.RequestedLifetime = ua.UInt32(self._lifetime_ms)
        wanted.ClientNonce = ua.ByteString(create_nonce(self.policy.secure_channel_nonce_length))
        self._asked = self._number + 1, wanted
        return self._post(binary.struct_to_binary(request), ua.MessageType.SecureOpen)

    def _opened(self, message: Any) -> None:
        if self._asked is None or self._asked[0] != message.request_id():
            self.drop("it opened a channel that nobody asked for")
        (number, wanted), self._asked = self._asked, None
        try:
            given = self.decoded(message.body(), ua.OpenSecureChannelResponse).Parameters
        except ReplyRefused as refused:
            self.drop(refused.name)
        if len(given.ServerNonce or b"") < self.policy.secure_channel_nonce_length:
            self.drop("its half of the channel's key is too short")
        self._secure.set_channel(given, wanted.RequestType, wanted.ClientNonce)
        lifetime_s = self.lifetime_s = max(int(given.SecurityToken.RevisedLifetime), LIFETIME_MIN_MS) / 1000
        self._set_timer(self._loop.call_later(lifetime_s * RENEW_PERCENT / 100, self._renew, lifetime_s))
        self._found(number, given)

    def _renew(self, lifetime_s: float) -> None:
        left_s = lifetime_s * (100 - RENEW_PERCENT) / 100
        self._set_timer(self._loop.call_later(left_s, self.fail, "it did not renew the secure channel in time"))
        # The answer sets the new keys and the timer; a refusal fails the channel. Nobody waits.
        self._ask_channel(ua.SecurityTokenRequestType.Renew).add_done_callback(forget)

    def _set_timer(self, timer: asyncio.TimerHandle | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    # ------------------------------------------------------------------------------------------- towards the socket

    def _post(self, request: bytes, kind: bytes) -> asyncio.Future[Any]:
        self._send(self._encoded(request, kind))
        return self._expect(self._number)

    def _encoded(self, request: bytes, kind: bytes) -> bytes:
        # A channel is asked for without a token, like everything before there is a session.
        bare = kind == ua.MessageType.SecureOpen
        self.guard.check(request, BARE_HEADER_BYTES if bare else self.header_bytes)
        if self._secure.next_security_token.TokenId and not bare:
            self._secure.revolve_tokens()
        self._number += 1
        encoded: bytes = self._secure.message_to_binary(request, kind, self._number)
        return encoded

    def _expect(self, number: int) -> asyncio.Future[Any]:
        awaited = self._awaited[number] = self._loop.create_future()
        return awaited

    def _send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)


def forget(answer: asyncio.Future[Any]) -> None:
    """Nobody waits for it any more; what it failed with is the channel's, and is told there."""
    if not answer.done():
        answer.cancel()
    elif not answer.cancelled():
        answer.exception()
