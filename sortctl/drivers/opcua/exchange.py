"""Exchange: the PLC's three areas as arrays of an OPC UA server.

Comes in: the nodes of the areas. Goes out: words. A cycle is one Write and one Read, sent together: the effect of a block
shows one PLC scan later at the earliest, so the Read need not wait for the answer to the Write. Areas are looked at once at
each connect: type and length must be those of the contract. A value that is not good counts as torn.
Never here: a retry, a reconnect, a meaning of the words.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NoReturn, TypeVar

from sortctl.drivers.keys import Keys
from sortctl.drivers.opcua import faults, packml, words
from sortctl.drivers.opcua.guard import CONNECTING, READING, Guard
from sortctl.drivers.opcua.session import Session, node_id, within
from sortctl.drivers.opcua.stack import ua
from sortctl.drivers.ports import LinkError, ReadTorn, ReplyRefused, UnitReading
from sortctl.site.wires import OpcUaPlc
from sortctl.words.exchange import MAGIC, VERSION, inputs_words, orders_words
from sortctl.words.units import WORD_MASK

KINDS: Final = (ua.AttributeIds.DataType, ua.AttributeIds.ValueRank, ua.AttributeIds.Value)
UINT16: Final = ua.NodeId(ua.ObjectIds.UInt16)
ONE_DIMENSION: Final = frozenset({1, 0, -2, -3})
"""Value ranks that allow an array of one dimension (OPC 10000-3, 5.6.2)."""
T = TypeVar("T")


class OpcUaWire:
    """One connection to a PLC."""

    def __init__(self, plc: OpcUaPlc, keys: Keys | None) -> None:
        self._plc = plc
        self._where = f"PLC at {plc.address}"
        self._orders_words = orders_words(plc.order_slots)
        self._inputs_words = inputs_words(plc.event_slots)
        self._session = Session(self._where, plc, keys, Guard(CONNECTING | READING))
        self._write: Any = None
        self._reads: dict[str, Any] = {}
        self._unit: packml.Unit | None = None
        self._asking = False

    async def open(self) -> None:
        """Connect, and look at the nodes; within `connect_timeout_ms`."""
        await within(self._where, self._plc.connect_timeout_ms, self._open())

    async def read_inputs(self) -> list[int]:
        """The whole `inputs` area. ReadTorn: it is not good now."""
        asked = self._reading(self._plc.inputs_node)
        return self._inputs(await self._ask(lambda services: services.read(asked)))

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        """Write the whole `orders` area and read `inputs`. ReadTorn: written, but `inputs` are not good now."""
        if len(orders) != self._orders_words or min(orders) < 0 or max(orders) > WORD_MASK:
            raise ValueError(f"orders are {self._orders_words} words of 16 bits, not {len(orders)}: {orders!r:.80}")
        if (orders[1], orders[2]) != (MAGIC, VERSION):
            raise ValueError("orders that are not of this version of the contract")
        asked = self._reading(self._plc.inputs_node)
        self._write.NodesToWrite[0].Value.Value.Value = list(orders)
        written, found = await self._ask(lambda services: _both(services.write(self._write), services.read(asked)))
        (status,) = self._session.all_of(written, 1)
        if not faults.is_good(int(status.value)):
            raise faults.refusal(self._where, int(status.value))
        return self._inputs(found)

    async def read_chutes(self, count: int) -> list[int]:
        """The first `count` words of the `chutes` area."""
        asked = self._reading(self._plc.chutes_node)
        read = self._only(await self._ask(lambda services: services.read(asked)))
        if not faults.is_good(read.status):
            raise faults.refusal(self._where, read.status)
        found = self._array(self._plc.chutes_node, read)
        if len(found) < count:
            raise LinkError(
                f"{self._where}: {self._plc.chutes_node} has {len(found)} words, the site has chutes up to {count}"
            )
        return found[:count]

    async def read_unit(self) -> UnitReading | None:
        """State and mode of the PackML unit, if the site names one."""
        return await self._unit.read() if self._unit is not None else None

    async def close(self) -> None:
        """Close session, channel and socket; returns when the socket is closed."""
        await self._session.close()

    # ------------------------------------------------------------------------------------------- at each connect

    async def _open(self) -> None:
        session, plc = self._session, self._plc
        await session.open()
        try:
            namespace = await session.namespace_index(plc.namespace)
            nodes = {name: node_id(name, namespace) for name in (plc.orders_node, plc.inputs_node, plc.chutes_node)}
            await self._look(nodes)
            if plc.packml is not None:
                self._unit = await packml.find_beside(session, plc.packml)
        except ReplyRefused as refused:
            raise LinkError(f"{self._where}: {refused.name}") from refused
        for name in (plc.inputs_node, plc.chutes_node):
            self._reads[name] = words.read_of([(nodes[name], ua.AttributeIds.Value)])
        orders = nodes[plc.orders_node]
        self._write = words.write_of(orders, [0] * self._orders_words)
        session.allow(Guard(CONNECTING | READING, orders, self._orders_words))

    async def _look(self, nodes: dict[str, Any]) -> None:
        """LinkError: a node is missing, or is not what the contract says."""
        found = await self._session.read([(node, kind) for node in nodes.values() for kind in KINDS])
        lengths = {self._plc.orders_node: self._orders_words, self._plc.inputs_node: self._inputs_words}
        for at, name in enumerate(nodes):
            kind, rank, value = found[at * len(KINDS) : (at + 1) * len(KINDS)]
            self._fits(name, kind, rank)
            read = words.read_value(value)
            wanted = lengths.get(name)
            # A value that cannot be read now may come later; orders need not be readable at all.
            if faults.is_good(read.status):
                length = len(self._array(name, read))
                if wanted is not None and length != wanted:
                    self._unfit(name, f"has {length} words", f"{wanted}: correct the slots in the site file or the PLC")

    def _fits(self, name: str, kind: Any, rank: Any) -> None:
        status = words.read_value(kind).status
        if not faults.is_good(status):
            raise LinkError(f"{self._where}: {name} in {self._plc.namespace}: {faults.words(status)}")
        if kind.Value.Value != UINT16:
            told = ua.ObjectIdNames.get(getattr(kind.Value.Value, "Identifier", None), str(kind.Value.Value))
            self._unfit(name, f"is of type {told}", "an array of UInt16")
        if rank.Value is not None and rank.Value.Value not in ONE_DIMENSION:
            self._unfit(name, f"is no array of one dimension (value rank {rank.Value.Value})", "an array of UInt16")

    def _array(self, name: str, read: words.Read) -> list[int]:
        if read.words is None:
            self._unfit(name, f"holds {read.found}", "an array of UInt16")
        return read.words

    def _unfit(self, name: str, found: str, wanted: str) -> NoReturn:
        raise LinkError(f"{self._where}: {name} {found}, wanted is {wanted}")

    # ------------------------------------------------------------------------------------------- in each cycle

    def _reading(self, name: str) -> Any:
        if name not in self._reads:
            raise LinkError(f"{self._where}: not connected")
        return self._reads[name]

    async def _ask(self, request: Callable[[Any], Awaitable[T]]) -> T:
        if self._asking:
            raise RuntimeError("a wire has one owner, and one request at a time")
        self._asking = True
        try:
            return await self._session.ask(request)
        finally:
            self._asking = False

    def _inputs(self, values: list[Any]) -> list[int]:
        read = self._only(values)
        if not faults.is_good(read.status):
            raise ReadTorn(faults.words(read.status))
        found = self._array(self._plc.inputs_node, read)
        if len(found) != self._inputs_words:
            self._unfit(self._plc.inputs_node, f"has {len(found)} words", str(self._inputs_words))
        return found

    def _only(self, values: list[Any]) -> words.Read:
        (value,) = self._session.all_of(values, 1)
        return words.read_value(value)


async def _both(write: Awaitable[Any], read: Awaitable[Any]) -> tuple[Any, Any]:
    """Sent together, the Write first; neither is left behind when the other fails."""
    written: Any
    found: Any
    written, found = await asyncio.gather(write, read, return_exceptions=True)
    for each in (written, found):
        if isinstance(each, BaseException):
            raise each
    return written, found
