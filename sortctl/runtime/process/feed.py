"""Feed: outcomes as they happen, to whoever listens at the control socket.

Comes in: rows of the journal, soon after they were made; a status each second. Goes out: JSON lines, into the queue of each
listener. A listener that does not keep up is cut off and counted; it comes again and asks from the row where it stopped.
The newest outcomes are kept for that; what is older stands in the journal. Never here: sockets.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from sortctl.journal.row import OUTCOME, Row

KEPT_MAX: Final = 2_000
"""Outcomes to come back for: some ten minutes of a line."""
WAITING_MAX: Final = 4_000
"""Lines that wait for one listener: all that is kept, and as much again."""


class Listener:
    """One client's queue. `filled` is set when there is something to write, or the client was cut off."""

    def __init__(self) -> None:
        self.filled = asyncio.Event()
        self.is_cut = False
        self._lines: list[bytes] = []

    def put(self, line: bytes) -> None:
        """One more line, or the end."""
        if len(self._lines) >= WAITING_MAX:
            self.is_cut = True
        else:
            self._lines.append(line)
        self.filled.set()

    def take(self) -> bytes:
        """All that waits."""
        lines, self._lines = self._lines, []
        self.filled.clear()
        return b"".join(lines)


class Feed:
    """All listeners, and the newest outcomes."""

    def __init__(self) -> None:
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=KEPT_MAX)
        self._listeners: set[Listener] = set()
        self._left_out = 0
        self.cut = 0
        """Listeners cut off since the start."""

    def __len__(self) -> int:
        return len(self._listeners)

    def show(self, rows: Sequence[Row]) -> None:
        """Rows were made."""
        for row in rows:
            if row.kind != OUTCOME:
                continue
            line = b'{"seq":%d,"wall_ns":%d,"outcome":%b}\n' % (row.seq, row.wall_ns, row.body)
            if len(self._kept) == KEPT_MAX:
                self._left_out = self._kept[0][0]
            self._kept.append((row.seq, line))
            self.tell(line)

    def tell(self, line: bytes) -> None:
        """One line to all."""
        for listener in self._listeners:
            listener.put(line)

    def join(self, after: int | None) -> Listener:
        """A new listener. With `after` it first gets what came after that row, as far as it is kept."""
        listener = Listener()
        if after is not None:
            if after < self._left_out:
                listener.put(b'{"gap":{"after":%d,"upto":%d}}\n' % (after, self._left_out))
            for seq, line in self._kept:
                if seq > after:
                    listener.put(line)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """The client is gone, or must go."""
        self._listeners.discard(listener)
        self.cut += listener.is_cut
