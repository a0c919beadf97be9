"""Demo feed: what comes onto the sorters of the demonstration.

Comes in: the site's parcel list, how many, a seed. Goes out: parcels with their labels, lengths and gaps.
Almost all are known to the hub; a few are not, a few carry two numbers or a damaged one, as on any night.
Never here: time.
"""

from collections.abc import Iterable
from random import Random
from typing import Final

from sim.world.feeder import Fed
from sim.world.parcel import Parcel, Place
from sortctl.site.load import LoadedSite
from sortctl.site.model import Machine

LENGTH_MOST_MM: Final = 300
"""Small parcels and bags: the bulk of cross-border goods, and what fits close together."""
FEED_S: Final = 65
"""How long the feed should take: a short one has more room, a long one comes as close as the line allows."""
LOOP_FEED_S: Final = 45
"""The last ones still have a lap before them."""
GAP_LEAST_MM, GAP_MOST_MM = 310, 800
PITCH_MOST_MM: Final = 2_400
GAP_SPREAD_PER_CENT: Final = 20
UNKNOWN_PER_MILLE: Final = 6
DAMAGED_PER_MILLE: Final = 4
TWO_LABELS_PER_MILLE: Final = 3
SLIP_PPM: Final = 300


def shares(loaded: LoadedSite, count: int) -> dict[str, int]:
    """How many of `count` parcels each sorter gets: a line twice as many as a loop, which is slower."""
    weights = {machine.sorter_id: 1 if machine.sorter.kind == "loop" else 2 for machine in loaded.machines}
    whole = sum(weights.values())
    found = {name: max(count * weight // whole, 1) for name, weight in weights.items()}
    first = next(iter(found))
    found[first] += count - sum(found.values())
    return found


def feed(supply: Iterable[str], machine: Machine, count: int, seed: int) -> list[Fed]:
    """So many parcels; the list begins again where it is too short."""
    chance = Random(f"{seed} feed {machine.sorter_id}")
    supply = list(supply)
    chance.shuffle(supply)
    sorter = machine.sorter
    gaps_mm = _pitches(machine, count) if sorter.kind == "loop" else _gaps(machine, count)
    inducts = [induct.number for induct in sorter.inducts]
    fed: list[Fed] = []
    for number in range(1, count + 1):
        waybill = supply[(number - 1) % len(supply)]
        codes = _codes(waybill, supply, number, chance)
        length_mm = chance.randint(sorter.length_min_mm, min(LENGTH_MOST_MM, sorter.length_max_mm))
        slip_ppm = chance.randint(0, SLIP_PPM)
        parcel = Parcel(number, codes[0], codes, length_mm * 1_000, slip_ppm)
        fed.append(Fed(parcel, chance.randint(*gaps_mm) * 1_000, inducts[number % len(inducts)]))
    return fed


def _gaps(machine: Machine, count: int) -> tuple[int, int]:
    """Free belt between two parcels on a line."""
    sorter = machine.line
    gap_mm = sorter.speed_mm_s * FEED_S // count - (sorter.length_min_mm + LENGTH_MOST_MM) // 2
    least, most = _spread(max(GAP_LEAST_MM, min(GAP_MOST_MM, gap_mm)))
    return max(least, sorter.gap_min_mm), most


def _pitches(machine: Machine, count: int) -> tuple[int, int]:
    """How far a loop runs from one parcel to the next: at most every second carrier is wanted."""
    sorter = machine.loop
    way_mm = sorter.speed_mm_s * LOOP_FEED_S // count
    return _spread(max(2 * sorter.pitch_mm, min(PITCH_MOST_MM, way_mm)))


def _spread(mm: int) -> tuple[int, int]:
    spread_mm = mm * GAP_SPREAD_PER_CENT // 100
    return mm - spread_mm, mm + spread_mm


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
