"""The PLC is busy: it answers by exception 6 for up to two seconds and carries nothing out."""

from sim.scenario import BusyPlc, Draft, Expectation, Script


def write(draft: Draft) -> Script:
    upsets = tuple(
        BusyPlc(at_ns, draft.chance.randint(50, 2_000)) for at_ns in draft.moments(max(draft.count // 30, 3), 3_500)
    )
    return Script(draft.setup(), upsets, expect=Expectation(sorted_least=600))
