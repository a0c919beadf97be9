"""Doorbell: wakes one waiting task, at once or when its time is up.

Lighter than an `asyncio.Event` with a time-out: one future and one timer, no further task. The ring resolves the future
itself, so that between a commit and the write of the order there is a single turn of the loop. A ring that nobody waits
for is forgotten: whoever waits looks first whether there is something to do.
"""

import asyncio


class Doorbell:
    """For one waiting task and any number of ringing ones."""

    def __init__(self) -> None:
        self._waiting: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the task that waits now."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def wait(self, until_s: float) -> None:
        """Come back when rung, or at `until_s` of the loop's time."""
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = loop.call_at(until_s, self.ring)
        try:
            await self._waiting
        finally:
            timer.cancel()
            self._waiting = None
