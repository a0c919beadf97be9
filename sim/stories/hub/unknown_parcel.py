"""Parcels come of which nobody knows anything; of some the data come while they move, or while they ride on.

On a line an unknown parcel is rejected, on a loop it rides a lap before that, and is sorted if its data come meanwhile.
"""

from sim.hub.calls import Call, TellParcel, When
from sim.hub.staging import bonded
from sim.hub.words import all_of
from sim.scenario import Draft, Expectation, Script

SITE = bonded


def write(draft: Draft) -> Script:
    calls: list[Call] = []
    withheld = set()
    for turn, number in enumerate(draft.numbers(max(draft.count // 5, 3), apart=2)):
        waybill = draft.feed[number - 1].parcel.waybill
        withheld.add(waybill)
        known = draft.expected(waybill)
        if turn % 3:
            way_mm = draft.chance.randrange(2 * draft.way_mm(number))
            calls.append(TellParcel(When(number=number, way_mm=way_mm), waybill, all_of(known)))
    return Script(draft.setup(), calls=tuple(calls), withheld=frozenset(withheld), expect=Expectation(sorted_least=500))
