"""A hand takes parcels off carriers, sometimes with a word to the PLC: each is told removed or lost, no other exit changes."""

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import Remove

KINDS = LOOP


def write(draft: Draft) -> Script:
    taken = draft.numbers(max(draft.count // 15, 2), apart=3)
    deeds = tuple(
        Remove(number, draft.place_after_induct(number), known=bool(draft.chance.randrange(2))) for number in taken
    )
    setup = draft.setup(deeds)._replace(operators_s=(1, 2))
    expect = Expectation(sorted_least=800, lost_most=len(deeds), same_exits=True)
    return Script(setup, concerned=frozenset(taken), expect=expect)
