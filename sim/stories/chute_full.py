"""Chutes stay full because no operator comes: alternates and rejects take their parcels, nothing is pushed on top."""

from sim.scenario import Draft, Expectation, Script
from sim.world.hands import Desert

TAKEN = 3


def write(draft: Draft) -> Script:
    pushers = [chute.number for chute in draft.machine.chutes if chute.actuator]
    deeds = tuple(Desert(draft.moment(), number) for number in draft.chance.sample(pushers, TAKEN))
    return Script(draft.setup(deeds), expect=Expectation(sorted_least=600))
