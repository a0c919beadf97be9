"""OPC UA in front of one PLC: the simulator's server with the nodes of the exchange, and the lean PLC behind them.

Comes in: words of whole areas. Goes out: the same as bytes to the lean PLC or the judge, at the moment at which their request
was complete at the socket: what the server needs to understand it is nobody's latency.
Never here: what the words mean, keys.
"""

import struct
from collections.abc import Sequence
from typing import Final

from bench.fast_lines import ORDER_SLOTS
from bench.machine.judge import Judge
from bench.machine.plc import Plc
from sim.doors.opcua.exchange import ExchangeNodes
from sim.doors.opcua.locks import Locks
from sim.doors.opcua_door import Entrance, OpcUaDoor
from sim.faults.at_opcua import Mischief
from sortctl.site.model import Machine
from sortctl.words.exchange import orders_words
from sortctl.words.units import NS_PER_S

ROUTE: Final = slice(14, 17)
"""Chute and waybill in the orders area of a candidate that does not know where its parcels are."""


class Areas:
    """The three areas of one PLC as words."""

    def __init__(self, line: int, plc: Plc, judge: Judge, by_label: bool) -> None:
        self.door: OpcUaDoor | None = None
        """Set before the first request; it knows when the request came."""
        self._line, self._plc, self._judge = line, plc, judge
        self._by_label = by_label
        self._orders: Sequence[int] = [0] * orders_words(ORDER_SLOTS)

    def write_orders(self, words: Sequence[int], at: int) -> None:
        assert at == 0
        self._orders = words
        if self._by_label:
            chute, high, low = words[ROUTE]
            self._judge.route(self._line, high << 16 | low, chute, self._now_ns())
        else:
            self._plc.write(struct.pack(f">{len(words)}H", *words), self._now_ns())

    def read_orders(self) -> Sequence[int]:
        return self._orders

    def read_inputs(self) -> Sequence[int]:
        return _words(self._plc.read(self._now_ns()))

    def read_chutes(self) -> Sequence[int]:
        return _words(self._plc.chutes)

    def _now_ns(self) -> int:
        assert self.door is not None
        heard_s = (connection.heard_at for connection in self.door.connections)
        return int(max(heard_s) * NS_PER_S)


def opcua_door(machine: Machine, locks: Locks, areas: Areas) -> OpcUaDoor:
    """A door at the address of the site file, not yet open."""
    port = int(machine.plc.address.rpartition(":")[2])
    areas.door = OpcUaDoor(Entrance(port, "", locks), [ExchangeNodes(machine, lambda: areas)], Mischief(0))
    return areas.door


def _words(packed: bytes) -> Sequence[int]:
    return struct.unpack(f">{len(packed) // 2}H", packed)
