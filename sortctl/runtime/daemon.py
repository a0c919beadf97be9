"""Daemon: starts everything that moves, keeps it moving, stops it in order. Its tasks live in one group.

Comes in: an engine with its journal, the machines, the state folder. Goes out: an exit code. The end comes by a signal
(each PLC gets one more cycle, whose block gives its epoch back; then a snapshot, so that the next start is quick), or
because the engine is broken or a task failed too often (nothing more is written to any PLC; its dead man takes over).
Either way the journal's tail is written. Never here: how the parts are made (`app.py`).
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from sortctl.journal.writer import JournalWriter
from sortctl.pki.refusal import KeysUnusable
from sortctl.runtime.engine import Engine, EngineBroken
from sortctl.runtime.links.keyring import Keyring
from sortctl.runtime.links.links import Links
from sortctl.runtime.process.control import Control
from sortctl.runtime.process.notify import Supervisor
from sortctl.runtime.supervise import TaskGivenUp, keep_running
from sortctl.words.units import NS_PER_S

STOP_WAIT_S: Final = 2.0
"""For the releasing cycles: a request time-out and a slow scan each."""
PULSE_S: Final = 1.0
PRUNE_PULSES: Final = 3_600
"""Once an hour the journal lets go of what is older than its days."""
AGES_EVERY_S: Final = 3_600.0
"""Certificates are told 30 days ahead; a renewed one ends its alarm within the hour."""
LINK_STILL_S: Final = 30.0
"""A PLC link that did nothing for so long hangs: connect, request and close times together are shorter."""
SETTLE_S: Final = 0.01

EXIT_CLEAN: Final = 0
EXIT_INTERNAL: Final = 70

log = structlog.get_logger()


class Daemon:
    """Runs once."""

    def __init__(
        self,
        engine: Engine,
        writer: JournalWriter,
        links: Links,
        keyring: Keyring,
        control: Control,
        supervisor: Supervisor,
        watchdog_ns: int,
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._links = links
        self._keyring = keyring
        self._control = control
        self._supervisor = supervisor
        self._watchdog_s = watchdog_ns / NS_PER_S
        self._wish = asyncio.Event()

    def stop(self) -> None:
        """Ask for a clean end."""
        self._wish.set()

    async def run(self) -> int:
        """Until a signal or a failure; the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        code = EXIT_INTERNAL
        try:
            async with asyncio.TaskGroup() as group:
                await self._live(group)
            code = EXIT_CLEAN
        except* (EngineBroken, TaskGivenUp) as failed:
            log.critical("ended_by_failure", why="; ".join(str(one) for one in failed.exceptions))
        except* Exception:
            log.critical("ended_by_failure", exc_info=True)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
            code = self._finish(code)
        return code

    async def _live(self, group: asyncio.TaskGroup) -> None:
        def begin(name: str, run: Callable[[], Awaitable[None]], down: Callable[[str], None]) -> asyncio.Task[None]:
            return group.create_task(keep_running(name, run, down), name=name)

        def nothing(_: str) -> None:
            return

        plcs = [begin(f"plc {link.plc}", link.run, link.down) for link in self._links.plcs]
        others = [begin(f"scanner {link.scanner_id}", link.run, link.down) for link in self._links.heads]
        others += [begin(f"unit {link.plc}", link.run, link.down) for link in self._links.units]
        others.append(begin("certificates", self._watch_certificates, nothing))
        others.append(begin("control", lambda: self._control.serve(self._supervisor.ready), nothing))
        others.append(begin("pulse", self._pulse, nothing))
        if self._watchdog_s:
            others.append(begin("watchdog", self._feed_watchdog, nothing))
        await self._until_the_end()
        self._supervisor.stopping()
        await self._release(plcs)
        for task in (*plcs, *others):
            task.cancel()

    async def _until_the_end(self) -> None:
        self._engine.broken.add_done_callback(lambda _: self.stop())
        await self._wish.wait()
        if self._engine.broken.done():
            raise EngineBroken(self._engine.broken.result())

    async def _release(self, plcs: list[asyncio.Task[None]]) -> None:
        """One more cycle for each PLC that is connected."""
        log.info("stopping")
        self._engine.begin_stop()
        for link in self._links.plcs:
            link.stop()
        if plcs:
            await asyncio.wait(plcs, timeout=STOP_WAIT_S)

    def _finish(self, code: int) -> int:
        """The journal's tail, whatever happened before."""
        if code == EXIT_CLEAN:
            try:
                self._engine.keep_snapshot()
            except EngineBroken:
                code = EXIT_INTERNAL
        self._engine.stop()
        self._keyring.close()
        if not self._writer.close():
            log.error("journal_tail_lost", waiting=self._writer.waiting, dropped=self._writer.dropped)
        log.info("stopped", exit_code=code)
        return code

    async def _pulse(self) -> None:
        """What has to be done now and then, off the way of a parcel."""
        pulses = 0
        while True:
            await asyncio.sleep(PULSE_S)
            pulses += 1
            self._engine.set_wall_clock()
            if self._engine.recorder.wants_snapshot(self._engine.now_ns()):
                self._engine.keep_snapshot()
            if pulses % PRUNE_PULSES == 0:
                self._writer.prune()
            self._control.tell_status()
            self._supervisor.status(self._engine.summary())

    async def _watch_certificates(self) -> None:
        """What will soon be out of date, told in time."""
        while True:
            try:
                found = await self._keyring.ages()
            except KeysUnusable as unusable:
                log.warning("certificates_not_read", why=str(unusable))
            else:
                self._engine.certificates([(age.name, age.thumbprint, age.days_left) for age in found])
            await asyncio.sleep(AGES_EVERY_S)

    async def _feed_watchdog(self) -> None:
        """A life sign only after a fact has gone all the way, to the disk or to the alarm that says why not."""
        half_s = self._watchdog_s / 2
        while True:
            row = self._engine.probe()
            if await self._went_through(row, half_s / 2) and self._links_turn():
                self._supervisor.alive()
            else:
                log.error("no_life_sign", probe=row, committed=self._engine.recorder.committed_row)
            await asyncio.sleep(half_s / 2)

    async def _went_through(self, row: int, wait_s: float) -> bool:
        loop, recorder = asyncio.get_running_loop(), self._engine.recorder
        until_s = loop.time() + wait_s
        while recorder.committed_row < row and not recorder.is_troubled:
            if loop.time() >= until_s:
                return False
            await asyncio.sleep(SETTLE_S)
        return True

    def _links_turn(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        return all(now_s - link.turned_s <= LINK_STILL_S for link in self._links.plcs)
