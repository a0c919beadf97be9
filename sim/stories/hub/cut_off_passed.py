"""Half of the trucks take their last parcels while the line runs: from then on nobody goes into their chutes any more."""

from sim.hub.staging import leaving
from sim.scenario import Draft, Expectation, Script

SITE = leaving
MINUTE_AT = 600


def write(draft: Draft) -> Script:
    return Script(draft.setup(), expect=Expectation(sorted_least=300))
