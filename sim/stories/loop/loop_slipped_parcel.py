"""Parcels slide to the carrier behind, before or after the tunnel: each is found where it is, or rejected; no other is touched."""

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import Slip
from sim.world.scanners import Habits

KINDS = LOOP


def write(draft: Draft) -> Script:
    slipping = draft.numbers(max(draft.count // 15, 2), apart=4)
    deeds = []
    for turn, number in enumerate(slipping):
        draft.stand_alone(number)
        place = draft.place_before_tunnel if turn % 2 else draft.place_after_induct
        deeds.append(Slip(number, place(number)))
    setup = draft.setup(tuple(deeds))._replace(habits=Habits(no_read=0), operators_s=(1, 2))
    expect = Expectation(sorted_least=800, lost_most=len(deeds), same_exits=True)
    return Script(setup, concerned=frozenset(slipping), expect=expect)
