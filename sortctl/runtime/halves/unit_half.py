"""Unit half: what the PackML nodes of one PLC show, without any wire. Readings in, facts out.

Comes in: readings and moments. Goes out: UnitSeen when state or mode is another, and with the first reading of a connection;
PlcLost for a PLC that is only observed, as no exchange tells of its link. Never here: what a state means.
"""

from sortctl.words import facts
from sortctl.words.ids import PlcId


class UnitHalf:
    """One PackML unit as the controller sees it."""

    def __init__(self, plc: PlcId, *, is_only_observed: bool) -> None:
        self.plc = plc
        self.is_only_observed = is_only_observed
        self.is_read = False
        self.cause = "not read yet"
        self.state = 0
        self.mode = 0

    def seen(self, state: int, mode: int, at_ns: int) -> list[facts.Fact]:
        """The nodes were read."""
        is_news = not self.is_read or (state, mode) != (self.state, self.mode)
        self.is_read, self.cause = True, ""
        self.state, self.mode = state, mode
        return [facts.UnitSeen(at_ns, self.plc, state, mode)] if is_news else []

    def lost(self, cause: str, at_ns: int) -> list[facts.Fact]:
        """They cannot be read; told once for each cause."""
        is_news = self.is_read or cause != self.cause
        self.is_read, self.cause = False, cause
        return [facts.PlcLost(at_ns, self.plc, cause)] if is_news and self.is_only_observed else []
