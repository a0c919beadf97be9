"""Sockets: what all TCP connections here have in common. Where to, how a silent death is noticed, what an error means.

Comes in: addresses, sockets, errors of the operating system. Goes out: settings made, plain words.
Never here: bytes, protocols.
"""

import errno
import socket
import struct
from typing import Final
from urllib.parse import urlsplit

from sortctl.drivers.ports import LinkError

KEEPALIVE_IDLE_S: Final = 1
KEEPALIVE_INTERVAL_S: Final = 1
KEEPALIVE_COUNT: Final = 3
"""A peer that is silent is asked after 1 s, and given up after 3 unanswered questions: dead after 4 s."""
USER_TIMEOUT_MS: Final = 4_000
"""Bytes sent and not acknowledged for so long end the connection; the kernel's own limit is a quarter of an hour."""

WORDS: Final = {
    errno.ECONNREFUSED: "nothing listens there: is the device on, and is the port right?",
    errno.EHOSTUNREACH: "no way to it: check cable, switch and address",
    errno.ENETUNREACH: "no way to its network: check this machine's network settings",
    errno.ETIMEDOUT: "it no longer answers: check power and cable",
    errno.ECONNRESET: "it cut the connection: did it restart, or does it serve somebody else?",
    errno.EPIPE: "it cut the connection: did it restart, or does it serve somebody else?",
    errno.EADDRNOTAVAIL: "the address cannot be used from this machine",
}
UNKNOWN_NAME: Final = "the name is not known: write the address, or mend the name service"


def endpoint(url: str) -> tuple[str, int]:
    """Host and port of an address like `tcp://host:port` or `host:port`; LinkError if there are none."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise LinkError(f"{url}: write it as host:port")
    return host, port


def meaning(error: BaseException | None) -> str:
    """What `error` means for somebody at the machine; None: the peer closed in good order."""
    if error is None:
        return "it closed the connection: did it restart, or does it serve somebody else?"
    if isinstance(error, socket.gaierror):
        return UNKNOWN_NAME
    number = error.errno if isinstance(error, OSError) else None
    return WORDS.get(number or 0) or str(error) or type(error).__name__


def plain(where: str, error: BaseException | None) -> str:
    """The same, with the place before it."""
    return f"{where}: {meaning(error)}"


def watch(sock: socket.socket, user_timeout_ms: int = USER_TIMEOUT_MS) -> None:
    """Let the kernel notice when the peer dies without a word."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_COUNT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, user_timeout_ms)


def forget_unsent(sock: socket.socket) -> None:
    """Closing resets the connection: what the kernel still holds is not delivered late, and the peer's slot is free."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
