"""Parcels miss the carrier that waits for them and fall to the floor or onto the one behind: none is sorted by a guess."""

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import MissInduct
from sim.world.scanners import Habits

KINDS = LOOP


def write(draft: Draft) -> Script:
    missing = draft.numbers(max(draft.count // 15, 2), apart=4)
    deeds = []
    for number in missing:
        draft.stand_alone(number)
        deeds.append(MissInduct(number, draft.chance.choice(("next", "floor"))))
    setup = draft.setup(tuple(deeds))._replace(habits=Habits(no_read=0), operators_s=(1, 2))
    expect = Expectation(sorted_least=800, lost_most=len(deeds), same_exits=True)
    return Script(setup, concerned=frozenset(missing), expect=expect, clean=False)
