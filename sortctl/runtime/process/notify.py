"""Notify: what the service supervisor is told: ready, status, stopping, alive.

The protocol of sd_notify(3): one datagram to the socket named in `$NOTIFY_SOCKET`. Without that variable nothing is sent.
Never here: when to say that we are alive. `daemon.py` says it only after a probe has gone through the logic.
"""

import os
import socket
from collections.abc import Mapping

import structlog

from sortctl.words.units import NS_PER_S

log = structlog.get_logger()


class Supervisor:
    """The service manager's ear. Telling never blocks and never fails the program."""

    def __init__(self, address: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._status = ""

    def ready(self) -> None:
        """The program serves: links are being tried, the control socket answers."""
        self._tell("READY=1")

    def stopping(self) -> None:
        """A clean stop has begun."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`; told only when it is another one."""
        line = " ".join(text.split())
        if line != self._status:
            self._status = line
            self._tell(f"STATUS={line}")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as ear:
                ear.sendto(message.encode(), self._address)
        except OSError as deaf:
            log.warning("supervisor_unreachable", why=str(deaf))


def supervisor(environment: Mapping[str, str]) -> Supervisor:
    """The supervisor that started this process, or one that hears nothing."""
    return Supervisor(environment.get("NOTIFY_SOCKET", ""))


def watchdog_ns(environment: Mapping[str, str], process: int) -> int:
    """Within so many ns the supervisor wants a life sign of this process; 0: it wants none."""
    if environment.get("WATCHDOG_PID", str(process)) != str(process):
        return 0
    wanted = environment.get("WATCHDOG_USEC", "0")
    return int(wanted) * (NS_PER_S // 1_000_000) if wanted.isdecimal() else 0


def this_process() -> int:
    """Our process number, as the supervisor knows it."""
    return os.getpid()
