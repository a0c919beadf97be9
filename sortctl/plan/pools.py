"""Pools: what must hold of chutes that are given to whoever needs one, and of those that keep a sequence.

Comes in: the groups of each sorter. Goes out: mistakes. Two destinations must never meet in one chute: so a chute of a pool belongs to
nobody else, neither as a fixed chute nor as an alternate, nor to the causes and ends of the sorter. Never here: who has which chute now.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sortctl.plan.document import DESTINATIONS
from sortctl.plan.model import FUNCTION, Destination, Group
from sortctl.site.model import LoopSorter, Machine
from sortctl.site.problem import Problem
from sortctl.words.causes import Balance

OF_DESTINATIONS: Final = frozenset({Balance.DYNAMIC, Balance.SEQUENCE})
"""Balances that mean nothing for a cause."""
Groups = Mapping[tuple[str, str], Group]


def check_pools(
    groups: Groups, destinations: Mapping[str, Destination], machines: Sequence[Machine], problems: list[Problem]
) -> None:
    """All of it."""
    problems += _shared(groups, destinations, machines)
    by_name = {machine.sorter_id: machine for machine in machines}
    for (sorter, name), group in groups.items():
        line = destinations[name].line
        if group.balance in OF_DESTINATIONS and name.startswith(FUNCTION):
            what = f"{group.balance.value} is for destinations: {name} is where a cause leads"
            problems.append(Problem(DESTINATIONS, line, "balance", what, "leave balance empty"))
        if group.balance is Balance.SEQUENCE:
            problems += _sequence(destinations[name], group, by_name.get(sorter))


def _shared(groups: Groups, destinations: Mapping[str, Destination], machines: Sequence[Machine]) -> Iterator[Problem]:
    pooled: dict[tuple[str, int], str] = {}
    for (sorter, name), group in groups.items():
        if group.balance is Balance.DYNAMIC:
            for number in group.chutes:
                pooled.setdefault((sorter, number), name)
    yield from _ends(pooled, destinations, machines)
    for (sorter, name), group in groups.items():
        fixed = group.every if group.balance is not Balance.DYNAMIC else (*group.alternates, *group.overflow)
        for number in fixed:
            if (sorter, number) in pooled:
                what = f"chute {number} is in the pool of {pooled[sorter, number]}: {name} would be mixed with whoever has it"
                mend = "take it out of the pool, or name another chute here"
                yield Problem(DESTINATIONS, destinations[name].line, "chutes", what, mend)


def _ends(
    pooled: Mapping[tuple[str, int], str], destinations: Mapping[str, Destination], machines: Sequence[Machine]
) -> Iterator[Problem]:
    for machine in machines:
        kind = machine.sorter
        last = kind.overflow if isinstance(kind, LoopSorter) else (kind.end_chute,)
        for number in sorted({*last, *kind.rejects.values()}):
            pool = pooled.get((machine.sorter_id, number))
            if pool is not None:
                what = f"chute {number} of {machine.sorter_id} takes what goes nowhere else: it cannot be in a pool"
                yield Problem(DESTINATIONS, destinations[pool].line, "chutes", what, "take it out of the pool")


def _sequence(destination: Destination, group: Group, machine: Machine | None) -> Iterator[Problem]:
    """Stops are not known here, but what the chutes hold is."""
    if group.alternates:
        what = "a parcel in sequence goes to no other chute of its destination: alternates are never asked"
        yield Problem(DESTINATIONS, destination.line, "alternates", what, "leave it empty, or use overflow", "warning")
    if machine is None or destination.forecast is None:
        return
    room = sum(machine.chute(number).capacity for number in group.chutes)
    if destination.forecast > room:
        what = f"{destination.forecast} parcels are expected, and the {len(group.chutes)} chutes hold {room}"
        mend = "name more chutes, or divide the route"
        yield Problem(DESTINATIONS, destination.line, "forecast", what, mend, "warning")
