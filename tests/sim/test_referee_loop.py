"""The referee is judged on a loop: what an item number stood for, loads that were found, what rides together."""

from copy import deepcopy

import msgspec
import pytest

from sim.world.parcel import Parcel, Place
from sortctl.words.causes import FAMILY, Cause, Disposition
from sortctl.words.outcomes import PassageClosed, PassageOpened
from tests.sim.test_referee import RULES, Run, copied, event_of, played

REJECT = 59


@pytest.fixture(scope="module")
def _honest() -> Run:
    return played("loop1", "steady", 20)


@pytest.fixture
def run(_honest: Run) -> Run:
    return copied(_honest)


def broken(run: Run) -> set[str]:
    """Names of the rules that were broken."""
    verdict = run.judged()
    assert verdict.holds != bool(verdict.figures["reasons"])
    return {rule for rule in RULES if verdict.figures[rule]}


def two(run: Run) -> tuple[Parcel, Parcel]:
    first, second = [parcel for parcel in run.plant.parcels.values() if parcel.pushed][:2]
    return first, second


def unheard_of(run: Run) -> tuple[Parcel, int, PassageOpened, PassageClosed]:
    """A parcel of which nothing is said, and what was said of it."""
    victim = run.victim()
    passage, ending = run.ending(victim)
    opened = run.claims.opened[passage]
    del run.claims.by_event[event_of(run, victim)]
    del run.claims.by_item[run.plant.machine.sorter_id, opened.boot_id, opened.item]
    run.plant.strokes[:] = [stroke for stroke in run.plant.strokes if victim.number not in stroke.hit]
    return victim, passage, opened, ending


def say(run: Run, victim: Parcel, passage: int, opened: PassageOpened, ending: PassageClosed, item: int) -> None:
    """The PLC called it `item` as a load without an owner, and the controller said this of it."""
    seq = 9_000 + item
    found = msgspec.structs.replace(opened, passage=passage, seq=seq, item=item, induct=0)
    run.claims.opened[passage] = found
    run.claims.by_item[opened.sorter, opened.boot_id, item] = [passage]
    run.claims.by_event[opened.sorter, opened.boot_id, seq] = [passage]
    run.claims.closed[passage] = [msgspec.structs.replace(ending, passage=passage)]
    run.plant.items[opened.boot_id, item] = (victim.number,)
    victim.items.append((opened.boot_id, item))


def test_an_honest_run_holds(run: Run) -> None:
    verdict = run.judged()
    assert verdict.holds, verdict.figures["reasons"]
    assert (verdict.figures["inducted"], verdict.figures["found"]) == (20, 0)


def test_a_discharge_that_hit_another_than_its_item_stood_for_is_stale(run: Run) -> None:
    first, second = two(run)
    stroke = next(stroke for stroke in run.plant.strokes if first.number in stroke.hit)
    stroke.hit = (second.number,)
    assert broken(run) == {"stale_orders"}


def test_two_that_go_to_the_reject_chute_together_are_not_stale_but_neither_is_sorted(run: Run) -> None:
    first, second = two(run)
    stroke = next(stroke for stroke in run.plant.strokes if first.number in stroke.hit)
    stroke.hit = (first.number, second.number)
    assert broken(run) == {"stale_orders"}
    stroke.carried = stroke.carried._replace(chute=REJECT)
    assert broken(run) == set()


def test_an_item_is_discharged_once(run: Run) -> None:
    stroke = deepcopy(run.plant.strokes[0])
    stroke.carried, stroke.hit = stroke.carried._replace(order_seq=9_999), ()
    run.plant.strokes.append(stroke)
    assert broken(run) == {"double_diverted"}
    stroke.stuck = True
    assert broken(run) == set()


def test_a_load_in_a_chute_of_which_nothing_was_said_is_unaccounted(run: Run) -> None:
    victim, *_ = unheard_of(run)
    assert broken(run) == {"unaccounted"}
    victim.unheard = True
    assert broken(run) == {"unaccounted"}
    victim.place, victim.exit = Place.HAND, 0
    assert broken(run) == set()


def test_a_found_load_is_judged_by_the_passage_that_was_opened_for_it(run: Run) -> None:
    victim, passage, opened, ending = unheard_of(run)
    victim.unheard, victim.exit = True, REJECT
    cause = Cause.UNKNOWN_ITEM
    rejected = msgspec.structs.replace(
        ending, disposition=Disposition.REJECTED, cause=cause, family=FAMILY[cause], actual=REJECT
    )
    say(run, victim, passage, opened, rejected, 777)
    assert broken(run) == set()
    run.claims.closed[passage] = [msgspec.structs.replace(rejected, actual=60)]
    assert broken(run) == {"unaccounted", "misreported"}
    run.claims.closed[passage] = []
    assert broken(run) == {"unaccounted"}


def test_a_parcel_may_be_lost_if_it_was_found_again_and_told_rightly(run: Run) -> None:
    victim = run.victim()
    passage, ending = run.ending(victim)
    opened, cause = run.claims.opened[passage], Cause.NOT_SEEN
    lost = msgspec.structs.replace(ending, disposition=Disposition.LOST, cause=cause, family=FAMILY[cause], actual=0)
    run.claims.closed[passage] = [lost]
    run.plant.strokes[:] = [stroke for stroke in run.plant.strokes if victim.number not in stroke.hit]
    assert broken(run) == {"unaccounted"}
    say(run, victim, 10_000, opened, ending, 778)
    told = run.judged().figures
    assert told["unaccounted"] == 0
    assert (told["lost"], told["found"]) == (1, 1)
    assert told["reasons"] == ["1 lost, expected 0 at most"]


def test_a_parcel_that_still_rides_is_unaccounted(run: Run) -> None:
    run.victim().place = Place.BELT
    assert "unaccounted" in broken(run)


def test_chutes_of_a_group_over_which_parcels_are_spread_are_alike(run: Run) -> None:
    sheet = run.sheets.of(run.plant.machine)
    spread = next(p for p in run.plant.parcels.values() if sheet.group(p.waybill).balance.value != "fixed" and p.pushed)
    other = next(chute for chute in sheet.chutes(spread.waybill) if chute != spread.exit)
    exits = {number: parcel.exit for number, parcel in run.plant.parcels.items()}
    assert run.judged({**exits, spread.number: other}).holds
    assert not run.judged({**exits, spread.number: REJECT}).holds
