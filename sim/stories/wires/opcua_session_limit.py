"""The OPC UA server has no session left just when ours is lost: the machine goes on alone until one is free again."""

from sim.scenario import Draft, Expectation, FreezeExchange, FullSessions, Script, Upset
from sortctl.words.units import NS_PER_MS

WIRES = frozenset({"opcua"})


def write(draft: Draft) -> Script:
    upsets: list[Upset] = []
    for at_ns in draft.moments(max(draft.count // 50, 2), 9_000):
        full_ms = draft.chance.randint(1_500, 7_000)
        upsets.append(FullSessions(at_ns, full_ms))
        lost_ns = at_ns + draft.chance.randint(0, 500) * NS_PER_MS
        upsets.append(FreezeExchange(lost_ns, draft.chance.randint(400, 900), "never"))
    return Script(draft.setup(), tuple(upsets), expect=Expectation(sorted_least=400))
