"""Bags are full by count or by weight: their chutes take nothing more, and the next parcel is in the next bag.

New bags are hung there when some parcels have come, whether the bag before is full by then or not.
"""

from sim.hub.calls import BindBag, Call, When
from sim.hub.sites import bagged
from sim.scenario import Draft, Expectation, Script

SITE = bagged
AFTER_NS = 60 * 10**9
"""When everything has come."""
EVERY = 3
REST_MS = (300, 4_000)


def write(draft: Draft) -> Script:
    place = draft.machine.sorter_id
    chutes = [chute.number for chute in draft.machine.chutes if chute.needs_bag]
    calls: list[Call] = [BindBag(When(0), chute, f"A-{place}-{chute}") for chute in chutes]
    meant: dict[int, int] = {}
    for number, fed in enumerate(draft.feed, start=1):
        for chute in draft.sheet.chutes(fed.parcel.waybill):
            meant[chute] = meant.get(chute, 0) + 1
            if chute in chutes and meant[chute] % EVERY == 0:
                when = When(number=number, rest_ms=draft.chance.randint(*REST_MS))
                calls.append(BindBag(when, chute, f"B-{place}-{chute}-{number}"))
    calls += [BindBag(When(draft.span_ns + AFTER_NS), chute, f"C-{place}-{chute}") for chute in sorted(meant)]
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=300))
