"""Mischief at an OPC UA door: how one request is treated, and how strict the server is by nature.

Comes in: treatments laid with a chance, a number of times, for some services; manners. Goes out: one `Treatment` a
request. The first laid treatment that fits is taken; chance is seeded, so a bad day can be repeated.
Never here: connections; refusing, resetting and freezing them are switches of the door itself.

Services are named as the standard names them ("Read", "Write", "CreateSession", "Publish", ...). "Hello" and
"OpenSecureChannel" count as services: a fault in them is an error message and the end of the connection.
"""

from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Final

# OPC 10000-6, StatusCode.csv.
BAD_INTERNAL_ERROR: Final = 0x80020000
BAD_SERVER_HALTED: Final = 0x800E0000
BAD_USER_ACCESS_DENIED: Final = 0x801F0000
BAD_SENSOR_FAILURE: Final = 0x808C0000
BAD_TOO_MANY_SESSIONS: Final = 0x80560000
BAD_TCP_SERVER_TOO_BUSY: Final = 0x807D0000
UNCERTAIN_LAST_USABLE_VALUE: Final = 0x40900000
SEVERITY: Final = 0xC0000000
BAD: Final = 0x80000000


@dataclass(frozen=True)
class Treatment:
    """What happens to one request. As it stands: carried out and answered at once."""

    apply: bool = True
    """The request is carried out."""
    answer: bool = True
    """Something is sent back."""
    fault: int = 0
    """Answered by a service fault with this code instead of being carried out; 0: by none."""
    status: int = 0
    """Of every value of a Read and every result of a Write; a bad one takes the value along and the write has no effect."""
    delay_ms: int = 0
    """The answer waits for so long; answers behind it wait as well."""
    piece_bytes: int = 0
    """The answer leaves in pieces of so many bytes, a millisecond apart; 0: whole."""


HONEST: Final = Treatment()
DROPPED: Final = Treatment(apply=False, answer=False)
UNANSWERED: Final = Treatment(answer=False)
CRUMBLED: Final = Treatment(piece_bytes=16)
DENIED: Final = Treatment(status=BAD_USER_ACCESS_DENIED)
FAILED: Final = Treatment(status=BAD_SENSOR_FAILURE)
UNCERTAIN: Final = Treatment(status=UNCERTAIN_LAST_USABLE_VALUE)


def refused(fault: int = BAD_INTERNAL_ERROR) -> Treatment:
    """Not carried out, answered by a service fault."""
    return Treatment(apply=False, fault=fault)


def delayed(delay_ms: int) -> Treatment:
    """Carried out at once, answered late."""
    return Treatment(delay_ms=delay_ms)


class Shape(Enum):
    """What an exchange node holds."""

    AS_AGREED = "UInt16 array"
    SIGNED = "Int16 array"
    WIDE = "UInt32 array"
    SCALAR = "UInt16"
    TEXT = "String"


@dataclass
class Manners:
    """What this server allows. Read at each request, so it may be changed while the door stands open."""

    sessions_max: int = 20
    """A further one is refused with BadTooManySessions; sessions without a connection count until their time-out."""
    connections_max: int = 20
    """A further one closes the one silent longest."""
    session_timeout_ms: tuple[int, int] = (1_000, 600_000)
    """What is asked for is revised into this range."""
    channel_lifetime_max_ms: int = 3_600_000
    publishing_interval_min_ms: int = 10
    queue_max: int = 1_000
    """Of a monitored item."""
    refuses_stamped_writes: bool = True
    """A write with a status code or a timestamp is answered by BadWriteNotSupported, as many PLCs do."""


@dataclass
class Laid:
    """One treatment in force."""

    treatment: Treatment
    chance: float
    times: int | None
    services: frozenset[str]

    def fits(self, service: str) -> bool:
        return (self.times is None or self.times > 0) and (not self.services or service in self.services)


class Mischief:
    """The treatments in force at one door."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._laid: list[Laid] = []
        self.struck = 0
        """Requests that were not treated honestly."""

    def lay(
        self,
        treatment: Treatment,
        *,
        chance: float = 1.0,
        times: int | None = None,
        services: frozenset[str] | None = None,
    ) -> Laid:
        """In force until lifted, or until it has struck `times` times. No services: all of them."""
        laid = Laid(treatment, chance, times, services or frozenset())
        self._laid.append(laid)
        return laid

    def lift(self, laid: Laid) -> None:
        """No longer in force; lifting twice is no error."""
        if laid in self._laid:
            self._laid.remove(laid)

    def lift_all(self) -> None:
        self._laid.clear()

    def treat(self, service: str) -> Treatment:
        """How this request is treated."""
        for laid in self._laid:
            if laid.fits(service) and (laid.chance >= 1.0 or self._chance.random() < laid.chance):
                if laid.times is not None:
                    laid.times -= 1
                self.struck += 1
                return laid.treatment
        return HONEST
