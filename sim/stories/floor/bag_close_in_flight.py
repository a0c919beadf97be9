"""Bags are changed while parcels are on their way to them: each parcel stands in the list of the bag in which it truly lies.

Tags are scanned about when a parcel comes to the eye of the chute, before and behind it. The last bags are taken when everything has come.
"""

from sim.hub.calls import BindBag, Call, When
from sim.scenario import Draft, Expectation, Script

ROUNDS = 2
"""So often the belt runs its length until everything has come."""


def write(draft: Draft) -> Script:
    place = draft.machine.sorter_id
    wanted = [draft.sheet.chutes(fed.parcel.waybill) for fed in draft.feed]
    chutes = sorted({number for group in wanted for number in group})
    often = draft.chance.sample(chutes, min(len(chutes), max(draft.count // 8, 4)))
    calls: list[Call] = [BindBag(When(0), chute, f"A-{place}-{chute}") for chute in often]
    for turn, number in enumerate(range(1, draft.count + 1)):
        for chute in wanted[number - 1]:
            if chute in often and turn % 2:
                # About when it comes to the chute, or a little later.
                way_mm = draft.way_mm(number) + draft.chance.randint(-2_000, 3_000)
                calls.append(BindBag(When(number=number, way_mm=max(way_mm, 0)), chute, f"B-{place}-{chute}-{number}"))
    sorter = draft.machine.sorter
    length_mm = (
        draft.machine.loop.length_mm if draft.is_loop else max(chute.position_mm for chute in draft.machine.chutes)
    )
    after_ns = draft.span_ns + ROUNDS * length_mm * 10**9 // sorter.speed_mm_s
    calls += [BindBag(When(after_ns), chute, f"C-{place}-{chute}") for chute in often]
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=700))
