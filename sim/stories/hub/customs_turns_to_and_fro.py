"""Customs and security hold parcels, let them go and hold them again while they move; some words contradict each other.

What holds at the point of no return decides; two words of one moment that differ are no release.
"""

from sim.hub.calls import Call, TellParcel, UnlockChute, When
from sim.hub.staging import bonded
from sim.hub.words import Said
from sim.scenario import Draft, Expectation, Script

SITE = bonded
UNLOCKED_AFTER_MS = 9_000
BY_SECURITY: tuple[Said, ...] = ((("hold", "X-ray shows a battery"),), (("hold", ""),), (("hold", "a second look"),))
BY_CUSTOMS: tuple[Said, ...] = (
    (("customs", "under_control"), ("conflict", "")),
    (("customs", "released"), ("conflict", "")),
    (("customs", "under_control"), ("conflict", "")),
)
IN_TWO_TONGUES: tuple[Said, ...] = (
    (("customs", "under_control"), ("conflict", "yes")),
    (("customs", "released"), ("conflict", "")),
)


def write(draft: Draft) -> Script:
    calls: list[Call] = []
    for turn, number in enumerate(draft.numbers(max(draft.count // 6, 3), apart=2)):
        parcel, exit_mm = draft.feed[number - 1].parcel, draft.way_mm(number)
        words = (BY_SECURITY, BY_CUSTOMS, IN_TWO_TONGUES, BY_SECURITY[:2], BY_CUSTOMS[:2])[turn % 5]
        ways = sorted(draft.chance.randrange(exit_mm + 500) for _ in words)
        calls += [
            TellParcel(When(number=number, way_mm=way_mm), parcel.waybill, said)
            for way_mm, said in zip(ways, words, strict=True)
        ]
        for chute in draft.sheet.chutes(parcel.waybill):
            calls.append(UnlockChute(When(number=number, rest_ms=UNLOCKED_AFTER_MS), chute))
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=400))
