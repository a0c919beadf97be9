"""PackML: state and mode of a unit on an OPC UA server that has no exchange.

Comes in: the unit's node. Goes out: a reading. Never here: a command to the unit.
"""

from sortctl.drivers.keys import Keys
from sortctl.drivers.ports import LinkError, UnitReading
from sortctl.site.wires import OpcUaPlc


class PackMlWire:
    """One connection."""

    def __init__(self, plc: OpcUaPlc, keys: Keys | None) -> None:
        self._plc = plc
        self._keys = keys

    async def open(self) -> None:
        """Connect."""
        raise LinkError(f"PLC at {self._plc.address}: not ready")

    async def read_unit(self) -> UnitReading | None:
        """State and mode."""
        raise LinkError(f"PLC at {self._plc.address}: not connected")

    async def close(self) -> None:
        """Close the session."""
