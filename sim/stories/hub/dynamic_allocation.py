"""More destinations than chutes: each has one for itself while it needs it, and gives it back with its bag."""

from sim.hub.calls import BindBag, Call, When
from sim.hub.pools import pooled
from sim.scenario import Draft, Expectation, Script
from sortctl.words.causes import Balance
from sortctl.words.units import NS_PER_S

SITE = pooled
FIRST_NS = 8 * NS_PER_S
EVERY_NS = 2 * NS_PER_S
"""Somebody goes from chute to chute and changes the bags."""


def write(draft: Draft) -> Script:
    place = draft.machine.sorter_id
    groups = [draft.sheet.group(fed.parcel.waybill) for fed in draft.feed]
    chutes = sorted({number for group in groups if group.balance is Balance.DYNAMIC for number in group.chutes})
    calls: list[Call] = [BindBag(When(0), chute, f"P-{place}-{chute}") for chute in chutes]
    rounds = range((draft.span_ns + 10 * NS_PER_S) // EVERY_NS) if chutes else ()
    for turn in rounds:
        chute = chutes[turn % len(chutes)]
        calls.append(BindBag(When(FIRST_NS + turn * EVERY_NS), chute, f"P-{place}-{chute}-{turn}"))
    return Script(draft.setup(), calls=tuple(calls), judged=("pools",), expect=Expectation(sorted_least=400))
