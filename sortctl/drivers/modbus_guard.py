"""Modbus guard: what may be asked of one PLC. Compiled from the site file; the last place before the wire.

Comes in: every request. Goes out: nothing; a request that is not on the list is a broken rule and ends the process.
The theory: reads of the three areas, by the functions of the site file; and one write, the whole `orders` area, whose words
are those of this version of the contract, to the unit of the site file. Whatever else anybody might call does not pass.
Never here: sending, what an answer says.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sortctl.site.wires import ModbusPlc
from sortctl.words.exchange import CHUTE_WORDS_PER_READ, MAGIC, VERSION, inputs_words, orders_words
from sortctl.words.units import WORD_MASK

READ_HOLDING: Final = 3
READ_INPUT: Final = 4
WRITE: Final = 16
WRITE_AND_READ: Final = 23


class Asked(NamedTuple):
    """One request. `read`: address and count; `write`: address and words."""

    unit: int
    function: int
    read: tuple[int, int] | None
    write: tuple[int, Sequence[int]] | None


class Guard:
    """What may be asked of this PLC."""

    def __init__(self, plc: ModbusPlc) -> None:
        self._unit = plc.unit
        self._orders_at = plc.orders_at
        self._orders_words = orders_words(plc.order_slots)
        self._inputs = plc.inputs_at, inputs_words(plc.event_slots)
        self._chutes_at = plc.chutes_at
        self._read = READ_INPUT if plc.read == "input" else READ_HOLDING

    def check(self, asked: Asked) -> None:
        """Return if it may pass. RuntimeError: it may not."""
        if asked.unit == self._unit and self._may_pass(asked):
            return
        raise RuntimeError(f"function {asked.function} to unit {asked.unit} may not leave like this")

    def _may_pass(self, asked: Asked) -> bool:
        if asked.function == self._read:
            return asked.write is None and asked.read is not None and self._is_area(*asked.read)
        if asked.function == WRITE:
            return asked.read is None and self._is_orders(asked.write)
        if asked.function == WRITE_AND_READ:
            return self._read == READ_HOLDING and asked.read == self._inputs and self._is_orders(asked.write)
        return False

    def _is_area(self, address: int, count: int) -> bool:
        in_chutes = address >= self._chutes_at and 0 < count <= CHUTE_WORDS_PER_READ
        return (address, count) == self._inputs or in_chutes

    def _is_orders(self, write: tuple[int, Sequence[int]] | None) -> bool:
        if write is None or write[0] != self._orders_at or len(write[1]) != self._orders_words:
            return False
        words = write[1]
        return (words[1], words[2]) == (MAGIC, VERSION) and all(0 <= word <= WORD_MASK for word in words)
