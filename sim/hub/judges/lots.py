"""Lots: whether just those parcels were drawn for inspection that the lottery of customs draws, drawn here once more.

Comes in: the seed and the lotteries of the site, who was said to be drawn. Goes out: parcels that were drawn and should not have
been, or the other way round. Never here: where they lie (`cleared.py`: who is drawn has no release).
"""

from collections.abc import Iterator

from sim.claims import Claims
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sortctl.words.causes import Disposition

Fault = tuple[str, str]


def faults(plant: Plant, claims: Claims, truth: HubTruth) -> Iterator[Fault]:
    """Of one machine."""
    name = plant.machine.sorter_id
    drawn = {said.waybill for said in claims.selected}
    for said in claims.selected:
        record = truth.standing(said.waybill, truth.now_ns)
        found = truth.drawn_by(record) if record is not None else None
        if said.sorter == name and found != (said.rule, said.draw):
            yield "misreported", f"{said.waybill} was drawn by {said.rule} with {said.draw}; the lottery says {found}"
    for parcel in plant.parcels.values():
        passages = claims.by_event.get((name, *parcel.inducted), []) if parcel.inducted else []
        endings = [ending for passage in passages for ending in claims.closed.get(passage, [])]
        called = any(
            ending.waybill == parcel.waybill and ending.disposition is Disposition.SORTED for ending in endings
        )
        record = truth.standing(parcel.waybill, parcel.exit_ns)
        found = truth.drawn_by(record) if record is not None else None
        if called and found is not None and parcel.waybill not in drawn:
            yield "misreported", f"{parcel.waybill} was sorted, and is drawn by {found[0]} with {found[1]}"
