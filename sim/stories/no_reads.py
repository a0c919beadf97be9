"""Five to twenty in a hundred labels cannot be read, and some scanners do not even say so."""

from sim.scenario import Draft, Expectation, Script
from sim.world.scanners import Habits


def write(draft: Draft) -> Script:
    dirty = draft.chance.randint(50, 200)
    habits = Habits(no_read=60, dirty=dirty, silent=draft.chance.choice((0, 300, 1_000)))
    return Script(draft.setup()._replace(habits=habits), expect=Expectation(sorted_least=680))
