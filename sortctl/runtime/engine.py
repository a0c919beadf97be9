"""Engine: turns the controller. Each call is one turn: read the clock, call, rows to the journal, wake whom it concerns.

Comes in: what the links carry, commits of the journal, timers. Goes out: rows, and a ring at the bell of each PLC link whose
order may leave. The way of a parcel passes here twice, once with the scanner's bytes and once with the commit of its
decision; nothing else runs in between. What a turn raises means that the controller's state can no longer be trusted: the
engine is broken for good, nothing more leaves, and the process ends. Never here: awaiting.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

import structlog

from sortctl.inputs.ages import Found
from sortctl.inputs.autoid import Result
from sortctl.journal.row import Row
from sortctl.journal.writer import JournalWriter
from sortctl.plan import Plan
from sortctl.runtime.clock import Clock
from sortctl.runtime.controller import Controller, Reading, Told
from sortctl.runtime.doorbell import Doorbell
from sortctl.runtime.process.attention import LOOK_MS, Attention
from sortctl.runtime.recorder import Recorder
from sortctl.runtime.status import Status
from sortctl.words.ids import PlcId, ScannerId
from sortctl.words.orders import Order
from sortctl.words.outcomes import Outcome
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS, NS_PER_S

Listener = Callable[[Sequence[Row]], None]
Ask = Callable[[Sequence[str]], None]
T = TypeVar("T")

WAKE_AGAIN_NS: Final = NS_PER_MS
"""A moment that has passed already is not waited for again sooner: a mistake must not become a busy loop."""
HELD_UP_NS: Final = 100 * NS_PER_MS
"""A longer pause of the whole process is worth a line in the log."""

log = structlog.get_logger()


class EngineBroken(Exception):
    """A turn failed: the process must end, its journal's tail written."""


class Engine:
    """Made in the loop. `broken` is done, with the cause, when the process must end."""

    def __init__(
        self, controller: Controller, clock: Clock, writer: JournalWriter, wait_ns: int, plcs: Iterable[PlcId]
    ) -> None:
        self.broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._controller = controller
        self._clock = clock
        self._writer = writer
        self._bells = {plc: Doorbell() for plc in plcs}
        self._listeners: list[Listener] = []
        self._unshown: list[Row] = []
        self._ask: Ask | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_ns = 0
        self._stopped = False
        self._attention = Attention(clock.now_ns())
        self._looking = asyncio.get_running_loop().call_later(LOOK_MS / 1000, self._look)
        first = controller.take_rows()
        self.recorder = Recorder(writer, controller.last_row - len(first), wait_ns, clock.now_ns, self._late)
        self._after(first, clock.now_ns())

    def now_ns(self) -> int:
        """The clock of the facts."""
        return self._clock.now_ns()

    def wall_ns(self) -> int:
        """The clock of people."""
        return self._clock.wall_ns()

    def bell(self, plc: PlcId) -> Doorbell:
        """Rung when `is_urgent(plc)` has become true."""
        return self._bells[plc]

    def listen(self, listener: Listener) -> None:
        """Show all rows to `listener`, soon after they were made and off the way of a parcel."""
        self._listeners.append(listener)

    def ask_by(self, ask: Ask) -> None:
        """Give questions about parcels to `ask`, which does not wait; also those of the run before that had no answer."""
        self._ask = ask
        self._question()

    # ------------------------------------------------------------------------------------------- from the links

    def scanner_up(self, scanner: ScannerId) -> None:
        """The port is open."""
        self._turn(self._controller.scanner_up, scanner)
        self._set_timer()

    def scanner_down(self, scanner: ScannerId, cause: str) -> None:
        """The port is gone or could not be opened."""
        self._turn(self._controller.scanner_down, scanner, cause)

    def scanner_bytes(self, scanner: ScannerId, data: bytes) -> None:
        """Bytes came."""
        waited_ns = self._attention.waited_ns(self._clock.now_ns())
        self._turn(lambda at_ns: self._controller.scanner_bytes(scanner, data, at_ns, waited_ns))
        self._set_timer()

    def reader_scan(self, reader: ScannerId, results: Sequence[Result]) -> None:
        """A scan event came."""
        waited_ns = self._attention.waited_ns(self._clock.now_ns())
        self._turn(lambda at_ns: self._controller.reader_scan(reader, results, at_ns, waited_ns))
        self._set_timer()

    def unit_seen(self, plc: PlcId, state: int, mode: int) -> None:
        """The PackML nodes were read."""
        self._turn(self._controller.unit_seen, plc, state, mode)

    def unit_lost(self, plc: PlcId, cause: str) -> None:
        """The PackML nodes cannot be read."""
        self._turn(self._controller.unit_lost, plc, cause)

    def plc_opened(self, plc: PlcId) -> None:
        """A connection stands."""
        self._turn(self._controller.plc_opened, plc)

    def plc_inputs(self, plc: PlcId, words: Sequence[int]) -> Reading:
        """The inputs area was read."""
        return self._turn(self._controller.plc_inputs, plc, words)

    def plc_chutes(self, plc: PlcId, words: Sequence[int]) -> None:
        """The chutes area was read."""
        self._turn(self._controller.plc_chutes, plc, words)

    def plc_block(self, plc: PlcId) -> list[int] | None:
        """The block to write now; None: only read."""
        return self._turn(self._controller.plc_block, plc)

    def plc_down(self, plc: PlcId, cause: str) -> None:
        """The connection is gone or could not be made."""
        self._turn(self._controller.plc_down, plc, cause)

    def plc_cause(self, plc: PlcId) -> str:
        """Why a link must be dropped."""
        return self._controller.plc_cause(plc)

    def wants_chutes(self, plc: PlcId) -> bool:
        """The chutes area must be read now."""
        return self._controller.wants_chutes(plc)

    def is_urgent(self, plc: PlcId) -> bool:
        """A cycle now is worth more than one at its time."""
        return self._controller.is_urgent(plc)

    # ------------------------------------------------------------------------------------------- from the journal

    def committed(self, row: int) -> None:
        """Rows up to `row` are on disk."""
        if not self._takes:
            return
        self._turn(self._controller.committed, row)
        self._ring()
        self.recorder.committed(row, self._clock.now_ns())

    def trouble(self, text: str | None) -> None:
        """The journal cannot be written, or can be again."""
        self.recorder.trouble = text or ""
        if text:
            log.error("journal_trouble", why=text)
        else:
            log.info("journal_writes_again")

    def _late(self, late: bool) -> None:
        if late:
            log.warning("commit_late", rows_waiting=self._writer.waiting)
        else:
            log.info("commit_in_time")
        self._turn(self._controller.commit_late, late)

    # ------------------------------------------------------------------------------------------- from the parcel data

    @property
    def watched(self) -> Mapping[str, int]:
        """Codes whose records are of interest. A thread may copy it: one C call, in which nothing else runs."""
        return self._controller.watched

    def parcel_told(self, code: str, record: ParcelRecord | None) -> None:
        """The answer to a question."""
        if self._takes:
            self._turn(self._controller.parcel_told, code, record)

    def parcel_turned(self, code: str, record: ParcelRecord | None) -> None:
        """The record of a watched code may have changed."""
        if self._takes:
            self._turn(self._controller.parcel_turned, code, record)

    def host_silent(self, silent: bool, why: str) -> None:
        """Parcel data cannot be asked, or can be again."""
        if self._takes:
            self._turn(self._controller.host_silent, silent, why)

    @property
    def _takes(self) -> bool:
        return not (self._stopped or self.broken.done())

    def apply_plan(self, plan: Plan, files: dict[str, bytes], keep: bool, by: str) -> int:
        """This sort plan is in force from now on; so many parcels were decided anew."""
        self._writer.save_plan(plan.document.checksum, files)
        return self._turn(self._controller.apply_plan, plan, keep, by)

    # ------------------------------------------------------------------------------------------- from the daemon

    def probe(self) -> int:
        """Send a fact all the way; its row, which is committed when everything works."""
        return self._turn(self._controller.probe)

    def certificates(self, found: Sequence[Found]) -> None:
        """What is out of date, or soon will be."""
        self._turn(self._controller.certificates, found)

    def forbids(self, fact: Told) -> str:
        """Why a person or the host cannot tell this; empty: they can."""
        return self._controller.forbids(fact)

    def told(self, fact: Told) -> list[Outcome | Order]:
        """A person or the host says so; what followed at once."""
        followed = self._turn(self._controller.told, fact)
        self._set_timer()
        return followed

    def begin_stop(self) -> None:
        """From now on each PLC's next block releases its epoch."""
        self._turn(self._controller.begin_stop)

    def keep_snapshot(self) -> None:
        """Give the state to the journal."""
        self.recorder.keep_snapshot(self._turn(lambda _: self._controller.snapshot()), self._clock.now_ns())

    def status(self) -> Status:
        """What is known now."""
        return self._controller.status(self._clock.now_ns())

    def summary(self) -> str:
        """One line for the service supervisor."""
        now = self.status()
        up = sum(plc.linked for plc in now.plcs) + sum(scanner.linked for scanner in now.scanners)
        epochs = sum(plc.holds_epoch for plc in now.plcs)
        on_sorter = sum(line.on_sorter for line in now.lines)
        return (
            f"{up} of {len(now.plcs) + len(now.scanners)} links up, {epochs} of {len(now.plcs)} epochs held, "
            f"{on_sorter} parcels on the sorter, {len(now.watch.alarms)} alarms"
        )

    def set_wall_clock(self) -> None:
        """Follow a wall clock that was set."""
        self._turn(self._controller.wall_set, self._clock.wall_ns())

    def stop(self) -> None:
        """No more turns by themselves."""
        self._stopped = True
        self._looking.cancel()
        self.recorder.stop()
        if self._timer is not None:
            self._timer.cancel()

    # ------------------------------------------------------------------------------------------- one turn

    def _turn(self, call: Callable[..., T], *given: object) -> T:
        if self.broken.done():
            raise EngineBroken(self.broken.result())
        at_ns = self._clock.now_ns()
        try:
            result = call(*given, at_ns)
            self._after(self._controller.take_rows(), at_ns)
        except Exception as mistake:
            self._break(mistake)
            raise EngineBroken(str(mistake)) from mistake
        self._question()
        return result

    def _question(self) -> None:
        """What the turn asked leaves at once; that the answer comes too late is found by the timer."""
        if self._ask is None:
            return
        codes = self._controller.take_questions()
        if codes:
            self._ask(codes)
            self._set_timer()

    def _look(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(LOOK_MS / 1000, self._look)
        away_ns = self._attention.look(self._clock.now_ns())
        if away_ns > HELD_UP_NS:
            log.warning("held_up", ms=away_ns // NS_PER_MS)

    def _after(self, rows: Sequence[Row], at_ns: int) -> None:
        if not rows:
            return
        self.recorder.keep(rows, at_ns)
        self._ring()
        if not self._unshown:
            # Behind the links that were just woken.
            asyncio.get_running_loop().call_soon(self._show)
        self._unshown += rows

    def _show(self) -> None:
        rows, self._unshown = self._unshown, []
        for listener in self._listeners:
            listener(rows)

    def _ring(self) -> None:
        for plc, bell in self._bells.items():
            if self._controller.is_urgent(plc):
                bell.ring()

    def _set_timer(self) -> None:
        """After each turn of a scanner or with a question, for only these change what is due. One timer, moved only when something is due sooner: one
        that strikes too early finds nothing and is set anew.
        """
        wake_ns = self._controller.next_wake_ns()
        if wake_ns is None or (self._timer is not None and self._timer_ns <= wake_ns):
            return
        if self._timer is not None:
            self._timer.cancel()
        at_ns = self._clock.now_ns()
        self._timer_ns = max(wake_ns, at_ns + WAKE_AGAIN_NS)
        delay_s = (self._timer_ns - at_ns) / NS_PER_S
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._struck)

    def _struck(self) -> None:
        self._timer = None
        if not self.broken.done():
            self._turn(self._controller.wake)
            self._set_timer()

    def _break(self, mistake: Exception) -> None:
        log.critical("engine_broken", why=str(mistake), exc_info=mistake)
        self.broken.set_result(f"{type(mistake).__name__}: {mistake}")
        # The fact that broke the rule is what whoever looks for the mistake needs most.
        self.recorder.flush()
        self._writer.append(self._controller.take_rows())
