"""Ports: where a door stands on loopback, and how a connection is cut hard.

Comes in: a seed. Goes out: ports that stay ours while nobody listens on them.
Never here: servers.
"""

import os
import socket
import struct
from random import Random
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Below the range from which the kernel takes ports for outgoing connections (32768 and up): a door that is closed for a
# while finds its port free again, and a client that keeps knocking cannot be connected to itself.
FIRST, LAST = 20_000, 31_999
TRIES: Final = 500


def free_ports(count: int, seed: int | None = None) -> list[int]:
    """So many different ports on which nobody listens now."""
    chance = Random(os.getpid() if seed is None else seed)
    found: list[int] = []
    for _ in range(TRIES):
        if len(found) == count:
            break
        port = chance.randint(FIRST, LAST)
        if port not in found and _is_free(port):
            found.append(port)
    if len(found) < count:
        raise OSError(f"no {count} free ports between {FIRST} and {LAST}")
    return found


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def lingering_reset(connection: socket.socket) -> None:
    """From now on closing this connection sends a reset and throws away what was not sent."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
