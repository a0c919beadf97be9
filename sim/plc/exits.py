"""Exits: the chute words, the lamps, and what the PLC knows of each actuator.

Comes in: sensors, panel keys, orders, actuator faults. Goes out: one word per chute, and which words have changed since
the last look. Orders and faults are cleared by a start of the PLC; the sensors are read anew.
"""

from sim.plc.contacts import Terminal
from sortctl.site.model import Chute
from sortctl.words.exchange import ChuteBit, OrderFailure

_SENSORS = {"full": ChuteBit.FULL, "half": ChuteBit.HALF_FULL}
_CLOSED = (1 << ChuteBit.CLOSED_BY_PLC) | (1 << ChuteBit.CLOSED_BY_ORDER) | (1 << ChuteBit.CLOSED_BY_PANEL)


class Exits:
    """Every exit of the sorter, the end of the line too."""

    def __init__(self, chutes: tuple[Chute, ...]) -> None:
        self._actuators = {chute.number: chute.actuator for chute in chutes}
        self.words = [0] * max(self._actuators)
        for number in self._actuators:
            self.words[number - 1] = 1 << ChuteBit.EXISTS
        self.lamps: dict[int, int] = {}
        self._changed: dict[int, None] = {}

    def exists(self, number: int) -> bool:
        """There is such an exit."""
        return number in self._actuators

    def actuated(self, number: int) -> bool:
        """It has a pusher."""
        return self._actuators[number]

    def word(self, number: int) -> int:
        """The chute word."""
        return self.words[number - 1]

    def turn(self, number: int, bit: ChuteBit, on: bool) -> None:
        """Set or clear one bit."""
        before = self.words[number - 1]
        after = before | (1 << bit) if on else before & ~(1 << bit)
        if after != before:
            self.words[number - 1] = after
            self._changed[number] = None

    def sense(self, terminal: Terminal, level: bool) -> None:
        """A sensor of the chute."""
        if terminal.number in self._actuators:
            self.turn(terminal.number, _SENSORS[terminal.kind], level)

    def obstacle(self, number: int) -> OrderFailure | None:
        """Why a pusher may not be switched on now."""
        word = self.words[number - 1]
        if word & (1 << ChuteBit.FULL):
            return OrderFailure.CHUTE_FULL
        if word & _CLOSED:
            return OrderFailure.CHUTE_CLOSED
        if word & (1 << ChuteBit.ACTUATOR_FAULT):
            return OrderFailure.ACTUATOR_FAULT
        return None

    def take_changed(self) -> list[int]:
        """Chutes whose word changed since the last call."""
        if not self._changed:
            return []
        changed = list(self._changed)
        self._changed.clear()
        return changed
