"""Purges: whether anybody came onto a sorter, or was sent into a chute, that was being emptied; and whether it ended when it was.

Comes in: what was asked, when parcels came onto the sorter and left it, when a purge was said to be over. Goes out: broken rules.
Never here: where parcels go instead.
"""

from collections.abc import Iterator

from sim.claims import Claims
from sim.hub.calls import Done, Purge
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sim.world.parcel import Place

Fault = tuple[str, str]


def faults(plant: Plant, claims: Claims, truth: HubTruth) -> Iterator[Fault]:
    """Of one machine."""
    asked = [done for done in plant.history.done if isinstance(done.call, Purge)]
    for number, done in enumerate(asked):
        assert isinstance(done.call, Purge)
        if done.call.begins and done.call.chute:
            yield from _of_a_chute(plant, truth, done, asked[number + 1 :])
        elif done.call.begins:
            yield from _of_all(plant, claims, truth, done)


def _of_a_chute(plant: Plant, truth: HubTruth, begun: Done, later: list[Done]) -> Iterator[Fault]:
    chute = begun.call.chute if isinstance(begun.call, Purge) else 0
    back = [done.began_ns for done in later if isinstance(done.call, Purge) and done.call.chute == chute]
    until_ns = min(back, default=plant.now_ns)
    for parcel in plant.parcels.values():
        there = parcel.place is Place.CHUTE and parcel.exit == chute
        if there and begun.ended_ns + truth.word_ns < truth.firing_ns(parcel) < until_ns:
            yield "missorted", f"parcel {parcel.number} came into chute {chute}, which was purged"


def _of_all(plant: Plant, claims: Claims, truth: HubTruth, begun: Done) -> Iterator[Fault]:
    name = plant.machine.sorter_id
    mine = [said for said in claims.purges if said.sorter == name]
    over = [said.at_ns for said in mine if not said.active and said.at_ns >= begun.began_ns]
    if not over:
        yield "misreported", f"the purge of {name} never ended, or was never told"
        return
    over_ns = min(over)
    for parcel in plant.parcels.values():
        if begun.ended_ns + truth.word_ns < parcel.inducted_ns < over_ns:
            yield "missorted", f"parcel {parcel.number} came onto {name} while it was purged"
        gone = parcel.place is not Place.CHUTE or parcel.exit_ns <= over_ns + truth.word_ns
        if parcel.inducted_ns and parcel.inducted_ns < over_ns - truth.word_ns and not gone:
            yield "misreported", f"the purge of {name} was over while parcel {parcel.number} was still on it"
