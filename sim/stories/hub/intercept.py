"""Merchants want parcels back, before they come and while they move: all go to the chute for intercepted parcels.

Some are let go again on their way. A word that comes too late changes nothing: no chute is closed for business reasons.
"""

from sim.hub.calls import Call, TellParcel, When
from sim.hub.staging import bonded
from sim.scenario import Draft, Expectation, Script

SITE = bonded
WHY = (("intercept", "order cancelled"),)
AGAIN = (("intercept", ""),)


def write(draft: Draft) -> Script:
    calls: list[Call] = []
    records = []
    for turn, number in enumerate(draft.numbers(max(draft.count // 5, 3), apart=2)):
        waybill, exit_mm = draft.feed[number - 1].parcel.waybill, draft.way_mm(number)
        if turn % 3 == 0:
            records.append((waybill, WHY))
        else:
            calls.append(TellParcel(When(number=number, way_mm=draft.chance.randrange(exit_mm)), waybill, WHY))
        if turn % 3 == 2:
            calls.append(TellParcel(When(number=number, way_mm=exit_mm - 1_000), waybill, AGAIN))
    return Script(draft.setup(), calls=tuple(calls), records=tuple(records), expect=Expectation(sorted_least=500))
