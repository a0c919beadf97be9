"""Outlet: the way out of one connection, which can be slow, crumble, and stand still without losing a byte.

Comes in: whole messages. Goes out: the same bytes in the same order: a channel counts its messages, so none is taken out
of the row here. Never here: what the messages say.
"""

import asyncio
from typing import Any, Final

from sim.doors.paced import Paced

PIECE_PAUSE_S: Final = 0.001


class Outlet:
    """Stands where asyncua expects a transport."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._paced = Paced(self._out)
        self._held: list[bytes] = []
        self.frozen = False
        self.delay_ms = 0
        """Of what is written next."""
        self.piece_bytes = 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()

    def write(self, data: bytes) -> None:
        size = self.piece_bytes or len(data)
        for start in range(0, len(data), size):
            pause_s = PIECE_PAUSE_S if start else 0.0
            if not self._paced.put(data[start : start + size], wait_s=self.delay_ms / 1000, pause_s=pause_s):
                self._transport.close()
                return

    def freeze(self) -> None:
        self.frozen = True

    def thaw(self) -> None:
        self.frozen = False
        held, self._held = self._held, []
        for data in held:
            self._out(data)

    def forget(self) -> None:
        self._paced.forget()
        self._held.clear()

    def _out(self, data: bytes) -> None:
        if self.frozen:
            self._held.append(data)
        elif not self._transport.is_closing():
            self._transport.write(data)
