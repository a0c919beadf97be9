"""Two parcels come onto one carrier at the induct: the tunnel reads two labels, and both go to the reject chute together."""

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import DoubleLoad
from sim.world.scanners import Habits

KINDS = LOOP


def write(draft: Draft) -> Script:
    loaded = draft.numbers(max(draft.count // 15, 1), apart=3)
    deeds = tuple(
        DoubleLoad(number, draft.added(turn, draft.chance.randint(180, 300))) for turn, number in enumerate(loaded)
    )
    # A second label that no scanner reads is a second parcel that nobody can know of.
    setup = draft.setup(deeds)._replace(habits=Habits(no_read=0), operators_s=(1, 2))
    concerned = frozenset(loaded) | {deed.parcel.number for deed in deeds}
    return Script(setup, concerned=concerned, expect=Expectation(sorted_least=880, same_exits=True))
