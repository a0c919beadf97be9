"""TCP stream: a scanner, or a serial device server in raw mode, at `tcp://host:port`.

Comes in: the address. Goes out: bytes as they come. A peer that dies without a word is noticed by keep-alive within 5 s.
Never here: serial settings (the device server has them), telegrams.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from sortctl.drivers import sockets
from sortctl.drivers.listening import Listener
from sortctl.drivers.ports import LinkError

CONNECT_S: Final = 2.0
"""A device server on the same network answers within milliseconds; small ones take a second when busy."""
TELNET_COM_PORT: Final = (b"\xff\xfd\x2c", b"\xff\xfb\x2c")
"""DO or WILL of Telnet option 44: what an RFC 2217 server says first."""


class TcpStreamWire:
    """One connection to a scanner."""

    def __init__(self, url: str) -> None:
        self._where = f"scanner at {url}"
        self._url = url
        self._listener: Listener | None = None

    async def listen(self, on_open: Callable[[], None], on_bytes: Callable[[bytes], None]) -> None:
        """Connect and hand on what comes; never returns."""
        listener = self._listener = Listener()
        try:
            await self._connect(listener)
            await listener.settled()
            if any(offer in listener.stale for offer in TELNET_COM_PORT):
                raise LinkError(f"{self._where}: it speaks RFC 2217: write the address as rfc2217://")
            if not listener.lost.done():
                on_open()
                listener.listen(on_bytes)
            raise LinkError(sockets.plain(self._where, await listener.over()))
        finally:
            await listener.close()

    async def close(self) -> None:
        """Close the connection; returns when the socket is closed."""
        if self._listener:
            await self._listener.close()

    async def _connect(self, listener: Listener) -> None:
        host, port = sockets.endpoint(self._url)
        try:
            async with asyncio.timeout(CONNECT_S):
                transport, _ = await asyncio.get_running_loop().create_connection(lambda: listener, host, port)
        except TimeoutError as error:
            wait = f"no answer within {CONNECT_S:g} s"
            raise LinkError(f"{self._where}: {wait}: check power, cable and address") from error
        except (OSError, UnicodeError) as error:
            raise LinkError(sockets.plain(self._where, error)) from error
        sockets.watch(transport.get_extra_info("socket"))
