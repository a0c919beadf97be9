"""Place: where the control socket is, for both of its ends.

A UNIX socket's path holds 107 bytes; a state folder may lie deeper. A long one is reached through the folder's descriptor.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SOCKET_FILE: Final = "control.sock"
PATH_BYTES_MAX: Final = 107
"""sockaddr_un.sun_path on Linux, less the closing zero."""


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name for `path` that fits into a socket address, good within the `with`."""
    name = str(path)
    if len(os.fsencode(name)) <= PATH_BYTES_MAX:
        yield name
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
