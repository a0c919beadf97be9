"""Bag lists: whether the frozen list of a bag names exactly the parcels that truly lie in it.

Comes in: when tags were scanned, when parcels came to the eye of their chute, the lists. Goes out: lists that are wrong. Who came
about when the bag was changed may stand in either list. Never here: when a bag is full (`bag_room.py`).
"""

from collections.abc import Iterator
from typing import Final

from sim.claims import Claims
from sim.hub.calls import BindBag, Done, PressButton
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sim.world.parcel import Parcel, Place
from sortctl.words.outcomes import BagClosed
from sortctl.words.units import NS_PER_MS

CLOSE_BAG: Final = 1
JITTER_NS: Final = 200 * NS_PER_MS
"""An eye is believed within two scans, a tag within 100 ms."""

Fault = tuple[str, str]


def faults(plant: Plant, claims: Claims, truth: HubTruth) -> Iterator[Fault]:
    """Of one machine."""
    name = plant.machine.sorter_id
    jitter_ns = max(JITTER_NS, truth.word_ns if truth.word_ns > 2 * JITTER_NS else 0)
    closed = {said.bag: said for said in claims.bags if isinstance(said, BagClosed) and said.sorter == name}
    changes = [done for done in plant.history.done if _chute(done)]
    for number, hung in enumerate(changes):
        if not isinstance(hung.call, BindBag):
            continue
        after = next((done for done in changes[number + 1 :] if _chute(done) == hung.call.chute), None)
        if after is None:
            continue
        said = closed.get(hung.call.bag)
        if said is None:
            yield (
                "misreported",
                f"bag {hung.call.bag} was taken from chute {hung.call.chute}, and its list was never told",
            )
            continue
        yield from _compare(said, plant, claims, (hung, after), jitter_ns)


def _compare(said: BagClosed, plant: Plant, claims: Claims, span: tuple[Done, Done], jitter_ns: int) -> Iterator[Fault]:
    hung, after = span
    inside = _passages(plant, claims, said.chute, hung.ended_ns + jitter_ns, after.began_ns - jitter_ns)
    about = _passages(plant, claims, said.chute, hung.began_ns - jitter_ns, after.ended_ns + jitter_ns)
    listed = set(said.passages)
    for passage in inside - listed:
        yield "misreported", f"bag {said.bag} of chute {said.chute} holds passage {passage}, and its list does not"
    for passage in listed - about:
        yield "misreported", f"bag {said.bag} of chute {said.chute} does not hold passage {passage}, and its list does"


def _passages(plant: Plant, claims: Claims, chute: int, from_ns: int, to_ns: int) -> set[int]:
    name = plant.machine.sorter_id

    def passage_of(parcel: Parcel) -> list[int]:
        return claims.by_event.get((name, *parcel.inducted), []) if parcel.inducted else []

    there = [parcel for parcel in plant.parcels.values() if parcel.place is Place.CHUTE and parcel.exit == chute]
    return {passage for parcel in there if from_ns <= parcel.exit_ns <= to_ns for passage in passage_of(parcel)}


def _chute(done: Done) -> int:
    """Where somebody took a bag away."""
    if isinstance(done.call, PressButton):
        return done.call.chute if done.call.button == CLOSE_BAG else 0
    return done.call.chute if isinstance(done.call, BindBag) else 0
