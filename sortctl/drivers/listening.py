"""Listening: the asyncio side of a scanner connection, the same for a port and for a socket.

Comes in: a transport and its bytes. Goes out: bytes to one listener, in the turn of the loop in which they came; the
end of the connection, once. Never here: opening (`serial_port`, `tcp_stream`), telegrams.

Bytes that come before the listener is set are older than the open and are dropped: adapters and device servers pour out
what they had stored, and a code of a parcel long gone must not be given to the one under the scanner now.
"""

import asyncio
from collections.abc import Callable
from typing import Final

SETTLE_S: Final = 0.05
"""After the open: longer than a USB adapter's latency timer (16 ms) and the way to a device server and back."""


class Listener(asyncio.Protocol):
    """One connection. `lost` is done when the connection is over and the transport is closed."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        self.stale = b""
        """The last bytes that came before anybody listened."""
        self.transport: asyncio.Transport | None = None
        self._on_bytes: Callable[[bytes], None] = self._drop
        self._crash: BaseException | None = None

    def listen(self, on_bytes: Callable[[bytes], None]) -> None:
        """From now on, bytes go to `on_bytes`."""
        self._on_bytes = on_bytes

    async def settled(self) -> None:
        """Wait until the bytes from before the open are through; or until the connection is lost."""
        await asyncio.wait([self.lost], timeout=SETTLE_S)

    async def over(self) -> BaseException | None:
        """Wait for the end: why, None for an orderly one. What the listener raised is raised here."""
        cause = await asyncio.shield(self.lost)
        if self._crash:
            raise self._crash
        return cause

    async def close(self) -> None:
        """Close, and wait until the port is free."""
        self._abort()
        if self.transport:
            await asyncio.shield(self.lost)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        try:
            self._on_bytes(data)
        except BaseException as crash:  # noqa: BLE001
            # A broken rule must end the process; here it would only be logged by the loop. `over` raises it.
            self._crash = crash
            self._on_bytes = self._drop
            self._abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(exc)

    def _abort(self) -> None:
        # serial_asyncio_fast closes once more at a second abort, and stumbles.
        if self.transport and not self.transport.is_closing():
            self.transport.abort()

    def _drop(self, data: bytes) -> None:
        self.stale = data[-64:]
