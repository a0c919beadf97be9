"""The judges of the hub are judged: of a run that holds one thing is spoiled, and the judge says so."""

from collections.abc import Callable

import msgspec
import pytest

from sim.hub.calls import BindBag
from sim.hub.judges.timely import _leaves_on
from sim.hub.truth import HubTruth
from sim.world.parcel import Parcel
from sortctl.words.causes import FAMILY, Cause, Disposition
from sortctl.words.ids import ChuteNumber, PassageNumber, SorterId
from sortctl.words.outcomes import BagClosed, Recalled
from sortctl.words.units import NS_PER_MS, NS_PER_S
from tests.sim.hub.spoiled import Run, spoilable

SECOND = NS_PER_S
MOST = 20
"""Parcels of a group that are moved to one chute."""


# ------------------------------------------------------------------------------------------- customs


def never_released(run: Run) -> str:
    run.say(run.lying("domestic")[0], 0, customs="under_control")
    return "unreleased_domestic"


def held_in_time_and_sorted(run: Run) -> str:
    victim = run.lying("domestic")[-1]
    run.say(victim, run.fired_ns(victim) - 2 * SECOND, hold="a dog barked")
    return "unreleased_domestic"


def contradicted_in_time_and_sorted(run: Run) -> str:
    victim = run.lying("domestic")[-1]
    run.say(victim, run.fired_ns(victim) - 2 * SECOND, conflict="yes")
    return "unreleased_domestic"


def held_too_late_and_not_recalled(run: Run) -> str:
    victim = run.lying("domestic")[-1]
    run.say(victim, run.fired_ns(victim) - 100 * NS_PER_MS, hold="a dog barked")
    return "misreported"


def intercept_that_slipped(run: Run) -> str:
    victim = run.lying("domestic")[-1]
    run.say(victim, run.fired_ns(victim) - 2 * SECOND, intercept="ordered twice")
    return "missorted"


def came_into_a_chute_that_was_closed(run: Run) -> str:
    by_chute: dict[int, Parcel] = {}
    for second in run.lying("domestic"):
        first = by_chute.setdefault(second.exit, second)
        if run.fired_ns(second) > first.exit_ns + 3 * SECOND:
            run.say(first, first.exit_ns, hold="a dog barked")
            number, sorter = PassageNumber(run.passage(first)), SorterId(run.plant.machine.sorter_id)
            said = Recalled(first.exit_ns, sorter, number, first.waybill, ChuteNumber(first.exit), "", "x")
            run.claims.recalled.append(said)
            return "missorted"
    raise AssertionError("no chute got two")


def kept_for_nothing(run: Run) -> str:
    victim = run.lying("domestic")[0]
    cause = Cause.CUSTOMS_HOLD
    run.end(victim, disposition=Disposition.REJECTED, cause=cause, family=FAMILY[cause])
    return "misreported"


# ------------------------------------------------------------------------------------------- plans and departures


def by_neither_plan(run: Run) -> str:
    victim = run.lying("domestic")[0]
    chutes = {chute for sheet in HubTruth(run.plant, run.script, run.sheets).plans_of(victim)
              for chute in sheet.chutes(victim.waybill)}  # fmt: skip
    run.move(victim, next(number for number in range(10, 22) if number not in chutes))
    return "missorted"


def went_with_a_truck_that_was_missed(run: Run) -> str:
    ends = [(parcel, run.ending(parcel)) for parcel in run.plant.parcels.values()]
    victim = next(parcel for parcel, ending in ends if ending.cause is Cause.CUT_OFF_PASSED)
    run.move(victim, run.sheet.chutes(victim.waybill)[0])
    return "missorted"


def called_late_in_time(run: Run) -> str:
    victim = next(
        one for one in run.lying("domestic", "") if not any(row["destination"] == run.sheet.destination(one.waybill)
                                                           for row in run.sheet.departures)
    )  # fmt: skip
    cause = Cause.CUT_OFF_PASSED
    run.end(victim, disposition=Disposition.REJECTED, cause=cause, family=FAMILY[cause])
    return "misreported"


# ------------------------------------------------------------------------------------------- bags


def _list_with_parcels(run: Run) -> int:
    """The first list with a parcel that was not there about when the bag was changed."""
    changes = {
        (one.call.chute, one.call.bag): one.began_ns for one in run.plant.history.done if isinstance(one.call, BindBag)
    }
    for number, said in enumerate(run.claims.bags):
        if isinstance(said, BagClosed) and said.passages and (said.chute, said.bag) in changes:
            moments = [at_ns for (chute, _), at_ns in changes.items() if chute == said.chute]
            [first, *_] = [
                one for one in run.plant.parcels.values() if one.inducted and run.passage(one) in said.passages
            ]
            if all(abs(first.exit_ns - at_ns) > SECOND for at_ns in moments):
                return number
    raise AssertionError("no bag has anything in it")


def _relist(run: Run, **otherwise: object) -> None:
    number = _list_with_parcels(run)
    run.claims.bags[number] = msgspec.structs.replace(run.claims.bags[number], **otherwise)


def a_list_with_one_too_few(run: Run) -> str:
    _relist(run, passages=())
    return "misreported"


def a_list_with_one_too_many(run: Run) -> str:
    said = run.claims.bags[_list_with_parcels(run)]
    assert isinstance(said, BagClosed)
    another = next(one for one in run.lying("domestic") if one.exit != said.chute)
    _relist(run, passages=(*said.passages, run.passage(another)))
    return "misreported"


def a_list_of_another_bag(run: Run) -> str:
    closed = [(at, one) for at, one in enumerate(run.claims.bags) if isinstance(one, BagClosed)]
    pairs = [(at, one, other_at, other) for at, one in closed for other_at, other in closed
             if one.chute == other.chute and len(one.passages) > len(other.passages)]  # fmt: skip
    at, one, other_at, other = pairs[0]
    run.claims.bags[at] = msgspec.structs.replace(one, bag=other.bag)
    run.claims.bags[other_at] = msgspec.structs.replace(other, bag=one.bag)
    return "misreported"


def a_list_that_was_never_told(run: Run) -> str:
    del run.claims.bags[_list_with_parcels(run)]
    return "misreported"


def into_a_bag_that_was_full(run: Run) -> str:
    chutes = {chute.number for chute in run.plant.machine.chutes if chute.bag_count_max}
    there: dict[int, list[Parcel]] = {}
    for parcel in run.lying("domestic"):
        there.setdefault(parcel.exit, []).append(parcel)
    chute = next(number for number, parcels in there.items() if number in chutes and len(parcels) > 2)
    done = run.plant.history.done
    done[:] = [one for one in done if not isinstance(one.call, BindBag) or one.call.chute != chute or not one.began_ns]
    return "missorted"


def into_a_chute_without_its_bag(run: Run) -> str:
    chute = run.lying("domestic")[0].exit
    done = run.plant.history.done
    done[:] = [one for one in done if not isinstance(one.call, BindBag) or one.call.chute != chute]
    return "missorted"


def a_bag_closed_for_a_count_that_it_had_not(run: Run) -> str:
    number, said = next((at, one) for at, one in enumerate(run.claims.bags)
                        if isinstance(one, BagClosed) and one.chute % 2 and not one.passages)  # fmt: skip
    run.claims.bags[number] = msgspec.structs.replace(said, why="0 parcels")
    return "misreported"


def a_bag_closed_for_an_age_that_only_the_wall_saw(run: Run) -> str:
    sorter, why = SorterId(run.plant.machine.sorter_id), "it has hung for 30 min"
    run.claims.bags.append(BagClosed(SECOND, sorter, ChuteNumber(1), "A", why, "", (), (), 0, ()))
    return "misreported"


# ------------------------------------------------------------------------------------------- waves, purges, lots, labels, groups


def a_wave_with_one_more_sorted(run: Run) -> str:
    said = run.claims.waves[0]
    run.claims.waves[0] = msgspec.structs.replace(said, sorted_=said.sorted_ + 1, inducted=said.inducted + 1)
    return "misreported"


def a_wave_that_does_not_add_up(run: Run) -> str:
    said = run.claims.waves[0]
    run.claims.waves[0] = msgspec.structs.replace(said, inducted=said.inducted + 1)
    return "misreported"


def a_wave_with_one_more_on_the_way(run: Run) -> str:
    said = run.claims.waves[-1]
    run.claims.waves[-1] = msgspec.structs.replace(said, on_sorter=said.on_sorter + 1)
    return "misreported"


def a_wave_of_which_nothing_was_told(run: Run) -> str:
    del run.claims.waves[1]
    return "misreported"


def inducted_while_purged(run: Run) -> str:
    [begun, over] = [said.at_ns for said in run.claims.purges[:2]]
    run.lying("domestic")[-1].inducted_ns = (begun + over) // 2
    return "missorted"


def a_purge_that_was_over_too_early(run: Run) -> str:
    begun, over = run.claims.purges[:2]
    run.claims.purges[1] = msgspec.structs.replace(over, at_ns=begun.at_ns + SECOND)
    return "misreported"


def a_purge_that_never_ended(run: Run) -> str:
    run.claims.purges[:] = [said for said in run.claims.purges if said.active]
    return "misreported"


def drawn_and_not_told(run: Run) -> str:
    drawn = run.claims.selected.pop(0)
    victim = next(parcel for parcel in run.plant.parcels.values() if parcel.waybill == drawn.waybill)
    chute = run.sheet.chutes(victim.waybill)[0]
    victim.exit = chute
    cause = Cause.NONE
    run.end(victim, disposition=Disposition.SORTED, cause=cause, family=FAMILY[cause], actual=chute, planned=chute)
    return "unreleased_domestic"


def drawn_with_another_number(run: Run) -> str:
    run.claims.selected[0] = msgspec.structs.replace(run.claims.selected[0], draw=999)
    return "misreported"


def drawn_though_the_lottery_did_not(run: Run) -> str:
    victim = run.lying("domestic")[0]
    run.claims.selected.append(msgspec.structs.replace(run.claims.selected[0], waybill=victim.waybill))
    return "misreported"


def by_its_label_though_the_list_was_told(run: Run) -> str:
    """Of those that went by their labels one was known long before."""
    withheld = run.script.withheld
    victim = next(
        one for one in run.lying("") if one.waybill in withheld and one.exit not in run.sheet.chutes(one.waybill)
        and run.ending(one).disposition is Disposition.SORTED
    )  # fmt: skip
    run.say(victim, 0, customs="released")
    return "missorted"


def all_in_one_chute_of_a_group(run: Run) -> str:
    groups = [(one, run.sheet.group(one.waybill).chutes) for one in run.plant.parcels.values()]
    chutes = next(group for _, group in groups if len(group) > 1)
    meant = [one for one, group in groups if group == chutes][:MOST]
    assert len(meant) > 2
    for parcel in meant:
        run.move(parcel, chutes[0])
    return "missorted"


SPOILED: dict[str, list[Callable[[Run], str]]] = {
    "steady": [
        never_released, held_in_time_and_sorted, contradicted_in_time_and_sorted, held_too_late_and_not_recalled,
        intercept_that_slipped, came_into_a_chute_that_was_closed, kept_for_nothing,
        a_bag_closed_for_an_age_that_only_the_wall_saw,
    ],
    "plan-swap-in-flight": [by_neither_plan],
    "cut-off-passed": [went_with_a_truck_that_was_missed, called_late_in_time],
    "bag-close-in-flight": [
        a_list_with_one_too_few, a_list_with_one_too_many, a_list_of_another_bag, a_list_that_was_never_told,
    ],
    "bag-limits": [into_a_bag_that_was_full, into_a_chute_without_its_bag, a_bag_closed_for_a_count_that_it_had_not],
    "wave-end": [
        a_wave_with_one_more_sorted, a_wave_that_does_not_add_up, a_wave_with_one_more_on_the_way,
        a_wave_of_which_nothing_was_told,
    ],
    "purge": [inducted_while_purged, a_purge_that_was_over_too_early, a_purge_that_never_ended],
    "customs-lots": [drawn_and_not_told, drawn_with_another_number, drawn_though_the_lottery_did_not],
    "unknown-parcel-label": [by_its_label_though_the_list_was_told],
    "chute-group-balance": [all_in_one_chute_of_a_group],
}  # fmt: skip


@pytest.mark.parametrize(("story", "spoil"), [(story, spoil) for story, spoils in SPOILED.items() for spoil in spoils])
def test_what_is_spoiled_is_found_and_named(story: str, spoil: Callable[[Run], str]) -> None:
    with spoilable(story) as run:
        assert run.broken() == set(), run.reasons()
        rule = spoil(run)
        assert rule in run.broken(), run.reasons()
    with spoilable(story) as run:
        assert run.broken() == set()


@pytest.mark.parametrize(
    ("written", "days"),
    [("", "1234567"), ("daily", "1234567"), ("Mon-Fri", "12345"), ("Sat;Sun", "67"), ("Fri-Mon", "5671"), ("1.3.5..", "135"),
     ("Mon-Fri;Sun", "123457")],
)  # fmt: skip
def test_days_of_departures_are_read_as_planners_write_them(written: str, days: str) -> None:
    assert {day for day in range(1, 8) if _leaves_on(written, day)} == {int(day) for day in days}
