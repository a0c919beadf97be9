"""PackML: facts of OPC 30050 1.01 that a unit needs whose state is only read.

Comes in: nothing. Goes out: one nodeset, and which state machine knows which state. Source of ids: the published file
Opc.Ua.PackML.NodeSet2.xml. Never here: a unit.
"""

from typing import Final, NamedTuple

from sim.doors.nodesets import facts
from sim.doors.nodesets.facts import DataType, Id, Member, Nodeset, ObjectType

URI: Final = "http://opcfoundation.org/UA/PackML/"

OBJECTS: Final = 72
UNIT: Final = 6
ADMIN, STATUS = 5, 4
BASE_MACHINE, MACHINE, EXECUTE_MACHINE = 3, 2, 1
MODES: Final = 11


class State(NamedTuple):
    """A state object of a state machine type."""

    number: int
    """StateNumber, the same as PackTag StateCurrent."""
    name: str
    node: int
    property: int
    """Its StateNumber."""


BASE_STATES: Final = (State(8, "Aborting", 61, 168), State(9, "Aborted", 62, 169), State(19, "Cleared", 71, 178))
MACHINE_STATES: Final = (
    State(1, "Clearing", 55, 157),
    State(2, "Stopped", 53, 155),
    State(7, "Stopping", 54, 156),
    State(18, "Running", 75, 171),
)
EXECUTE_STATES: Final = (
    State(3, "Starting", 29, 129),
    State(4, "Idle", 28, 128),
    State(5, "Suspended", 31, 131),
    State(6, "Execute", 36, 136),
    State(10, "Holding", 33, 133),
    State(11, "Held", 34, 134),
    State(12, "Unholding", 35, 135),
    State(13, "Suspending", 30, 130),
    State(14, "Unsuspending", 32, 132),
    State(15, "Resetting", 27, 127),
    State(16, "Completing", 37, 137),
    State(17, "Complete", 38, 138),
)

PACKML: Final = Nodeset(
    URI,
    data_types=(
        DataType(
            MODES,
            "ProductionMaintenanceModeEnum",
            facts.ENUMERATION,
            values=("Invalid", "Produce", "Maintenance", "Manual"),
        ),
    ),
    object_types=(
        ObjectType(EXECUTE_MACHINE, "PackMLExecuteStateMachineType", facts.STATE_MACHINE),
        ObjectType(MACHINE, "PackMLMachineStateMachineType", facts.STATE_MACHINE),
        ObjectType(BASE_MACHINE, "PackMLBaseStateMachineType", facts.STATE_MACHINE),
        ObjectType(
            STATUS,
            "PackMLStatusObjectType",
            facts.BASE_OBJECT,
            members=(
                Member(193, "UnitSupportedModes", facts.NODE_ID, prop=True),
                Member(200, "UnitModeCurrent", facts.ENUMERATION),
                Member(232, "CurMachSpeed", facts.FLOAT),
                Member(219, "MachSpeed", facts.FLOAT),
                Member(211, "EquipmentBlocked", facts.BOOLEAN),
                Member(224, "EquipmentStarved", facts.BOOLEAN),
            ),
        ),
        ObjectType(ADMIN, "PackMLAdminObjectType", facts.BASE_OBJECT),
        ObjectType(UNIT, "PackMLBaseObjectType", facts.BASE_OBJECT),
    ),
    objects={OBJECTS: "PackMLObjects"}
    | {state.node: state.name for state in (*BASE_STATES, *MACHINE_STATES, *EXECUTE_STATES)},
)


def own(number: int) -> Id:
    """An id in PackML's namespace."""
    return Id(number, URI)
