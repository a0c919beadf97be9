"""Customs draws parcels for inspection by lot: just those of the lot, and none of them is sorted."""

from sim.hub.sites import drawn
from sim.scenario import Draft, Expectation, Script

SITE = drawn


def write(draft: Draft) -> Script:
    return Script(draft.setup(), expect=Expectation(sorted_least=400))
