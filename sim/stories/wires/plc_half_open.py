"""The exchange freezes half-open: requests get no answer although the PLC goes on, the link drops and comes back."""

from sim.scenario import Draft, Expectation, FreezeExchange, Script


def write(draft: Draft) -> Script:
    upsets = tuple(
        FreezeExchange(at_ns, draft.chance.randint(300, 1_500), draft.chance.choice(("now", "late", "never")))
        for at_ns in draft.moments(max(draft.count // 30, 3), 3_000)
    )
    return Script(draft.setup(), upsets, expect=Expectation(sorted_least=600))
