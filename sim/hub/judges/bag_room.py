"""Bag room: whether a chute took what its bag had no room for, or anything while it lacked the bag that it needs.

Comes in: when bags were hung and taken away, when parcels came to the eye of their chute, what they weigh. Goes out: parcels that
were discharged well after the bag was full or gone, and bags that were closed before they were. Never here: what their lists say.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sim.claims import Claims
from sim.hub.calls import BindBag, PressButton
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sim.world.parcel import Parcel, Place
from sortctl.site.model import Chute
from sortctl.words.outcomes import BagClosed
from sortctl.words.units import NS_PER_S

CLOSE_BAG: Final = 1
BY_COUNT, BY_AGE = " parcels", " min"
"""How the reasons of a bag that was closed for its count or its age end."""

Fault = tuple[str, str]


class Span(NamedTuple):
    """From one change of a chute's bag to the next. `bag` empty: none hung there."""

    from_ns: int
    to_ns: int
    bag: str


def faults(plant: Plant, claims: Claims, truth: HubTruth) -> Iterator[Fault]:
    """Of one machine."""
    for chute in plant.machine.chutes:
        if chute.needs_bag or chute.bag_count_max or chute.bag_weight_max_g:
            for span in _spans(plant, chute.number):
                yield from _overfilled(plant, truth, chute, span)
    yield from _closed_early(plant, claims)


def _spans(plant: Plant, chute: int) -> list[Span]:
    changes = [(0, "")]
    for done in plant.history.done:
        if isinstance(done.call, BindBag) and done.call.chute == chute:
            changes.append((done.ended_ns, done.call.bag))
        elif isinstance(done.call, PressButton) and (done.call.chute, done.call.button) == (chute, CLOSE_BAG):
            changes.append((done.ended_ns, ""))
    ends = [at_ns for at_ns, _ in changes[1:]] + [plant.now_ns + 1]
    return [Span(at_ns, end_ns, bag) for (at_ns, bag), end_ns in zip(changes, ends, strict=True)]


def _overfilled(plant: Plant, truth: HubTruth, chute: Chute, span: Span) -> Iterator[Fault]:
    full_ns = None if span.bag or not chute.needs_bag else span.from_ns
    count = weight_g = 0
    for parcel in _inside(plant, chute.number, span):
        if full_ns is not None and truth.firing_ns(parcel) > full_ns + truth.word_ns:
            what = f"bag {span.bag}, which was full" if span.bag else "no bag"
            yield "missorted", f"parcel {parcel.number} came into chute {chute.number} with {what}"
        record = truth.standing(parcel.waybill, parcel.exit_ns)
        count, weight_g = count + 1, weight_g + (record.weight_g if record is not None else 0)
        by_weight = chute.bag_weight_max_g and weight_g >= chute.bag_weight_max_g
        if span.bag and full_ns is None and (by_weight or (chute.bag_count_max and count >= chute.bag_count_max)):
            full_ns = parcel.exit_ns


def _inside(plant: Plant, chute: int, span: Span) -> list[Parcel]:
    there = [parcel for parcel in plant.parcels.values() if parcel.place is Place.CHUTE and parcel.exit == chute]
    return sorted((one for one in there if span.from_ns <= one.exit_ns < span.to_ns), key=lambda one: one.exit_ns)


def _closed_early(plant: Plant, claims: Claims) -> Iterator[Fault]:
    limits = {chute.number: chute for chute in plant.machine.chutes}
    for said in claims.bags:
        if not isinstance(said, BagClosed) or said.sorter != plant.machine.sorter_id:
            continue
        chute = limits[said.chute]
        by_count = said.why.endswith(BY_COUNT) and len(said.passages) < (chute.bag_count_max or len(said.passages) + 1)
        old_ns = chute.bag_age_max_min * 60 * NS_PER_S or plant.now_ns + 1
        if by_count or (said.why.endswith(BY_AGE) and plant.now_ns < old_ns):
            yield "misreported", f"bag {said.bag} of chute {said.chute} was closed early: {said.why}"
