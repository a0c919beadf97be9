"""Pushers do not move: the PLC says so by ORDER_FAILED 3, with or without the fault bit, and the parcel goes on."""

from sim.scenario import LINE, Draft, Expectation, Script
from sim.world.deeds import Stick

KINDS = LINE
STUCK = 3


def write(draft: Draft) -> Script:
    moments = draft.moments(STUCK, 2_000)
    chosen = draft.chance.sample(draft.pushers, STUCK)
    deeds = tuple(
        Stick(at_ns, number, draft.chance.randint(3_000, 20_000)) for at_ns, number in zip(moments, chosen, strict=True)
    )
    setup = draft.setup(deeds)._replace(fault_bit=bool(draft.chance.randrange(2)))
    return Script(setup, expect=Expectation(sorted_least=600))
