"""Parcel desk: the thread that owns the read-only connection to the parcel store. It answers questions and watches for changes.

Comes in: codes that were asked (`ask`, from the loop), every 100 ms the codes that are of interest. Goes out, on the loop: answers,
changed records, whether the store can be asked. Questions come first, changes are looked up in pieces between them. A store that
is missing, locked, damaged or replaced ends nothing: what could not be answered is asked again until nobody wants to know it,
and the file is opened again. A disk that hangs holds up this thread and nobody else.
Never here: what an answer means, how late is too late (`halves/hub_half.py`).
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import structlog
from msgspec import Struct

from sortctl.parcels.search import QUESTIONS_MAX, Found, Search
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS, NS_PER_S

UNHEARD_NS: Final = 2 * NS_PER_MS
"""The loop has not taken yet what it was told; what changed beside that waits."""
ANSWERS_AT_ONCE: Final = 32
"""Answers that go to the loop together."""
END_WAIT_S: Final = 2.0

log = structlog.get_logger()


class ParcelFigures(Struct, frozen=True):
    """State of the parcel data, for people. `silent`: why it cannot be asked; empty: it can."""

    records: int
    answers: int
    unknown: int
    """Answers without a record; most codes have several spellings, of which one is a parcel's."""
    slowest_us: int
    waiting: int
    dropped: int
    watched: int
    silent: str


class Hearer(Protocol):
    """Who is told, on the loop."""

    def parcel_told(self, code: str, record: ParcelRecord | None) -> None: ...
    def parcel_turned(self, code: str, record: ParcelRecord | None) -> None: ...
    def host_silent(self, silent: bool, why: str) -> None: ...
    @property
    def watched(self) -> Mapping[str, int]: ...
    def now_ns(self) -> int: ...


class ParcelDesk:
    """Made in the loop; begins with `start`."""

    def __init__(self, path: Path, hearer: Hearer) -> None:
        self._path, self._hearer = path, hearer
        self._loop = asyncio.get_running_loop()
        self._questions: queue.Queue[tuple[str, int] | None] = queue.Queue(QUESTIONS_MAX)
        self._thread = threading.Thread(target=self._run, name="parcels", daemon=True)
        self._search = Search(path, lambda: tuple(hearer.watched))
        self._ends = False
        self._heard = threading.Event()
        self._heard.set()
        self._told_trouble: str | None = None
        self._answers = self._unknown = self._slowest_ns = self._dropped = 0

    def start(self) -> None:
        """From now on questions are answered."""
        self._thread.start()

    def ask(self, codes: Iterable[str]) -> None:
        """Questions; the answers come later. Never waits."""
        at_ns = self._hearer.now_ns()
        for code in codes:
            try:
                self._questions.put_nowait((code, at_ns))
            except queue.Full:
                self._dropped += 1

    def close(self) -> None:
        """No more answers. A thread that hangs in the disk is left behind; it holds nothing but its own connection."""
        self._ends = True
        with contextlib.suppress(queue.Full):
            self._questions.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(END_WAIT_S)

    def figures(self) -> ParcelFigures:
        """For people."""
        return ParcelFigures(
            records=self._search.records,
            answers=self._answers,
            unknown=self._unknown,
            slowest_us=self._slowest_ns // 1_000,
            waiting=self._questions.qsize() + self._search.unanswered,
            dropped=self._dropped,
            watched=len(self._hearer.watched),
            silent=self._told_trouble or "",
        )

    # ------------------------------------------------------------------------------------------- in the thread

    def _run(self) -> None:
        search, hearer, said = self._search, self._hearer, None
        try:
            while not self._ends:
                wait_ns = search.due_ns - hearer.now_ns() if self._heard.is_set() else UNHEARD_NS
                found = search.answer(self._asked(wait_ns))
                if self._heard.is_set():
                    # While the loop is away nothing piles up: what changed is looked up when it is back.
                    found += search.look(hearer.now_ns())
                if found or search.trouble != said:
                    said = search.trouble
                    self._heard.clear()
                    self._loop.call_soon_threadsafe(self._tell, found, said)
        except RuntimeError as gone:
            if not self._ends:  # the loop is closed: there is nobody to tell
                log.error("parcel_desk_ended", why=str(gone))
        except Exception:
            log.critical("parcel_desk_failed", exc_info=True)
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._tell, (), "the parcel desk failed; its log says why")
        finally:
            search.close()

    def _asked(self, wait_ns: int) -> list[tuple[str, int]]:
        """Questions that wait, or that come before it is time to look for changes."""
        asked: list[tuple[str, int]] = []
        with contextlib.suppress(queue.Empty):
            first = self._questions.get(timeout=wait_ns / NS_PER_S) if wait_ns > 0 else self._questions.get_nowait()
            while first is not None:
                asked.append(first)
                if len(asked) >= ANSWERS_AT_ONCE:
                    break
                first = self._questions.get_nowait()
        return asked

    # ------------------------------------------------------------------------------------------- on the loop

    def _tell(self, found: Sequence[Found], trouble: str) -> None:
        self._heard.set()
        if self._ends:
            return
        if trouble != self._told_trouble:
            self._told_trouble = trouble
            if trouble:
                log.warning("parcel_store_silent", why=trouble)
            else:
                log.info("parcel_store_open", records=self._search.records)
            self._hearer.host_silent(bool(trouble), trouble)
        now_ns = self._hearer.now_ns()
        for one in found:
            if not one.asked_ns:
                self._hearer.parcel_turned(one.code, one.record)
                continue
            self._answers += 1
            self._unknown += one.record is None
            self._slowest_ns = max(self._slowest_ns, now_ns - one.asked_ns)
            self._hearer.parcel_told(one.code, one.record)
