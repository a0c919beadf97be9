"""The controller dies at any moment, also between an order and its commit, and goes on with what its journal holds."""

from sim.scenario import Draft, Expectation, KillController, Script


def write(draft: Draft) -> Script:
    upsets = tuple(
        KillController(at_ns, draft.chance.randint(300, 3_000))
        for at_ns in draft.moments(max(draft.count // 40, 3), 5_000)
    )
    return Script(draft.setup(), upsets, expect=Expectation(sorted_least=500))
