"""Sorter: what is known of every sorter, line or loop: link, epoch, orders, chutes, deadlines, books.

Everything that outlives a step is in the state, so that a snapshot is complete; the indexes beside it are rebuilt from it.
What a place is, and who stands where, each kind adds (`line.py`, `loop.py`). Never here: what to conclude, clocks, registers.
"""

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush

from msgspec import Struct, field

from sortctl.labels import Label
from sortctl.logic.known.belt import Belt
from sortctl.logic.known.chutes import ChuteBook, Held
from sortctl.logic.known.hub import HubBook, HubRules
from sortctl.logic.known.passage import Passage, Stage, Told
from sortctl.plan import Plan
from sortctl.site.model import LoopSorter, Machine
from sortctl.words.causes import Disposition
from sortctl.words.facts import Code, CodesRead
from sortctl.words.ids import PlcId, SorterId
from sortctl.words.orders import AnyOrder
from sortctl.words.outcomes import Outcome
from sortctl.words.parcels import Zone

REMINDERS_SPARE = 1_000
"""Reminders that were replaced may wait beside those in force; a PLC that restarts without end replaces them all each time."""


class Away(Struct, frozen=True, omit_defaults=True):
    """A parcel that went into a chute, or may have, and may still lie there."""

    chute: int
    passage: int
    bag: str = ""
    """The bag in which it was taken away; empty: nobody took one away with it."""
    called: bool = False
    """It is to be taken out of that bag."""


class SorterState(Struct, kw_only=True):
    """Everything of one sorter, of whatever kind, that outlives a step."""

    belt: Belt = field(default_factory=Belt)
    known: int = 0
    """Odometer up to which every event has been told: what was not seen up to here was not there."""
    known_ns: int = 0
    chutes: list[ChuteBook] = field(default_factory=list)
    reads: list[CodesRead] = field(default_factory=list)
    """Frames whose place on the belt cannot be told yet."""
    turns: dict[str, int] = field(default_factory=dict)
    """Destination -> chute of its group that was chosen last."""
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
    # chutes that are closed by order
    shut: dict[int, dict[str, str]] = field(default_factory=dict)
    """Chute -> who wants it closed, and why."""
    shut_told: dict[int, bool] = field(default_factory=dict)
    """Chute -> closed, as the PLC was told."""
    recalled: dict[int, list[int]] = field(default_factory=dict)
    """Chute -> passages that must be taken out of it."""
    away: dict[str, Away] = field(default_factory=dict)
    """Waybill -> where it went, oldest first."""
    # what people ask for, and when it was looked at
    purge: Held | None = None
    """Nothing more is inducted until the sorter is empty."""
    stop_told: bool | None = False
    """Induction is stopped, as the PLC was told; None: not known."""
    lamps_ns: int = 0
    """Before then no lamp is told of."""
    looked_ns: int = 0
    """When what only time changes was looked at."""
    # the books
    inducted: int = 0
    closed: dict[Disposition, int] = field(default_factory=lambda: dict.fromkeys(Disposition, 0))
    wave_gone: int = 0
    """Inducted before, and gone when the last wave ended."""
    wave_closed: dict[Disposition, int] = field(default_factory=dict)
    """The same by how they ended."""


class Shared:
    """What all sorters of the site have in common within one logic."""

    def __init__(self, plan: Plan, rules: HubRules) -> None:
        self.plan = plan
        self.coming: Plan | None = None
        """The next one, until its fact comes."""
        self.rules = rules
        self.limits = rules.limits
        self.hub = HubBook()
        self.last_passage = 0
        self.now_ns = 0
        self.said: list[Outcome | AnyOrder] = []
        self.sorters: list[Sorter] = []
        self.by_number: dict[int, tuple[Sorter, Passage]] = {}
        self.by_waybill: dict[str, int] = {}
        """Waybill -> the passage that was read with it first; another one is a duplicate, on whichever sorter."""
        self.labels: dict[Code, Label] = {}
        """Codes that were read lately; nothing hangs on it."""
        self.units: dict[str, tuple[int, int]] = {}
        """PLC -> state and mode of its PackML unit."""


class Sorter:
    """One sorter of either kind."""

    state: SorterState
    WHY_RUN = "the sorter is empty"

    def __init__(self, machine: Machine, shared: Shared, state: SorterState) -> None:
        self.machine = machine
        self.sorter = SorterId(machine.sorter_id)
        self.plc = PlcId(machine.plc_id)
        self.shared = shared
        self.heads = machine.heads
        self.scan_points = {point.number: machine.counts(point.position_mm) for point in machine.sorter.scan_points}
        self.chutes = {chute.number: chute for chute in machine.chutes}
        self.chute_names = {chute.number: chute.name for chute in machine.chutes}
        self.zones = {chute.number: Zone(chute.zone) for chute in machine.chutes}
        self.tenants = {chute.number: _tenants(chute.tenants) for chute in machine.chutes}
        """Chute -> the only tenants whose parcels it takes; nobody: it takes all."""
        self.ends = _ends(machine)
        """Chutes for what goes nowhere else: end or overflow, and the rejects of the site."""
        self.state = state
        state.chutes = [ChuteBook(one.number, one.capacity, needs_bag=one.needs_bag) for one in machine.chutes]
        shared.sorters.append(self)

    def index(self) -> None:
        """Build every index from the state."""
        self.books = {book.number: book for book in self.state.chutes}
        self.touched = set(self.books)
        """Chutes about which something has changed in this step."""
        self.ticks = any(book.bag is not None or book.came_ns for book in self.state.chutes)
        """Time alone may change something."""
        self.dim: set[int] = set()
        """Chutes whose lamp does not show yet what it should."""
        self.changing = {book.number for book in self.state.chutes if book.changes}
        self.closing = {book.number for book in self.state.chutes if book.bag is not None and book.bag.due}
        """Chutes whose bag is closed when nothing is under way to it any more."""
        self.emptying = {book.number for book in self.state.chutes if book.purging}
        self.by_order: dict[tuple[int, int], Passage] = {}
        self._due: list[tuple[int, int]] = []
        for passage in self.all_open():
            self.shared.by_number[passage.number] = (self, passage)
            if passage.told and passage.told.seq:
                self.by_order[passage.told.epoch, passage.told.seq] = passage
            self.remind(passage, passage.due)

    def adopt(self, state: SorterState) -> None:
        """Before going on from a snapshot: chutes are those of the configuration in force now."""
        books = {book.number: book for book in state.chutes}
        state.chutes = [books.get(fresh.number, fresh) for fresh in self.state.chutes]
        for book, fresh in zip(state.chutes, self.state.chutes, strict=True):
            book.capacity, book.needs_bag = fresh.capacity, fresh.needs_bag
        state.shut = {chute: wants for chute, wants in state.shut.items() if chute in self.chute_names}
        state.recalled = {chute: called for chute, called in state.recalled.items() if chute in self.chute_names}
        state.away = {waybill: away for waybill, away in state.away.items() if away.chute in self.chute_names}

    def drop_missing_chutes(self, passages: Sequence[Passage]) -> None:
        """A chute that the configuration no longer has is nobody's."""
        for passage in passages:
            if passage.chute not in self.chute_names:
                passage.chute = 0
            if passage.told is not None and passage.told.chute not in self.chute_names:
                passage.told = None
                passage.stage = Stage.DECIDED

    # ------------------------------------------------------------------------------------------- saying

    def say(self, outcome: Outcome | AnyOrder) -> None:
        """An outcome or an order leaves the logic."""
        self.shared.said.append(outcome)

    @property
    def now_ns(self) -> int:
        """The moment of the fact that is being taken."""
        return self.shared.now_ns

    # ------------------------------------------------------------------------------------------- passages

    def all_open(self) -> Sequence[Passage]:
        """Every open passage."""
        raise NotImplementedError

    @property
    def present(self) -> int:
        """How many passages are open."""
        raise NotImplementedError

    @property
    def wants_stop(self) -> str:
        """Why nothing is to be inducted; empty: it may be."""
        return f"purged by {self.state.purge.by}" if self.state.purge is not None else ""

    def passage(self, number: int) -> Passage | None:
        """The open passage of this sorter with that number."""
        found = self.shared.by_number.get(number)
        return found[1] if found and found[0] is self else None

    def way_to(self, passage: Passage, number: int) -> int:
        """How far it is until `passage` can be discharged into a chute of this sorter, in counts."""
        raise NotImplementedError

    def head_for(self, passage: Passage, chute: int) -> None:
        """`passage` is under way to `chute`."""
        passage.chute = chute
        if chute:
            self.books[chute].heading += 1

    def leave_chute(self, passage: Passage) -> None:
        """`passage` is no longer under way to the chute that it headed for; which one that was is kept."""
        if passage.chute:
            book = self.books[passage.chute]
            book.heading -= 1
            if book.given and not book.heading:
                self.touched.add(book.number)

    def next_number(self) -> int:
        """The number of a new passage; its sorter counts it as inducted."""
        self.shared.last_passage += 1
        self.state.inducted += 1
        return self.shared.last_passage

    def forget(self, passage: Passage) -> None:
        """`passage` is closed: out of all books."""
        del self.shared.by_number[passage.number]
        if self.shared.by_waybill.get(passage.waybill) == passage.number:
            del self.shared.by_waybill[passage.waybill]

    def book(self, passage: Passage, told: Told | None) -> None:
        """The order that stands for `passage` is this one; None: no order stands."""
        if passage.told is not None:
            self.by_order.pop((passage.told.epoch, passage.told.seq), None)
        passage.told = told
        if told is not None and told.seq:
            self.by_order[told.epoch, told.seq] = passage

    # ------------------------------------------------------------------------------------------- deadlines

    def remind(self, passage: Passage, due: int) -> None:
        """Something must be concluded about `passage` when the belt stands at `due`; 0: nothing."""
        passage.due = due
        if due:
            heappush(self._due, (due, passage.number))
        if len(self._due) > REMINDERS_SPARE + 4 * len(self.shared.by_number):
            self._due = list(self.reminders())
            heapify(self._due)

    def reminders(self) -> Iterator[tuple[int, int]]:
        """Every deadline in force: (odometer, number)."""
        for passage in self.all_open():
            if passage.due:
                yield passage.due, passage.number

    def due_of(self, number: int) -> int:
        """The deadline of a passage; 0: none."""
        passage = self.passage(number)
        return passage.due if passage is not None else 0

    def overdue(self, odo: int) -> Iterator[int]:
        """Numbers of passages whose deadline has passed at `odo`, in order; each once per reminder."""
        while self._due and self._due[0][0] <= odo:
            due, number = heappop(self._due)
            if self.due_of(number) == due:
                yield number


def _ends(machine: Machine) -> frozenset[int]:
    sorter = machine.sorter
    last = sorter.overflow if isinstance(sorter, LoopSorter) else (sorter.end_chute,)
    return frozenset((*last, *sorter.rejects.values()))


def _tenants(text: str) -> frozenset[str]:
    return frozenset(piece.strip().lower() for piece in text.split(";") if piece.strip())
