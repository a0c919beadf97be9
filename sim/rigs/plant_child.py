"""Plant child: the plant process as the demonstration sees it.

Comes in: a site folder and what is to be fed. Goes out: what the plant tells, line by line; the referee's figures.
Never here: the plant.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sim.rigs.daemon import LINE_BYTES_MAX

CLOSE_S: Final = 5.0
LOG_TAIL: Final = 20


class PlantGone(Exception):
    """The plant process ended by itself; str() is the end of its log."""


class PlantChild:
    """One plant process."""

    def __init__(self, site: Path, log: Path, arguments: tuple[str, ...]) -> None:
        self._site = site
        self._log = log
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Its doors are open when it is ready."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "sim", "plant", str(self._site), *self._arguments,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                limit=LINE_BYTES_MAX, start_new_session=True,
            )  # fmt: skip
        await self.listen_until("ready", lambda _: None)

    async def listen_until(self, word: str, hear: Callable[[dict[str, Any]], None]) -> Any:
        """Everything it tells goes to `hear`, up to the line with `word`; what that says."""
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            hear(told)
            if word in told:
                return told[word]
        tail = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_TAIL:]
        raise PlantGone("the plant process ended by itself:\n" + "\n".join(tail))

    async def judge(self, state: Path) -> dict[str, Any]:
        """The referee's figures."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"judge {state}\n".encode())
        figures: dict[str, Any] = await self.listen_until("verdict", lambda _: None)
        return figures

    async def close(self) -> None:
        """It ends with its standard input; one that does not is killed."""
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            async with asyncio.timeout(CLOSE_S):
                # Read to the end: a process whose output nobody takes cannot end.
                await self._process.communicate()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
