"""Daemon: the real controller as a child process, and the questions that a rig asks it.

Comes in: a site folder and a state folder. Goes out: a process that is started, killed, stopped; its status and its feed
of outcomes, over its control socket. Waits for states with a deadline, never for a time.
Never here: a line of the controller's own code; it is another program.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NoReturn

SOCKET_FILE: Final = "control.sock"
UNIX_PATH_MAX: Final = 107
LEASH: Final = Path(__file__).with_name("leash.py")
START_S: Final = 20.0
STOP_S: Final = 10.0
ASK_S: Final = 2.0
POLL_S: Final = 0.02
LINE_BYTES_MAX: Final = 4 * 1024 * 1024


class DaemonTrouble(Exception):
    """The controller did not do what a rig waited for; str() says what, with the end of its log."""


class Daemon:
    """One state folder; one process at a time."""

    def __init__(self, site: Path, state: Path, log: Path) -> None:
        self.site = site
        self.state = state
        self.log = log
        self.starts = 0
        self._meant_to_run = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """A new process, which answers, unless it is killed before it can."""
        with self.log.open("ab") as log:
            self._process = await _spawn(self.site, self.state, log)
        self.starts += 1
        self._meant_to_run.set()
        try:
            await self.until(lambda _: True, START_S, "answer on its control socket")
        except DaemonTrouble:
            if self._meant_to_run.is_set():
                raise

    async def kill(self) -> None:
        """No farewell: SIGKILL."""
        self._meant_to_run.clear()
        if self._process is not None and self.running:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, and the exit code. One that does not go in time is killed, and that is told."""
        self._meant_to_run.clear()
        if self._process is None:
            return 0
        if self.running:
            self._process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_S):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()
                raise self.trouble(f"end within {STOP_S:g} s of SIGTERM") from None
        return await self._process.wait()

    async def guard(self) -> NoReturn:
        """Raises if the process ends although nobody here ended it."""
        while True:
            await self._meant_to_run.wait()
            assert self._process is not None
            code = await self._process.wait()
            if self._meant_to_run.is_set():
                raise self.trouble(f"keep running: it ended with {code}")

    async def until(self, holds: Callable[[dict[str, Any]], bool], within_s: float, what: str) -> dict[str, Any]:
        """The first status for which this holds."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    status = await self.status()
                    if status is not None and holds(status):
                        return status
                    if not self.running:
                        raise self.trouble(what)
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise self.trouble(f"{what} within {within_s:g} s") from None

    async def status(self) -> dict[str, Any] | None:
        """What the controller says of itself; None while nobody answers."""
        status: dict[str, Any] | None = (await self._ask({"ask": "status"})).get("status")
        return status

    async def _ask(self, request: dict[str, object]) -> dict[str, Any]:
        """The answer; empty while nobody answers."""
        try:
            async with asyncio.timeout(ASK_S):
                reader, writer = await self._connect()
                try:
                    writer.write(json.dumps(request).encode() + b"\n")
                    answer: dict[str, Any] = json.loads(await reader.readline())
                finally:
                    writer.close()
        except (OSError, TimeoutError, ValueError):
            return {}
        return answer

    async def feed(self, after: int) -> AsyncIterator[dict[str, Any]]:
        """Outcomes and statuses as they happen; ends when the connection does."""
        try:
            reader, writer = await self._connect()
        except OSError:
            return
        try:
            writer.write(json.dumps({"ask": "feed", "after": after}).encode() + b"\n")
            while line := await reader.readline():
                yield json.loads(line)
        except (OSError, ValueError):
            return
        finally:
            writer.close()

    def trouble(self, what: str) -> DaemonTrouble:
        """What to raise when the controller did not do `what`."""
        log = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        tail = "\n".join(log.splitlines()[-20:])
        return DaemonTrouble(f"the controller did not {what}; the end of {self.log.name}:\n{tail}")

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        with _short(self.state / SOCKET_FILE) as name:
            return await asyncio.open_unix_connection(name, limit=LINE_BYTES_MAX)


async def _spawn(site: Path, state: Path, log: IO[bytes]) -> asyncio.subprocess.Process:
    # Its own session: a Ctrl-C at the terminal is for the rig, which then stops the controller in order. On a leash: a rig
    # that is killed stops nothing any more.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-IS", str(LEASH), str(os.getpid()),
        sys.executable, "-m", "sortctl", "run", str(site), "--state", str(state),
        stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip


@contextmanager
def _short(path: Path) -> Iterator[str]:
    # A UNIX socket's path holds 107 bytes; a deep one is reached through its folder's descriptor.
    if len(os.fsencode(path)) <= UNIX_PATH_MAX:
        yield str(path)
        return
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError as missing:
        raise ConnectionRefusedError(str(missing)) from None
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
