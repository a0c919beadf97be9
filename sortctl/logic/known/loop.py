"""Loop: all that is known of one PLC-tracked loop, and the small verbs by which the rooms of the logic change it.

Theory of the place. A passage on a loop is known by the PLC's item number, and checked by its place on the ring (`ring.py`). Where
it is: *riding*, on its carrier, proven; *leaving*, its carrier's drive has reported its end, the chute's eye has not; *adrift*,
its number or its presence is not proven. A *stranger* is an item of the PLC without a passage. Numbers hold within one
boot of the PLC, places within one *era*: from one start of its counting to the next.
Never here: what to conclude (`logic/loop`), clocks, registers.
"""

from collections.abc import Iterator
from enum import StrEnum
from heapq import heapify, heappush

from msgspec import Struct, field

from sortctl.logic.known.passage import Passage, Told
from sortctl.logic.known.ring import Places, Ring
from sortctl.logic.known.sorter import Shared, Sorter, SorterState
from sortctl.site.model import Machine
from sortctl.words.causes import Cause
from sortctl.words.facts import Code


class Where(StrEnum):
    """What is proven about the place of a passage."""

    RIDING = "riding"
    LEAVING = "leaving"
    ADRIFT = "adrift"


class LoopPassage(Passage, kw_only=True):
    """A passage on a loop. `origin` is that of its carrier; `due` and every `_at` are odometer values."""

    item: int
    """The PLC's number, 0: void."""
    where: Where = Where.RIDING
    era: int = 0
    """The counting in which `origin` holds."""
    carrier: int = 0
    """Where it was last, 0: not known."""
    laps: int = 0
    ridden: dict[Cause, int] = field(default_factory=dict)
    """Cause -> laps that it rode because of it."""
    recirculates: Cause = Cause.NONE
    """It counts among the recirculating, for this cause; NONE: it does not."""
    wants: list[int] = field(default_factory=list)
    """Chutes that would change the decision if they took it."""
    proven_at: int = 0
    """It was on its carrier then."""
    read_end_at: int = 0
    """Unread until here is a no-read."""
    pass_at: int = 0
    """Middle of the pass of a tunnel that `codes` are from."""
    changed_to: str = ""
    """This waybill was read on it, which is not its own."""
    # the order
    taken_at: int = 0
    """The PLC is known to have the order since; 0: it is not."""
    fires_at: int = 0
    """Where the order that stands is carried out next."""
    waits_at: int = 0
    """The order waits for room in the PLC and is wanted from here on; 0: it does not wait."""
    doubtful: bool = False
    """What became of the order may have been told in a hole of the events."""
    # when it is not proven
    ends_at: int = 0
    """Leaving: the chute's eye must have seen it. Adrift: it must have been found."""
    sighted: bool = False
    """Adrift, but its waybill was read at its place."""
    missing: str = ""
    """Why it is adrift."""
    missing_cause: Cause = Cause.NONE


_OF_THE_RIDE = (
    "item", "origin", "carrier", "proven_at", "pass_at", "read_end_at", "stage", "chute", "failed", "told", "taken_at",
    "fires_at", "waits_at", "doubtful", "codes", "refused_by",
)  # fmt: skip
"""What belongs to a load's carrier, what was read there last and the order for it, not to the parcel."""


class Found(Struct):
    """A stranger: an item of the PLC that belongs to no passage."""

    item: int
    origin: int
    event: tuple[int, int, int]
    """(boot_id, seq, count) of the event that told of it."""
    read_end_at: int
    """Who it is, is decided here."""
    codes: list[Code] = field(default_factory=list)
    refused_by: list[str] = field(default_factory=list)
    waited: bool = False
    """It has passed a tunnel while it was not known where those that are missed have got to."""


class LoopState(SorterState, kw_only=True):
    """Everything of one loop that outlives a step."""

    passages: dict[int, LoopPassage] = field(default_factory=dict)
    found: dict[int, Found] = field(default_factory=dict)
    """Strangers by item, oldest first."""
    announced: tuple[int, int, int, int] = (0, 0, 0, 0)
    """(item, boot_id, seq, count) of the INDUCTED without an induct that came last; where, is told by the next event."""
    era: int = 1
    home: int | None = None
    """Origin of carrier 1; None: it has not passed since the PLC started."""
    epochs: list[int] = field(default_factory=list)
    """Epochs in which orders may stand, newest last."""
    told_epoch: int = 0
    """The epoch that the PLC's stream announced last."""
    # carriers
    faults: dict[int, int] = field(default_factory=dict)
    """Carrier -> discharges that failed in a row."""
    out: set[int] = field(default_factory=set)
    """Carriers that are not to be used."""
    out_told: set[int] = field(default_factory=set)
    """Carriers of which the PLC was told so."""
    carrier_orders: dict[int, int] = field(default_factory=dict)
    """Number of the order in this epoch -> carrier."""
    cannot_take_out: bool = False
    """The PLC does not know these orders."""
    # induction
    stop: bool = False
    """Too many recirculate: nothing more is to be inducted."""


class Loop(Sorter):
    """One loop."""

    state: LoopState
    WHY_RUN = "fewer recirculate"

    def __init__(self, machine: Machine, shared: Shared) -> None:
        self.ring = Ring(machine, shared.limits)
        self.site = machine.loop
        super().__init__(machine, shared, LoopState())
        self.index()

    def restore(self, state: LoopState) -> None:
        """Go on from a snapshot; chutes are those of the configuration in force now."""
        self.adopt(state)
        self.drop_missing_chutes(list(state.passages.values()))
        for passage in state.passages.values():
            passage.wants = [chute for chute in passage.wants if chute in self.chute_names]
        numbers = set(range(1, self.ring.carriers + 1))
        state.out &= numbers
        state.out_told &= numbers
        self.state = state
        self.index()

    def index(self) -> None:
        """Build every index from the state."""
        self.by_item: dict[int, LoopPassage] = {}
        self.heading: dict[int, dict[int, LoopPassage]] = {number: {} for number in self.chute_names}
        """Chute -> passages that are decided for it."""
        self.leaving: dict[int, dict[int, LoopPassage]] = {number: {} for number in self.chute_names}
        """Chute -> passages that its eye may still see, though they are not riding."""
        self.wanting: dict[int, dict[int, LoopPassage]] = {number: {} for number in self.chute_names}
        """Chute -> passages that ride on because it does not take them."""
        self.recirculating: dict[Cause, int] = {}
        self.riding = Places(self.ring.length)
        """Loads on the ring: passages by number, strangers by their item less than zero."""
        self.ghosts = Places(self.ring.length)
        """Passages adrift, where they were last in this era."""
        self.waiting: list[tuple[int, int]] = []
        """Heap of (place, number): orders that wait for room in the PLC."""
        super().index()
        for passage in self.state.passages.values():
            self._index_one(passage)
        heapify(self.waiting)
        for found in self.state.found.values():
            self.riding.add(self.ring.phase(found.origin), -found.item)
            heappush(self._due, (found.read_end_at, -found.item))

    def _index_one(self, passage: LoopPassage) -> None:
        number = passage.number
        if passage.item:
            self.by_item[passage.item] = passage
        if passage.chute:
            self.heading[passage.chute][number] = passage
        for chute in passage.wants:
            self.wanting[chute][number] = passage
        if passage.told is not None and passage.where is not Where.RIDING:
            self.leaving[passage.told.chute][number] = passage
        if passage.recirculates is not Cause.NONE:
            self.recirculating[passage.recirculates] = self.recirculating.get(passage.recirculates, 0) + 1
        if passage.waits_at:
            self.waiting.append((passage.waits_at, number))
        places = self._places(passage)
        if places is not None:
            places.add(self.ring.phase(passage.origin), number)

    # ------------------------------------------------------------------------------------------- passages

    def all_open(self) -> list[LoopPassage]:
        """Every open passage, oldest first."""
        return list(self.state.passages.values())

    @property
    def present(self) -> int:
        """How many passages are open."""
        return len(self.state.passages)

    @property
    def wants_stop(self) -> str:
        """Why nothing is to be inducted; empty: it may be."""
        return "too many recirculate" if self.state.stop else super().wants_stop

    def passage(self, number: int) -> LoopPassage | None:
        """The open passage of this loop with that number."""
        return self.state.passages.get(number)

    def due_of(self, number: int) -> int:
        """The deadline of a passage, or (number less than zero) of a stranger; 0: none."""
        if number < 0:
            found = self.state.found.get(-number)
            return found.read_end_at if found is not None else 0
        return super().due_of(number)

    def reminders(self) -> Iterator[tuple[int, int]]:
        """Every deadline in force."""
        yield from super().reminders()
        for found in self.state.found.values():
            yield found.read_end_at, -found.item

    def admit(self, passage: LoopPassage) -> None:
        """A new passage."""
        self.state.passages[passage.number] = passage
        self.shared.by_number[passage.number] = (self, passage)
        self._index_one(passage)

    def forget(self, passage: Passage) -> None:
        """`passage` is closed: out of all books."""
        if not isinstance(passage, LoopPassage):
            return
        self._unplace(passage)
        self.want(passage, [])
        self.count_recirculating(passage, Cause.NONE)
        self.rename(passage, 0)
        passage.waits_at = 0
        del self.state.passages[passage.number]
        super().forget(passage)

    # ------------------------------------------------------------------------------------------- the place

    def _places(self, passage: LoopPassage) -> Places | None:
        if passage.era != self.state.era:
            return None
        if passage.where is Where.LEAVING:
            return None
        return self.riding if passage.where is Where.RIDING else self.ghosts

    def _unplace(self, passage: LoopPassage) -> None:
        places = self._places(passage)
        if places is not None:
            places.remove(self.ring.phase(passage.origin), passage.number)
        if passage.told is not None and passage.where is not Where.RIDING:
            self.leaving[passage.told.chute].pop(passage.number, None)

    def _settle(self, passage: LoopPassage) -> None:
        places = self._places(passage)
        if places is not None:
            places.add(self.ring.phase(passage.origin), passage.number)
        if passage.told is not None and passage.where is not Where.RIDING:
            self.leaving[passage.told.chute][passage.number] = passage

    def place(self, passage: LoopPassage, origin: int) -> None:
        """`passage` rides here; that is proven."""
        self._unplace(passage)
        passage.where, passage.origin, passage.era = Where.RIDING, origin, self.state.era
        self._settle(passage)

    def loosen(self, passage: LoopPassage, where: Where) -> None:
        """`passage` no longer rides; where it did is kept."""
        self._unplace(passage)
        passage.where = where
        self._settle(passage)

    def rebase(self, passage: LoopPassage, origin: int) -> None:
        """The carrier on which `passage` was last has this origin in the present era."""
        self._unplace(passage)
        passage.origin, passage.era = origin, self.state.era
        self._settle(passage)

    def begin_era(self) -> None:
        """Counting began anew: nobody is placed, no carrier is known, strangers have other numbers from now on."""
        self.state.era += 1
        self.state.home = None
        self.state.found = {}
        self.riding, self.ghosts = Places(self.ring.length), Places(self.ring.length)

    def book(self, passage: Passage, told: Told | None) -> None:
        """The order that stands for `passage` is this one; None: no order stands."""
        if not isinstance(passage, LoopPassage):
            return
        self._unplace(passage)
        super().book(passage, told)
        self._settle(passage)

    def rename(self, passage: LoopPassage, item: int) -> None:
        """The PLC calls `passage` this now; 0: nothing that we know of."""
        if self.by_item.get(passage.item) is passage:
            del self.by_item[passage.item]
        passage.item = item
        if item:
            self.by_item[item] = passage

    def load(self, key: int) -> LoopPassage | Found:
        """What lies on the ring under this key."""
        return self.state.passages[key] if key > 0 else self.state.found[-key]

    def exchange(self, one: LoopPassage, other: LoopPassage) -> None:
        """Two passages that ride have changed carriers: each has the other's number, place and order from now on."""
        pair = (one, other)
        for passage in pair:
            self._unplace(passage)
            self.by_item.pop(passage.item, None)
            self.leave_chute(passage)
        for name in _OF_THE_RIDE:
            left, right = getattr(one, name), getattr(other, name)
            setattr(one, name, right)
            setattr(other, name, left)
        for passage in pair:
            self.by_item[passage.item] = passage
            self.head_for(passage, passage.chute)
            if passage.told is not None:
                self.by_order[passage.told.epoch, passage.told.seq] = passage
            if passage.waits_at:
                heappush(self.waiting, (passage.waits_at, passage.number))
            self._settle(passage)

    # ------------------------------------------------------------------------------------------- chutes

    def head_for(self, passage: Passage, chute: int) -> None:
        """`passage` is under way to `chute`."""
        super().head_for(passage, chute)
        if chute and isinstance(passage, LoopPassage):
            self.heading[chute][passage.number] = passage

    def leave_chute(self, passage: Passage) -> None:
        """`passage` is no longer under way to the chute that it headed for."""
        super().leave_chute(passage)
        if passage.chute:
            self.heading[passage.chute].pop(passage.number, None)

    def way_to(self, passage: Passage, number: int) -> int:
        """How far it is until a chute can be fired for `passage`, if the PLC is told now."""
        gone = self.state.belt.at_time(self.now_ns) - passage.origin + self.ring.margin
        return (self.ring.exits[number].fire - gone) % self.ring.length

    def head_nowhere(self, passage: LoopPassage) -> None:
        """`passage` is under way to no chute."""
        self.leave_chute(passage)
        passage.chute = 0

    def want(self, passage: LoopPassage, chutes: list[int]) -> None:
        """If one of these chutes takes parcels again, `passage` is decided anew."""
        for chute in passage.wants:
            self.wanting[chute].pop(passage.number, None)
        passage.wants = chutes
        for chute in chutes:
            self.wanting[chute][passage.number] = passage

    def count_recirculating(self, passage: LoopPassage, cause: Cause) -> None:
        """`passage` recirculates for this cause; NONE: it does not."""
        if passage.recirculates is not Cause.NONE:
            self.recirculating[passage.recirculates] -= 1
        passage.recirculates = cause
        if cause is not Cause.NONE:
            self.recirculating[cause] = self.recirculating.get(cause, 0) + 1

    # ------------------------------------------------------------------------------------------- strangers

    def find(self, found: Found) -> None:
        """An item without a passage lies on the ring."""
        self.state.found[found.item] = found
        self.riding.add(self.ring.phase(found.origin), -found.item)
        self.remind_of(found)

    def remind_of(self, found: Found) -> None:
        """Who it is, must be decided at its deadline."""
        heappush(self._due, (found.read_end_at, -found.item))

    def lose(self, item: int) -> Found | None:
        """The stranger with this number is none any more."""
        found = self.state.found.pop(item, None)
        if found is not None:
            self.riding.remove(self.ring.phase(found.origin), -item)
        return found

    def shift(self, found: Found, origin: int) -> None:
        """The place of a stranger is corrected."""
        self.riding.remove(self.ring.phase(found.origin), -found.item)
        found.origin = origin
        self.riding.add(self.ring.phase(origin), -found.item)
