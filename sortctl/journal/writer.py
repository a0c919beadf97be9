"""Writer: the journal as the loop sees it. Takes rows at once, says later what is on disk, never makes anybody wait.

Comes in: rows, snapshots, site files (`append...`, from the loop). Goes out: `on_committed(seq)` and
`on_trouble(text | None)`, on the loop. One thread drains the queue into one commit after another (group commit, no
window: what came during a commit goes into the next). A disk that is full or failing stops nothing: the thread tries
the same rows again, and what no longer fits in the queue is dropped and counted. Never here: SQL (`pen.py`), a clock.

Rows of one `append` are committed together or not at all: a step of the logic is never cut in two.
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from sortctl.journal.lock import StateLock
from sortctl.journal.pen import Entry, FileGone, Pen, SiteFiles, Snapshot
from sortctl.journal.row import Row
from sortctl.journal.schema import PLAN
from sortctl.words.units import NS_PER_S

COMMIT_ROWS_MAX: Final = 500
"""Rows of one commit; measured: more of them gain nothing, and the first would wait for the last."""
QUEUE_ROWS_MAX: Final = 100_000
"""Rows that wait while the disk is dead: three minutes of a busy hub (500 rows/s), about 60 MB of memory."""
IDLE_S: Final = 1.0
"""Nothing came for so long: time for a checkpoint."""
RETRY_FIRST_S: Final = 0.05
RETRY_MAX_S: Final = 1.0
"""Pause before a failed commit is tried again, doubled each time: a disk with room again is used within a second."""
CLOSE_DEADLINE_S: Final = 5.0
"""So long the last rows may take at the end; systemd kills after ten."""
LAST_MOMENT_S: Final = 0.2
"""For a thread that is told to give up between two tries."""
DAY_NS: Final = 24 * 3600 * NS_PER_S

_CAUSES: Final = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk reports errors",
    "SQLITE_BUSY": "another program has the journal open for writing",
    "SQLITE_LOCKED": "another program has the journal open for writing",
    "SQLITE_READONLY": "the file system is read-only",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is damaged",
    "SQLITE_CONSTRAINT": "a row with this number is there already",
}

OnCommitted = Callable[[int], None]
OnTrouble = Callable[[str | None], None]


class JournalWriter:
    """Made by `open`; all its methods are called on the loop."""

    def __init__(
        self,
        pen: Pen,
        lock: StateLock,
        on_committed: OnCommitted,
        on_trouble: OnTrouble,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._lock, self._on_committed, self._on_trouble, self._loop = lock, on_committed, on_trouble, loop
        self._queue: queue.SimpleQueue[_Parcel] = queue.SimpleQueue()
        self._scribe = _Scribe(pen, self._queue, self._wake_loop)
        self._wake_pending = False
        self._told_seq = pen.seq
        self._told_trouble: str | None = None
        self._appended = 0
        self._closed = False
        self._dropping = False
        self.dropped = 0
        """Rows lost since the start because the queue was full."""
        self._has_hole = False
        self._thread = threading.Thread(target=self._scribe.run, name="journal", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls, path: Path, on_committed: OnCommitted, on_trouble: OnTrouble, loop: asyncio.AbstractEventLoop
    ) -> "JournalWriter":
        """Take the lock of the state folder and begin or continue the journal. Raises `JournalUnusable`."""
        lock = StateLock(path.parent)
        try:
            pen = Pen(path)
        except BaseException:
            lock.release()
            raise
        return cls(pen, lock, on_committed, on_trouble, loop)

    @property
    def waiting(self) -> int:
        """Rows that are not on disk yet."""
        return self._appended - self._scribe.written

    @property
    def wants_snapshot(self) -> bool:
        """Rows were lost and there is room again: only a snapshot leads over the hole to the present state."""
        return self._has_hole and self.waiting < QUEUE_ROWS_MAX // 2

    def append(self, rows: Sequence[Row]) -> None:
        """Take rows in their order, to be committed together."""
        if rows and (self._closed or self.waiting + len(rows) > QUEUE_ROWS_MAX):
            self._drop(len(rows))
        elif rows:
            self._appended += len(rows)
            self._queue.put(rows)

    def append_snapshot(self, seq: int, at_ns: int, body: bytes) -> None:
        """The state after row `seq`, which was appended before."""
        if self.waiting < QUEUE_ROWS_MAX and not self._closed:
            self._appended += 1
            self._queue.put((Snapshot(seq, at_ns, body),))
            self._has_hole = False

    def save_site(self, checksum: str, files: dict[str, bytes]) -> None:
        """The configuration that is in force for all rows and snapshots from now on."""
        self._appended += 1
        self._queue.put((SiteFiles(checksum, files),))

    def save_plan(self, checksum: str, files: dict[str, bytes]) -> None:
        """A sort plan that is about to be put in force; the configuration stays what it is."""
        self.save_site(PLAN + checksum, files)

    def prune(self, days: int = 7) -> None:
        """Delete, a few at a time and behind everything else, what is older and no longer needed."""
        self._queue.put(days)

    def close(self, deadline_s: float = CLOSE_DEADLINE_S) -> bool:
        """Write what waits, within the deadline. False: something could not be written."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join(deadline_s)
            self._scribe.give_up()
            self._thread.join(LAST_MOMENT_S)
            self._tell()
            if not self._thread.is_alive():  # or it may still write: then the lock ends with the process
                self._lock.release()
        return self.waiting == 0 and not self.dropped

    def _drop(self, rows: int) -> None:
        self.dropped += rows
        self._has_hole = True
        if not (self._dropping or self._closed):
            self._dropping = True
            self._loop.call_soon(self._tell)

    def _wake_loop(self) -> None:
        """Called by the thread. One wake at a time: the loop reads the newest state anyway."""
        if not self._wake_pending:
            self._wake_pending = True
            with contextlib.suppress(RuntimeError):  # the loop may have ended before its journal
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        # First the flag, then the state: whoever sets the state after this line finds the flag down and wakes again.
        self._wake_pending = False
        seq, trouble = self._scribe.committed_seq, self._scribe.trouble
        if seq > self._told_seq:
            self._told_seq = seq
            self._dropping = False
            self._on_committed(seq)
        if self._dropping:
            trouble = f"{trouble or 'the disk is too slow for the journal'}; rows are being dropped"
        if trouble != self._told_trouble:
            self._told_trouble = trouble
            self._on_trouble(trouble)


_Parcel = Sequence[Entry] | int | None
"""What goes through the queue: entries of one append; days to prune; None to end."""


class _Scribe:
    """The thread's side. `committed_seq`, `trouble` and `written` are set here and read by the loop."""

    def __init__(self, pen: Pen, inbox: "queue.SimpleQueue[_Parcel]", wake: Callable[[], None]) -> None:
        self._pen, self._inbox, self._wake = pen, inbox, wake
        self._stop = threading.Event()
        self._ending = False
        self._commit_trouble: str | None = None
        self._house_trouble: str | None = None
        self.committed_seq = pen.seq
        self.written = 0

    @property
    def trouble(self) -> str | None:
        return self._commit_trouble or self._house_trouble

    def give_up(self) -> None:
        self._stop.set()

    def run(self) -> None:
        while not (self._ending or self._stop.is_set()):
            batch = self._drain()
            if batch:
                self._commit(batch)
            self._tidy(idle=not (batch or self._pen.prune_below))
        with contextlib.suppress(sqlite3.Error):  # all that was reported committed is safe in the log as well
            self._pen.close()

    def _drain(self) -> list[Entry]:
        """Wait for the first, take what is there."""
        batch: list[Entry] = []
        try:
            parcel = self._inbox.get_nowait() if self._pen.prune_below else self._inbox.get(timeout=IDLE_S)
            while parcel is not None:
                if isinstance(parcel, int):
                    self._keep_house(partial(self._pen.prune_before, parcel * DAY_NS))
                else:
                    batch.extend(parcel)
                if len(batch) >= COMMIT_ROWS_MAX:
                    return batch
                parcel = self._inbox.get_nowait()
            self._ending = True
        except queue.Empty:
            pass
        return batch

    def _commit(self, batch: list[Entry]) -> None:
        """Until it is done, or until the process ends."""
        pause_s = RETRY_FIRST_S
        last = max((entry.seq for entry in batch if isinstance(entry, Row)), default=0)
        while True:
            try:
                self._write(batch, last)
                break
            # The thread outlives every error: a journal in trouble must be able to come back.
            except Exception as error:  # noqa: BLE001
                self._say(_plain(error), self._house_trouble)
            if self._stop.wait(pause_s):
                return
            pause_s = min(2 * pause_s, RETRY_MAX_S)
        self.written += len(batch)
        self.committed_seq = max(self.committed_seq, last)
        self._commit_trouble = None
        self._wake()

    def _write(self, batch: list[Entry], last: int) -> None:
        # A commit that reported an error may yet have reached the disk.
        if self._commit_trouble is not None and last > self._pen.seq and self._pen.holds(last):
            self._pen.take_up()
        else:
            self._pen.write(batch)

    def _tidy(self, idle: bool) -> None:
        """What can wait: the checkpoint until nothing else does, deleting until there is nothing else to do."""
        quiet = self._inbox.empty()
        if idle or self._pen.checkpoint_due(quiet):
            self._keep_house(self._pen.checkpoint)
        if self._pen.prune_below and quiet and not self._keep_house(self._pen.prune_piece):
            self._pen.prune_below = 0

    def _keep_house(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - as in _commit
            self._say(self._commit_trouble, _plain(error))
            return False
        self._say(self._commit_trouble, None)
        return True

    def _say(self, commit: str | None, house: str | None) -> None:
        if (commit, house) != (self._commit_trouble, self._house_trouble):
            self._commit_trouble, self._house_trouble = commit, house
            self._wake()


def _plain(error: Exception) -> str:
    if isinstance(error, FileGone):
        return f"the journal cannot be written: {error}"
    name = getattr(error, "sqlite_errorname", "")
    for prefix, words in _CAUSES.items():
        if name.startswith(prefix):
            return f"the journal cannot be written: {words}"
    return f"the journal cannot be written: {type(error).__name__}: {error}"
