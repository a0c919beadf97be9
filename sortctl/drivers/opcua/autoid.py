"""AutoID: a reader that sends its codes as OPC UA events (OPC 30010).

Comes in: the reader's node. Goes out: codes as they come. Never here: what a code means.
"""

from collections.abc import Callable, Sequence

from sortctl.drivers.keys import Keys
from sortctl.drivers.ports import LinkError, ScannedCode
from sortctl.site.model import Reader


class AutoIdWire:
    """One connection."""

    def __init__(self, reader: Reader, keys: Keys | None) -> None:
        self._reader = reader
        self._keys = keys

    async def listen(self, on_open: Callable[[], None], on_scan: Callable[[Sequence[ScannedCode]], None]) -> None:
        """Connect and hand on what comes; never returns."""
        raise LinkError(f"reader at {self._reader.address}: not ready {on_open} {on_scan}")

    async def close(self) -> None:
        """Close the session."""
