"""Claim: one state folder and one owner number towards a PLC belong to one process.

A restarted controller goes on in the epoch it finds under its own number; two processes with one number would both do so.
So a second one is refused: by a lock on the state folder's file, and by a name in the host's abstract socket namespace
for each (owner number, PLC address). Both vanish with the process, however it ends; nothing stale can be left behind.
Two hosts with one number are beyond this; there the PLC shows the owner, and `sortctl check` says to give each its own.
"""

import fcntl
import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

LOCK_FILE: Final = "sortctl.lock"
STATE_MODE: Final = 0o750


class AlreadyRunning(Exception):
    """Another process holds what this one wants; str() says what and who."""


class Claim:
    """What this process holds until `release`."""

    def __init__(self, held: ExitStack) -> None:
        self._held = held

    def release(self) -> None:
        """Give everything back."""
        self._held.close()


def claim(state_dir: Path, owner: int, plc_addresses: Sequence[str]) -> Claim:
    """Claim the state folder (made if it is not there) and the owner number; AlreadyRunning."""
    with ExitStack() as held:
        _lock_folder(state_dir, held)
        for address in plc_addresses:
            _hold_number(owner, address, held)
        return Claim(held.pop_all())


def _lock_folder(state_dir: Path, held: ExitStack) -> None:
    state_dir.mkdir(mode=STATE_MODE, parents=True, exist_ok=True)
    path = state_dir / LOCK_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    held.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
        raise AlreadyRunning(f"{state_dir} is in use by process {holder}") from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _hold_number(owner: int, address: str, held: ExitStack) -> None:
    name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    held.callback(name.close)
    try:
        name.bind(f"\0sortctl owner {owner} at {address.casefold()}")
    except OSError:
        raise AlreadyRunning(f"another process on this host is owner {owner} of the PLC at {address}") from None
