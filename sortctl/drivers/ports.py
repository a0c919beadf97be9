"""Ports: the shape of a wire, the same for every library behind it, and the errors a wire can end in.

One object is one connection: it is opened once, used by one owner, closed, and thrown away.
Never here: a library, a socket.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol


class LinkError(Exception):
    """The connection is gone or never came. The text says in plain words what, where, and what to do."""


class ReplyRefused(Exception):
    """The PLC answered with an exception; the connection still stands."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(f"exception {code}: {name}")
        self.code = code
        self.name = name


class ReadTorn(Exception):
    """The `inputs` that came are not to be used: read again. What was written before the read, was written."""


class UnitReading(NamedTuple):
    """What a PackML unit (OPC 30050) shows."""

    state: int
    """State number, 6 is Execute; 0: the unit does not tell."""
    mode: int
    """UnitModeCurrent, 1 is Produce; 0: the unit does not tell."""


class ScannedCode(NamedTuple):
    """One result of an AutoID reader (OPC 30010), as it came."""

    data: str | bytes
    """Text or bytes, whichever the reader sends."""
    code_type: str
    """"RAW:STRING", "RAW:BYTES", "GS1", "ASC", ... or what the reader's maker calls it; "" if it does not tell."""
    symbology: str
    """As the reader writes it; "" if it does not tell."""
    made_ns: int = 0
    """When the reader made the event, in ns by its own clock, from any beginning; 0 if it does not tell."""


class ExchangeWire(Protocol):
    """A connection to a PLC. Every call but `close` raises LinkError; reads and writes also ReplyRefused."""

    async def open(self) -> None:
        """Connect."""

    async def read_inputs(self) -> list[int]:
        """The whole `inputs` area. ReadTorn: read again."""

    async def exchange(self, orders: Sequence[int]) -> list[int]:
        """Write the whole `orders` area and read `inputs`. ReadTorn: read again, but do not write again."""

    async def read_chutes(self, count: int) -> list[int]:
        """The first `count` words of the `chutes` area."""

    async def read_unit(self) -> UnitReading | None:
        """State and mode of the PackML unit beside the exchange; None: the site names none, or the wire has none."""

    async def close(self) -> None:
        """Close what is open; may be called at any time, and twice."""


class UnitWire(Protocol):
    """A connection to a PLC of which only the PackML unit is read. Raises as ExchangeWire."""

    async def open(self) -> None:
        """Connect."""

    async def read_unit(self) -> UnitReading | None:
        """State and mode of the unit; never None here."""

    async def close(self) -> None:
        """Close what is open; may be called at any time, and twice."""


class ReaderWire(Protocol):
    """A connection to an AutoID reader."""

    async def listen(self, on_open: Callable[[], None], on_scan: Callable[[Sequence[ScannedCode]], None]) -> None:
        """Connect, call `on_open` once, then `on_scan` once for each event. Never returns; LinkError when the reader is gone.

        An event without codes is a no-read. What `on_open` or `on_scan` raises ends the connection and is raised here.
        """

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
