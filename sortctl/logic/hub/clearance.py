"""Clearance: may a parcel go on, and into which customs zones. Security hold, customs, selection, intercept, in this order.

Theory. Nothing here makes a parcel wait: one that may not go on has a cause, and the cause has a chute. Custody is open to all; a
chute without a zone is inside, so rejects may end there. A parcel is drawn for inspection when customs would let it go, once
for each visit: a release by customs that is newer than the draw is the result of the inspection, and it is not drawn
again; without a release that is newer it stays drawn, however often it passes. Goods declared as domestic are not drawn.
Comes in: a passage with its record. Goes out: a `Clearance`, `Selected`. Never here: chutes, their state.
"""

from functools import cache
from typing import Final, NamedTuple

from sortctl.customs import draw, verdict
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.words.causes import Cause
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import Selected
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord, Zone

DRAWN_MAX: Final = 20_000
"""Draws that are remembered; who is forgotten is drawn, and inspected, once more."""
INSIDE: Final = (Zone.CUSTODY,)

Zones = tuple[Zone, ...]


class Clearance(NamedTuple):
    """Zones into which it may go. `cause` NONE: where the plan wants it, as far as these allow."""

    zones: Zones
    cause: Cause = Cause.NONE
    why: str = ""


def clear(sorter: Sorter, passage: Passage) -> Clearance:
    """What holds for `passage` now; who is drawn, is drawn now."""
    record = passage.record
    found = standing(sorter.shared, record)
    if record is None or found.cause not in (Cause.NONE, Cause.INTERCEPTED):
        return found
    drawn = _drawn(sorter, passage, record)
    return drawn if drawn is not None else found


def standing(shared: Shared, record: ParcelRecord | None) -> Clearance:
    """What hold, customs and intercept say of this record now."""
    if record is not None and record.hold:
        return Clearance(INSIDE, Cause.SECURITY_HOLD, f"held: {record.hold}")
    said = verdict(record, shared.hub.wall_s(shared.now_ns), shared.rules.customs)
    zones = _ordered(said.zones)
    if said.cause is not Cause.NONE:
        return Clearance(zones, said.cause, said.why)
    if record is not None and record.intercept:
        return Clearance(zones, Cause.INTERCEPTED, f"intercepted: {record.intercept}")
    return Clearance(zones)


@cache
def _ordered(zones: frozenset[Zone]) -> Zones:
    return tuple(zone for zone in Zone if zone in zones)


def admits(zones: Zones, zone: Zone, *, is_reject: bool) -> bool:
    """A parcel that may go into these zones may go into a chute of this one; `is_reject`: as one that goes nowhere else."""
    return zone in zones or (is_reject and zone is Zone.OPEN)


def _drawn(sorter: Sorter, passage: Passage, record: ParcelRecord) -> Clearance | None:
    shared = sorter.shared
    if record.declaration is Declaration.DOMESTIC or not shared.rules.customs.selections:
        return None
    found = draw(record, shared.rules.customs)
    if found is None:
        return None
    book = shared.hub.drawn
    drawn_s = book.get(record.waybill)
    if drawn_s is None:
        drawn_s = book[record.waybill] = shared.hub.wall_s(shared.now_ns)
        if len(book) > DRAWN_MAX:
            del book[next(iter(book))]
    if record.customs is CustomsState.RELEASED and record.customs_at_s > drawn_s:
        return None
    if not passage.is_drawn:
        passage.is_drawn = True
        seed, number = shared.rules.customs.seed, PassageNumber(passage.number)
        sorter.say(Selected(sorter.now_ns, sorter.sorter, number, record.waybill, found.rule, seed, found.lot))
    return Clearance(INSIDE, Cause.CUSTOMS_INSPECT, f"drawn for inspection by {found.rule}")
