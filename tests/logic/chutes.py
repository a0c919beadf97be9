"""A desk whose chute 2 needs a bag: the same few sentences for tests of locks, bags, purges."""

from typing import Any

from sortctl.site.model import Machine
from sortctl.words import facts
from sortctl.words.hub import BagAsked, BagBound, ChuteLocked, Lock, ParcelTurned, PurgeAsked
from sortctl.words.ids import ChuteNumber, SorterId
from sortctl.words.parcels import ParcelRecord
from tests.logic.bench import PLC, Desk, Parcel, machine

LINE = SorterId("line1")
SPACING = 1_000
"""From one parcel to the next: one second of belt."""


def with_chute(number: int, lamps: bool = False, **changes: Any) -> Machine:
    """The line of the bench, one of its chutes changed."""
    made = machine()
    chutes = tuple(one.model_copy(update=changes) if one.number == number else one for one in made.chutes)
    sorter = made.sorter.model_copy(update={"lamps": lamps})
    return made.model_copy(update={"chutes": chutes, "sorter": sorter})


class BagDesk(Desk):
    """A running line, with people beside it."""

    def __init__(self, line: Machine) -> None:
        super().__init__(line=line)
        self.start()
        self.run_belt_to(1_000)
        self.fed = 0

    def lock(self, chute: int, locked: bool = True, lock: Lock = Lock.OPERATOR) -> None:
        self.tell(ChuteLocked(self.at_ns, LINE, ChuteNumber(chute), lock, locked, "ann", "broken flap"))

    def bind(self, chute: int, bag: str) -> None:
        """A tag is scanned at a chute, now; the next beats of the belt draw the lists."""
        self.tell(BagBound(self.at_ns, LINE, ChuteNumber(chute), bag, "ann"))

    def ask(self, chute: int) -> None:
        self.tell(BagAsked(self.at_ns, LINE, ChuteNumber(chute), "ann"))

    def purge(self, chute: int, purging: bool = True) -> None:
        self.tell(PurgeAsked(self.at_ns, LINE, ChuteNumber(chute), purging, "ann"))

    def press(self, chute: int, button: int) -> None:
        self.tell(facts.ButtonPressed(self.at_ns, PLC, 7, next(self._seq), self.raw(self.belt), chute, button))

    def entry(self, chute: int, belt: int) -> facts.ChuteEyeChanged:
        """The eye of `chute` saw something when the belt stood at `belt`; it is told only now."""
        return facts.ChuteEyeChanged(self.at_ns, PLC, 7, next(self._seq), self.raw(belt), ChuteNumber(chute), 0, True)

    def rest(self, mm: int = 300) -> None:
        self.run_belt_to(self.belt + mm)

    def sort(self, waybill: str, chute: int) -> None:
        """One parcel, all the way into its chute."""
        self.read_code(self.feed_parcel(), waybill)
        self.arrive(chute)

    def under_way(self, waybill: str) -> Parcel:
        """A parcel that is decided and ordered, just behind the scanner."""
        parcel = self.feed_parcel()
        self.read_code(parcel, waybill)
        self.take_orders()
        return parcel

    def arrive(self, chute: int) -> None:
        """The oldest parcel comes into its chute as it should."""
        passage = self.logic.lines[0].all_open()[0]
        parcel = Parcel(passage.origin, passage.length_mm)
        self.pass_eye(1, parcel)
        if chute == 5:
            self.pass_eye(2, parcel)
            self.come_to_end(parcel)
            return
        self.take_orders()
        self.divert(parcel, chute, item=passage.number)

    def turned(self, waybill: str, **changes: Any) -> None:
        """The host says something else of a parcel."""
        record = ParcelRecord(waybill, country="NL", postcode="1011AB", **changes)
        self.tell(ParcelTurned(self.at_ns, waybill, record))
