"""Paced: bytes that leave one after the other, each not before its time.

Comes in: bytes with how long they wait. Goes out: a call of `write` for each, in order, never from inside `forget`.
Never here: where the bytes go, why they wait.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

WAITING_MAX: Final = 4096
"""Pieces that may wait; further ones are not taken."""


class Paced:
    """One way out. What need not wait is written at once, without a turn of the loop."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    def put(self, data: bytes, *, wait_s: float = 0.0, pause_s: float = 0.0) -> bool:
        """Leaves `wait_s` from now, or `pause_s` after what is before it, whichever is later. False: no room."""
        if not (wait_s or pause_s or self._waiting):
            self._write(data)
            return True
        if len(self._waiting) >= WAITING_MAX:
            return False
        now = asyncio.get_running_loop().time()
        before = self._waiting[-1][0] if self._waiting else now
        self._waiting.append((max(now + wait_s, before + pause_s), data))
        if self._alarm is None:
            self._set_alarm()
        return True

    def forget(self) -> None:
        """What waits is thrown away."""
        self._waiting.clear()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _set_alarm(self) -> None:
        self._alarm = asyncio.get_running_loop().call_at(self._waiting[0][0], self._ring)

    def _ring(self) -> None:
        self._alarm = None
        now = asyncio.get_running_loop().time()
        while self._waiting and self._waiting[0][0] <= now:
            self._write(self._waiting.popleft()[1])
        if self._waiting and self._alarm is None:
            self._set_alarm()
