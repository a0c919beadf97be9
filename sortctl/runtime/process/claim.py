"""Claim: one owner number towards a PLC belongs to one process of this host.

A restarted controller goes on in the epoch it finds under its own number; two processes with one number would both do so.
So a second one is refused, by a name in the host's abstract socket namespace for each (owner number, PLC address), whatever
the wire and whichever of the PLC's images. It vanishes with the process, however that ends; nothing stale can be left behind.
(The state folder has a lock of its own, in `journal`.) Two hosts with one number are beyond this; `sortctl check` says to give
each installation its own.
"""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from hashlib import sha256


class NumberTaken(Exception):
    """Another process holds the owner number; str() says which."""


class Claim:
    """What this process holds until `release`."""

    def __init__(self, held: ExitStack) -> None:
        self._held = held

    def release(self) -> None:
        """Give everything back."""
        self._held.close()


def claim(owner: int, plc_addresses: Sequence[str]) -> Claim:
    """Claim the owner number towards each PLC; several images in one PLC are one. NumberTaken."""
    with ExitStack() as held:
        for address in dict.fromkeys(address.casefold() for address in plc_addresses):
            name = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC))
            # A host name may be longer than such a name.
            place = sha256(address.encode()).hexdigest()[:40]
            try:
                name.bind(f"\0sortctl owner {owner} at {place}")
            except OSError:
                raise NumberTaken(f"another process on this host is owner {owner} of the PLC at {address}") from None
        return Claim(held.pop_all())
