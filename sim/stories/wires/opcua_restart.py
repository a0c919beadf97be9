"""The OPC UA server restarts with its PLC, several times: new session, new boot, and nothing is diverted on a guess."""

from sim.scenario import Draft, Expectation, RestartPlc, Script

WIRES = frozenset({"opcua"})


def write(draft: Draft) -> Script:
    upsets = tuple(
        RestartPlc(at_ns, draft.chance.randint(500, 4_000), bool(draft.chance.randrange(2)))
        for at_ns in draft.moments(max(draft.count // 60, 2), 8_000)
    )
    return Script(draft.setup(), upsets, expect=Expectation(sorted_least=200, lost_most=1_000), clean=False)
