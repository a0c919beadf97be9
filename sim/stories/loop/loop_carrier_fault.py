"""Belts of carriers do not move: reported, claimed to have moved, or silent; the load rides on, the carrier is taken out.

Some belts come to life again within a lap, some only after as many laps as it takes to take the carrier out. Each does in the
end: what lies on a carrier whose belt never moves again would ride until somebody takes it off.
"""

from random import Random
from typing import Final, Literal

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import BeltFault

KINDS = LOOP
FAULTY_IN_HUNDRED = 10
SAYS: Final[tuple[Literal["reports", "claims", "silent"], ...]] = ("reports", "claims", "silent")


def write(draft: Draft) -> Script:
    loop, chance = draft.machine.loop, draft.chance
    carriers, lap_ms = loop.carriers, loop.length_mm * 1_000 // loop.speed_mm_s
    faulty = chance.sample(range(1, carriers + 1), max(carriers * FAULTY_IN_HUNDRED // 100, 3))
    deeds = tuple(
        belt_fault(chance, chance.randrange(5 * 10**9), carrier, lap_ms * chance.choice((1, 2, 5)))
        for carrier in faulty
    )
    return Script(draft.setup(deeds), expect=Expectation(sorted_least=700, lost_most=len(deeds)))


def belt_fault(chance: Random, at_ns: int, carrier: int, ms: int) -> BeltFault:
    """One of the three kinds."""
    return BeltFault(at_ns, carrier, ms, chance.choice(SAYS))
