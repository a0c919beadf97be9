"""The window of one reader of the tunnel is dirty for a while: the other reads on, and almost nothing is rejected."""

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import DirtyWindow

KINDS = LOOP


def write(draft: Draft) -> Script:
    head = draft.chance.choice(sorted(draft.machine.heads))
    alone = len(draft.machine.heads) == 1
    window = DirtyWindow(draft.moment(), head, draft.chance.randint(10_000, 30_000))
    return Script(draft.setup((window,)), expect=Expectation(sorted_least=300 if alone else 900))
