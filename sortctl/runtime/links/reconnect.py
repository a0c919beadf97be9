"""Reconnect: how long to wait before the next connection is built.

Comes in: that a connection was lost, and how long it stood. Goes out: milliseconds to wait. A PLC is tried again at once,
then after a pause that doubles and is spread by chance, so that a hub full of controllers does not knock in step. A
scanner is tried at an even pace, so that the first read after a replug comes within a second. Connections with certificates
begin one after the other, as each costs the loop some 20 ms of arithmetic that a parcel elsewhere would wait for. Never here:
waiting.
"""

from random import Random
from typing import Final

from sortctl.words.units import NS_PER_S

FIRST_PAUSE_MS: Final = 100
PAUSE_MAX_MS: Final = 2_000
"""A PLC that comes back is found within about so long."""
SPREAD_PERCENT: Final = 20
STOOD_NS: Final = NS_PER_S
"""A connection that stood for so long was a good one: the next loss is tried again at once."""
SCANNER_PAUSE_MS: Final = 250
"""A port is opened again so often: four tries within the second that a replugged scanner has."""


HANDSHAKE_GAP_S: Final = 0.05
"""Between the beginnings of two connections with certificates: even while all of them come back at once, more than half of
the time is left for what sorts, and no two handshakes stand before one order."""


class Stagger:
    """Gives each connection with certificates its moment to begin, in the order in which they ask."""

    def __init__(self) -> None:
        self._free_s = 0.0

    def wait_s(self, now_s: float) -> float:
        """So many seconds from now the connection may begin."""
        begin_s = max(now_s, self._free_s)
        self._free_s = begin_s + HANDSHAKE_GAP_S
        return begin_s - now_s


class PausePolicy:
    """Pauses between the connections of one PLC: 0, 100, 200, 400 ... 2,000 ms, all but the first +-20 %."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._failures = 0

    def after_loss(self, stood_ns: int) -> int:
        """Milliseconds to wait; `stood_ns` is for how long the connection gave good reads, 0 if it never did."""
        if stood_ns >= STOOD_NS:
            self._failures = 0
        self._failures += 1
        if self._failures == 1:
            return 0
        pause = min(FIRST_PAUSE_MS << min(self._failures - 2, 16), PAUSE_MAX_MS)
        spread = pause * SPREAD_PERCENT // 100
        return pause + self._chance.randint(-spread, spread)
