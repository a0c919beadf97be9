"""Customs or security takes releases back while the parcels move: all are kept, or recalled where the word comes too late.

Words come anywhere from the induct to the chute, some of them around the point of no return, some when the parcel lies in
its chute already. Where a chute was closed because of one, somebody comes and unlocks it.
"""

from sim.hub.calls import Call, TellParcel, UnlockChute, When
from sim.hub.staging import bonded
from sim.scenario import Draft, Expectation, Script

SITE = bonded
WORDS = ((("hold", "X-ray shows a battery"),), (("customs", "under_control"),), (("customs", "seized"),))
NEAR_MM = 600
LIES_MS = (200, 6_000)
UNLOCKED_AFTER_MS = 9_000


def write(draft: Draft) -> Script:
    calls: list[Call] = []
    for turn, number in enumerate(draft.numbers(max(draft.count // 6, 3), apart=2)):
        parcel, exit_mm = draft.feed[number - 1].parcel, draft.way_mm(number)
        near_mm = max(exit_mm + draft.chance.randint(-NEAR_MM, NEAR_MM), 0)
        whens = (
            When(number=number, way_mm=draft.chance.randrange(exit_mm)),
            When(number=number, way_mm=near_mm),
            When(number=number, rest_ms=draft.chance.randint(*LIES_MS)),
        )
        calls.append(TellParcel(whens[turn % 3], parcel.waybill, draft.chance.choice(WORDS)))
        for chute in draft.sheet.chutes(parcel.waybill):
            calls.append(UnlockChute(When(number=number, rest_ms=UNLOCKED_AFTER_MS), chute))
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=400))
