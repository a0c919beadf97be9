"""Plan: parcel -> rule -> destination -> the chutes of each sorter, its departures, its container.

Dictionaries and bisections, nothing that can raise.
Comes in: what `plan/load.py` has checked. Goes out: answers. Never here: files, problems.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sortctl.plan.asked import Asked, Match
from sortctl.plan.compiled import Compiled
from sortctl.plan.document import Document
from sortctl.plan.rule import Rule
from sortctl.site.model import Machine
from sortctl.site.problem import Problem
from sortctl.words.causes import Balance, Cause

FUNCTION: Final = "!"
"""In front of a destination that is a cause: where parcels go that have it, as !customs_hold."""


class Group(Struct, frozen=True, gc=False):
    """The chutes of one destination on one sorter, the planned one first, and how parcels are spread over them.

    When none of them takes a parcel the alternates are asked in their order, then the overflow.
    """

    chutes: tuple[int, ...] = ()
    balance: Balance = Balance.FIXED
    alternates: tuple[int, ...] = ()
    overflow: tuple[int, ...] = ()
    limit: int = 1
    """Of a pool: so many of its chutes may the destination have at once."""

    @property
    def is_pool(self) -> bool:
        """Its chutes are nobody's until they are given."""
        return self.balance is Balance.DYNAMIC

    @property
    def every(self) -> tuple[int, ...]:
        """All chutes, in the order in which they are asked when the balance is fixed."""
        return (*self.chutes, *self.alternates, *self.overflow)


class Destination(Struct, frozen=True, gc=False):
    """What holds for a destination on every sorter. `text` is for displays and labels; empty: the name. `forecast`: parcels
    expected while the plan is valid; None: not said.
    """

    name: str
    line: int = 0
    departures: tuple[str, ...] = ()
    container: str = ""
    text: str = ""
    forecast: int | None = None


TEXTS_SHOWN: Final = 3
NOWHERE: Final = Group()
EVERY_SORTER: Final = ""
"""In the place of a sorter: the group of every sorter for which none is named."""

Groups = Mapping[tuple[str, str], Group]
"""By sorter and destination."""


def chutes_of(machines: Iterable[Machine]) -> dict[str, frozenset[int]]:
    """Sorter -> the numbers of its chutes."""
    return {machine.sorter_id: frozenset(chute.number for chute in machine.chutes) for machine in machines}


def settle(groups: Groups, known: Mapping[str, frozenset[int]]) -> dict[tuple[str, str], Group]:
    """Groups of these sorters only: one for every sorter becomes one for each that has all of its chutes, and none of its own."""
    settled: dict[tuple[str, str], Group] = {}
    for (sorter, destination), group in groups.items():
        if sorter in known:
            settled[sorter, destination] = group
        elif sorter == EVERY_SORTER:
            for name, chutes in known.items():
                if (name, destination) not in groups and chutes.issuperset(group.every):
                    settled[name, destination] = group
    return settled


def shared(groups: Groups, destinations: Mapping[str, Destination]) -> dict[tuple[str, str], Group]:
    """Every destination of a pool with its limit: its share by forecast of the chutes that it may have, at least one.

    Those that share a chute of the pool share its forecasts too. One without a forecast has one chute at a time.
    """
    limited = dict(groups)
    pools: dict[str, list[tuple[str, frozenset[int], int]]] = {}
    for (sorter, name), group in groups.items():
        if group.balance is Balance.DYNAMIC:
            found = destinations.get(name)
            pools.setdefault(sorter, []).append((name, frozenset(group.chutes), (found and found.forecast) or 0))
    for sorter, own in pools.items():
        for name, chutes, forecast in own:
            among = sum(expected for _, others, expected in own if forecast and not chutes.isdisjoint(others))
            limit = max(1, (2 * len(chutes) * forecast + among) // (2 * among)) if among else 1
            limited[sorter, name] = replace(groups[sorter, name], limit=limit)
    return limited


class Plan:
    """One sort plan in force."""

    __slots__ = ("_compiled", "_destinations", "_groups", "_texts", "document", "warnings")

    def __init__(
        self,
        document: Document,
        compiled: Compiled,
        groups: Groups,
        destinations: Mapping[str, Destination],
        warnings: tuple[Problem, ...] = (),
    ) -> None:
        self.document = document
        self.warnings = warnings
        self._compiled = compiled
        self._groups = groups
        self._destinations = destinations
        self._texts: dict[tuple[str, int], list[str]] | None = None

    def on(self, machines: Iterable[Machine]) -> "Plan":
        """The same plan for these machines: no group has a chute that its sorter lacks because none was named for it."""
        settled = shared(settle(self._groups, chutes_of(machines)), self._destinations)
        return Plan(self.document, self._compiled, settled, self._destinations, self.warnings)

    def match(self, asked: Asked) -> Match | None:
        """The most specific rule that fits."""
        return self._compiled.find(asked)

    def group(self, sorter: str, destination: str) -> Group:
        """Where the destination is on this sorter; an empty group if it is nowhere there."""
        found = self._groups.get((sorter, destination))
        return found if found is not None else self._groups.get((EVERY_SORTER, destination), NOWHERE)

    def chutes(self, sorter: str, destination: str) -> tuple[int, ...]:
        """The planned chutes on this sorter in their order; () if the destination is nowhere there."""
        return self.group(sorter, destination).chutes

    def for_cause(self, sorter: str, cause: Cause) -> Group:
        """Where parcels with this cause go on this sorter (`!customs_hold`); an empty group: the plan does not say."""
        return self.group(sorter, FUNCTION + cause)

    def departures(self, destination: str) -> tuple[str, ...]:
        """Names of the departures that take the parcels of this destination; (): all that departures.csv has for it."""
        found = self._destinations.get(destination)
        return found.departures if found is not None else ()

    def destination(self, name: str) -> Destination | None:
        """What holds for it on every sorter."""
        return self._destinations.get(name)

    def text(self, destination: str) -> str:
        """What displays and labels show of a destination."""
        found = self._destinations.get(destination)
        return found.text or found.name if found is not None else destination

    def texts(self, sorter: str, chute: int) -> str:
        """The same of everything that has this chute as one of its own; nothing of a pool, which is nobody's."""
        if self._texts is None:
            self._texts = {}
            for (place, name), group in self._groups.items():
                for number in group.chutes if group.balance is not Balance.DYNAMIC else ():
                    self._texts.setdefault((place, number), []).append(self.text(name))
        found = [text for place in (sorter, EVERY_SORTER) for text in self._texts.get((place, chute), ())]
        more = f" and {len(found) - TEXTS_SHOWN} more" if len(found) > TEXTS_SHOWN else ""
        return ", ".join(found[:TEXTS_SHOWN]) + more

    @property
    def destinations(self) -> tuple[str, ...]:
        """Every destination to which rules may lead, in the order of the file."""
        return tuple(name for name in self._destinations if not name.startswith(FUNCTION))

    @property
    def functions(self) -> tuple[str, ...]:
        """Every function destination, in the order of the file."""
        return tuple(name for name in self._destinations if name.startswith(FUNCTION))

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule, the most specific first; sorted when it is asked for the first time."""
        return self._compiled.rules

    @property
    def compiled(self) -> Compiled:
        """The rules as they are looked up."""
        return self._compiled
