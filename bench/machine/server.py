"""Server: Modbus TCP in front of one PLC, just enough of it: FC 3, FC 16 and FC 23 on the areas of the exchange.

Comes in: connections on loopback. Goes out: answers, in the same turn of the loop. The moment of a request is taken before
anything is done with its last bytes. Never here: errors; a candidate that asks for something else is cut off.
"""

import asyncio
from struct import Struct, unpack_from
from time import monotonic_ns
from typing import Final

from bench.machine.judge import Judge
from bench.machine.manners import Conduct
from bench.machine.plc import Plc

ORDERS_AT: Final = 0
INPUTS_AT: Final = 200
CHUTES_AT: Final = 400
ROUTES_AT: Final = 600
"""Two registers for a script without the exchange: waybill, chute."""
_ENVELOPE: Final = Struct(">HHHBB")


class Server(asyncio.Protocol):
    """One connection."""

    def __init__(self, line: int, plc: Plc, judge: Judge, by_label: bool, conduct: Conduct) -> None:
        self._line, self._plc, self._judge = line, plc, judge
        self._conduct = conduct
        self._by_label = by_label
        """Orders name the parcel by its waybill: the candidate does not know where it is."""
        self._left = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        at_ns = monotonic_ns()
        self._left += data
        while len(self._left) >= _ENVELOPE.size:
            transaction, _, length, unit, function = _ENVELOPE.unpack_from(self._left)
            end = length + 6
            if len(self._left) < end:
                return
            answer = self._answer(function, self._left[8:end], at_ns)
            self._left = self._left[end:]
            self._send(_ENVELOPE.pack(transaction, 0, len(answer) + 2, unit, function) + answer)

    def _send(self, answer: bytes) -> None:
        assert self._transport is not None
        if self._conduct.late_s:
            asyncio.get_running_loop().call_later(self._conduct.late_s, self._transport.write, answer)
        else:
            self._transport.write(answer)

    def _answer(self, function: int, body: bytes, at_ns: int) -> bytes:
        """`body` is what follows the function code."""
        if function == 23:
            if self._by_label:
                chute, waybill = unpack_from(">HI", body, 9 + 22 + 6)
                self._judge.route(self._line, waybill, chute, at_ns)
            else:
                self._plc.write(body[9:], at_ns)
            words = self._plc.read(at_ns)
            return bytes((len(words),)) + words
        at, count = unpack_from(">HH", body)
        if function == 16:
            waybill, chute = unpack_from(">HH", body, 5)
            self._judge.route(self._line, waybill, chute, at_ns)
            return body[:4]
        words = (self._plc.chutes if at == CHUTES_AT else self._plc.read(at_ns))[: 2 * count]
        return bytes((len(words),)) + words
