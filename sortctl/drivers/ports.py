"""Ports: the shape of a wire, the same for every library behind it, and the two errors a wire can end in.

One object is one connection: it is opened once, used by one owner, closed, and thrown away.
"""

from collections.abc import Callable, Sequence
from typing import Protocol


class LinkError(Exception):
    """The connection is gone or never came. The text says in plain words what, where, and what to do."""


class ReplyRefused(Exception):
    """The PLC answered with an exception; the connection still stands."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(f"exception {code}: {name}")
        self.code = code
        self.name = name


class ExchangeWire(Protocol):
    """A connection to a PLC. Every call but `close` raises LinkError; reads and writes also ReplyRefused."""

    async def open(self) -> None:
        """Connect."""

    async def read_inputs(self) -> list[int]:
        """The whole `inputs` area."""

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        """Write the whole `orders` area and read `inputs`."""

    async def read_chutes(self, count: int) -> list[int]:
        """The first `count` words of the `chutes` area."""

    async def close(self) -> None:
        """Close what is open; may be called at any time, and twice."""


class ScannerWire(Protocol):
    """A connection to a scanner."""

    async def listen(self, on_open: Callable[[], None], on_bytes: Callable[[bytes], None]) -> None:
        """Open, call `on_open` once, then `on_bytes` as bytes come. Never returns; LinkError when the port is gone.

        Bytes older than the open are dropped. What `on_open` or `on_bytes` raises ends the connection and is raised here.
        """

    async def close(self) -> None:
        """Close what is open and wait until the port is free; may be called at any time, and twice."""
