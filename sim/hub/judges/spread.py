"""Spread: how evenly the chutes of a group were used, where the plan spreads its parcels over them.

Comes in: where parcels truly lie. Goes out: groups that were used unevenly. A parcel that was decided twice takes two turns, and
what one chute could not take went to another: so a part of the parcels of a group may be out of turn.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from sim.plant import Plant
from sim.sheets import Sheet
from sim.world.parcel import Place
from sortctl.words.causes import Balance

EVEN: Final = frozenset({Balance.ROUND_ROBIN, Balance.LEAST_LOADED})
APART: Final = 2
OUT_OF_TURN: Final = 5
"""One of so many."""

Fault = tuple[str, str]


def faults(plant: Plant, sheet: Sheet) -> Iterator[Fault]:
    """Groups whose fullest chute got many more parcels than the one with the fewest."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for parcel in plant.parcels.values():
        group = sheet.group(parcel.waybill)
        if parcel.place is Place.CHUTE and parcel.exit in group.chutes and group.balance in EVEN:
            counts[sheet.destination(parcel.waybill)][parcel.exit] += 1
    for parcel in plant.parcels.values():
        destination, group = sheet.destination(parcel.waybill), sheet.group(parcel.waybill)
        found = counts.pop(destination, None)
        if found is None:
            continue
        used = [found[chute] for chute in group.chutes]
        if max(used) - min(used) > APART + sum(used) // OUT_OF_TURN:
            shown = ", ".join(f"{number} in {chute}" for chute, number in sorted(found.items()))
            yield "missorted", f"{destination} is to be spread ({group.balance}), and lies {shown}"
