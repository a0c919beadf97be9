"""Line: stands between a socket and asyncua, and knows why a connection ended.

Comes in: bytes for asyncua's own protocol. Goes out: the same bytes; the cause of the end, in plain words.
The theory: asyncua alone would say "connection lost" whatever happened, would gather bytes without end from something that
is no OPC UA server, and would close a socket to a dead peer when that has taken the last byte. Never here: messages, requests.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from sortctl.drivers import sockets

ANSWER_BYTES_MAX: Final = 1 << 20
"""What may come for one request. The largest here, the endpoints with their certificates, takes some 20 kB."""
PIECE_BYTES_MAX: Final = 1 << 16
PIECE_HEADER_BYTES: Final = 8
"""Kind and size of a message piece."""
GONE_S: Final = 0.05
"""To send the farewell off; what is not gone by then is not sent any more."""


class Line(asyncio.Protocol):
    """Takes the place of asyncua's protocol at the transport that it has opened. `cause` is empty while the line stands."""

    def __init__(self, library: Any, on_end: Callable[[], None]) -> None:
        self.cause = ""
        self._library = library
        self._transport: asyncio.Transport = library.transport
        self._on_end = on_end
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._allowed = ANSWER_BYTES_MAX
        sockets.watch(self._transport.get_extra_info("socket"))
        self._transport.set_protocol(self)

    @property
    def is_closing(self) -> bool:
        """Nothing can be sent any more."""
        return self._transport.is_closing()

    def expect(self) -> None:
        """Something was asked for: an answer of full size may come."""
        self._allowed = ANSWER_BYTES_MAX

    def fail(self, cause: str) -> None:
        """Nothing more is to be asked, for this reason; the first one counts."""
        if not self.cause:
            self.cause = cause
            self._on_end()

    def explain(self, cause: str) -> None:
        """Fail, and this is the reason whatever else was found: the server has told it."""
        self.fail(cause)
        self.cause = cause

    def cut(self, cause: str) -> None:
        """Fail, and close the socket now: requests in flight end with it, in the next turn of the loop."""
        self.fail(cause)
        if not self._gone.done():
            sockets.forget_unsent(self._transport.get_extra_info("socket"))
            self._transport.abort()

    async def gone(self) -> None:
        """The library has closed: returns when the socket is closed."""
        if not self._gone.done():
            self._transport.close()
            try:
                await asyncio.wait([self._gone], timeout=GONE_S)
            finally:
                self.cut("the connection was closed here")
            await asyncio.wait([self._gone])

    # ------------------------------------------------------------------------------------------- from the socket

    def data_received(self, data: bytes) -> None:
        self._allowed -= len(data)
        if self._allowed < 0:
            self.cut(f"an answer of more than {ANSWER_BYTES_MAX} bytes")
            return
        self._library.data_received(data)
        held = self._library.receive_buffer
        if held and len(held) >= PIECE_HEADER_BYTES:
            size = int.from_bytes(held[4:8], "little")
            if size > PIECE_BYTES_MAX:
                self.cut(f"a message of {size} bytes: is this an OPC UA server?")

    def eof_received(self) -> None:
        self.fail(sockets.meaning(None))

    def connection_lost(self, exc: Exception | None) -> None:
        # Without an error and without an end from there, it was asyncua that closed.
        self.fail(
            sockets.meaning(exc) if exc else "what it sent cannot be read, or is an error: is this an OPC UA server?"
        )
        if not self._gone.done():
            self._gone.set_result(None)
        self._library.connection_lost(exc)
