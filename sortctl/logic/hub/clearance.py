"""Clearance: may a parcel go on, and into which customs zones. Security hold, customs, selection, intercept, in this order.

Theory. Nothing here makes a parcel wait: one that may not go on has a cause, and the cause has a chute. Custody is open to all; a
chute without a zone is inside, so rejects may end there. A parcel is drawn for inspection when customs would let it go, once
for each visit: a release by customs that is newer than the draw is the result of the inspection, and it is not drawn
again; without a release that is newer it stays drawn, however often it passes, and whatever its data say by then. Goods declared
as domestic are not drawn. A parcel whose codes name several known parcels may go only where each of them may; who is on
several clocks of the wall, or hears of a host that fell silent, goes by the stricter one.
Comes in: a passage with its record. Goes out: a `Clearance`, `Selected`. Never here: chutes, their state.
"""

from functools import cache
from typing import Final, NamedTuple

from sortctl.customs import Verdict, draw, verdict
from sortctl.logic.hub import data
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.words.causes import Cause
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import Selected
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord, Zone

DRAWN_MAX: Final = 20_000
"""Draws that are remembered; who is forgotten is drawn, and inspected, once more."""
INSIDE: Final = (Zone.CUSTODY,)

LEAVING: Final = (Zone.DOMESTIC, Zone.BONDED)
"""What goes in there leaves the eye of this customs office."""

Zones = tuple[Zone, ...]


class Clearance(NamedTuple):
    """Zones into which it may go. `cause` NONE: where the plan wants it, as far as these allow."""

    zones: Zones
    cause: Cause = Cause.NONE
    why: str = ""


def clear(sorter: Sorter, passage: Passage) -> Clearance:
    """What holds for `passage` now; who is drawn, is drawn now."""
    record = passage.record
    found = of(sorter.shared, passage)
    if record is None or found.cause not in (Cause.NONE, Cause.INTERCEPTED):
        return found
    drawn = _drawn(sorter, passage, record)
    return drawn if drawn is not None else found


def of(shared: Shared, passage: Passage) -> Clearance:
    """What hold, customs and intercept say of this passage now: of its record, and of every other one that its codes name."""
    record = passage.record
    found = standing(shared, record)
    if record is None or len(passage.asked) < 2:
        return found
    others = {one.waybill: one for name in passage.asked if (one := data.record_by(shared, name)) is not None}
    for waybill, other in others.items():
        if waybill == record.waybill:
            continue
        said = standing(shared, other)
        zones = tuple(zone for zone in found.zones if zone in said.zones)
        if found.cause is Cause.NONE and said.cause not in (Cause.NONE, Cause.INTERCEPTED):
            found = Clearance(zones, said.cause, f"it carries a code of {waybill} too: {said.why}")
        else:
            found = found._replace(zones=zones)
    return found


def standing(shared: Shared, record: ParcelRecord | None) -> Clearance:
    """What hold, customs and intercept say of this record now."""
    if record is not None and record.hold:
        return Clearance(INSIDE, Cause.SECURITY_HOLD, f"held: {record.hold}")
    walls_s = shared.hub.walls_s(shared.now_ns)
    said = min((verdict(record, wall_s, shared.rules.customs) for wall_s in walls_s), key=_breadth)
    zones = _ordered(said.zones)
    if shared.hub.is_unheard(shared.now_ns):
        zones = tuple(zone for zone in zones if zone not in LEAVING)
    if said.cause is not Cause.NONE:
        return Clearance(zones, said.cause, said.why)
    if record is not None and record.intercept:
        return Clearance(zones, Cause.INTERCEPTED, f"intercepted: {record.intercept}")
    return Clearance(zones)


def _breadth(said: Verdict) -> int:
    return len(said.zones)


@cache
def _ordered(zones: frozenset[Zone]) -> Zones:
    return tuple(zone for zone in Zone if zone in zones)


def admits(zones: Zones, zone: Zone, *, is_reject: bool) -> bool:
    """A parcel that may go into these zones may go into a chute of this one; `is_reject`: as one that goes nowhere else."""
    return zone in zones or (is_reject and zone is Zone.OPEN)


def _drawn(sorter: Sorter, passage: Passage, record: ParcelRecord) -> Clearance | None:
    shared = sorter.shared
    book = shared.hub.drawn
    drawn_s = book.get(record.waybill)
    if drawn_s is None and record.declaration is Declaration.DOMESTIC:
        return None
    found = draw(record, shared.rules.customs)
    if found is None and drawn_s is None:
        return None
    if drawn_s is None:
        drawn_s = book[record.waybill] = shared.hub.wall_s(shared.now_ns)
        if len(book) > DRAWN_MAX:
            del book[next(iter(book))]
    if record.customs is CustomsState.RELEASED and record.customs_at_s > drawn_s:
        return None
    if found is None:  # what was said of it since takes it out of the list, not out of the inspection
        return Clearance(INSIDE, Cause.CUSTOMS_INSPECT, "drawn for inspection before its data changed")
    if not passage.is_drawn:
        passage.is_drawn = True
        seed, number = shared.rules.customs.seed, PassageNumber(passage.number)
        sorter.say(Selected(sorter.now_ns, sorter.sorter, number, record.waybill, found.rule, seed, found.lot))
    return Clearance(INSIDE, Cause.CUSTOMS_INSPECT, f"drawn for inspection by {found.rule}")
