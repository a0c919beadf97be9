"""Carriers: the PLC's table of the loop: where each carrier is by the encoder, and what is booked on it.

Comes in: the belt's count, flags of carriers, the flag of carrier 1. Goes out: which carrier is next at a place and when,
what lies on it. Until the first flag nothing is known; until carrier 1 has passed, carriers have places but no numbers.

Places are micrometres along the loop from position 0, the belt's way is micrometres since the start of the PLC. The middle
of the n-th cell stood at the home place when the belt stood at `zero + n * pitch`; the n-th and the (n + carriers)-th cell
are one carrier.
"""

from dataclasses import dataclass

from sortctl.site.model import LoopSorter


@dataclass(slots=True)
class Cell:
    """One carrier, as the PLC knows it."""

    index: int
    item: int = 0
    """The number of its load, 0: none is booked."""
    laps: int = 0
    last_point: int = 0
    checked: bool = False
    """It passed a check-point or was emptied by us since the start: what is booked is what we saw."""
    reserved: int = 0
    """The induct whose load is on its way to it."""


class Carriers:
    """Every carrier of a loop."""

    def __init__(self, loop: LoopSorter) -> None:
        self.cells = [Cell(index) for index in range(loop.carriers)]
        self.pitch_um = loop.pitch_mm * 1_000
        self.length_um = loop.length_mm * 1_000
        self.carried_out: set[int] = set()
        """Numbers of carriers that take no more loads."""
        self.of_item: dict[int, Cell] = {}
        self._home_um = loop.home_mm * 1_000
        self._zero_um: int | None = None
        self._first: int | None = None
        """Index of the cell that is carrier 1."""

    @property
    def placed(self) -> bool:
        """Where carriers are is known."""
        return self._zero_um is not None

    @property
    def numbered(self) -> bool:
        """Which carrier is which is known."""
        return self._first is not None

    def flag(self, belt_um: int) -> None:
        """The middle of some carrier is at the home place while the belt stands here."""
        if self._zero_um is None:
            self._zero_um = belt_um

    def flag_first(self, belt_um: int) -> int:
        """Carrier 1 is at the home place; the belt's place at which its middle was there."""
        turn = (belt_um - self._zero + self.pitch_um // 2) // self.pitch_um
        self._first = turn % len(self.cells)
        return self._zero + turn * self.pitch_um

    def next_at(self, place_um: int, after_um: int) -> int:
        """Number of the turn (not of the carrier) in which the next middle comes to a place after the belt is here."""
        return (after_um - self._zero - (place_um - self._home_um)) // self.pitch_um + 1

    def due(self, place_um: int, turn: int) -> int:
        """Where the belt stands when the middle of this turn's cell is at a place."""
        return self._zero + (place_um - self._home_um) + turn * self.pitch_um

    def cell(self, turn: int) -> Cell:
        """The cell of a turn."""
        return self.cells[turn % len(self.cells)]

    def next_of(self, cell: Cell, place_um: int, after_um: int) -> int:
        """Where the belt stands when this cell's middle is next at a place, after the belt is here."""
        first_um = self.due(place_um, cell.index)
        return first_um + ((after_um - first_um) // self.length_um + 1) * self.length_um

    def number(self, cell: Cell) -> int:
        """The number on the carrier, 0 while it is not known."""
        return 0 if self._first is None else (cell.index - self._first) % len(self.cells) + 1

    def numbered_cell(self, number: int) -> Cell | None:
        """The cell with this number on it; None while that is not known."""
        if self._first is None or not 1 <= number <= len(self.cells):
            return None
        return self.cells[(self._first + number - 1) % len(self.cells)]

    def is_free(self, cell: Cell) -> bool:
        """A load may be put on it."""
        return cell.checked and not cell.item and not cell.reserved and self.number(cell) not in self.carried_out

    def book(self, cell: Cell, item: int) -> None:
        """This load lies on it."""
        cell.item, cell.laps, cell.reserved = item, 0, 0
        self.of_item[item] = cell

    def clear(self, cell: Cell) -> None:
        """Nothing lies on it."""
        del self.of_item[cell.item]
        cell.item = 0

    @property
    def _zero(self) -> int:
        assert self._zero_um is not None
        return self._zero_um
