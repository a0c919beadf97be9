"""Lock: one state folder, one controller. The kernel releases it when the process ends, however it ends.

Comes in: the state folder. Goes out: a lock that is held, or `JournalHeld` with the process that holds it.
Never here: a lock that somebody has to clear by hand.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from sortctl.journal.schema import JournalHeld, JournalUnusable

LOCK_NAME: Final = "sortctl.lock"


class StateLock:
    """Held from construction until `release`."""

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_NAME
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise JournalUnusable(
                f"{path} cannot be opened: {error.strerror}", "give the state folder to the user that runs sortctl"
            ) from None
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._fd, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._fd)
            raise JournalHeld(
                f"another sortctl (process {holder}) runs with the state folder {folder}",
                "stop it first, or give this one its own folder with --state",
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._fd)
