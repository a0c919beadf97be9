"""Another sort plan is put in force while parcels move, once so that the decided keep their chute, once so that they do not.

In the new plan every destination has the chutes that another one had; what can no longer reach its new chute is rejected.
"""

import re

from sim.hub.calls import SwapPlan, When
from sim.hub.staging import rotated
from sim.scenario import Draft, Expectation, Script

PLAN = "plan/plan.toml"
DESTINATIONS = "plan/destinations.csv"


def write(draft: Draft) -> Script:
    calls = []
    files = draft.sheet.files
    keeps = [True, False]
    draft.chance.shuffle(keeps)
    for turn, at_ns in enumerate(draft.moments(2, 6_000)):
        plan = re.sub(rb"(?m)^version = \d+", b"version = %d" % (turn + 2), files[PLAN])
        files = {**files, PLAN: plan, DESTINATIONS: rotated(files[DESTINATIONS])}
        told = tuple((name, files[name]) for name in (PLAN, DESTINATIONS, "plan/rules.csv"))
        calls.append(SwapPlan(When(at_ns), told, keeps[turn]))
    return Script(draft.setup(), calls=tuple(calls), expect=Expectation(sorted_least=300))
