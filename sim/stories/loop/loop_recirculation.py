"""Chutes of a loop stay full: parcels ride on, lap after lap, until their laps are used up; an operator who comes late saves some."""

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import Desert

KINDS = LOOP


def write(draft: Draft) -> Script:
    wanted = [draft.sheet.chutes(fed.parcel.waybill) for fed in draft.feed]
    often = sorted({chutes for chutes in wanted if chutes}, key=lambda chutes: (-wanted.count(chutes), chutes))
    # Whole destinations: where an alternate is open nobody has to ride.
    closed = {number for chutes in often[:3] for number in chutes}
    deeds = tuple(Desert(draft.moment() // 3, number) for number in sorted(closed & set(draft.pushers)))
    return Script(draft.setup(deeds), expect=Expectation(sorted_least=300, laps_least=1))
