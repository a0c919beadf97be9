"""A serial scanner: a pseudo terminal under a stable link, as a USB adapter has a stable name in /dev.

Comes in: telegrams. Goes out: bytes to whoever has the port open; without a reader, or with one who is too slow, bytes
are lost, as on a line without flow control. Unplugged: the link is gone and the reader's port fails at once.
Never here: what a telegram says.
"""

import contextlib
import os
import select
import tty
from pathlib import Path

from sim.doors.paced import Paced
from sim.faults.on_line import LineMischief


class PtyScanner:
    """One scanner on one serial line. Made unplugged."""

    def __init__(self, link: Path, mischief: LineMischief) -> None:
        self.link = link
        self.mischief = mischief
        self.sent = 0
        self.lost_bytes = 0
        self._master: int | None = None
        self._paced = Paced(self._write)

    @property
    def plugged(self) -> bool:
        return self._master is not None

    def plug(self) -> None:
        """The port appears under its link; does nothing if it is there."""
        if self._master is not None:
            return
        master, slave = os.openpty()
        os.set_blocking(master, False)
        tty.setraw(slave)
        fresh = self.link.with_name(f".{self.link.name}.new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        fresh.symlink_to(os.ttyname(slave))
        fresh.replace(self.link)
        # Not kept open here: only so does the master see whether anybody listens, and nothing piles up for nobody.
        os.close(slave)
        self._master = master

    def unplug(self) -> None:
        """The link goes and the reader's port fails."""
        self._paced.forget()
        if self._master is not None:
            with contextlib.suppress(FileNotFoundError):
                self.link.unlink()
            os.close(self._master)
            self._master = None

    close = unplug

    def send(self, telegram: bytes) -> None:
        """One telegram, as the line's mischief lets it through. Never blocks."""
        self.sent += 1
        for piece in self.mischief.pass_on(telegram):
            if not self._paced.put(piece.data, pause_s=piece.pause_ms / 1000):
                self.lost_bytes += len(piece.data)

    def noise(self, data: bytes) -> None:
        """Bytes that are no telegram."""
        if not self._paced.put(data):
            self.lost_bytes += len(data)

    def has_reader(self) -> bool:
        """Somebody has the port open."""
        if self._master is None:
            return False
        watch = select.poll()
        watch.register(self._master, select.POLLHUP)
        return not watch.poll(0)

    def _write(self, data: bytes) -> None:
        written = 0
        if self._master is not None and self.has_reader():
            self._listen_and_ignore()
            try:
                written = os.write(self._master, data)
            except OSError:  # full, or closed this instant
                written = 0
        self.lost_bytes += len(data) - written

    def _listen_and_ignore(self) -> None:
        # What the controller says to the scanner (a trigger) is taken off the line, or it would fill up.
        assert self._master is not None
        with contextlib.suppress(OSError):
            while os.read(self._master, 4096):
                pass
