"""Contacts: the terminals of the PLC and the on and off delay behind each eye.

An edge counts when the new level has stood for two scans; its count and time are those of the scan that saw it first,
so the delay never shifts a position. A level at the first scan after a start is no edge.
"""

from typing import NamedTuple

STEADY_SCANS = 2


class Terminal(NamedTuple):
    """One input. Kinds: `induct`, `eye`, `chute` (eyes); `half`, `full` (chute sensors); `stroke` (end position)."""

    kind: str
    number: int


class Edge(NamedTuple):
    """A steady change of an eye: where the belt stood and what time it was at the first scan that saw it."""

    terminal: Terminal
    blocked: bool
    total: int
    time_ms: int


class _Candidate(NamedTuple):
    level: bool
    total: int
    time_ms: int
    scan: int


class Debounce:
    """Levels in, edges out."""

    def __init__(self) -> None:
        self._steady: dict[Terminal, bool] = {}
        self._candidates: dict[Terminal, _Candidate] = {}

    def preset(self, levels: dict[Terminal, bool]) -> None:
        """Levels at the first scan: what stands there is no edge."""
        self._steady = dict(levels)
        self._candidates.clear()

    def take(self, terminal: Terminal, level: bool, total: int, moment: tuple[int, int]) -> None:
        """`terminal` is at `level` in this scan, unlike in the one before. `moment` is (time_ms, scan number)."""
        if self._steady.get(terminal, False) == level:
            self._candidates.pop(terminal, None)
        elif terminal not in self._candidates:
            self._candidates[terminal] = _Candidate(level, total, *moment)

    def edges(self, scan: int) -> list[Edge]:
        """What has become steady by scan number `scan`."""
        if not self._candidates:
            return []
        ripe = [(at, seen) for at, seen in self._candidates.items() if scan - seen.scan >= STEADY_SCANS - 1]
        for terminal, seen in ripe:
            del self._candidates[terminal]
            self._steady[terminal] = seen.level
        return [Edge(terminal, seen.level, seen.total, seen.time_ms) for terminal, seen in ripe]

    def steady(self, terminal: Terminal) -> bool:
        """The level that counts."""
        return self._steady.get(terminal, False)
