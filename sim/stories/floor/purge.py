"""The sorters are purged in mid-flow: nothing more comes onto them until nothing is booked there, then they run again.

Beside, a chute is taken out of use and given back: meanwhile nobody new goes there.
"""

from sim.hub.calls import Purge, When
from sim.scenario import Draft, Expectation, Script


def write(draft: Draft) -> Script:
    calls = [Purge(When(at_ns), 0, True) for at_ns in draft.moments(2, 3_000)]
    first, last = draft.count // 3, 2 * draft.count // 3
    chutes = draft.sheet.chutes(draft.feed[draft.count // 2].parcel.waybill)
    for chute in chutes[:1]:
        calls += [Purge(When(number=first), chute, True), Purge(When(number=last), chute, False)]
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=600))
