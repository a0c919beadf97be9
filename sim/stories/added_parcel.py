"""A hand puts parcels into free places, before or behind the scanner: no other parcel's exit changes."""

from sim.scenario import ADDED_FIRST, Draft, Expectation, Script
from sim.world.hands import Add

CLEAR_MM = 120
"""More than the smallest gap on each side: what the eyes measure is a scan or two wrong."""


def write(draft: Draft) -> Script:
    behind = draft.numbers(max(draft.count // 25, 1), apart=4)
    deeds = []
    for turn, number in enumerate(behind):
        length_mm = draft.chance.randint(200, 500)
        draft.widen(number + 1, length_mm + 2 * (draft.machine.line.gap_min_mm + CLEAR_MM))
        parcel = draft.parcel(ADDED_FIRST + turn, length_mm)
        parcel.scannable = bool(draft.chance.randrange(2))
        deeds.append(Add(parcel, number, draft.place_between(number)))
    setup = draft.setup(tuple(deeds))._replace(operators_s=(1, 2))
    concerned = frozenset(deed.parcel.number for deed in deeds)
    return Script(setup, concerned=concerned, expect=Expectation(sorted_least=880, same_exits=True))
