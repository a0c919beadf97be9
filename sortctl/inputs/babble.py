"""Babble: a scanner that says more than any belt can bring past it. Pure; time is handed in.

A scanner that sends without end (a stuck trigger, noise on a line, another device at its address) would fill the journal,
and what it reads lies behind what it babbles: it comes late, and would be given to the next parcel. So each scanner has a
store of telegrams and one of bytes, which fill with time; an empty one means babble until the scanner has kept within its
rate for a while. Comes in: how much was taken, and when. Goes out: whether to believe it. Never here: what is in it.
"""

from typing import Final

from sortctl.site.model import Limits, Scanner
from sortctl.words.units import NS_PER_S

TELEGRAMS_PER_S: Final = 100
"""At 5 m/s 14 parcels a second can pass; this is seven telegrams for each."""
TELEGRAMS_STORE: Final = 200
BYTES_PER_S: Final = 10_000
BITS_PER_BYTE: Final = 10
BYTES_STORE_TELEGRAMS: Final = 8
"""So many of the longest telegrams may come at once."""
QUIET_NS: Final = NS_PER_S
"""What was said while babbling is out of every buffer after so long."""


class Babble:
    """Of one scanner or reader."""

    def __init__(self, bytes_per_s: int, bytes_longest: int) -> None:
        self._telegrams = _Store(TELEGRAMS_PER_S, TELEGRAMS_STORE)
        self._bytes = _Store(bytes_per_s, bytes_longest * BYTES_STORE_TELEGRAMS)
        self.until_ns = 0
        """Babbling until then, if no more comes of it; 0: not babbling."""

    def hears(self, byte_count: int, telegrams: int, at_ns: int) -> bool:
        """So much was taken at `at_ns`; True: the scanner babbles."""
        fits = self._telegrams.take(telegrams, at_ns)
        fits = self._bytes.take(byte_count, at_ns) and fits
        if not fits:
            self.until_ns = at_ns + QUIET_NS
        return self.until_ns > 0

    def is_over(self, at_ns: int) -> bool:
        """True once, when the babbling has ended."""
        if not 0 < self.until_ns <= at_ns:
            return False
        self.until_ns = 0
        return True


def babble_of_scanner(scanner: Scanner) -> Babble:
    """A serial line that is busy for more than half of its time delivers everything late."""
    line_limit = scanner.line.baudrate // BITS_PER_BYTE // 2 if scanner.line else BYTES_PER_S
    return Babble(min(BYTES_PER_S, line_limit), scanner.framing.bytes_max)


def babble_of_reader(limits: Limits) -> Babble:
    """An event is as long as the codes in it."""
    return Babble(BYTES_PER_S, limits.codes_per_read_max * limits.code_length_max)


class _Store:
    """Fills with `per_s`, holds `most`. Integers: a part of a second is kept until it is worth a unit."""

    def __init__(self, per_s: int, most: int) -> None:
        self._unit_ns = NS_PER_S // per_s
        self._most_ns = most * self._unit_ns
        self._left_ns = self._most_ns
        self._at_ns = 0

    def take(self, count: int, at_ns: int) -> bool:
        """Take `count` out; False: so much was not there."""
        self._left_ns = min(self._most_ns, self._left_ns + max(0, at_ns - self._at_ns))
        self._at_ns = max(self._at_ns, at_ns)
        self._left_ns -= count * self._unit_ns
        if self._left_ns >= 0:
            return True
        self._left_ns = 0
        return False
