"""Unit: a PackML unit (OPC 30050) whose state is that of the simulated PLC.

Comes in: what the unit shows, asked for when somebody reads. Goes out: `PackMLObjects` with one unit: nested state machines
with name, id and number, mode and speed. Commands are not here: nobody may steer the machine this way.

The states are nested: BaseStateMachine says Cleared, then its MachineState is active; that says Running, then its
ExecuteState is. What is not active answers Bad_StateNotActive (OPC 10000-5, Annex B).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from asyncua import Node, Server, ua

from sim.doors.nodesets import facts, packml
from sim.doors.nodesets.facts import Id
from sim.doors.nodesets.packml import State, own
from sim.doors.opcua.build import Builder
from sim.doors.opcua.ids import parsed_id, status
from sim.doors.registers import MachineBehind
from sortctl.words.exchange import INPUTS_HEAD, RUNNING_STATES, offsets

PRODUCE: Final = 1
CLEARED, RUNNING = 19, 18
BAD_STATE_NOT_ACTIVE: Final = 0x80BF0000
STATE_WORD: Final = offsets(INPUTS_HEAD)["state"]


class Shown(NamedTuple):
    """What a unit shows."""

    state: int
    """StateNumber as in PackTag StateCurrent; 0: undefined."""
    mode: int = PRODUCE
    speed: float = 0.0
    speed_set: float = 0.0
    blocked: bool = False
    starved: bool = False


class UnitNodes:
    """One unit. `unit` is its node as in the site file, in `namespace`."""

    def __init__(self, unit: str, namespace: str, shown: Callable[[], Shown], *, numbered: bool = True) -> None:
        """Without `numbered` the optional Number is left out: a client has to go by way of the state's node."""
        self._numbered = numbered
        self._unit = unit
        self._namespace = namespace
        self._shown = shown

    async def furnish(self, server: Server) -> None:
        builder = Builder(server)
        await builder.add_types(packml.PACKML)
        folder = await self._add_well_known(builder)
        index, standard = await builder.register(self._namespace), await builder.register(packml.URI)
        unit = await builder.add_object(
            folder, parsed_id(self._unit, index), f"{index}:Unit", own(packml.UNIT), ua.ObjectIds.Organizes
        )
        tree = _Tree(builder, index, standard, self._unit)
        await tree.add(unit, "Admin", packml.ADMIN)
        base = await tree.add(unit, "BaseStateMachine", packml.BASE_MACHINE)
        machine = await tree.add(base, "MachineState", packml.MACHINE)
        execute = await tree.add(machine, "ExecuteState", packml.EXECUTE_MACHINE)
        for node, states in (
            (base, packml.BASE_STATES),
            (machine, packml.MACHINE_STATES),
            (execute, packml.EXECUTE_STATES),
        ):
            await self._add_state(tree, node, states)
        await self._add_status(tree, await tree.add(unit, "Status", packml.STATUS))

    async def _add_well_known(self, builder: Builder) -> Node:
        """The folder of all units, and the states that `Id` names."""
        index = await builder.register(packml.URI)
        for kind, states in (
            (packml.BASE_MACHINE, packml.BASE_STATES),
            (packml.MACHINE, packml.MACHINE_STATES),
            (packml.EXECUTE_MACHINE, packml.EXECUTE_STATES),
        ):
            for state in states:
                parent = builder.node(own(kind))
                nodeid = builder.id(own(state.node))
                node = await builder.add_object(parent, nodeid, f"{index}:{state.name}", facts.STATE)
                number = ua.Variant(state.number, ua.VariantType.UInt32)
                await node.add_property(builder.id(own(state.property)), "0:StateNumber", number)
        folder = builder.id(own(packml.OBJECTS))
        return await builder.add_object(
            builder.server.nodes.objects, folder, f"{index}:PackMLObjects", facts.FOLDER, ua.ObjectIds.Organizes
        )

    async def _add_state(self, tree: "_Tree", node: Node, states: tuple[State, ...]) -> None:
        def active() -> State | None:
            return _active(self._shown().state, states)

        builder = tree.builder
        current = await tree.add_value(
            node, "0:CurrentState", ua.VariantType.LocalizedText, lambda: _text(active()), ua.ObjectIds.LocalizedText
        )
        await tree.add_property(current, "0:Id", ua.VariantType.NodeId, lambda: _state_id(builder, active()))
        if self._numbered:
            await tree.add_property(current, "0:Number", ua.VariantType.UInt32, lambda: _number(active()))
        every = [builder.id(own(state.node)) for state in states]
        available = await tree.add_value(
            node, "0:AvailableStates", ua.VariantType.NodeId, lambda: every, ua.ObjectIds.NodeId
        )
        await available.write_value_rank(ua.ValueRank.OneDimension)

    async def _add_status(self, tree: "_Tree", node: Node) -> None:
        shown, index = self._shown, tree.standard
        boolean, number = ua.VariantType.Boolean, ua.VariantType.Float
        add, modes = tree.add_value, tree.builder.id(own(packml.MODES))
        await tree.add_property(node, f"{index}:UnitSupportedModes", ua.VariantType.NodeId, lambda: modes)
        await add(
            node, f"{index}:UnitModeCurrent", ua.VariantType.Int32, lambda: shown().mode, ua.ObjectIds.Enumeration
        )
        await add(node, f"{index}:CurMachSpeed", number, lambda: shown().speed, ua.ObjectIds.Float)
        await add(node, f"{index}:MachSpeed", number, lambda: shown().speed_set, ua.ObjectIds.Float)
        await add(node, f"{index}:EquipmentBlocked", boolean, lambda: shown().blocked, ua.ObjectIds.Boolean)
        await add(node, f"{index}:EquipmentStarved", boolean, lambda: shown().starved, ua.ObjectIds.Boolean)


class _Tree:
    """The nodes below a unit; their ids continue the unit's own."""

    def __init__(self, builder: Builder, index: int, standard: int, root: str) -> None:
        self.builder = builder
        self.standard = standard
        self._index = index
        self._root = f"ns={index};s={root.partition('=')[2]}"
        self._paths: dict[ua.NodeId, str] = {}

    def _below(self, parent: Node, name: str) -> ua.NodeId:
        path = f"{self._paths.get(parent.nodeid, self._root)}.{name.partition(':')[2] or name}"
        nodeid = ua.NodeId.from_string(path)
        self._paths[nodeid] = path
        return nodeid

    async def add(self, parent: Node, name: str, kind: int) -> Node:
        return await self.builder.add_object(
            parent, self._below(parent, name), f"{self.standard}:{name}", Id(kind, packml.URI)
        )

    async def add_value(
        self, parent: Node, name: str, kind: ua.VariantType, value: Callable[[], Any], datatype: int
    ) -> Node:
        node = await parent.add_variable(self._below(parent, name), name, None, datatype=datatype)
        return self._computed(node, kind, value)

    async def add_property(self, parent: Node, name: str, kind: ua.VariantType, value: Callable[[], Any]) -> Node:
        node = await parent.add_property(self._below(parent, name), name, None, datatype=kind.value)
        return self._computed(node, kind, value)

    def _computed(self, node: Node, kind: ua.VariantType, value: Callable[[], Any]) -> Node:
        def answer(nodeid: ua.NodeId, attribute: ua.AttributeIds) -> ua.DataValue:  # noqa: ARG001 asyncua's signature
            found, stamp = value(), _now()
            if found is None:
                return ua.DataValue(StatusCode=status(BAD_STATE_NOT_ACTIVE), SourceTimestamp=stamp)
            return ua.DataValue(ua.Variant(found, kind), SourceTimestamp=stamp)

        self.builder.server.set_attribute_value_callback(node.nodeid, answer)
        return node


def _active(number: int, states: tuple[State, ...]) -> State | None:
    """Where this machine stands while the unit is in the state of this number; None: it is not active."""
    by_number = {state.number: state for state in states}
    if number in by_number:
        return by_number[number]
    if CLEARED in by_number:
        return by_number[CLEARED] if number else None
    in_execute = any(state.number == number for state in packml.EXECUTE_STATES)
    return by_number.get(RUNNING) if in_execute else None


def _text(state: State | None) -> ua.LocalizedText | None:
    return None if state is None else ua.LocalizedText(state.name)


def _state_id(builder: Builder, state: State | None) -> ua.NodeId | None:
    return None if state is None else builder.id(own(state.node))


def _number(state: State | None) -> int | None:
    return None if state is None else state.number


def _now() -> Any:
    return datetime.now(UTC)


def as_plc(behind: Callable[[], MachineBehind], speed: float) -> Callable[[], Shown]:
    """What a unit shows that is the PLC behind an exchange: its state, and its speed while the belt runs."""

    def shown() -> Shown:
        state = behind().read_inputs()[STATE_WORD]
        return Shown(state, speed=speed if state in RUNNING_STATES else 0.0, speed_set=speed)

    return shown
