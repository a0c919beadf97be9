"""Attention: how long bytes may have lain in the operating system before this process looked.

A telegram knows only the moment at which it is taken out of the port. A process that was held up (stopped, swapped out, its
host overloaded) takes all that came meanwhile at once, and each piece looks as if it came now: the code of a parcel long
gone would be given to the one under the scanner. Comes in: the moments of a timer of the loop. Goes out: for bytes taken
now, how old they may be. Pure; time is handed in. Never here: which age is too much (the scanner half).
"""

from typing import Final

from sortctl.words.units import NS_PER_MS

LOOK_MS: Final = 20
"""How often the loop looks, whatever comes. Its other turns say nothing: one long turn may follow another."""
AWAY_NS: Final = 30 * NS_PER_MS
"""A longer pause is no jitter of a timer."""
CATCH_UP_NS: Final = 50 * NS_PER_MS
"""A full buffer of a serial line comes in four pieces, and other links want their turn between them."""


class Attention:
    """Of one loop."""

    def __init__(self, at_ns: int) -> None:
        self._looked_ns = at_ns
        self._left_ns = 0
        self._back_ns = at_ns - CATCH_UP_NS - 1

    def look(self, at_ns: int) -> int:
        """The timer strikes at `at_ns`; for how many ns it did not, 0: no longer than usual."""
        away_ns = at_ns - self._looked_ns
        if away_ns > AWAY_NS:
            self._note_pause(at_ns)
        self._looked_ns = at_ns
        return away_ns if away_ns > AWAY_NS else 0

    def waited_ns(self, at_ns: int) -> int:
        """How long bytes that are taken now may have waited for this process."""
        if at_ns - self._looked_ns > AWAY_NS:
            self._note_pause(at_ns)  # the timer is due as well, but bytes come before it
        return at_ns - self._left_ns if at_ns - self._back_ns <= CATCH_UP_NS else 0

    def _note_pause(self, at_ns: int) -> None:
        if self._looked_ns - self._back_ns > CATCH_UP_NS:
            self._left_ns = self._looked_ns
        self._back_ns = at_ns
