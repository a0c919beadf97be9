"""Program: the PLC, one scan at a time (being filled: the interface stands).

Comes in: words written to the orders area, sensor levels. Goes out: the inputs area, chute words, pulses to pushers.
"""

from collections.abc import Sequence

from sortctl.site.model import Machine
from sortctl.words.exchange import inputs_words, orders_words


class Plc:
    """One exchange image."""

    def __init__(self, machine: Machine) -> None:
        self._orders = [0] * orders_words(machine.plc.order_slots)
        self._inputs = [0] * inputs_words(machine.plc.event_slots)
        self._chutes = [0] * max(chute.number for chute in machine.chutes)

    def write_orders(self, words: Sequence[int], at: int = 0) -> None:
        """Put words into the orders area from word `at`; the next scan copies the area before it looks."""
        self._orders[at : at + len(words)] = words

    def read_orders(self) -> list[int]:
        """The orders area as it stands."""
        return list(self._orders)

    def read_inputs(self) -> list[int]:
        """The inputs area as of the last scan."""
        return list(self._inputs)

    def read_chutes(self) -> list[int]:
        """The chute words as of the last scan; chute n is word n-1."""
        return list(self._chutes)
