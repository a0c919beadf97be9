"""The OPC UA door on loopback: connections, sessions and their mischief, with asyncua's own client."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from asyncua import Client, Node, ua

from sim.doors.opcua.exchange import ExchangeNodes
from sim.doors.opcua_door import Entrance, OpcUaDoor
from sim.faults import at_opcua
from sim.faults.at_opcua import Manners, Mischief, Shape
from sortctl.words.exchange import inputs_words, orders_words
from tests.sim.doors.conftest import NAMESPACE, Words, opcua_machine_at

pytestmark = pytest.mark.wire

ORDERS = [1, *range(2, orders_words(2)), 1]


@pytest.fixture
def nodes(words: Words, port: int) -> ExchangeNodes:
    return ExchangeNodes(opcua_machine_at(port), lambda: words)


@pytest.fixture
async def door(nodes: ExchangeNodes, port: int) -> AsyncIterator[OpcUaDoor]:
    door = OpcUaDoor(Entrance(port, "/plc"), [nodes], Mischief(1), Manners())
    await door.open()
    yield door
    await door.end()


@pytest.fixture
async def clients(door: OpcUaDoor) -> AsyncIterator[list[Client]]:
    opened: list[Client] = []
    yield opened
    for client in opened:
        await leave(client)


async def leave(client: Client) -> None:
    try:
        async with asyncio.timeout(0.5):
            await client.disconnect()
    except Exception:  # noqa: BLE001 what is left of a client whose server is gone
        client.disconnect_socket()


async def come(door: OpcUaDoor, clients: list[Client], wait_s: float = 2) -> Client:
    client = Client(door.url, timeout=wait_s)
    client.session_timeout = 2_000
    clients.append(client)
    await client.connect()
    return client


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 the door tells nobody
            await asyncio.sleep(0.01)


def node(client: Client, area: str) -> Node:
    return client.get_node(f"ns=2;s=Exchange.{area}")


def value_only(words: list[int]) -> ua.DataValue:
    return ua.DataValue(ua.Variant(words, ua.VariantType.UInt16), StatusCode=None)


async def write(client: Client, words: list[int]) -> None:
    await node(client, "Orders").write_attribute(ua.AttributeIds.Value, value_only(words))


async def test_the_three_areas_are_there(door: OpcUaDoor, clients: list[Client], words: Words) -> None:
    client = await come(door, clients)
    assert await client.get_namespace_index(NAMESPACE) == 2
    await write(client, ORDERS)
    assert words.written == [(0, ORDERS)]
    inputs, chutes = await client.read_values([node(client, "Inputs"), node(client, "Chutes")])
    assert inputs == words.read_inputs()
    assert inputs[-2] == 1
    assert len(inputs) == inputs_words(1)
    assert chutes == words.read_chutes()
    assert await node(client, "Inputs").read_data_type_as_variant_type() == ua.VariantType.UInt16
    assert await node(client, "Inputs").read_value_rank() == 1


async def test_a_write_with_status_or_timestamps_is_refused(
    door: OpcUaDoor, clients: list[Client], words: Words
) -> None:
    client = await come(door, clients)
    stamped = ua.DataValue(ua.Variant(ORDERS, ua.VariantType.UInt16))
    with pytest.raises(ua.uaerrors.BadWriteNotSupported):
        await node(client, "Orders").write_attribute(ua.AttributeIds.Value, stamped)
    assert words.written == []
    door.manners.refuses_stamped_writes = False
    await node(client, "Orders").write_attribute(ua.AttributeIds.Value, stamped)
    assert words.written == [(0, ORDERS)]


@pytest.mark.parametrize(
    "wrong", [ua.Variant(ORDERS, ua.VariantType.Int64), ua.Variant(ORDERS[:-1], ua.VariantType.UInt16), ua.Variant(1, ua.VariantType.UInt16)]
)  # fmt: skip
async def test_another_type_or_length_is_refused(
    door: OpcUaDoor, clients: list[Client], words: Words, wrong: ua.Variant
) -> None:
    client = await come(door, clients)
    with pytest.raises(ua.uaerrors.BadTypeMismatch):
        await node(client, "Orders").write_attribute(ua.AttributeIds.Value, ua.DataValue(wrong, StatusCode=None))
    assert words.written == []


async def test_only_the_orders_can_be_written(door: OpcUaDoor, clients: list[Client], words: Words) -> None:
    client = await come(door, clients)
    with pytest.raises(ua.uaerrors.BadUserAccessDenied):
        await node(client, "Inputs").write_attribute(ua.AttributeIds.Value, value_only(words.read_inputs()))
    assert await node(client, "Inputs").read_value() == words.read_inputs()


async def test_refused_while_the_others_go_on(door: OpcUaDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    door.refuse()
    with pytest.raises(ConnectionRefusedError):
        await come(door, clients)
    assert await node(client, "Chutes").read_value()
    await door.open()
    assert await node(await come(door, clients), "Chutes").read_value()


async def test_a_reset_leaves_the_session_until_its_time_out(door: OpcUaDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    door.reset()
    with pytest.raises((ConnectionError, ua.UaError)):
        await node(client, "Chutes").read_value()
    assert (len(door.connections), door.sessions) == (0, 1)
    again = await come(door, clients)
    assert await node(again, "Chutes").read_value()
    assert door.sessions == 2
    await again.disconnect()
    assert door.sessions == 1


async def test_half_open_the_old_is_silent_and_the_new_works(
    door: OpcUaDoor, clients: list[Client], words: Words
) -> None:
    """What was written into the freeze is carried out late, as after a network that came back."""
    old = await come(door, clients, wait_s=5)
    door.freeze()
    late = asyncio.create_task(write(old, ORDERS))
    new = await come(door, clients)
    assert await node(new, "Inputs").read_value() == words.read_inputs()
    assert words.written == []
    assert not late.done()
    door.thaw()
    await late
    assert words.written == [(0, ORDERS)]


async def test_half_open_for_new_ones_as_well(door: OpcUaDoor, clients: list[Client]) -> None:
    door.freeze(new_as_well=True)
    with pytest.raises(TimeoutError):
        await come(door, clients, wait_s=0.2)


async def test_a_restart_ends_every_session(door: OpcUaDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    door.close()
    with pytest.raises((ConnectionError, ua.UaError)):
        await node(client, "Chutes").read_value()
    with pytest.raises(ConnectionRefusedError):
        await come(door, clients)
    began = asyncio.get_running_loop().time()
    await door.open()
    assert asyncio.get_running_loop().time() - began < 0.5
    assert door.sessions == 0
    assert await node(await come(door, clients), "Chutes").read_value()


async def test_sessions_are_limited_and_ghosts_count(door: OpcUaDoor, clients: list[Client]) -> None:
    door.manners.sessions_max = 1
    await come(door, clients)
    with pytest.raises(ua.uaerrors.BadTooManySessions):
        await come(door, clients)
    door.reset()
    with pytest.raises(ua.uaerrors.BadTooManySessions):
        await come(door, clients)
    assert door.sessions == 1


async def test_a_session_without_a_connection_times_out(door: OpcUaDoor, clients: list[Client]) -> None:
    client = await come(door, clients)
    door.manners.session_timeout_ms = (100, 300)
    short = await come(door, clients)
    assert short.session_timeout == 300
    door.reset()
    del client
    await until(lambda: door.sessions == 1)


async def test_the_connection_silent_longest_makes_room(door: OpcUaDoor, clients: list[Client]) -> None:
    door.manners.connections_max = 2
    first, second = await come(door, clients), await come(door, clients)
    await node(first, "Chutes").read_value()
    third = await come(door, clients)
    with pytest.raises((ConnectionError, ua.UaError)):
        await node(second, "Chutes").read_value()
    for client in (first, third):
        assert await node(client, "Chutes").read_value()
    assert door.closed_for_room == 1


@pytest.mark.parametrize("shape", [Shape.SIGNED, Shape.WIDE, Shape.SCALAR, Shape.TEXT])
async def test_a_node_can_be_of_another_kind(
    door: OpcUaDoor, clients: list[Client], nodes: ExchangeNodes, shape: Shape
) -> None:
    client = await come(door, clients)
    nodes.shapes["inputs"] = shape
    inputs = node(client, "Inputs")
    shown = (await inputs.read_data_value()).Value
    assert shown is not None
    assert shown.VariantType == await inputs.read_data_type_as_variant_type()
    assert (shown.VariantType, shown.is_array) != (ua.VariantType.UInt16, True)
    assert (await inputs.read_value_rank() == 1) == shown.is_array


async def test_mischief_with_reads_and_writes(door: OpcUaDoor, clients: list[Client], words: Words) -> None:
    client = await come(door, clients, wait_s=0.3)
    lay, reads, writes = door.mischief.lay, frozenset({"Read"}), frozenset({"Write"})
    lay(at_opcua.FAILED, times=1, services=reads)
    with pytest.raises(ua.uaerrors.BadSensorFailure):
        await node(client, "Inputs").read_value()
    lay(at_opcua.UNCERTAIN, times=1, services=reads)
    shown = await node(client, "Inputs").read_data_value(raise_on_bad_status=False)
    assert shown.StatusCode is not None
    assert shown.StatusCode.name == "UncertainLastUsableValue"
    assert shown.Value is not None
    assert shown.Value.Value == words.read_inputs()
    lay(at_opcua.DENIED, times=1, services=writes)
    with pytest.raises(ua.uaerrors.BadUserAccessDenied):
        await write(client, ORDERS)
    lay(at_opcua.refused(at_opcua.BAD_SERVER_HALTED), times=1, services=writes)
    with pytest.raises(ua.uaerrors.BadServerHalted):
        await write(client, ORDERS)
    lay(at_opcua.DROPPED, times=1, services=writes)
    with pytest.raises(TimeoutError):
        await write(client, ORDERS)
    assert words.written == []
    lay(at_opcua.UNANSWERED, times=1, services=writes)
    with pytest.raises(TimeoutError):
        await write(client, ORDERS)
    assert words.written == [(0, ORDERS)]
    lay(at_opcua.CRUMBLED, times=1, services=reads)
    assert await node(client, "Inputs").read_value() == words.read_inputs()
    assert door.mischief.struck == 7


async def test_a_slow_answer(door: OpcUaDoor, clients: list[Client], words: Words) -> None:
    client = await come(door, clients)
    door.mischief.lay(at_opcua.delayed(100), times=1, services=frozenset({"Write"}))
    late = asyncio.create_task(write(client, ORDERS))
    await until(lambda: bool(words.written))
    assert not late.done()
    await late


async def test_too_busy_for_a_new_connection(door: OpcUaDoor, clients: list[Client]) -> None:
    door.mischief.lay(at_opcua.refused(at_opcua.BAD_TCP_SERVER_TOO_BUSY), times=1, services=frozenset({"Hello"}))
    with pytest.raises((ua.UaError, ConnectionError, TimeoutError)):
        await come(door, clients, wait_s=0.5)
    assert await node(await come(door, clients), "Chutes").read_value()


async def test_a_channel_that_is_not_renewed_ends(door: OpcUaDoor, clients: list[Client]) -> None:
    door.manners.channel_lifetime_max_ms = 100
    client = await come(door, clients)
    assert client._renew_channel_task is not None
    client._renew_channel_task.cancel()
    with pytest.raises((ConnectionError, ua.UaError)):
        async with asyncio.timeout(5):
            while True:
                await node(client, "Chutes").read_value()
                await asyncio.sleep(0.01)
    await until(lambda: not door.connections)


async def test_nothing_is_left_of_many_clients(door: OpcUaDoor, clients: list[Client]) -> None:
    for number in range(30):
        client = Client(door.url, timeout=2)
        client.session_timeout = 5_000
        await client.connect()
        await node(client, "Inputs").read_value()
        if number % 3:
            await client.disconnect()
        else:
            door.close()
            await leave(client)
            await door.open()
    await until(lambda: not door.connections)
    assert door.sessions == 0
    assert len(door._gone) <= 1
    core = door.server.iserver
    assert not core.subscription_service.subscriptions
    assert not core.asyncio_transports
