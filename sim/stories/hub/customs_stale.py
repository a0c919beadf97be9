"""Releases grow too old, before the parcels come and while they move; what customs said long ago is as good as nothing.

A release holds for two hours here. Of some parcels it is older, of some it ends within the run.
"""

from sim.hub.staging import stale
from sim.scenario import Draft, Expectation, Script

SITE = stale
HOLDS_S = 2 * 3_600
OLD_S = 3 * 3_600


def write(draft: Draft) -> Script:
    records = []
    for number in draft.numbers(max(draft.count // 4, 3), apart=1):
        waybill = draft.feed[number - 1].parcel.waybill
        ends_s = draft.wall_s - HOLDS_S + draft.chance.randrange(max(draft.span_ns // 10**9, 1) + 10)
        at_s = draft.chance.choice((draft.wall_s - OLD_S, ends_s, ends_s))
        changes = (("declaration", "h7"), ("customs", "released"), ("customs_at_s", str(at_s)))
        records.append((waybill, changes))
    return Script(draft.setup(), records=tuple(records), expect=Expectation(sorted_least=500))
