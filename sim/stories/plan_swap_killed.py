"""The controller dies after another sort plan was put in force, and goes on with that one, not with the one that it began with.

In the new plan every destination has the chutes that another one had. It is put in force early, and the controller dies twice.
"""

import re

from sim.hub.calls import SwapPlan, When
from sim.hub.staging import rotated
from sim.scenario import Draft, Expectation, KillController, Script

PLAN = "plan/plan.toml"
DESTINATIONS = "plan/destinations.csv"
SECOND_NS = 10**9
APART_NS = 6 * SECOND_NS


def write(draft: Draft) -> Script:
    files = draft.sheet.files
    swapped = {
        PLAN: re.sub(rb"(?m)^version = \d+", b"version = 2", files[PLAN]),
        DESTINATIONS: rotated(files[DESTINATIONS]),
        "plan/rules.csv": files["plan/rules.csv"],
    }
    at_ns = 2 * SECOND_NS + draft.chance.randrange(SECOND_NS)
    upsets = tuple(
        KillController(at_ns + turn * APART_NS + draft.chance.randrange(SECOND_NS), draft.chance.randint(300, 2_000))
        for turn in (1, 2)
    )
    calls = (SwapPlan(When(at_ns), tuple(swapped.items()), keep=False),)
    return Script(draft.setup(), upsets, calls=calls, expect=Expectation(sorted_least=300))
