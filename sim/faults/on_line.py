"""Mischief on a scanner's line: what becomes of the telegrams on their way.

Comes in: telegrams, one at a time. Goes out: the pieces that are written, each with its pause before it.
Never here: ports; unplugging, freezing and killing are switches of the scanner doors.
"""

from dataclasses import dataclass
from random import Random

SPLIT_PAUSE_MS = 2
GARBAGE_BYTES_MAX = 12


@dataclass(frozen=True)
class Piece:
    """Bytes that are written together, `pause_ms` after the piece before."""

    data: bytes
    pause_ms: int = 0


class LineMischief:
    """The mischief in force on one line. Chances are between 0 and 1 and may be changed at any time."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._held = b""
        self.split = 0.0
        """A telegram arrives in two or three pieces."""
        self.merge = 0.0
        """A telegram waits for the next one and arrives together with it."""
        self.garbage = 0.0
        """Bytes that are no telegram stand before it."""
        self.swallow = 0.0
        """A telegram never arrives."""
        self.struck = 0

    def pass_on(self, telegram: bytes) -> list[Piece]:
        """What is written for this telegram now; nothing if it is held back or swallowed."""
        if self._strikes(self.swallow):
            return []
        data = self._held + (self._garbage() if self._strikes(self.garbage) else b"") + telegram
        self._held = b""
        if self._strikes(self.merge):
            self._held = data
            return []
        return self._pieces(data) if self._strikes(self.split) else [Piece(data)]

    def _strikes(self, chance: float) -> bool:
        # No draw without mischief: laying one kind does not change the course of the others.
        strikes = chance > 0 and self._chance.random() < chance
        self.struck += strikes
        return strikes

    def _garbage(self) -> bytes:
        return self._chance.randbytes(self._chance.randint(1, GARBAGE_BYTES_MAX))

    def _pieces(self, data: bytes) -> list[Piece]:
        cuts = sorted({self._chance.randint(1, max(1, len(data) - 1)) for _ in range(2)})
        pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        return [Piece(piece, SPLIT_PAUSE_MS if number else 0) for number, piece in enumerate(pieces) if piece]
