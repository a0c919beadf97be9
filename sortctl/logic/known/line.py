"""Line: all that is known of one line sorter, and the small verbs by which the rooms of the logic change it.

The only owner of passages, chutes and orders of this sorter. Everything that outlives a step is in `LineState`, so that a
snapshot is complete; the indexes beside it are rebuilt from it. Never here: what to conclude (induct, identify, allocate,
divert, track, confirm), clocks, registers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from msgspec import Struct, field

from sortctl.logic.known.belt import Belt
from sortctl.logic.known.chutes import ChuteBook
from sortctl.logic.known.geometry import Geometry
from sortctl.logic.known.passage import Passage, Stage
from sortctl.plan import Plan
from sortctl.site.model import Limits, Machine
from sortctl.words.causes import Disposition
from sortctl.words.facts import CodesRead
from sortctl.words.ids import PlcId, SorterId
from sortctl.words.orders import AnyOrder
from sortctl.words.outcomes import Outcome

REMINDERS_SPARE = 1_000
"""Reminders that were replaced may wait beside those in force; a PLC that restarts without end replaces them all each time."""


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


class LineState(Struct):
    """Everything of one line that outlives a step."""

    belt: Belt = field(default_factory=Belt)
    known: int = 0
    """Odometer up to which every event has been told: what was not seen up to here was not there."""
    known_ns: int = 0
    placed: list[Passage] = field(default_factory=list)
    """Open passages with a position, by origin: the furthest down the line first."""
    adrift: list[Passage] = field(default_factory=list)
    """Open passages without a position, oldest first."""
    strangers: list[Stranger] = field(default_factory=list)
    """Items seen while passages are adrift, oldest first."""
    reach: int = 0
    """The belt may have moved so far, at most, while nobody counted."""
    voided_at: int = 0
    """Odometer at which counting began again."""
    eyes: list[EyeBook] = field(default_factory=list)
    chutes: list[ChuteBook] = field(default_factory=list)
    reads: list[CodesRead] = field(default_factory=list)
    """Frames whose place on the belt cannot be told yet."""
    # the PLC
    is_linked: bool = False
    boot_id: int = 0
    events_taken: int = 0
    chutes_upto: int = 0
    machine_state: int = -1
    epoch: int = 0
    holds: bool = False
    next_order: int = 1
    untaken: list[AnyOrder] = field(default_factory=list)
    is_short: bool = False
    """Orders wait for room in the PLC."""
    site: str = ""
    """Checksum of the configuration under which all this was concluded."""
    # the books
    inducted: int = 0
    closed: dict[Disposition, int] = field(default_factory=lambda: dict.fromkeys(Disposition, 0))


class Shared:
    """What all lines of the site have in common within one logic."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        self.plan = plan
        self.limits = limits
        self.last_passage = 0
        self.now_ns = 0
        self.said: list[Outcome | AnyOrder] = []
        self.by_number: dict[int, tuple[Line, Passage]] = {}
        self.by_waybill: dict[str, int] = {}
        """Waybill -> the passage that was read with it first; another one is a duplicate on the sorter."""


class Line:
    """One line sorter."""

    def __init__(self, machine: Machine, shared: Shared) -> None:
        self.machine = machine
        self.sorter = SorterId(machine.sorter_id)
        self.plc = PlcId(machine.plc_id)
        self.geometry = Geometry(machine, shared.limits)
        self.shared = shared
        self.state = LineState(
            eyes=[EyeBook() for _ in self.geometry.eyes],
            chutes=[ChuteBook(chute.number, chute.capacity) for chute in machine.chutes],
        )
        self._index()

    def _index(self) -> None:
        state = self.state
        self.books = {book.number: book for book in state.chutes}
        self.by_order: dict[tuple[int, int], Passage] = {}
        self._due: list[tuple[int, int]] = []
        for passage in (*state.placed, *state.adrift):
            self.shared.by_number[passage.number] = (self, passage)
            if passage.told:
                self.by_order[passage.told.epoch, passage.told.seq] = passage
            self.remind(passage, passage.due)

    def restore(self, state: LineState) -> None:
        """Go on from a snapshot; eyes and chutes are those of the configuration in force now."""
        books = {book.number: book for book in state.chutes}
        state.chutes = [books.get(fresh.number, fresh) for fresh in self.state.chutes]
        for book, fresh in zip(state.chutes, self.state.chutes, strict=True):
            book.capacity = fresh.capacity
        if len(state.eyes) != len(self.state.eyes):
            state.eyes = self.state.eyes
        for passage in (*state.placed, *state.adrift):
            if passage.chute not in self.geometry.exits:
                passage.chute = 0
            if passage.told is not None and passage.told.chute not in self.geometry.exits:
                passage.told = None
                passage.stage = Stage.DECIDED
        self.state = state
        self._index()

    # ------------------------------------------------------------------------------------------- saying

    def say(self, outcome: Outcome | AnyOrder) -> None:
        """An outcome or an order leaves the logic."""
        self.shared.said.append(outcome)

    @property
    def now_ns(self) -> int:
        """The moment of the fact that is being taken."""
        return self.shared.now_ns

    # ------------------------------------------------------------------------------------------- passages

    def passage(self, number: int) -> Passage | None:
        """The open passage of this line with that number."""
        found = self.shared.by_number.get(number)
        return found[1] if found and found[0] is self else None

    def all_open(self) -> list[Passage]:
        """Every open passage, the furthest down the line first, those without a position last."""
        return [*self.state.placed, *self.state.adrift]

    def near(self, low: int, high: int) -> Iterator[Passage]:
        """Placed passages with low <= origin <= high, the furthest down the line first."""
        placed = self.state.placed
        for index in range(bisect_left(placed, low, key=_origin), len(placed)):
            if placed[index].origin > high:
                return
            yield placed[index]

    def neighbours(self, passage: Passage) -> tuple[Passage | None, Passage | None]:
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

    def place(self, passage: Passage) -> None:
        """`passage` has a position now."""
        insort(self.state.placed, passage, key=_origin)

    def displace(self, passage: Passage, origin: int) -> None:
        """The position of `passage` is corrected."""
        del self.state.placed[self._find(passage)]
        passage.origin = origin
        self.place(passage)

    def unplace(self, passage: Passage) -> None:
        """The position of `passage` is void."""
        del self.state.placed[self._find(passage)]
        passage.is_placed = False
        self.state.adrift.append(passage)

    def forget(self, passage: Passage) -> None:
        """`passage` is closed: out of all books."""
        if passage.is_placed:
            del self.state.placed[self._find(passage)]
        else:
            self.state.adrift.remove(passage)
        del self.shared.by_number[passage.number]
        if self.shared.by_waybill.get(passage.waybill) == passage.number:
            del self.shared.by_waybill[passage.waybill]

    # ------------------------------------------------------------------------------------------- deadlines

    def remind(self, passage: Passage, due: int) -> None:
        """Something must be concluded about `passage` when the belt stands at `due`; 0: nothing."""
        passage.due = due
        if due:
            heappush(self._due, (due, passage.number))
        if len(self._due) > REMINDERS_SPARE + 4 * len(self.shared.by_number):
            self._due = [(one.due, one.number) for one in self.all_open() if one.due]
            heapify(self._due)

    def overdue(self, odo: int) -> Iterator[Passage]:
        """Passages whose deadline has passed at `odo`, in order; each once per reminder."""
        while self._due and self._due[0][0] <= odo:
            due, number = heappop(self._due)
            passage = self.passage(number)
            if passage and passage.due == due:
                yield passage


def _origin(passage: Passage) -> int:
    return passage.origin
