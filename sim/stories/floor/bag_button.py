"""Bags are taken away by the button at their chutes while parcels come; what comes before the next tag lies in no list."""

from sim.hub.calls import BindBag, Call, PressButton, When
from sim.scenario import Draft, Expectation, Script

CLOSE_BAG = 1
NEXT_MS = (1_500, 4_000)
AROUND_MM = 2_000
AFTER_NS = 60 * 10**9
"""When everything has come."""


def write(draft: Draft) -> Script:
    place = draft.machine.sorter_id
    wanted = [draft.sheet.chutes(fed.parcel.waybill) for fed in draft.feed]
    chutes = sorted({number for group in wanted for number in group})
    calls: list[Call] = [BindBag(When(0), chute, f"A-{place}-{chute}") for chute in chutes]
    for number in draft.numbers(max(draft.count // 4, 3), apart=1):
        for chute in wanted[number - 1][:1]:
            way_mm = max(draft.way_mm(number) + draft.chance.randint(-AROUND_MM, AROUND_MM), 0)
            calls.append(PressButton(When(number=number, way_mm=way_mm), chute, CLOSE_BAG))
            when = When(number=number, rest_ms=draft.chance.randint(*NEXT_MS))
            calls.append(BindBag(when, chute, f"B-{place}-{chute}-{number}"))
    calls += [PressButton(When(draft.span_ns + AFTER_NS), chute, CLOSE_BAG) for chute in chutes]
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=700))
