"""Belts of carriers do not move: reported, claimed to have moved, or silent; the load rides on, the carrier is taken out.

A fault has an end: what lies on a carrier whose belt never moves again would ride until somebody takes it off.
"""

from random import Random
from typing import Final, Literal

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import BeltFault

KINDS = LOOP
FAULTY_IN_HUNDRED = 10
SAYS: Final[tuple[Literal["reports", "claims", "silent"], ...]] = ("reports", "claims", "silent")


def write(draft: Draft) -> Script:
    carriers, chance = draft.machine.loop.carriers, draft.chance
    faulty = chance.sample(range(1, carriers + 1), max(carriers * FAULTY_IN_HUNDRED // 100, 3))
    deeds = tuple(
        belt_fault(chance, chance.randrange(5 * 10**9), carrier, chance.randint(20_000, 60_000)) for carrier in faulty
    )
    return Script(draft.setup(deeds), expect=Expectation(sorted_least=700, lost_most=len(deeds)))


def belt_fault(chance: Random, at_ns: int, carrier: int, ms: int) -> BeltFault:
    """One of the three kinds."""
    return BeltFault(at_ns, carrier, ms, chance.choice(SAYS))
