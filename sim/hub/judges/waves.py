"""Waves: whether the balance of each wave is true: what came in was sorted, rejected, lost or removed, or is still on its way.

Comes in: when waves were ended, when parcels came onto the sorter and left it, the balances. Goes out: balances that are off.
A word is under way for a moment: what happened meanwhile may be in this wave or in the next. Never here: who was rejected, and why.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from sim.claims import Claims
from sim.hub.calls import EndWave
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sortctl.words.units import NS_PER_S

CONFIRMED_NS: Final = 2 * NS_PER_S
"""From the chute to the word that a parcel is there."""

Fault = tuple[str, str]


def faults(plant: Plant, claims: Claims, truth: HubTruth) -> Iterator[Fault]:
    """Of one machine."""
    name = plant.machine.sorter_id
    said = [one for one in claims.waves if one.sorter == name]
    ended = [(done.call.wave, done) for done in plant.history.done if isinstance(done.call, EndWave)]
    if [one.wave for one in said] != [wave for wave, _ in ended]:
        yield "misreported", f"waves ended: {[wave for wave, _ in ended]}; told of: {[one.wave for one in said]}"
        return
    came = [parcel.inducted_ns for parcel in plant.parcels.values() if parcel.inducted]
    left = [parcel.exit_ns for parcel in plant.parcels.values() if parcel.inducted and parcel.exit_ns]
    gone, told = 0, Counter[str]()
    for one, (wave, done) in zip(said, ended, strict=True):
        ends = {"sorted": one.sorted_, "rejected": one.rejected, "lost": one.lost, "removed": one.removed}
        told.update(ends)
        gone += one.inducted
        if one.inducted != sum(ends.values()):
            yield "misreported", f"wave {wave}: {one.inducted} came in, {ends}"
        if ends.keys() and told != _closed(claims, name, one.at_ns):
            yield (
                "misreported",
                f"wave {wave}: so far {dict(told)} were told, it was {dict(_closed(claims, name, one.at_ns))}",
            )
        early_ns, late_ns = done.began_ns - truth.word_ns, done.ended_ns + truth.word_ns
        if not _count(came, early_ns) <= gone + one.on_sorter <= _count(came, late_ns):
            yield (
                "misreported",
                f"wave {wave}: {gone} left and {one.on_sorter} on the way, but {_count(came, late_ns)} came",
            )
        if not _count(left, early_ns - CONFIRMED_NS) <= gone <= _count(left, late_ns):
            yield "misreported", f"wave {wave}: {gone} left so far, but {_count(left, late_ns)} did"


def _closed(claims: Claims, sorter: str, to_ns: int) -> Counter[str]:
    ends = Counter(dict.fromkeys(("sorted", "rejected", "lost", "removed"), 0))
    for passage, endings in claims.closed.items():
        if claims.opened[passage].sorter == sorter:
            ends.update(ending.disposition.value for ending in endings if ending.at_ns <= to_ns)
    return ends


def _count(moments: list[int], to_ns: int) -> int:
    return sum(at_ns <= to_ns for at_ns in moments)
