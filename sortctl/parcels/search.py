"""Search: look-ups for one who asks all day. What could not be answered, how far the changes were seen, when the file is opened again.

Comes in: questions, the codes that are of interest, the time. Goes out: what was found. Raises for nothing that a file can hold
or lack: `trouble` says why not everything can be answered, and what is left is tried again until nobody wants to know it.
Never here: threads, loops.
"""

from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

from sortctl.parcels.reader import ParcelReader
from sortctl.parcels.store import StoreUnusable
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_MS, NS_PER_S

POLL_NS: Final = 100 * NS_PER_MS
"""A hold of a person counts after so long at the latest; a parcel moves 200 mm in that time."""
OPEN_AGAIN_NS: Final = NS_PER_S
"""A store that cannot be read is tried again so often."""
QUESTIONS_MAX: Final = 10_000
"""Questions that wait; those beyond are not answered, and their parcels go on as unknown ones."""
LOOKED_AT_ONCE: Final = 64
"""Watched codes looked up between two questions: half a millisecond."""


class Found(Struct, frozen=True, gc=False):
    """One look-up. `asked_ns` 0: nobody asked, the record may have changed."""

    code: str
    record: ParcelRecord | None
    asked_ns: int = 0


class Search:
    """Used by one thread. `watched` gives the codes that are of interest now."""

    def __init__(self, path: Path, watched: Callable[[], tuple[str, ...]]) -> None:
        self.trouble = ""
        """Why not every question can be answered; empty: all can."""
        self.records = 0
        self.due_ns = 0
        """When `look` has something to do."""
        self._path, self._watched = path, watched
        self._reader: ParcelReader | None = None
        self._seen = -1
        """The newest change of which everything is known; below 0: none of this file."""
        self._again: dict[str, int] = {}
        """What could not be looked up: code -> when it was asked."""
        self._to_look: deque[str] = deque()

    @property
    def unanswered(self) -> int:
        """Questions that wait for the store."""
        return len(self._again)

    def answer(self, asked: Iterable[tuple[str, int]]) -> list[Found]:
        """What can be answered at once; the rest is kept for `look`."""
        found: list[Found] = []
        for code, asked_ns in asked:
            self._try(code, asked_ns, found)
        return found

    def look(self, now_ns: int) -> list[Found]:
        """Go on: a piece of what has changed; or, every 100 ms, whether anything has, and what can be answered now."""
        found: list[Found] = []
        if self._to_look:
            for _ in range(min(len(self._to_look), LOOKED_AT_ONCE)):
                self._try(self._to_look.popleft(), 0, found)
        elif now_ns >= self.due_ns:
            was, self.trouble = self.trouble, ""
            self.due_ns = now_ns + POLL_NS
            try:
                self._follow()
            except StoreUnusable as unusable:
                self.trouble = str(unusable)
                self.close()
            else:
                self._try_again(found, was)
            if self.trouble:
                self.due_ns = now_ns + OPEN_AGAIN_NS
        if self._to_look:
            self.due_ns = now_ns
        return found

    def close(self) -> None:
        """The file is given back."""
        if self._reader is not None:
            self._reader.close()
            self._reader, self._seen = None, -1

    def _try(self, code: str, asked_ns: int, found: list[Found]) -> None:
        try:
            if self._reader is None:
                raise StoreUnusable(self.trouble or "the parcel store is not open", "")
            found.append(Found(code, self._reader.find(code), asked_ns))
        except StoreUnusable as unusable:
            self.trouble = str(unusable)
            if len(self._again) < QUESTIONS_MAX:
                self._again[code] = asked_ns or self._again.get(code, 0)
            elif not asked_ns:
                self._seen = -1  # a change must not be missed: everything is looked up again

    def _try_again(self, found: list[Found], was: str) -> None:
        """What was not found at the first time, as far as it is still of interest."""
        if not self._again:
            return
        watched = frozenset(self._watched())
        again, self._again = self._again, {}
        for code, asked_ns in again.items():
            if code in watched:
                self._try(code, asked_ns, found)
        if self._again:
            self.trouble = self.trouble or was

    def _follow(self) -> None:
        """Open the file, or the one that has taken its place; collect what may have changed."""
        if self._reader is not None and not self._reader.is_current:
            self.close()
        if self._reader is None:
            self._reader = ParcelReader(self._path)
        watched = self._watched()
        if self._seen < 0:
            newest, codes = self._reader.newest(), list(watched)
        else:
            newest, codes = self._reader.changed_since(self._seen, frozenset(watched))
        if newest != self._seen:
            self.records = self._reader.count()
        self._seen = newest
        self._to_look.extend(codes)
