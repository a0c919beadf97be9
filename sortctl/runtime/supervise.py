"""Supervise: what happens when a task ends that should not, and how long a wire may take to close.

A link task that raises is a mistake in our own code or in a library: it is logged, its link is set down, and it is started
again, since one bad wire must not stop the others. Three times in ten seconds is no longer chance: the process ends and the
service supervisor starts it anew. A broken engine is never restarted in place. Never here: losses of a connection, which
are no errors (`reconnect.py`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from sortctl.runtime.engine import EngineBroken

CRASHES_MAX: Final = 3
CRASHES_WINDOW_S: Final = 10.0
RESTART_PAUSE_S: Final = 0.25
"""Also what keeps a task that fails at its first line from taking the loop for itself."""
CLOSE_WAIT_S: Final = 1.0
"""A wire that cannot be closed within this is left to the operating system."""

log = structlog.get_logger()


class TaskGivenUp(Exception):
    """A task failed too often; the process must end."""


async def keep_running(name: str, run: Callable[[], Awaitable[None]], down: Callable[[str], None]) -> None:
    """Run `run` until it returns; when it raises, call `down` with the cause and start it again. TaskGivenUp."""
    crashes: deque[float] = deque(maxlen=CRASHES_MAX)
    now_s = asyncio.get_running_loop().time
    while True:
        try:
            await run()
            return
        except EngineBroken:
            raise
        except Exception as mistake:
            log.exception("task_failed", task=name)
            crashes.append(now_s())
            if len(crashes) == CRASHES_MAX and crashes[-1] - crashes[0] <= CRASHES_WINDOW_S:
                raise TaskGivenUp(f"{name} failed {CRASHES_MAX} times within {CRASHES_WINDOW_S:g} s") from mistake
            down(f"internal error: {type(mistake).__name__}")
        await asyncio.sleep(RESTART_PAUSE_S)


async def close_within(close: Callable[[], Awaitable[None]]) -> None:
    """Close a wire; whatever goes wrong with that is only logged, as the wire is not used again."""
    try:
        with suppress(OSError):
            async with asyncio.timeout(CLOSE_WAIT_S):
                await close()
    except Exception:
        log.exception("wire_not_closed")
