"""Cleared: parcels that customs, security or business keeps: where they may lie, and what must follow when the word came late.

Comes in: where parcels truly lie, what held of them, what was said of recalls. Goes out: broken rules with their reasons.
Never here: parcels that nobody keeps.

unreleased_domestic  it lies in a domestic chute, and had no release in force when its output was switched on, nor so shortly
                     before that the word could not have come through
missorted            it was intercepted long enough before, and lies in a chute of the plan; or it came into a chute that was
                     closed because of another long before
misreported          a word that came too late for it did not recall it from the chute where it lies
"""

from collections.abc import Iterator
from typing import Final

from sim.claims import Claims
from sim.hub.truth import HubTruth
from sim.plant import Plant
from sim.world.parcel import Parcel, Place
from sortctl.words.units import NS_PER_S

DOMESTIC: Final = "domestic"
KEPT: Final = ("customs_hold", "customs_inspect", "customs_refused", "security_hold")
"""Causes for which a parcel is kept."""
SETTLED_NS: Final = 2 * NS_PER_S
"""After a word: the recall was said, and the chute is closed."""

Fault = tuple[str, str]


def faults(plant: Plant, claims: Claims, truth: HubTruth, always: set[int]) -> Iterator[Fault]:
    """Every broken rule: its name, and why."""
    lying = [parcel for parcel in plant.parcels.values() if parcel.place is Place.CHUTE]
    for parcel in lying:
        fired_ns = truth.firing_ns(parcel)
        if truth.zones[parcel.exit] == DOMESTIC:
            yield from _unreleased(parcel, truth, fired_ns)
        yield from _not_intercepted(parcel, truth, fired_ns, always)
    if truth.hears_all:
        yield from _not_recalled(lying, plant, claims, truth)
        yield from _not_blocked(lying, plant, claims, truth)


def _unreleased(parcel: Parcel, truth: HubTruth, fired_ns: int) -> Iterator[Fault]:
    last_ns = truth.last_ns(truth.is_released, parcel.waybill, fired_ns)
    what = f"parcel {parcel.number} ({parcel.waybill}) lies in chute {parcel.exit}"
    if last_ns is None:
        yield "unreleased_domestic", f"{what}, and never had a release before"
    elif last_ns < fired_ns and truth.came_through(last_ns, fired_ns):
        yield "unreleased_domestic", f"{what}, {(fired_ns - last_ns) // 1_000_000} ms after its release ended"


def _not_intercepted(parcel: Parcel, truth: HubTruth, fired_ns: int, always: set[int]) -> Iterator[Fault]:
    plans = truth.plans_of(parcel)
    if parcel.exit in always or any(parcel.exit in sheet.of_cause("intercepted") for sheet in plans):
        return
    free_ns = truth.last_ns(lambda waybill, at_ns: not truth.is_intercepted(waybill, at_ns), parcel.waybill, fired_ns)
    if free_ns is None or (free_ns < fired_ns and truth.came_through(free_ns, fired_ns)):
        yield "missorted", f"parcel {parcel.number} ({parcel.waybill}) is intercepted and lies in chute {parcel.exit}"


def _not_recalled(lying: list[Parcel], plant: Plant, claims: Claims, truth: HubTruth) -> Iterator[Fault]:
    recalled = {(said.sorter, said.waybill, said.chute) for said in claims.recalled}
    for parcel in lying:
        if truth.zones[parcel.exit] != DOMESTIC or parcel.touched:
            continue
        for told_ns in truth.told_of(parcel.waybill):
            late = told_ns > truth.firing_ns(parcel) - truth.word_ns and told_ns + SETTLED_NS < plant.now_ns
            there = not any(parcel.exit_ns <= opened_ns <= told_ns for opened_ns in truth.opened_ns(parcel.exit))
            kept = not any(truth.is_released(parcel.waybill, at_ns) for at_ns in (told_ns, told_ns + truth.word_ns))
            name = plant.machine.sorter_id
            if late and there and kept and (name, parcel.waybill, parcel.exit) not in recalled:
                yield (
                    "misreported",
                    f"parcel {parcel.number} lies in chute {parcel.exit}, held since, and was not recalled",
                )


def _not_blocked(lying: list[Parcel], plant: Plant, claims: Claims, truth: HubTruth) -> Iterator[Fault]:
    for said in claims.recalled:
        if said.sorter != plant.machine.sorter_id or not any(
            parcel.exit == said.chute and parcel.waybill == said.waybill for parcel in lying
        ):
            continue  # it did not go there after all
        opened = [opened_ns for opened_ns in truth.opened_ns(said.chute) if opened_ns > said.at_ns]
        until_ns = min(opened, default=plant.now_ns)
        for parcel in lying:
            fired_ns = truth.firing_ns(parcel)
            if parcel.exit == said.chute and said.at_ns + SETTLED_NS < fired_ns < until_ns:
                yield (
                    "missorted",
                    f"parcel {parcel.number} came into chute {said.chute}, closed because of {said.waybill}",
                )
