"""Nothing goes wrong: parcels with slip, eyes that bounce, scanners that fail now and then each by itself."""

from sim.scenario import Draft, Expectation, Script


def write(draft: Draft) -> Script:
    return Script(draft.setup(), expect=Expectation(sorted_least=940))
