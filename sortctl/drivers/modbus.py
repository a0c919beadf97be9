"""Modbus TCP: the exchange over one TCP connection. Four functions, one request at a time, one owner.

Comes in: the addresses of the three areas. Goes out: words. Never here: a retry, a reconnect, a meaning of the words.

The theory. A request has one of three ends: its whole and right answer, an exception answer (`ReplyRefused`, the connection
goes on), or the end of the connection (`LinkError`): a late answer is never taken for the next one, and a write is never sent
twice. A connection that is lost fails the request in flight at once. Only `exchange` writes, only the whole orders area of
this site. Source: MODBUS Application Protocol V1.1b3; MODBUS Messaging on TCP/IP V1.0b. No library: see
docs/decisions/0011-own-modbus-client.md.
"""

import asyncio
from collections.abc import Sequence
from struct import Struct, pack, unpack_from
from typing import Final, NoReturn

from sortctl.drivers import sockets
from sortctl.drivers.ports import LinkError, ReplyRefused
from sortctl.site.model import Plc
from sortctl.words.exchange import CHUTE_WORDS_PER_READ, inputs_words, orders_words
from sortctl.words.units import WORD_MASK

READ_HOLDING: Final = 3
READ_INPUT: Final = 4
WRITE: Final = 16
WRITE_AND_READ: Final = 23
ILLEGAL_FUNCTION: Final = 1
ERROR_BIT: Final = 0x80
EXCEPTIONS: Final = {
    1: "illegal function",
    2: "illegal address",
    3: "illegal value",
    4: "device failure",
    5: "acknowledge, the job takes long",
    6: "device busy",
    7: "negative acknowledge",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}
HEAD: Final = Struct(">HHHB")
"""Transaction, protocol (0), bytes that follow, unit."""
PDU_MAX: Final = 253


class ModbusWire:
    """One connection to a PLC."""

    def __init__(self, plc: Plc) -> None:
        self._plc = plc
        self._where = f"PLC at {plc.address}"
        self._request_s = plc.request_timeout_ms / 1000
        self._orders_words = orders_words(plc.order_slots)
        self._inputs_words = inputs_words(plc.event_slots)
        self._read = READ_INPUT if plc.read == "input" else READ_HOLDING
        self._both_at_once = plc.read == "holding"
        self._line: _Line | None = None

    async def open(self) -> None:
        """Connect, within `connect_timeout_ms`."""
        host, port = sockets.endpoint(self._plc.address)
        self._line = line = _Line(self._plc.unit)
        try:
            async with asyncio.timeout(self._plc.connect_timeout_ms / 1000):
                await asyncio.get_running_loop().create_connection(lambda: line, host, port)
        except TimeoutError as error:
            await self.close()
            wait = f"no answer within {self._plc.connect_timeout_ms} ms"
            raise LinkError(f"{self._where}: {wait}: check power, cable and address") from error
        except (OSError, UnicodeError) as error:
            await self.close()
            raise LinkError(sockets.plain(self._where, error)) from error

    async def read_inputs(self) -> list[int]:
        """The whole `inputs` area."""
        return await self._words(self._read, self._plc.inputs_at, self._inputs_words)

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        """Write the whole `orders` area and read `inputs`: FC 23, or FC 16 and a read for a PLC that lacks it."""
        if len(orders) != self._orders_words or min(orders) < 0 or max(orders) > WORD_MASK:
            raise ValueError(f"orders are {self._orders_words} words of 16 bits, not {len(orders)}: {orders!r:.80}")
        if self._both_at_once:
            try:
                return await self._write_and_read(orders)
            except ReplyRefused as refused:
                if refused.code != ILLEGAL_FUNCTION:
                    raise
                self._both_at_once = False
        await self._write(orders)
        return await self.read_inputs()

    async def read_chutes(self, count: int) -> list[int]:
        """The first `count` words of the `chutes` area, in pieces; each word stands for itself."""
        words: list[int] = []
        while len(words) < count:
            piece = min(CHUTE_WORDS_PER_READ, count - len(words))
            words += await self._words(self._read, self._plc.chutes_at + len(words), piece)
        return words

    async def close(self) -> None:
        """Close the connection; returns when the socket is closed."""
        if self._line:
            self._line.end("the connection was closed here", orderly=self._line.awaited is None)
        # asyncio closes the socket in the next turn of the loop.
        await asyncio.sleep(0)

    # ------------------------------------------------------------------------------------------- the requests

    async def _write_and_read(self, orders: Sequence[int]) -> list[int]:
        plc, count = self._plc, self._orders_words
        head = pack(">BHHHHB", WRITE_AND_READ, plc.inputs_at, self._inputs_words, plc.orders_at, count, 2 * count)
        answer = await self._ask(WRITE_AND_READ, head + pack(f">{count}H", *orders))
        return self._words_of(answer, self._inputs_words)

    async def _write(self, orders: Sequence[int]) -> None:
        at, count = self._plc.orders_at, self._orders_words
        answer = await self._ask(WRITE, pack(f">BHHB{count}H", WRITE, at, count, 2 * count, *orders))
        if answer[1:] != pack(">HH", at, count):
            self._drop(f"the answer to the write is {answer[1:].hex(' ')}: not about the request")

    async def _words(self, function: int, address: int, count: int) -> list[int]:
        return self._words_of(await self._ask(function, pack(">BHH", function, address, count)), count)

    def _words_of(self, answer: bytes, count: int) -> list[int]:
        if len(answer) != 2 + 2 * count or answer[1] != 2 * count:
            self._drop(f"the answer has {(len(answer) - 2) // 2} words, asked were {count}")
        return list(unpack_from(f">{count}H", answer, 2))

    async def _ask(self, function: int, request: bytes) -> bytes:
        """One request to its end. Every way out but the right answer and an exception answer drops the connection."""
        loop = asyncio.get_running_loop()
        line = self._standing()
        awaited = line.send(request, loop.create_future())
        timer = loop.call_later(self._request_s, line.end, self._late())
        try:
            answer = await awaited
        except asyncio.CancelledError:
            # The answer may still come; nobody may take it for the next one.
            line.end("a request was given up")
            raise
        finally:
            timer.cancel()
            line.awaited = None
        if not answer:
            self._drop(line.cause)
        if answer[0] == function | ERROR_BIT and len(answer) == 2:
            raise ReplyRefused(answer[1], EXCEPTIONS.get(answer[1], "unknown exception"))
        if answer[0] != function:
            self._drop(f"the answer makes no sense: {answer[:8].hex(' ')} to function {function}")
        return answer

    def _late(self) -> str:
        return f"no right answer within {self._plc.request_timeout_ms} ms: check the network and the PLC"

    def _standing(self) -> "_Line":
        line = self._line
        if line is None:
            raise LinkError(f"{self._where}: not connected")
        if line.awaited is not None:
            raise RuntimeError("a wire has one owner, and one request at a time")
        if line.cause:
            self._drop(line.cause)
        return line

    def _drop(self, cause: str) -> NoReturn:
        assert self._line is not None
        self._line.end(cause)
        raise LinkError(f"{self._where}: {cause}")


class _Line(asyncio.Protocol):
    """The connection itself: cuts the stream, knows the one answer that is awaited, and why it ended."""

    def __init__(self, unit: int) -> None:
        self.cause = ""
        self.awaited: asyncio.Future[bytes] | None = None
        """Done with the answer, or with nothing when the connection ends."""
        self._unit = unit
        self._transaction = 0
        self._heard = b""
        self._transport: asyncio.Transport | None = None

    def send(self, request: bytes, awaited: "asyncio.Future[bytes]") -> "asyncio.Future[bytes]":
        """One request; numbers go from 1 to 65,535 and begin again."""
        assert self._transport is not None
        self._transaction = self._transaction % WORD_MASK + 1
        self.awaited = awaited
        self._transport.write(HEAD.pack(self._transaction, 0, len(request) + 1, self._unit) + request)
        return awaited

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sockets.watch(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        heard = self._heard + data if self._heard else data
        while len(heard) > HEAD.size:
            transaction, protocol, length, unit = HEAD.unpack_from(heard)
            if protocol or not 2 <= length <= PDU_MAX + 1:
                self._heard = b""
                return  # no Modbus; what comes before the time-out is over is not looked at more kindly
            end = HEAD.size - 1 + length
            if len(heard) < end:
                break
            if (transaction, unit) == (self._transaction, self._unit):
                self._answered(heard[HEAD.size : end])
            heard = heard[end:]
        self._heard = heard

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(sockets.meaning(exc))

    def _answered(self, answer: bytes) -> None:
        if self.awaited is not None and not self.awaited.done():
            self.awaited.set_result(answer)

    def end(self, cause: str, *, orderly: bool = False) -> None:
        """The connection is over, for this reason; the first one counts."""
        self.cause = self.cause or cause
        if self._transport and not self._transport.is_closing():
            if not orderly:
                sockets.forget_unsent(self._transport.get_extra_info("socket"))
            self._transport.abort()
        self._answered(b"")
