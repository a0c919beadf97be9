"""Eyes: photo-eyes over the belt and in the chutes. What covers them, and contacts that bounce at every edge.

Comes in: who begins and ceases to cover an eye, and when. Goes out: the level that a scan would sample, and which
terminals changed since the last one. A bounce is over before the on and off delay of any PLC.
"""

from heapq import heappop, heappush
from random import Random

from sim.plc.contacts import Terminal
from sortctl.words.units import NS_PER_MS

BOUNCE_MOST_NS = 4 * NS_PER_MS
BOUNCES_IN_TEN = 4


class Eyes:
    """Every eye of the line, and other contacts that only have a level."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._covered: dict[Terminal, set[int]] = {}
        self._levels: dict[Terminal, int] = {}
        self._coming: list[tuple[int, int, Terminal, bool | None]] = []
        self._serial = 0
        self._changes: list[tuple[Terminal, int]] = []

    def cover(self, terminal: Terminal, body: int, at_ns: int) -> None:
        """Body `body` begins to cover the eye."""
        over = self._covered.setdefault(terminal, set())
        over.add(body)
        if len(over) == 1:
            self._edge(terminal, True, at_ns)

    def uncover(self, terminal: Terminal, body: int, at_ns: int) -> None:
        """Body `body` ceases to cover the eye, if it did."""
        over = self._covered.get(terminal)
        if over is not None and body in over:
            over.remove(body)
            if not over:
                self._edge(terminal, False, at_ns)

    def release(self, body: int, at_ns: int) -> None:
        """The body is gone from wherever it was."""
        for terminal, over in self._covered.items():
            if body in over:
                self.uncover(terminal, body, at_ns)

    def turn(self, terminal: Terminal, level: int) -> None:
        """A contact without bounce, or a measured value."""
        if self._levels.get(terminal, False) != level:
            self._levels[terminal] = level
            self._changes.append((terminal, level))

    def pulse(self, terminal: Terminal) -> None:
        """A contact that says a thing once."""
        self._changes.append((terminal, True))

    def settle(self, to_ns: int) -> None:
        """Let every contact fall that is due by `to_ns`."""
        while self._coming and self._coming[0][0] <= to_ns:
            _, _, terminal, level = heappop(self._coming)
            self.turn(terminal, bool(self._covered[terminal]) if level is None else level)

    def take_changes(self) -> list[tuple[Terminal, int]]:
        """What changed since the last call, oldest first; the last word on a terminal is its level."""
        changes, self._changes = self._changes, []
        return changes

    def levels_on(self) -> list[tuple[Terminal, int]]:
        """Every terminal that is on; the changes up to now are forgotten."""
        self._changes = []
        return [(terminal, level) for terminal, level in self._levels.items() if level]

    def _edge(self, terminal: Terminal, level: bool, at_ns: int) -> None:
        self._come(at_ns, terminal, level)
        if self._chance.randrange(10) < BOUNCES_IN_TEN:
            opens = at_ns + self._chance.randrange(1, BOUNCE_MOST_NS // 2)
            self._come(opens, terminal, not level)
            self._come(opens + self._chance.randrange(1, BOUNCE_MOST_NS // 2), terminal, None)

    def _come(self, at_ns: int, terminal: Terminal, level: bool | None) -> None:
        self._serial += 1
        heappush(self._coming, (at_ns, self._serial, terminal, level))
