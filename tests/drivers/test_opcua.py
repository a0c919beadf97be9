"""The OPC UA wire: words to and from the nodes of the contract, and what is refused at the connect."""

import asyncio
import gc
from contextlib import suppress
from typing import Any

import pytest

from sim.doors.ports import free_ports
from sim.faults import at_opcua
from sim.faults.at_opcua import Shape
from sortctl.drivers import ExchangeWire, LinkError, ReadTorn, ReplyRefused, exchange_wire
from sortctl.drivers.opcua.exchange import OpcUaWire
from sortctl.words.exchange import MAGIC, VERSION
from tests.drivers.opcua_peer import INPUTS, ORDERS, ORDERS_WORDS, PROTECTED, Peer, machine, settings
from tests.drivers.plc import until

pytestmark = pytest.mark.wire


async def test_a_cycle_writes_the_orders_and_reads_the_inputs(peer: Peer) -> None:
    wire: ExchangeWire = exchange_wire(machine(peer.settings()))
    await wire.open()
    assert (await wire.read_inputs())[-2] == 0
    assert await wire.exchange(ORDERS) == INPUTS
    assert peer.plc.written == [ORDERS]
    assert await wire.read_chutes(3) == [0x8000, 0x8001, 0x8002]
    assert await wire.read_unit() is None
    await wire.close()


async def test_every_word_comes_as_it_was_sent(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    orders = [0xFFFF, MAGIC, VERSION, *range(0x7FF0, 0x7FF0 + ORDERS_WORDS - 4), 0xFFFF]
    assert (await wire.exchange(orders))[-2] == 0xFFFF
    assert peer.plc.written == [orders]
    await wire.close()


@pytest.mark.parametrize(
    "orders",
    [
        ORDERS[:-1],
        [*ORDERS, 1],
        [-1, *ORDERS[1:]],
        [0x10000, *ORDERS[1:]],
        [1, 0, *ORDERS[2:]],
        [1, MAGIC, 0, *ORDERS[3:]],
    ],
)
async def test_words_that_are_not_the_contracts_are_a_mistake_of_ours(peer: Peer, orders: list[int]) -> None:
    wire = peer.wire()
    await wire.open()
    with pytest.raises(ValueError, match="orders"):
        await wire.exchange(orders)
    assert not peer.plc.written
    await wire.close()


# ------------------------------------------------------------------------------------------- at the connect


@pytest.mark.parametrize(
    ("area", "shape", "told"),
    [
        ("orders", Shape.SIGNED, r"s=Exchange.Orders is of type Int16, wanted is an array of UInt16"),
        ("inputs", Shape.WIDE, r"s=Exchange.Inputs is of type UInt32, wanted is an array of UInt16"),
        ("chutes", Shape.TEXT, r"s=Exchange.Chutes is of type String, wanted is an array of UInt16"),
        ("inputs", Shape.SCALAR, r"s=Exchange.Inputs is no array of one dimension .*, wanted is an array of UInt16"),
    ],
)
async def test_a_node_of_another_type_is_named(peer: Peer, area: str, shape: Shape, told: str) -> None:
    peer.nodes.shapes[area] = shape
    await refused(peer.wire(), told)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"order_slots": 3}, r"s=Exchange.Orders has 28 words, wanted is 36: correct the slots"),
        ({"event_slots": 2}, r"s=Exchange.Inputs has 34 words, wanted is 44: correct the slots"),
        ({"namespace": "urn:other"}, r"it has no namespace urn:other, but .*urn:simulated:sorter"),
        ({"inputs_node": "s=Nothing"}, r"s=Nothing in urn:simulated:sorter: it has no such node \(BadNodeIdUnknown\)"),
        ({"user": {"name": "op"}}, "a user needs a protected link"),
    ],
)
async def test_what_does_not_fit_the_site_file_is_said(peer: Peer, changes: dict[str, Any], told: str) -> None:
    await refused(peer.wire(**changes), told)


async def test_a_plc_with_too_few_chutes_is_named(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    with pytest.raises(LinkError, match=r"s=Exchange.Chutes has 4 words, the site has chutes up to 5"):
        await wire.read_chutes(5)
    await wire.close()


async def test_connect_refused_says_what_to_do() -> None:
    await refused(OpcUaWire(settings(free_ports(1)[0]), None), r"PLC at 127.0.0.1:\d+: nothing listens there")


async def test_connect_has_its_own_deadline(peer: Peer) -> None:
    peer.door.freeze(new_as_well=True)
    async with asyncio.timeout(2):
        await refused(peer.wire(connect_timeout_ms=100), "no answer within 100 ms")
    await gone(peer)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n" * 8, b"ACKF\xff\xff\xff\xff", b"MSGF\x09\0\0\0\0\0\0\0", b"\0" * 64]
)
async def test_something_else_that_answers_there_is_refused(answer: bytes) -> None:
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0)
    async with server:
        wire = OpcUaWire(settings(server.sockets[0].getsockname()[1], connect_timeout_ms=500), None)
        await refused(wire, r"is this an OPC UA server|cannot be read|shorter than its header")
    await server.wait_closed()


@pytest.mark.parametrize("turns", range(8))
async def test_a_server_that_hangs_up_while_we_connect_is_a_lost_link(turns: int) -> None:
    async def hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _turn in range(turns):
            await asyncio.sleep(0)
        writer.transport.abort()

    server = await asyncio.start_server(hangs_up, "127.0.0.1", 0)
    async with server:
        await refused(OpcUaWire(settings(server.sockets[0].getsockname()[1]), None), "it closed|it cut")
    await server.wait_closed()


async def test_without_keys_there_is_no_protected_wire(peer: Peer) -> None:
    with pytest.raises(ValueError, match="without keys there is no connection with security"):
        peer.wire(security=PROTECTED)


# ------------------------------------------------------------------------------------------- what goes wrong later


async def test_a_value_that_is_not_good_is_torn_and_the_connection_goes_on(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    for treatment, name in ((at_opcua.FAILED, "BadSensorFailure"), (at_opcua.UNCERTAIN, "UncertainLastUsableValue")):
        peer.door.mischief.lay(treatment, services=frozenset({"Read"}), times=1)
        with pytest.raises(ReadTorn, match=name):
            await wire.exchange(ORDERS)
    assert len(peer.plc.written) == 2, "written, though not read"
    assert await wire.read_inputs() == INPUTS
    await wire.close()


async def test_a_write_that_is_refused_leaves_the_connection_standing(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    peer.door.mischief.lay(at_opcua.DENIED, services=frozenset({"Write"}), times=1)
    with pytest.raises(ReplyRefused, match="BadUserAccessDenied"):
        await wire.exchange(ORDERS)
    assert await wire.exchange(ORDERS) == INPUTS
    await wire.close()


@pytest.mark.parametrize("service", ["Read", "Write"])
async def test_a_service_fault_leaves_the_connection_standing(peer: Peer, service: str) -> None:
    wire = peer.wire()
    await wire.open()
    peer.door.mischief.lay(at_opcua.refused(), services=frozenset({service}), times=1)
    with pytest.raises(ReplyRefused, match="BadInternalError") as refused:
        await wire.exchange(ORDERS)
    assert refused.value.code == at_opcua.BAD_INTERNAL_ERROR
    assert await wire.exchange(ORDERS) == INPUTS
    await wire.close()


async def test_chutes_that_are_not_good_are_refused(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    peer.door.mischief.lay(at_opcua.FAILED, services=frozenset({"Read"}), times=1)
    with pytest.raises(ReplyRefused, match="BadSensorFailure"):
        await wire.read_chutes(3)
    assert len(await wire.read_chutes(3)) == 3
    await wire.close()


async def test_a_server_that_stops_ends_the_connection(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    peer.door.mischief.lay(at_opcua.refused(at_opcua.BAD_SERVER_HALTED), services=frozenset({"Read"}), times=1)
    with pytest.raises(LinkError, match="it has stopped"):
        await wire.read_inputs()
    await wire.close()


async def test_an_answer_in_crumbs_is_put_together(peer: Peer) -> None:
    peer.door.mischief.lay(at_opcua.CRUMBLED)
    wire = peer.wire()
    await wire.open()
    assert await wire.exchange(ORDERS) == INPUTS
    await wire.close()


@pytest.mark.parametrize("call", ["read_inputs", "exchange", "read_chutes"])
async def test_a_wire_that_is_not_open_says_so(peer: Peer, call: str) -> None:
    wire = peer.wire()
    arguments = {"read_inputs": (), "exchange": (ORDERS,), "read_chutes": (3,)}[call]
    with pytest.raises(LinkError, match="not connected"):
        await getattr(wire, call)(*arguments)
    await wire.close()
    await wire.open()
    await wire.close()
    await wire.close()
    with pytest.raises(LinkError, match="closed here"):
        await getattr(wire, call)(*arguments)


async def test_a_second_request_at_the_same_time_is_a_mistake_of_ours(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    first = asyncio.create_task(wire.read_inputs())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="one owner"):
        await wire.read_inputs()
    assert len(await first)
    await wire.close()


async def test_the_session_is_closed_with_the_wire(peer: Peer) -> None:
    wire = peer.wire()
    await wire.open()
    assert peer.door.sessions == 1
    await wire.close()
    await gone(peer)


async def test_a_wire_leaves_no_task_while_it_stands(peer: Peer) -> None:
    before = asyncio.all_tasks()
    wire = peer.wire()
    await wire.open()
    await wire.exchange(ORDERS)
    started = [str(task.get_coro()) for task in asyncio.all_tasks() - before]
    # The server of these tests lives in the same loop, and has some.
    assert not [task for task in started if "sortctl" in task or "client" in task]
    await wire.close()


async def test_open_given_up_half_way_leaves_nothing(peer: Peer) -> None:
    for turns in range(0, 40, 3):
        wire = peer.wire()
        opening = asyncio.create_task(wire.open())
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening
        await wire.close()
    await until(lambda: not peer.door.connections)
    gc.collect()


async def refused(wire: OpcUaWire, told: str) -> None:
    with pytest.raises(LinkError, match=told):
        await wire.open()
    await wire.close()


async def gone(peer: Peer) -> None:
    peer.door.thaw()
    await until(lambda: not peer.door.sessions and not peer.door.connections)
