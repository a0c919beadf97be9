"""Exchange: the three areas of the contract as OPC UA nodes.

Comes in: reads and writes of whole areas. Goes out: the image of the PLC's last scan, computed when it is read; words to
the orders area, all words of one write together. Nothing is written when nobody reads, so a subscription to these nodes
says nothing. Never here: sockets, and what the words mean.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from asyncua import Server, ua

from sim.doors.opcua.ids import node_id, parsed_id
from sim.doors.registers import MachineBehind
from sim.faults.at_opcua import Shape
from sortctl.site.model import Machine
from sortctl.words.exchange import inputs_words, orders_words

# Variant type, value rank (-1: scalar, 1: array of one dimension; OPC 10000-3, 5.6.2).
_SHAPES = {
    Shape.AS_AGREED: (ua.VariantType.UInt16, 1),
    Shape.SIGNED: (ua.VariantType.Int16, 1),
    Shape.WIDE: (ua.VariantType.UInt32, 1),
    Shape.SCALAR: (ua.VariantType.UInt16, -1),
    Shape.TEXT: (ua.VariantType.String, -1),
}


class ExchangeNodes:
    """One PLC's exchange image. `behind` is asked anew each time: a restart replaces it."""

    def __init__(self, machine: Machine, behind: Callable[[], MachineBehind]) -> None:
        plc = machine.opcua
        self._behind = behind
        self._namespace = plc.namespace
        self._names = {"orders": plc.orders_node, "inputs": plc.inputs_node, "chutes": plc.chutes_node}
        self._sizes = {
            "orders": orders_words(plc.order_slots),
            "inputs": inputs_words(plc.event_slots),
            "chutes": max((chute.number for chute in machine.chutes), default=0),
        }
        self.shapes = dict.fromkeys(self._names, Shape.AS_AGREED)
        """What each area's node is made of ("orders", "inputs", "chutes"); anything else is a PLC set up wrongly."""
        self.tears = 0
        """So many of the next reads of the inputs area end in another stamp."""

    async def furnish(self, server: Server) -> None:
        index = await server.register_namespace(self._namespace)
        folder = await server.nodes.objects.add_object(node_id("Exchange", index), f"{index}:Exchange")
        for area, name in self._names.items():
            nodeid = parsed_id(name, index)
            first = ua.Variant([0] * self._sizes[area], ua.VariantType.UInt16)
            node = await folder.add_variable(nodeid, f"{index}:{area.capitalize()}", first)
            if area == "orders":
                await node.set_writable()
                server.set_attribute_value_setter(nodeid, self._write)
            self._show(server, nodeid, area)

    def _show(self, server: Server, nodeid: ua.NodeId, area: str) -> None:
        def shape() -> tuple[ua.VariantType, int]:
            return _SHAPES[self.shapes[area]]

        shown: dict[ua.AttributeIds, Callable[[], ua.DataValue]] = {
            ua.AttributeIds.Value: lambda: self._value(area),
            ua.AttributeIds.DataType: lambda: _plain(node_id(shape()[0].value), ua.VariantType.NodeId),
            ua.AttributeIds.ValueRank: lambda: _plain(shape()[1], ua.VariantType.Int32),
        }
        for attribute, value in shown.items():
            server.set_attribute_value_callback(nodeid, _asked(value), attribute)

    def _value(self, area: str) -> ua.DataValue:
        behind = self._behind()
        if area == "orders":
            words = behind.read_orders()
        elif area == "inputs":
            words = self._torn(behind.read_inputs())
        else:
            words = behind.read_chutes()[: self._sizes[area]]
        return ua.DataValue(_as_shape(words, self.shapes[area]), SourceTimestamp=_now())

    def _torn(self, words: Sequence[int]) -> Sequence[int]:
        if not self.tears:
            return words
        self.tears -= 1
        return [*words[:-1], (words[-1] - 1) & 0xFFFF]

    def _write(self, node: Any, attribute: ua.AttributeIds, value: ua.DataValue) -> None:  # noqa: ARG002
        variant = value.Value
        agreed = self.shapes["orders"] is Shape.AS_AGREED
        if variant is None or not agreed or variant.VariantType is not ua.VariantType.UInt16:
            raise ua.uaerrors.BadTypeMismatch
        if not isinstance(variant.Value, list) or len(variant.Value) != self._sizes["orders"]:
            raise ua.uaerrors.BadTypeMismatch
        self._behind().write_orders(variant.Value, 0)


def _asked(value: Callable[[], ua.DataValue]) -> Callable[[ua.NodeId, ua.AttributeIds], ua.DataValue]:
    def answer(nodeid: ua.NodeId, attribute: ua.AttributeIds) -> ua.DataValue:  # noqa: ARG001 asyncua's signature
        return value()

    return answer


def _now() -> Any:
    return datetime.now(UTC)


def _plain(value: Any, kind: ua.VariantType) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value, kind))


def _as_shape(words: Sequence[int], shape: Shape) -> ua.Variant:
    kind, rank = _SHAPES[shape]
    if shape is Shape.TEXT:
        return ua.Variant(" ".join(map(str, words)), kind)
    if rank < 0:
        return ua.Variant(words[0], kind)
    if shape is Shape.SIGNED:
        return ua.Variant(list(struct.unpack(f"{len(words)}h", struct.pack(f"{len(words)}H", *words))), kind)
    return ua.Variant(list(words), kind)
