"""The clock on the wall is set back by an hour and forward again, then forward and back, while the parcels move.

Departures and the age of what customs said go by that clock, from the moment that it is set; bags do not, nor does anything
that was measured: nothing is lost or told twice.
"""

from sim.hub.calls import BindBag, Call, SetClock, When
from sim.hub.sites import dated
from sim.scenario import Draft, Expectation, Script

SITE = dated
VIRTUAL = True
JUMPS_S = (-4_000, 4_000, 3_700, -3_700)
"""An hour and a little more, so that words of customs are of a moment that has not come yet, then too old. After a jump back that
is not made good the stricter clock counts on."""
APART_MS = 2_500


def write(draft: Draft) -> Script:
    moments = draft.moments(len(JUMPS_S), APART_MS)
    calls: list[Call] = [SetClock(When(at_ns), by_s) for at_ns, by_s in zip(moments, JUMPS_S, strict=True)]
    chutes = sorted({chute for fed in draft.feed for chute in draft.sheet.chutes(fed.parcel.waybill)})
    place = draft.machine.sorter_id
    calls += [BindBag(When(0), chute, f"A-{place}-{chute}") for chute in chutes]
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=30))
