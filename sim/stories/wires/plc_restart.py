"""The PLC restarts: new boot, any encoder value, waiting orders and events gone; nothing is diverted on a guess."""

from sim.scenario import Draft, Expectation, RestartPlc, Script


def write(draft: Draft) -> Script:
    upsets = tuple(
        RestartPlc(at_ns, draft.chance.randint(200, 3_000), bool(draft.chance.randrange(2)))
        for at_ns in draft.moments(max(draft.count // 100, 2), 6_000)
    )
    return Script(draft.setup(), upsets, expect=Expectation(sorted_least=300, lost_most=1_000), clean=False)
