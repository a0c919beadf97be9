"""A hand takes parcels off the sorter at random places after the induct: no other parcel's exit changes."""

from sim.scenario import Draft, Expectation, Script
from sim.world.deeds import Remove


def write(draft: Draft) -> Script:
    taken = draft.numbers(max(draft.count // 25, 1), apart=3)
    deeds = tuple(Remove(number, draft.place_after_induct(number)) for number in taken)
    setup = draft.setup(deeds)._replace(operators_s=(1, 2))
    expect = Expectation(sorted_least=850, lost_most=len(deeds), same_exits=True)
    return Script(setup, concerned=frozenset(taken), expect=expect)
