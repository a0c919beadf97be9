"""Nobody answers about parcels, again and again: what is not known is not sorted, and what was said meanwhile is heard afterwards."""

from sim.hub.calls import Call, FallSilent, TellParcel, When
from sim.hub.staging import bonded
from sim.scenario import Draft, Expectation, Script

SITE = bonded
TIMES = 3
WORDS = ((("hold", "a call from the airline"),), (("customs", "under_control"),))


def write(draft: Draft) -> Script:
    calls: list[Call] = []
    for turn, at_ns in enumerate(draft.moments(TIMES, 6_000)):
        calls.append(FallSilent(When(at_ns), draft.chance.randint(800, 5_000), gone=bool(turn % 2)))
    for number in draft.numbers(max(draft.count // 10, 2), apart=2):
        when = When(number=number, way_mm=draft.chance.randrange(draft.way_mm(number)))
        calls.append(TellParcel(when, draft.feed[number - 1].parcel.waybill, draft.chance.choice(WORDS)))
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=200), clean=False)
