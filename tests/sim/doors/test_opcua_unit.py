"""The PackML unit of the simulator: nested states as the specification nests them."""

from collections.abc import AsyncIterator

import pytest
from asyncua import Client, Node, ua

from sim.doors.nodesets import packml
from sim.doors.opcua.ids import node_id
from sim.doors.opcua.unit import STATE_WORD, Shown, UnitNodes, as_plc
from sim.doors.opcua_door import Entrance, OpcUaDoor
from sim.faults.at_opcua import Mischief
from sortctl.words.exchange import PackML
from tests.sim.doors.conftest import Words
from tests.sim.doors.test_opcua_door import leave

pytestmark = pytest.mark.wire

NAMESPACE = "urn:simulated:unit"


class Front:
    """What the unit shows in a test."""

    def __init__(self) -> None:
        self.shown = Shown(PackML.EXECUTE, speed=2_000.0, speed_set=2_000.0)


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
async def client(front: Front, port: int) -> AsyncIterator[Client]:
    door = OpcUaDoor(Entrance(port), [UnitNodes("s=Loop", NAMESPACE, lambda: front.shown)], Mischief(1))
    await door.open()
    client = Client(door.url, timeout=2)
    client.session_timeout = 5_000
    await client.connect()
    yield client
    await leave(client)
    await door.end()


async def unit(client: Client) -> tuple[Node, int]:
    """The unit, found by its place; index of PackML."""
    index = await client.get_namespace_index(packml.URI)
    (found,) = await client.get_node(node_id(packml.OBJECTS, index)).get_children()
    return found, index


async def numbers(client: Client) -> list[int | str]:
    """Number of each machine from the outside in, or the name of its status."""
    found, index = await unit(client)
    path: list[str] = []
    shown: list[int | str] = []
    for machine in ("BaseStateMachine", "MachineState", "ExecuteState"):
        path.append(f"{index}:{machine}")
        number = await found.get_child([*path, "0:CurrentState", "0:Number"])
        value = await number.read_data_value(raise_on_bad_status=False)
        assert value.StatusCode is not None
        shown.append(value.Value.Value if value.StatusCode.is_good() and value.Value else value.StatusCode.name)
    return shown


INACTIVE = "BadStateNotActive"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PackML.EXECUTE, [19, 18, 6]),
        (PackML.HELD, [19, 18, 11]),
        (PackML.SUSPENDED, [19, 18, 5]),
        (PackML.STOPPED, [19, 2, INACTIVE]),
        (PackML.ABORTED, [9, INACTIVE, INACTIVE]),
        (PackML.UNDEFINED, [INACTIVE, INACTIVE, INACTIVE]),
    ],
)
async def test_states_are_nested(client: Client, front: Front, state: PackML, expected: list[int | str]) -> None:
    front.shown = Shown(state)
    assert await numbers(client) == expected


async def test_name_id_mode_and_speed(client: Client) -> None:
    found, index = await unit(client)
    assert found.nodeid == node_id("Loop", await client.get_namespace_index(NAMESPACE))
    execute = [f"{index}:BaseStateMachine", f"{index}:MachineState", f"{index}:ExecuteState", "0:CurrentState"]
    current = await found.get_child(execute)
    assert (await current.read_value()).Text == "Execute"
    assert await (await current.get_child("0:Id")).read_value() == node_id(36, index)
    mode = await found.get_child([f"{index}:Status", f"{index}:UnitModeCurrent"])
    speed = await found.get_child([f"{index}:Status", f"{index}:CurMachSpeed"])
    assert (await mode.read_value(), await speed.read_value()) == (1, 2_000.0)
    with pytest.raises(ua.uaerrors.BadUserAccessDenied):
        value = ua.DataValue(ua.Variant(2, ua.VariantType.Int32), StatusCode=None)
        await mode.write_attribute(ua.AttributeIds.Value, value)


def test_a_plc_as_a_unit(words: Words) -> None:
    shown = as_plc(lambda: words, 1_500.0)()
    assert shown.state == words.read_inputs()[STATE_WORD]
    assert (shown.speed, shown.speed_set) == (0.0, 1_500.0)
