"""The OPC UA server falls silent with its connections open: the session is given up, and a new one goes on in its epoch or the next."""

from sim.scenario import Draft, Expectation, FreezeExchange, Script

WIRES = frozenset({"opcua"})


def write(draft: Draft) -> Script:
    upsets = tuple(
        FreezeExchange(at_ns, draft.chance.randint(400, 4_000), draft.chance.choice(("now", "late", "never")))
        for at_ns in draft.moments(max(draft.count // 30, 3), 5_000)
    )
    return Script(draft.setup(), upsets, expect=Expectation(sorted_least=500))
