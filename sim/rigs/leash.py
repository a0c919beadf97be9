"""Leash: starts a program that dies with whoever started it, however that ends. `python leash.py PARENT COMMAND...`

Comes in: the process id of the starter, a command. Goes out: this process becomes the command; the kernel kills it when the
starter is gone. The id is compared once it is on the leash: a starter that was gone before would not be noticed.
Never here: anything else; it is run as a file by itself, without the package, so that it costs no time.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        sys.exit(f"no leash: {os.strerror(ctypes.get_errno())}")
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606 no shell is wanted


if __name__ == "__main__":
    main()
