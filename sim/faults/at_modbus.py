"""Mischief at a Modbus door: how one request is treated.

Comes in: treatments laid with a chance, a number of times, for some functions. Goes out: one `Treatment` a request.
The first laid treatment that fits is taken; chance is seeded, so a bad day can be repeated.
Never here: connections; refusing, resetting and freezing them are switches of the door itself.
"""

from dataclasses import dataclass
from random import Random

BUSY = 6


@dataclass(frozen=True)
class Treatment:
    """What happens to one request. As it stands: carried out and answered at once, whole."""

    apply: bool = True
    """The request is carried out."""
    answer: bool = True
    """Something is sent back."""
    exception: int = 0
    """Answered by this exception instead of being carried out; 0: by none."""
    delay_ms: int = 0
    """The answer waits for so long; answers behind it wait as well."""
    piece_bytes: int = 0
    """The answer leaves in pieces of so many bytes, a millisecond apart; 0: whole."""
    transaction_off: int = 0
    """Added to the transaction number of the answer."""
    tear: bool = False
    """A read of the inputs area shows another stamp at its end."""


HONEST = Treatment()
DROPPED = Treatment(apply=False, answer=False)
UNANSWERED = Treatment(answer=False)
TORN = Treatment(tear=True)
CRUMBLED = Treatment(piece_bytes=1)
MISNUMBERED = Treatment(transaction_off=1)


def refused(exception: int = BUSY) -> Treatment:
    """Not carried out, answered by an exception."""
    return Treatment(apply=False, exception=exception)


def delayed(delay_ms: int) -> Treatment:
    """Carried out at once, answered late."""
    return Treatment(delay_ms=delay_ms)


@dataclass
class Laid:
    """One treatment in force."""

    treatment: Treatment
    chance: float
    times: int | None
    functions: frozenset[int]

    def fits(self, function: int) -> bool:
        return (self.times is None or self.times > 0) and (not self.functions or function in self.functions)


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
        functions: frozenset[int] | None = None,
    ) -> Laid:
        """In force until lifted, or until it has struck `times` times. No functions: all of them."""
        laid = Laid(treatment, chance, times, functions or frozenset())
        self._laid.append(laid)
        return laid

    def lift(self, laid: Laid) -> None:
        """No longer in force; lifting twice is no error."""
        if laid in self._laid:
            self._laid.remove(laid)

    def lift_all(self) -> None:
        self._laid.clear()

    def treat(self, function: int) -> Treatment:
        """How this request is treated."""
        for laid in self._laid:
            if laid.fits(function) and (laid.chance >= 1.0 or self._chance.random() < laid.chance):
                if laid.times is not None:
                    laid.times -= 1
                self.struck += 1
                return laid.treatment
        return HONEST
