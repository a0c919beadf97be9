"""Modbus TCP: the exchange over pymodbus, in the clear or through TLS. The only file that imports it.

Comes in: the addresses of the three areas. Goes out: words. One request at a time, one owner, one connection.
Never here: a retry, a reconnect, whom to trust (`tls.py`), a meaning of the words.

The theory. A request has one of three ends: its whole and right answer, an exception answer (`ReplyRefused`, the
connection goes on), or the end of the connection (`LinkError`): a late answer is never taken for the next one, and a
write is never sent twice. The asyncio protocol is ours and pymodbus sits behind it, so that a connection that is lost
fails the request in flight at once; pymodbus alone would wait for its time-out. For the same reason TLS is asyncio's and
stands between the protocol and the socket, with the usual frames inside, as Modbus/TCP Security asks for; pymodbus's own
TLS client has frames of another kind and cannot read half of one. What may be asked for at all is in `modbus_guard.py`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NoReturn

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from sortctl.drivers import sockets, tls
from sortctl.drivers.keys import Keys
from sortctl.drivers.modbus_guard import READ_HOLDING, READ_INPUT, WRITE, WRITE_AND_READ, Asked, Guard
from sortctl.drivers.ports import LinkError, ReplyRefused
from sortctl.site.wires import ModbusPlc
from sortctl.words.exchange import CHUTE_WORDS_PER_READ, MAGIC, VERSION, inputs_words, orders_words
from sortctl.words.units import WORD_MASK

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
LIBRARY_PATIENCE_S: Final = 60.0
"""Longer than any deadline of ours: pymodbus's own time-out never speaks."""

GONE_S: Final = 0.1
"""After an abort asyncio closes the socket in the next turns of the loop; longer is a fault that nobody should wait for."""

# pymodbus logs every failed request with a dump of its last frames. What went wrong is in our LinkError.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class ModbusWire:
    """One connection to a PLC."""

    def __init__(self, plc: ModbusPlc, keys: Keys | None) -> None:
        if plc.tls is not None and keys is None:
            raise ValueError(f"PLC at {plc.address}: without keys there is no connection with security")
        self._plc = plc
        self._keys = keys
        self._guard = Guard(plc)
        self._where = f"PLC at {plc.address}"
        self._request_s = plc.request_timeout_ms / 1000
        self._late = f"no right answer within {plc.request_timeout_ms} ms: check the network and the PLC"
        self._orders_words = orders_words(plc.order_slots)
        self._inputs_words = inputs_words(plc.event_slots)
        self._read = READ_INPUT if plc.read == "input" else READ_HOLDING
        self._both_at_once = plc.read == "holding"
        self._asking = False
        self._client: AsyncModbusTcpClient | None = None
        self._line: _Line | None = None

    async def open(self) -> None:
        """Connect, within `connect_timeout_ms`."""
        host, port = sockets.endpoint(self._plc.address)
        self._client = AsyncModbusTcpClient(
            host, port=port, timeout=LIBRARY_PATIENCE_S, retries=0, reconnect_delay=0, trace_pdu=self._passed
        )
        self._line = line = _Line(self._client)
        secure = tls.Judged(self._where, host, self._plc.tls, self._keys) if self._plc.tls and self._keys else None
        context = secure.context() if secure else None
        try:
            async with asyncio.timeout(self._plc.connect_timeout_ms / 1000):
                # Whose certificate it is, is judged below: it need not be one that a browser would believe.
                await asyncio.get_running_loop().create_connection(lambda: line, host, port, ssl=context)
            if secure:
                secure.judge(line.certificate)
        except TimeoutError as error:
            await self.close()
            wait = f"no answer within {self._plc.connect_timeout_ms} ms"
            raise LinkError(f"{self._where}: {wait}: check power, cable and address") from error
        except LinkError:
            await self.close()
            raise
        except (OSError, UnicodeError) as error:
            await self.close()
            raise LinkError(tls.plain(self._where, error)) from error

    async def read_inputs(self) -> list[int]:
        """The whole `inputs` area."""
        return await self._words(self._read, self._plc.inputs_at, self._inputs_words)

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        """Write the whole `orders` area and read `inputs`: FC 23, or FC 16 and a read for a PLC that lacks it."""
        if len(orders) != self._orders_words or min(orders) < 0 or max(orders) > WORD_MASK:
            raise ValueError(f"orders are {self._orders_words} words of 16 bits, not {len(orders)}: {orders!r:.80}")
        if (orders[1], orders[2]) != (MAGIC, VERSION):
            raise ValueError("orders that are not of this version of the contract")
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

    async def read_unit(self) -> None:
        """PackML has no place in Modbus."""

    async def close(self) -> None:
        """Close the connection; returns when the socket is closed."""
        self._end("the connection was closed here", orderly=not self._asking)
        if self._line:
            await self._line.gone()

    # ------------------------------------------------------------------------------------------- the requests

    async def _write_and_read(self, orders: Sequence[int]) -> list[int]:
        answer = await self._ask(
            WRITE_AND_READ,
            lambda client: client.readwrite_registers(
                read_address=self._plc.inputs_at,
                read_count=self._inputs_words,
                write_address=self._plc.orders_at,
                values=list(orders),
                device_id=self._plc.unit,
            ),
        )
        return self._checked(answer, self._inputs_words)

    async def _write(self, orders: Sequence[int]) -> None:
        plc = self._plc
        answer = await self._ask(
            WRITE,
            lambda client: client.write_registers(plc.orders_at, list(orders), device_id=plc.unit),
        )
        if (answer.address, answer.count) != (plc.orders_at, self._orders_words):
            self._drop(f"the answer is about {answer.count} words at {answer.address}, not about the request")

    async def _words(self, function: int, address: int, count: int) -> list[int]:
        def ask(client: AsyncModbusTcpClient) -> Awaitable[ModbusPDU]:
            read = client.read_input_registers if function == READ_INPUT else client.read_holding_registers
            return read(address, count=count, device_id=self._plc.unit)

        return self._checked(await self._ask(function, ask), count)

    async def _ask(self, function: int, ask: Callable[[AsyncModbusTcpClient], Awaitable[ModbusPDU]]) -> ModbusPDU:
        """One request to its end. Every way out but the right answer and an exception answer drops the connection."""
        client, line = self._standing()
        task = asyncio.current_task()
        cancels = task.cancelling() if task else 0
        self._asking = line.awaited = True
        # Lighter than asyncio.timeout, a hundred times a second: the end of the line fails the request.
        timer = asyncio.get_running_loop().call_later(self._request_s, line.end, self._late)
        try:
            answer = await ask(client)
        except ModbusException as error:
            self._drop(line.cause or f"the answer makes no sense: {error}")
        except asyncio.CancelledError:
            self._end("a request was given up")
            raise
        finally:
            timer.cancel()
            self._asking = line.awaited = False
        if task and task.cancelling() > cancels:
            # Python 3.11 swallows a cancel that meets the answer; whoever cancelled must not wait for ever.
            self._end("a request was given up")
            raise asyncio.CancelledError
        return self._right(function, answer, client)

    def _right(self, function: int, answer: ModbusPDU, client: AsyncModbusTcpClient) -> ModbusPDU:
        # pymodbus takes an answer with transaction number 0, and any function code.
        if answer.transaction_id != client.ctx.request_transaction_id:
            self._drop("the answer belongs to another request")
        if answer.function_code == function | ERROR_BIT:
            code = answer.exception_code
            raise ReplyRefused(code, EXCEPTIONS.get(code, "unknown exception"))
        if answer.function_code != function:
            self._drop(f"the answer is of function {answer.function_code}, asked was {function}")
        return answer

    def _checked(self, answer: ModbusPDU, count: int) -> list[int]:
        words = answer.registers
        if len(words) != count:
            self._drop(f"the answer has {len(words)} words, asked were {count}")
        return words if isinstance(words, list) else list(words)

    def _standing(self) -> tuple[AsyncModbusTcpClient, "_Line"]:
        if self._asking:
            raise RuntimeError("a wire has one owner, and one request at a time")
        if self._client is None or self._line is None:
            raise LinkError(f"{self._where}: not connected")
        if self._line.cause:
            self._drop(self._line.cause)
        return self._client, self._line

    # ------------------------------------------------------------------------------------------- guard and end

    def _passed(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:
        """The last place before the wire."""
        if sending:
            self._guard.check(_asked(pdu))
        return pdu

    def _drop(self, cause: str) -> NoReturn:
        self._end(cause)
        raise LinkError(f"{self._where}: {cause}")

    def _end(self, cause: str, *, orderly: bool = False) -> None:
        if self._line:
            self._line.end(cause, orderly=orderly)
        if self._client:
            self._client.close()


class _Line(asyncio.Protocol):
    """Between asyncio and pymodbus: knows why a connection ended, and fails the request in flight at once."""

    def __init__(self, client: AsyncModbusTcpClient) -> None:
        self.cause = ""
        self.awaited = False
        self._heard = False
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.get_running_loop().create_future()

    @property
    def certificate(self) -> bytes:
        """What the server showed, DER; empty without TLS."""
        shown = self._transport.get_extra_info("ssl_object") if self._transport else None
        return shown.getpeercert(binary_form=True) or b"" if shown else b""

    async def gone(self) -> None:
        """Returns when the socket is closed, and at once if there never was one."""
        if self._transport:
            await asyncio.wait([self._gone], timeout=GONE_S)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sockets.watch(transport.get_extra_info("socket"))
        self._client.ctx.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        try:
            self._client.ctx.data_received(data)
        except Exception as error:  # noqa: BLE001
            # Bytes from outside that pymodbus cannot decode; left to asyncio they would look like a crash of the program.
            self.end(f"the answer cannot be read: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.end(tls.UNHEARD if self.certificate and not self._heard else tls.meaning(exc))
        if not self._gone.done():
            self._gone.set_result(None)

    def end(self, cause: str, *, orderly: bool = False) -> None:
        """The connection is over, for this reason; the first one counts."""
        self.cause = self.cause or cause
        if self._transport and not self._transport.is_closing():
            if not orderly:
                sockets.forget_unsent(self._transport.get_extra_info("socket"))
            self._transport.abort()
        waiting = self._client.ctx.response_future
        if self.awaited and not waiting.done():
            waiting.set_exception(ModbusException(self.cause))


def _asked(pdu: ModbusPDU) -> Asked:
    if pdu.function_code == WRITE_AND_READ:
        read = getattr(pdu, "read_address", -1), getattr(pdu, "read_count", -1)
        write = getattr(pdu, "write_address", -1), getattr(pdu, "write_registers", [])
        return Asked(pdu.dev_id, pdu.function_code, read, write)
    if pdu.function_code in {READ_HOLDING, READ_INPUT}:
        return Asked(pdu.dev_id, pdu.function_code, (pdu.address, pdu.count), None)
    return Asked(pdu.dev_id, pdu.function_code, None, (pdu.address, pdu.registers))
