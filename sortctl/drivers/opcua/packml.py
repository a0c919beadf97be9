"""PackML: state and mode of a unit (OPC 30050), as an OPC UA server shows them.

Comes in: the unit's node. Goes out: numbers. The theory: the state is nested. BaseStateMachine says Aborting, Aborted or
Cleared; while it is Cleared, MachineState in it says Stopping, Stopped, Clearing or Running; while that is Running,
ExecuteState says the rest. The innermost that is active counts. Each is read as the number of its current state, or by way
of the state's node where a server shows no number; never as its name, which is in the language of the PLC.
Never here: a command to the unit, what a state means for sorting.
"""

from typing import Any, Final

from sortctl.drivers.keys import Keys
from sortctl.drivers.opcua import faults
from sortctl.drivers.opcua.guard import CONNECTING, READING, Guard
from sortctl.drivers.opcua.session import Session, node_id, within
from sortctl.drivers.opcua.stack import ua
from sortctl.drivers.opcua.words import read_value
from sortctl.drivers.ports import LinkError, ReplyRefused, UnitReading
from sortctl.site.wires import OpcUaPlc, PackMl

NAMESPACE: Final = "http://opcfoundation.org/UA/PackML/"
CLEARED: Final = 19
RUNNING: Final = 18
"""State numbers that stand for "look further inside" (OPC 30050, 6.3)."""
STATE_MAX: Final = 0xFFFF
# The machines from the outside in: names in the namespace of PackML.
MACHINES: Final = (
    ("BaseStateMachine",),
    ("BaseStateMachine", "MachineState"),
    ("BaseStateMachine", "MachineState", "ExecuteState"),
)
MODE: Final = ("Status", "UnitModeCurrent")


class Unit:
    """One unit on a session. `numbers` and `ids`: nodes of the three machines, None where the server has none."""

    def __init__(self, session: Session, numbers: list[Any], ids: list[Any], mode: Any) -> None:
        self._session = session
        self._numbers = numbers
        self._ids = ids
        self._mode = mode
        self._known: dict[Any, int] = {}

    @property
    def shows_anything(self) -> bool:
        """Whether there is a unit at all."""
        return any(node is not None for node in (*self._numbers, *self._ids, self._mode))

    async def read(self) -> UnitReading:
        """State and mode, in one Read, and one more for a state node seen for the first time."""
        nodes = [number if number is not None else way for number, way in zip(self._numbers, self._ids, strict=True)]
        asked = [node for node in (*nodes, self._mode) if node is not None]
        found = await self._session.read([(node, ua.AttributeIds.Value) for node in asked]) if asked else []
        values = dict(zip(map(id, asked), map(_good, found), strict=True))
        states = [await self._number(values.get(id(node))) for node in nodes]
        mode = values.get(id(self._mode))
        return UnitReading(innermost(states), mode if isinstance(mode, int) and mode >= 0 else 0)

    async def _number(self, shown: Any) -> int:
        if isinstance(shown, int):
            return shown if 0 <= shown <= STATE_MAX else 0
        if not isinstance(shown, ua.NodeId):
            return 0
        if shown not in self._known:
            (node,) = await self._session.find(shown, ["/0:StateNumber"])
            values = await self._session.read([(node, ua.AttributeIds.Value)]) if node is not None else []
            number = _good(values[0]) if values else None
            self._known[shown] = number if isinstance(number, int) else 0
        return self._known[shown]


class PackMlWire:
    """One connection to a server of which only the unit is read."""

    def __init__(self, plc: OpcUaPlc, keys: Keys | None) -> None:
        self._plc = plc
        self._where = f"PLC at {plc.address}"
        self._session = Session(self._where, plc, keys, Guard(CONNECTING | READING))
        self._unit: Unit | None = None

    async def open(self) -> None:
        """Connect and find the unit, within `connect_timeout_ms`."""
        await within(self._where, self._plc.connect_timeout_ms, self._open())

    async def read_unit(self) -> UnitReading:
        """State and mode of the unit."""
        if self._unit is None:
            raise LinkError(f"{self._where}: not connected")
        return await self._unit.read()

    async def close(self) -> None:
        """Close session, channel and socket; returns when the socket is closed."""
        await self._session.close()

    async def _open(self) -> None:
        if self._plc.packml is None:
            raise LinkError(f"{self._where}: the site file names no unit for it")
        await self._session.open()
        try:
            self._unit = await find_unit(self._session, self._plc.packml)
        except ReplyRefused as refused:
            raise LinkError(f"{self._where}: {refused.name}") from refused
        if not self._unit.shows_anything:
            raise LinkError(
                f"{self._where}: {self._plc.packml.unit} is no PackML unit: correct packml in the site file"
            )


async def find_unit(session: Session, packml: PackMl) -> Unit:
    """The unit that the site file names. What a server does not have is left out. LinkError: not even the namespaces."""
    own = await session.namespace_index(NAMESPACE)
    start = node_id(packml.unit, await session.namespace_index(packml.namespace))
    inside = ["".join(f"/{own}:{name}" for name in names) for names in (*MACHINES, MODE)]
    numbers = [f"{path}/0:CurrentState/0:Number" for path in inside[:-1]]
    ids = [f"{path}/0:CurrentState/0:Id" for path in inside[:-1]]
    found = await session.find(start, [*numbers, *ids, inside[-1]])
    return Unit(session, found[:3], found[3:6], found[6])


async def find_beside(session: Session, packml: PackMl) -> Unit:
    """The same beside an exchange, which must not stand still for a unit that is not there: it shows nothing then."""
    for uri in (NAMESPACE, packml.namespace):
        if not await session.has_namespace(uri):
            return Unit(session, [None] * 3, [None] * 3, None)
    return await find_unit(session, packml)


def innermost(states: list[int]) -> int:
    """The number that counts of those from the outside in; 0 is "does not tell"."""
    base, machine, execute = states
    if base not in {0, CLEARED}:
        return base
    if machine not in {0, RUNNING}:
        return machine
    return execute


def _good(value: Any) -> Any:
    """What a data value holds, if it may be used."""
    return value.Value.Value if value.Value is not None and faults.is_good(read_value(value).status) else None
