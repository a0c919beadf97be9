"""Parcels that ride a further lap change places: the tunnel finds another label on the carrier, and both are rejected."""

from sim.scenario import LOOP, Draft, Expectation, Script
from sim.world.deeds import Desert, Swap
from sim.world.scanners import Habits

KINDS = LOOP
BEFORE_INDUCT_MM = 200


def write(draft: Draft) -> Script:
    wanted = [draft.sheet.chutes(fed.parcel.waybill) for fed in draft.feed]
    often = sorted({chutes for chutes in wanted if chutes}, key=lambda chutes: (-wanted.count(chutes), chutes))
    closed = {number for chutes in often[: len(often) // 2 + 1] for number in chutes}
    first_mm = min(induct.position_mm for induct in draft.machine.sorter.inducts)
    place_mm = (first_mm - BEFORE_INDUCT_MM) % draft.machine.loop.length_mm
    # Only pairs of which both are still on the loop when they come round: all others keep their places.
    pairs = range(2, draft.count, 4)
    deeds = [Desert(0, number) for number in sorted(closed & set(draft.pushers))]
    setup = draft.setup((*deeds, *(Swap(number, place_mm) for number in pairs)))._replace(habits=Habits(no_read=0))
    return Script(setup, expect=Expectation(sorted_least=100, laps_least=1))
