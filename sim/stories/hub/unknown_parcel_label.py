"""Parcels come of which nobody knows anything, but their labels say where they go: to there, as far as customs lets them.

Labels say something else than the list: where the list is told in time, it wins.
"""

from sim.hub.calls import Call, TellParcel, When
from sim.hub.sites import labelled
from sim.hub.words import all_of, route
from sim.scenario import Draft, Expectation, Script

SITE = labelled


def write(draft: Draft) -> Script:
    calls: list[Call] = []
    withheld = set()
    for turn, number in enumerate(draft.numbers(max(draft.count // 4, 3), apart=1)):
        parcel = draft.feed[number - 1].parcel
        withheld.add(parcel.waybill)
        other = draft.chance.choice(draft.feed).parcel.waybill
        if turn % 4 != 3:
            parcel.codes = (parcel.waybill, route(draft.expected(other)))
        if turn % 2:
            way_mm = draft.chance.randrange(2 * draft.way_mm(number))
            calls.append(
                TellParcel(When(number=number, way_mm=way_mm), parcel.waybill, all_of(draft.expected(parcel.waybill)))
            )
    return Script(draft.setup(), calls=tuple(calls), withheld=frozenset(withheld), expect=Expectation(sorted_least=500))
