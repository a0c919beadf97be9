"""Registers: the memory of a PLC as Modbus sees it, and the five functions on it. Pure.

Comes in: one request PDU at a time. Goes out: the answer PDU, exceptions included; words to the orders area, all words
of one request together. The map is that of the site file: the orders area is always in holding registers, `inputs` and
`chutes` are holding or input registers. Never here: sockets, and what the words mean.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from sortctl.site.model import Machine
from sortctl.words.exchange import inputs_words, orders_words

READ_HOLDING: Final = 3
READ_INPUT: Final = 4
WRITE_ONE: Final = 6
WRITE_MANY: Final = 16
WRITE_AND_READ: Final = 23
ALL_FUNCTIONS: Final = frozenset({READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_MANY, WRITE_AND_READ})

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3

# Modbus Application Protocol 1.1b3, 6.3, 6.4, 6.12, 6.17: what fits a PDU of 253 bytes.
READ_MAX: Final = 125
WRITE_MAX: Final = 123
WRITE_IN_BOTH_MAX: Final = 121


class MachineBehind(Protocol):
    """What stands behind the door: a PLC's three areas."""

    def write_orders(self, words: Sequence[int], at: int) -> None: ...
    def read_orders(self) -> Sequence[int]: ...
    def read_inputs(self) -> Sequence[int]: ...
    def read_chutes(self) -> Sequence[int]: ...


# Where it begins, how many words it has, what reads it.
_Area = tuple[int, int, Callable[[], Sequence[int]]]


class Refusal(Exception):
    """The request is answered by this exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


def exception_pdu(function: int, code: int) -> bytes:
    """The answer that says no."""
    return bytes((function | 0x80, code))


class Registers:
    """One PLC's memory. `functions` are the ones it supports; `behind` is asked anew each time: a restart replaces it."""

    def __init__(
        self, machine: Machine, behind: Callable[[], MachineBehind], functions: frozenset[int] = ALL_FUNCTIONS
    ) -> None:
        plc = machine.modbus
        self._behind = behind
        self.functions = functions
        self._orders_at = plc.orders_at
        self._inputs_at = plc.inputs_at
        self._chutes_at = plc.chutes_at
        self._inputs_words = inputs_words(plc.event_slots)
        self._chutes_words = max((chute.number for chute in machine.chutes), default=0)
        self._rest_in_holding = plc.read == "holding"
        self._orders_words = orders_words(plc.order_slots)

    def answer(self, pdu: bytes, *, tear: bool = False) -> bytes:
        """The answer to one request. `tear`: what is read of the inputs area ends in another stamp."""
        function = pdu[0] if pdu else 0
        try:
            if function not in self.functions:
                raise Refusal(ILLEGAL_FUNCTION)
            return self._carry_out(function, pdu, tear=tear)
        except Refusal as refusal:
            return exception_pdu(function, refusal.code)
        except (struct.error, IndexError):
            return exception_pdu(function, ILLEGAL_VALUE)

    def _carry_out(self, function: int, pdu: bytes, *, tear: bool) -> bytes:
        if function in {READ_HOLDING, READ_INPUT}:
            return self._read(function, *struct.unpack(">HH", pdu[1:]), tear=tear)
        if function == WRITE_ONE:
            at, word = struct.unpack(">HH", pdu[1:])
            self._write(at, [word])
            return pdu
        if function == WRITE_MANY:
            at, count, size = struct.unpack_from(">HHB", pdu, 1)
            self._write(at, _words(pdu[6:], count, size, WRITE_MAX))
            return struct.pack(">BHH", function, at, count)
        read_at, read_count, at, count, size = struct.unpack_from(">HHHHB", pdu, 1)
        words = _words(pdu[10:], count, size, WRITE_IN_BOTH_MAX)
        self._check_read(READ_HOLDING, read_at, read_count)
        self._write(at, words)  # the write comes first, as the standard says
        return self._read(function, read_at, read_count, tear=tear)

    def _write(self, at: int, words: list[int]) -> None:
        first = at - self._orders_at
        if first < 0 or first + len(words) > self._orders_words:
            raise Refusal(ILLEGAL_ADDRESS)
        self._behind().write_orders(words, first)

    def _read(self, function: int, at: int, count: int, *, tear: bool) -> bytes:
        words = self._check_read(function, at, count)
        if tear and at <= self._inputs_at + self._inputs_words - 1 < at + count:
            last = self._inputs_at + self._inputs_words - 1 - at
            words[last] = (words[last] - 1) & 0xFFFF
        return struct.pack(f">BB{count}H", function, 2 * count, *words)

    def _check_read(self, function: int, at: int, count: int) -> list[int]:
        if not 1 <= count <= READ_MAX:
            raise Refusal(ILLEGAL_VALUE)
        for start, size, words in self._areas(holding=function != READ_INPUT):
            if start <= at and at + count <= start + size:
                return list(words())[at - start : at - start + count]
        raise Refusal(ILLEGAL_ADDRESS)

    def _areas(self, *, holding: bool) -> list[_Area]:
        behind = self._behind()
        rest: list[_Area] = [
            (self._inputs_at, self._inputs_words, behind.read_inputs),
            (self._chutes_at, self._chutes_words, behind.read_chutes),
        ]
        if not holding:
            return rest
        orders: _Area = (self._orders_at, self._orders_words, behind.read_orders)
        return [orders, *rest] if self._rest_in_holding else [orders]


def _words(data: bytes, count: int, size: int, most: int) -> list[int]:
    if not 1 <= count <= most or size != 2 * count or len(data) != size:
        raise Refusal(ILLEGAL_VALUE)
    return list(struct.unpack(f">{count}H", data))
