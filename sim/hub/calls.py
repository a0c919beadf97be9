"""Calls: what people, customs and the host say and do during a run, as data; and a note of what was done.

Comes in: nothing; a story writes them. Goes out: the virtual rig puts them to the controller, the wire rig types the commands.
Never here: what must come of them.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from sim.world.parcel import Parcel, Place
from sortctl.words.units import NS_PER_MS


class Moving(Protocol):
    """What is asked of a plant."""

    now_ns: int
    parcels: dict[int, Parcel]

    @property
    def belt_um(self) -> int: ...


class When(NamedTuple):
    """At `at_ns`; or, with `number`, when that parcel has come `way_mm` far; or, with `rest_ms`, lies so long in its chute."""

    at_ns: int = 0
    number: int = 0
    way_mm: int = 0
    rest_ms: int = 0

    def is_come(self, plant: Moving) -> bool:
        """It is time. A parcel that left the sorter earlier than meant has come far enough."""
        if not self.number:
            return plant.now_ns >= self.at_ns
        parcel = plant.parcels[self.number]
        if parcel.place is Place.WAITING:
            return False
        if parcel.place is Place.BELT:
            return not self.rest_ms and plant.belt_um - parcel.base_belt_um >= self.way_mm * 1_000
        arrived = parcel.place is not Place.SLIDE
        return not self.rest_ms or (arrived and plant.now_ns >= parcel.exit_ns + self.rest_ms * NS_PER_MS)


class TellParcel(NamedTuple):
    """From now on the record of `waybill` says something else: fields of an expected parcel and their new values."""

    when: When
    waybill: str
    changes: tuple[tuple[str, str], ...]


class FallSilent(NamedTuple):
    """For `ms` nobody answers about parcels and nobody hears of changes. `gone`: the store cannot even be opened."""

    when: When
    ms: int
    gone: bool = True


class SwapPlan(NamedTuple):
    """Another sort plan is put in force: these files of the site. `keep`: who is decided keeps the decision."""

    when: When
    files: tuple[tuple[str, bytes], ...]
    keep: bool


class BindBag(NamedTuple):
    """The tag of a bag is scanned at a chute."""

    when: When
    chute: int
    bag: str


class AskBag(NamedTuple):
    """Somebody asks for the bag of a chute to be closed."""

    when: When
    chute: int


class UnlockChute(NamedTuple):
    """An operator has looked into the chute, and takes the lock away."""

    when: When
    chute: int


class PressButton(NamedTuple):
    """Somebody presses a button at a chute: 1 takes its bag away, 2 locks it or unlocks it."""

    when: When
    chute: int
    button: int


class Purge(NamedTuple):
    """Somebody has a chute, or (0) the whole sorter, emptied; or (`begins` False) takes that back."""

    when: When
    chute: int
    begins: bool


class EndWave(NamedTuple):
    """A wave ends."""

    when: When
    wave: str


class SetClock(NamedTuple):
    """The clock on the wall is set by so many seconds, forward or (below 0) back."""

    when: When
    by_s: int


Call = TellParcel | FallSilent | SwapPlan | BindBag | AskBag | UnlockChute | PressButton | Purge | EndWave | SetClock
OF_THE_HUB = (FallSilent, SwapPlan, EndWave, SetClock)
"""Calls that every machine notices."""


class Done(NamedTuple):
    """A call that was carried out: begun and ended by the clock of the machine. Silence lasts from one to the other."""

    call: Call
    began_ns: int
    ended_ns: int


class WallTold(NamedTuple):
    """The clock on the wall said this."""

    at_ns: int
    wall_ns: int


class History:
    """What was done at one machine, in its order."""

    def __init__(self) -> None:
        self.done: list[Done] = []
        self.walls: list[WallTold] = []

    def note(self, call: Call, began_ns: int, ended_ns: int) -> None:
        """It was done."""
        self.done.append(Done(call, began_ns, ended_ns))

    def wall_s(self, at_ns: int) -> int:
        """The second on the wall at a moment of the machine; 0: nobody looked."""
        told = [wall for wall in self.walls if wall.at_ns <= at_ns] or self.walls[:1]
        return (told[-1].wall_ns + at_ns - told[-1].at_ns) // 1_000_000_000 if told else 0


def come(calls: Iterable[Call], plant: Moving) -> list[Call]:
    """Those whose time has come."""
    return [call for call in calls if call.when.is_come(plant)]
