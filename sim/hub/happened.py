"""Happened: how often what a story is about truly took place: a story that holds because nothing happened shows it here.

Comes in: where parcels lie and since when, what was done, what was said of endings and recalls. Goes out: figures.
Never here: whether it was right.
"""

from collections import Counter
from typing import Final

from sim.claims import Claims
from sim.hub.calls import BindBag, FallSilent, SwapPlan
from sim.hub.truth import EARLIER_NS, HubTruth
from sim.plant import Plant
from sim.world.parcel import Parcel, Place
from sortctl.words.causes import Balance, Cause
from sortctl.words.outcomes import BagClosed

KEPT: Final = (Cause.CUSTOMS_HOLD, Cause.CUSTOMS_INSPECT, Cause.CUSTOMS_REFUSED, Cause.SECURITY_HOLD)
UNKNOWN: Final = (Cause.UNKNOWN_PARCEL, Cause.DATA_LATE)


def figures(plant: Plant, claims: Claims, truth: HubTruth) -> dict[str, int]:
    """Of one machine."""
    name = plant.machine.sorter_id
    causes = Counter(
        ending.cause
        for passage, endings in claims.closed.items()
        for ending in endings
        if claims.opened[passage].sorter == name
    )
    done = plant.history.done
    lying = [parcel for parcel in plant.parcels.values() if parcel.place is Place.CHUTE]

    def moving(at_ns: int, chute: int = 0) -> list[Parcel]:
        there = [parcel for parcel in lying if truth.entered_ns(parcel) + EARLIER_NS < at_ns < parcel.exit_ns]
        return [parcel for parcel in there if chute in (0, parcel.exit)]

    changes = [(one, one.call.chute) for one in done if isinstance(one.call, BindBag)]
    swaps = [one for one in done if isinstance(one.call, SwapPlan)]
    return {
        "kept": sum(causes[cause] for cause in KEPT),
        "recalled": sum(said.sorter == name for said in claims.recalled),
        "intercepted": causes[Cause.INTERCEPTED],
        "unknown": sum(causes[cause] for cause in UNKNOWN),
        "late": causes[Cause.CUT_OFF_PASSED],
        "silences": sum(isinstance(one.call, FallSilent) for one in done),
        "bags_closed": sum(isinstance(said, BagClosed) and said.sorter == name for said in claims.bags),
        "bags_changed_in_flight": sum(bool(moving(one.began_ns, chute)) for one, chute in changes),
        "swapped_in_flight": sum(len(moving(one.ended_ns)) for one in swaps),
        "spread": _spread(plant, truth),
    }


def _spread(plant: Plant, truth: HubTruth) -> int:
    """Groups of chutes that got parcels in more than one of them, in turn or by load."""
    sheet = truth.plans[-1].sheet
    used: dict[str, set[int]] = {}
    for parcel in plant.parcels.values():
        group = sheet.group(parcel.waybill)
        if parcel.place is Place.CHUTE and parcel.exit in group.chutes and group.balance is not Balance.FIXED:
            used.setdefault(sheet.destination(parcel.waybill), set()).add(parcel.exit)
    return sum(len(chutes) > 1 for chutes in used.values())
