"""Line: all that is known of one line sorter, and the small verbs by which the rooms of the logic change it.

Theory of the place. A passage on a line is known by its position on the belt: `origin` is the odometer at which its front
edge stood (or would have stood) at position 0, so it is expected at position P when the odometer reaches `origin + counts(P)`.
Never here: what to conclude (`logic/line`), clocks, registers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

from msgspec import Struct, field

from sortctl.logic.known.geometry import Geometry
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Shared, Sorter, SorterState
from sortctl.site.model import Machine

__all__ = ["EyeBook", "Line", "LinePassage", "LineState", "Shared", "Stranger"]


class LinePassage(Passage, kw_only=True):
    """A passage on a line."""

    is_placed: bool = True
    """The position is proven. False after a PLC restart or a hole in the events."""
    eyes_passed: int = 0
    """So many eyes of the sorter, from upstream, have been settled: seen, or passed before it was known."""


class EyeBook(Struct):
    """What one eye sees now: the item from `front` to `tail` in odometer counts; not told yet while bouncing is possible."""

    front: int | None = None
    tail: int | None = None
    slack: int = 0
    """The last item here was so much longer or shorter than booked: the next may be displaced by as much."""


class Stranger(Struct):
    """An item seen while passages are adrift: by the eye with this index, or (None) in the exit `chute`."""

    eye: int | None
    chute: int
    origin: int
    """Where its front (at an exit: its middle) would have been at position 0."""
    length_mm: int
    """0: not measured."""
    seen: int
    """Odometer known when it was seen."""
    event: tuple[int, int, int]
    """(boot_id, seq, count) of the event that told of it."""


class LineState(SorterState, kw_only=True):
    """Everything of one line that outlives a step."""

    placed: list[LinePassage] = field(default_factory=list)
    """Open passages with a position, by origin: the furthest down the line first."""
    adrift: list[LinePassage] = field(default_factory=list)
    """Open passages without a position, oldest first."""
    strangers: list[Stranger] = field(default_factory=list)
    """Items seen while passages are adrift, oldest first."""
    reach: int = 0
    """The belt may have moved so far, at most, while nobody counted."""
    voided_at: int = 0
    """Odometer at which counting began again."""
    eyes: list[EyeBook] = field(default_factory=list)


class Line(Sorter):
    """One line sorter."""

    state: LineState

    def __init__(self, machine: Machine, shared: Shared) -> None:
        self.geometry = Geometry(machine, shared.limits)
        super().__init__(machine, shared, LineState(eyes=[EyeBook() for _ in self.geometry.eyes]))
        self.site = machine.line
        self.index()

    def restore(self, state: LineState) -> None:
        """Go on from a snapshot; eyes and chutes are those of the configuration in force now."""
        self.adopt(state)
        if len(state.eyes) != len(self.state.eyes):
            state.eyes = self.state.eyes
        self.drop_missing_chutes([*state.placed, *state.adrift])
        self.state = state
        self.index()

    # ------------------------------------------------------------------------------------------- passages

    def all_open(self) -> list[LinePassage]:
        """Every open passage, the furthest down the line first, those without a position last."""
        return [*self.state.placed, *self.state.adrift]

    @property
    def present(self) -> int:
        """How many passages are open."""
        return len(self.state.placed) + len(self.state.adrift)

    def passage(self, number: int) -> LinePassage | None:
        """The open passage of this line with that number."""
        found = super().passage(number)
        return found if isinstance(found, LinePassage) else None

    def near(self, low: int, high: int) -> Iterator[LinePassage]:
        """Placed passages with low <= origin <= high, the furthest down the line first."""
        placed = self.state.placed
        for index in range(bisect_left(placed, low, key=_origin), len(placed)):
            if placed[index].origin > high:
                return
            yield placed[index]

    def neighbours(self, passage: LinePassage) -> tuple[LinePassage | None, LinePassage | None]:
        """(the one ahead of it, the one behind it)."""
        placed = self.state.placed
        index = self._find(passage)
        ahead = placed[index - 1] if index > 0 else None
        behind = placed[index + 1] if index + 1 < len(placed) else None
        return ahead, behind

    def _find(self, passage: Passage) -> int:
        placed = self.state.placed
        index = bisect_left(placed, passage.origin, key=_origin)
        while placed[index] is not passage:
            index += 1
        return index

    def place(self, passage: LinePassage) -> None:
        """`passage` has a position now."""
        insort(self.state.placed, passage, key=_origin)

    def displace(self, passage: LinePassage, origin: int) -> None:
        """The position of `passage` is corrected."""
        del self.state.placed[self._find(passage)]
        passage.origin = origin
        self.place(passage)

    def unplace(self, passage: LinePassage) -> None:
        """The position of `passage` is void."""
        del self.state.placed[self._find(passage)]
        passage.is_placed = False
        self.state.adrift.append(passage)

    def way_to(self, passage: Passage, number: int) -> int:
        """How far it is until a chute can be fired for `passage`; those that it has passed come last."""
        way = self.geometry.exits[number].fire - (self.state.belt.at_time(self.now_ns) - passage.origin)
        return way if way >= 0 else way + (1 << 32)

    def forget(self, passage: Passage) -> None:
        """`passage` is closed: out of all books."""
        if isinstance(passage, LinePassage) and passage.is_placed:
            del self.state.placed[self._find(passage)]
        else:
            self.state.adrift = [one for one in self.state.adrift if one is not passage]
        super().forget(passage)


def _origin(passage: Passage) -> int:
    return passage.origin
