"""Chutes stay full because no operator comes: alternates and rejects take their parcels, nothing goes on top."""

from sim.scenario import Draft, Expectation, Script
from sim.world.deeds import Desert

TAKEN = 3


def write(draft: Draft) -> Script:
    deeds = tuple(Desert(draft.moment(), number) for number in draft.chance.sample(draft.pushers, TAKEN))
    return Script(draft.setup(deeds), expect=Expectation(sorted_least=600))
