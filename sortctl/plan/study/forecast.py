"""Forecast: the load of each chute from what the plan expects, without any list of parcels.

Comes in: a plan, the sorters. Goes out: a load for each chute that is expected to get something, and who has no forecast.

Theory. What is expected for a destination is dealt out evenly to the sorters where it has chutes, and there as its balance does when
no chute is ever full: all to the first chute, or evenly over all of them where parcels are spread, ordered by stops, or given chutes of a pool.
What cannot be divided goes to the first ones. Never here: time, capacity, rules, as a forecast knows destinations only.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeVar

from msgspec import Struct

from sortctl.plan.model import Plan
from sortctl.words.causes import Balance

SPREAD: Final = frozenset({Balance.ROUND_ROBIN, Balance.LEAST_LOADED, Balance.DYNAMIC, Balance.SEQUENCE})


T = TypeVar("T")


class Expected(Struct):
    """What is expected to come to one chute."""

    sorter: str
    chute: int
    parcels: int = 0
    destinations: tuple[str, ...] = ()


class Expectation(NamedTuple):
    """`silent`: destinations without a forecast; `nowhere`: parcels whose destination has no chute on these sorters."""

    chutes: list[Expected]
    silent: tuple[str, ...] = ()
    nowhere: int = 0


def expect(plan: Plan, sorters: Sequence[str]) -> Expectation:
    """The load of each chute, by sorter and number."""
    found: dict[tuple[str, int], Expected] = {}
    silent, nowhere = [], 0
    for name in plan.destinations:
        destination = plan.destination(name)
        if destination is None or destination.forecast is None:
            silent.append(name)
            continue
        places = [sorter for sorter in sorters if plan.chutes(sorter, name)]
        nowhere += 0 if places else destination.forecast
        for sorter, share in _dealt(destination.forecast, places):
            group = plan.group(sorter, name)
            chutes = group.chutes if group.balance in SPREAD else group.chutes[:1]
            for chute, parcels in _dealt(share, chutes):
                one = found.setdefault((sorter, chute), Expected(sorter, chute))
                one.parcels += parcels
                one.destinations = (*one.destinations, name)
    return Expectation([found[place] for place in sorted(found)], tuple(silent), nowhere)


def _dealt(parcels: int, places: Sequence[T]) -> Iterator[tuple[T, int]]:
    for turn, place in enumerate(places):
        yield place, parcels // len(places) + (turn < parcels % len(places))
