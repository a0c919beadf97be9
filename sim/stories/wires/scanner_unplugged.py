"""Some or all scanners are unplugged for seconds: what they send is lost, the parcels that nobody read are rejected."""

from sim.scenario import Draft, Expectation, Script, UnplugScanner


def write(draft: Draft) -> Script:
    names = sorted(draft.machine.heads)
    upsets = []
    for at_ns in draft.moments(max(draft.count // 40, 2), 5_500):
        for name in draft.chance.sample(names, draft.chance.randint(1, len(names))):
            upsets.append(UnplugScanner(at_ns, name, draft.chance.randint(1_000, 5_000)))
    return Script(draft.setup(), tuple(upsets), expect=Expectation(sorted_least=500))
