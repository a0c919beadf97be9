"""Recorder: brings the controller's rows to the journal, and knows how far they are safe.

Comes in: rows after each call of the controller; word of commits from the journal. Goes out: how late the disk is (orders
then leave unproven), and snapshots often enough that a restart is quick. Rows with an order go to the journal at once, with
all rows before them; others wait a moment for company, as a commit costs the disk the same for one row as for fifty.
Never here: what is done about a late disk (`engine.py`).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from sortctl.journal.row import ORDER, Row
from sortctl.journal.writer import JournalWriter
from sortctl.words.units import NS_PER_MS, NS_PER_S

SNAPSHOT_ROWS: Final = 5_000
"""Facts are stepped at some 50,000 a second: a restart replays these in a tenth of a second."""
SNAPSHOT_NS: Final = 60 * NS_PER_S
GATHER_NS: Final = 4 * NS_PER_MS
"""Rows that no order waits for are gathered for so long. The PLC's events in them are acknowledged with the next cycle, in
10 ms; at 200 parcels/s this makes one commit of four."""
BATCHES_MAX: Final = 1_000
"""Waiting batches whose age is known one by one; beyond, they count as old as the oldest of them."""


class JournalFigures(Struct, frozen=True):
    """State of the journal, for people."""

    last_row: int
    committed_row: int
    waiting: int
    dropped: int
    late: bool
    trouble: str
    slowest_commit_us: int


class Recorder:
    """Rows on their way to the disk. `on_late(late)` is called when the disk becomes late, and when it is no longer."""

    def __init__(
        self,
        writer: JournalWriter,
        committed_row: int,
        wait_ns: int,
        now_ns: Callable[[], int],
        on_late: Callable[[bool], None],
    ) -> None:
        self.last_row = self.committed_row = committed_row
        self.trouble = ""
        self._writer = writer
        self._wait_ns = wait_ns
        self._now_ns = now_ns
        self._on_late = on_late
        self._batches: deque[tuple[int, int]] = deque()
        """(last row, when it was given to the journal) of what is not committed, oldest first."""
        self._timer: asyncio.TimerHandle | None = None
        self._gathered: list[Row] = []
        self._gather_ns = min(GATHER_NS, wait_ns // 4)
        self._gathering: asyncio.TimerHandle | None = None
        self._is_late = False
        self._slowest_ns = 0
        self._snapshot_row, self._snapshot_ns = committed_row, now_ns()

    def keep(self, rows: Sequence[Row], at_ns: int) -> None:
        """Rows that were made at `at_ns`; they are safe when `committed_row` has reached the last of them."""
        self._gathered += rows
        self.last_row = rows[-1].seq
        if any(row.kind == ORDER for row in rows):
            self._hand_over(at_ns)
        elif self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(self._gather_ns / NS_PER_S, self.flush)

    def flush(self) -> None:
        """What was gathered goes to the journal now."""
        self._hand_over(self._now_ns())

    def _hand_over(self, at_ns: int) -> None:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        if not self._gathered:
            return
        rows, self._gathered = self._gathered, []
        self._writer.append(rows)
        if len(self._batches) < BATCHES_MAX:
            self._batches.append((rows[-1].seq, at_ns))
        else:
            self._batches[-1] = (rows[-1].seq, self._batches[-1][1])
        if self._timer is None:
            self._set_timer(self._wait_ns)

    def committed(self, row: int, at_ns: int) -> None:
        """The journal says that rows up to `row` are on disk."""
        self.committed_row = max(self.committed_row, row)
        while self._batches and self._batches[0][0] <= row:
            self._slowest_ns = max(self._slowest_ns, at_ns - self._batches.popleft()[1])
        if self._is_late and not self._is_overdue(at_ns):
            self._is_late = False
            self._on_late(False)

    @property
    def is_troubled(self) -> bool:
        """The disk is late or failing, and that is known and told."""
        return self._is_late or bool(self.trouble)

    def wants_snapshot(self, at_ns: int) -> bool:
        """Enough has happened since the last one."""
        since = self.last_row - self._snapshot_row
        return since >= SNAPSHOT_ROWS or (
            since > 0 and (at_ns - self._snapshot_ns >= SNAPSHOT_NS or self._writer.wants_snapshot)
        )

    def keep_snapshot(self, body: bytes, at_ns: int) -> None:
        """The state after the newest row."""
        self.flush()
        self._snapshot_row, self._snapshot_ns = self.last_row, at_ns
        self._writer.append_snapshot(self.last_row, at_ns, body)

    def figures(self) -> JournalFigures:
        """For people."""
        return JournalFigures(
            last_row=self.last_row,
            committed_row=self.committed_row,
            waiting=self._writer.waiting + len(self._gathered),
            dropped=self._writer.dropped,
            late=self._is_late,
            trouble=self.trouble,
            slowest_commit_us=self._slowest_ns // 1_000,
        )

    def stop(self) -> None:
        """The rest goes to the journal; no more timers."""
        self.flush()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_overdue(self, at_ns: int) -> bool:
        return bool(self._batches) and at_ns - self._batches[0][1] >= self._wait_ns

    def _set_timer(self, wait_ns: int) -> None:
        self._timer = asyncio.get_running_loop().call_later(wait_ns / NS_PER_S, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._batches:
            return
        at_ns = self._now_ns()
        if self._is_overdue(at_ns):
            if not self._is_late:
                self._is_late = True
                self._on_late(True)
            return
        self._set_timer(max(self._wait_ns - (at_ns - self._batches[0][1]), 0))
