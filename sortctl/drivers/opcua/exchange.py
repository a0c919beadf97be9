"""Exchange: the PLC's three areas as arrays of an OPC UA server.

Comes in: the nodes of the areas. Goes out: words. A cycle is one Write and one Read, sent together: the effect of a block
shows one PLC scan later at the earliest, so the Read need not wait for the answer to the Write. Areas are looked at once at
each connect: type and length must be those of the contract. A value that is not good counts as torn.
Never here: a retry, a reconnect, a meaning of the words.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from sortctl.drivers.keys import Keys
from sortctl.drivers.opcua import faults, packml, words
from sortctl.drivers.opcua.guard import CONNECTING, READING, Guard
from sortctl.drivers.opcua.session import Session, node_id, within
from sortctl.drivers.opcua.stack import Buffer, ua
from sortctl.drivers.ports import LinkError, ReadTorn, ReplyRefused, UnitReading
from sortctl.site.wires import OpcUaPlc
from sortctl.words.exchange import MAGIC, VERSION, inputs_words, orders_words
from sortctl.words.units import WORD_MASK

KINDS: Final = (ua.AttributeIds.DataType, ua.AttributeIds.ValueRank, ua.AttributeIds.Value)
UINT16: Final = ua.NodeId(ua.ObjectIds.UInt16)
ONE_DIMENSION: Final = frozenset({1, 0, -2, -3})
"""Value ranks that allow an array of one dimension (OPC 10000-3, 5.6.2)."""


class OpcUaWire:
    """One connection to a PLC."""

    def __init__(self, plc: OpcUaPlc, keys: Keys | None) -> None:
        self._plc = plc
        self._where = f"PLC at {plc.address}"
        self._orders_words = orders_words(plc.order_slots)
        self._inputs_words = inputs_words(plc.event_slots)
        self._guard = Guard(CONNECTING | READING)
        self._session = Session(self._where, plc, keys, self._guard)
        self._write: words.Template | None = None
        self._reads: dict[str, words.Template] = {}
        self._unit: packml.Unit | None = None
        self._asking = False

    async def open(self) -> None:
        """Connect, and look at the nodes; within `connect_timeout_ms`."""
        await within(self._where, self._plc.connect_timeout_ms, self._open())

    async def read_inputs(self) -> list[int]:
        """The whole `inputs` area. ReadTorn: it is not good now."""
        (answer,) = await self._ask(self._reading(self._plc.inputs_node))
        return self._inputs(answer)

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        """Write the whole `orders` area and read `inputs`. ReadTorn: written, but `inputs` are not good now."""
        if len(orders) != self._orders_words or min(orders) < 0 or max(orders) > WORD_MASK:
            raise ValueError(f"orders are {self._orders_words} words of 16 bits, not {len(orders)}: {orders!r:.80}")
        if (orders[1], orders[2]) != (MAGIC, VERSION):
            raise ValueError("orders that are not of this version of the contract")
        if self._write is None:
            raise LinkError(f"{self._where}: not connected")
        written, read = await self._ask((self._write, words.packed(orders)), self._reading(self._plc.inputs_node))
        status = words.written_status(written)
        if status is None:
            status = int(self._only(written, ua.WriteResponse).value)
        if not faults.is_good(status):
            raise faults.refusal(self._where, status)
        return self._inputs(read)

    async def read_chutes(self, count: int) -> list[int]:
        """The first `count` words of the `chutes` area."""
        (answer,) = await self._ask(self._reading(self._plc.chutes_node))
        read = self._read(answer)
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
        channel = session.channel
        for name in (plc.inputs_node, plc.chutes_node):
            self._reads[name] = self._template(words.read_request(nodes[name]))
        count = self._orders_words
        self._write = self._template(words.write_request(nodes[plc.orders_node], count), 2 * count)
        channel.guard = Guard(CONNECTING | READING, self._write.behind_header, count)

    def _template(self, request: Any, tail: int = 0) -> words.Template:
        header = self._session.channel.header(self._session.request_s)
        return words.Template(request, header, asyncio.get_running_loop().time(), tail)

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

    def _reading(self, name: str) -> tuple[words.Template, bytes]:
        if name not in self._reads:
            raise LinkError(f"{self._where}: not connected")
        return self._reads[name], b""

    async def _ask(self, *requests: tuple[words.Template, bytes]) -> list[Buffer]:
        if self._asking:
            raise RuntimeError("a wire has one owner, and one request at a time")
        channel, now_s = self._session.channel, asyncio.get_running_loop().time()
        self._asking = True
        try:
            first = channel.next_number
            filled = [request.fill(first + at, now_s, tail) for at, (request, tail) in enumerate(requests)]
            return await channel.answers(self._session.request_s, *channel.post(*filled))
        finally:
            self._asking = False

    def _inputs(self, answer: Buffer) -> list[int]:
        read = self._read(answer)
        if not faults.is_good(read.status):
            raise ReadTorn(faults.words(read.status))
        found = self._array(self._plc.inputs_node, read)
        if len(found) != self._inputs_words:
            self._unfit(self._plc.inputs_node, f"has {len(found)} words", str(self._inputs_words))
        return found

    def _read(self, answer: Buffer) -> words.Read:
        return words.read_words(answer) or words.read_value(self._only(answer, ua.ReadResponse))

    def _only(self, answer: Buffer, kind: type) -> Any:
        results: list[Any] = self._session.channel.decoded(answer, kind).Results or []
        if len(results) != 1:
            self._session.channel.drop(f"one result was asked for, {len(results)} came")
        return results[0]
