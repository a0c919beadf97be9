"""Demo feed: what comes onto the line of the demonstration.

Comes in: the site's parcel list, how many, a seed. Goes out: parcels with their labels, lengths and gaps.
Almost all are known to the hub; a few are not, a few carry two numbers or a damaged one, as on any night.
Never here: time.
"""

from collections.abc import Iterable
from random import Random
from typing import Final

from sim.world.feeder import Fed
from sim.world.parcel import Parcel, Place
from sortctl.site.model import Machine

LENGTH_MOST_MM: Final = 300
"""Small parcels and bags: the bulk of cross-border goods, and what fits close together."""
FEED_S: Final = 65
"""How long the feed should take: a short one has more room, a long one comes as close as the line allows."""
GAP_LEAST_MM, GAP_MOST_MM = 310, 800
GAP_SPREAD_PER_CENT: Final = 20
UNKNOWN_PER_MILLE: Final = 6
DAMAGED_PER_MILLE: Final = 4
TWO_LABELS_PER_MILLE: Final = 3
SLIP_PPM: Final = 300


def feed(known: Iterable[str], machine: Machine, count: int, seed: int) -> list[Fed]:
    """So many parcels; the list begins again where it is too short."""
    chance = Random(f"{seed} feed")
    order = list(known)
    chance.shuffle(order)
    sorter = machine.line
    gaps_mm = _gaps(sorter.speed_mm_s, sorter.length_min_mm, count)
    fed: list[Fed] = []
    for number in range(1, count + 1):
        waybill = order[(number - 1) % len(order)]
        codes = _codes(waybill, order, number, chance)
        length_mm = chance.randint(sorter.length_min_mm, min(LENGTH_MOST_MM, sorter.length_max_mm))
        slip_ppm = chance.randint(0, SLIP_PPM)
        parcel = Parcel(number, codes[0], codes, length_mm * 1_000, slip_ppm)
        gap_mm = max(chance.randint(*gaps_mm), sorter.gap_min_mm)
        fed.append(Fed(parcel, gap_mm * 1_000))
    return fed


def _gaps(speed_mm_s: int, length_min_mm: int, count: int) -> tuple[int, int]:
    gap_mm = speed_mm_s * FEED_S // count - (length_min_mm + LENGTH_MOST_MM) // 2
    gap_mm = max(GAP_LEAST_MM, min(GAP_MOST_MM, gap_mm))
    spread_mm = gap_mm * GAP_SPREAD_PER_CENT // 100
    return gap_mm - spread_mm, gap_mm + spread_mm


def _codes(waybill: str, order: list[str], number: int, chance: Random) -> tuple[str, ...]:
    draw = chance.randrange(1_000)
    if draw < UNKNOWN_PER_MILLE:
        return (f"JJDEMO{chance.randrange(10**10):010d}",)
    if draw < UNKNOWN_PER_MILLE + DAMAGED_PER_MILLE:
        return (waybill[:-3] + "???",)
    if draw < UNKNOWN_PER_MILLE + DAMAGED_PER_MILLE + TWO_LABELS_PER_MILLE:
        return (waybill, order[(number + len(order) // 2) % len(order)])
    return (waybill,)


class Progress:
    """How many of a feed have come onto the belt."""

    def __init__(self, fed: list[Fed]) -> None:
        self._fed = fed
        self._count = 0

    @property
    def count(self) -> int:
        """Cheap enough to be asked at every scan."""
        while self._count < len(self._fed) and self._fed[self._count].parcel.place is not Place.WAITING:
            self._count += 1
        return self._count
