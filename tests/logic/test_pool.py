"""Chutes of a pool: given, kept, released, and never shared by two destinations."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sortctl.logic import HubRules, Logic
from sortctl.site.model import Limits
from sortctl.words import facts
from sortctl.words.hub import BagAsked, BagBound
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import Order
from sortctl.words.outcomes import BagClosed, ChuteGiven, ChuteReleased, Decided, Outcome
from sortctl.words.parcels import ParcelRecord
from tests.logic.loop_bench import (
    FIRE_BEFORE,
    FULL,
    LENGTH,
    OPEN,
    SLIDE,
    STROKE,
    Load,
    chute_at,
)
from tests.logic.pool_desk import LANDS, LOOP, OVERFLOW, PoolDesk, plan, pool


@pytest.fixture
def desk() -> PoolDesk:
    return PoolDesk(pool("2;1;3"))


# ------------------------------------------------------------------------------------------- given and released


def test_the_first_parcel_of_a_destination_is_given_the_first_free_chute_and_the_next_go_there_too(
    desk: PoolDesk,
) -> None:
    assert [desk.sort(waybill) for waybill in ("BE1", "NL1", "BE2", "DE1", "NL2")] == [2, 1, 2, 3, 1]
    assert desk.owners == {1: "NL", 2: "BE", 3: "DE"}
    first = desk.said(ChuteGiven)[0]
    assert (first.chute, first.destination, first.pool) == (2, "BE", (2, 1, 3))
    assert desk.said(Decided)[0].why == "given to it of pool 1-3"
    assert desk.said(Decided)[0].planned == 2


def test_without_a_free_chute_it_goes_where_parcels_go_that_no_chute_takes(desk: PoolDesk) -> None:
    for waybill in ("BE1", "NL1", "DE1"):
        desk.sort(waybill)
    assert desk.sort("FR1") == OVERFLOW
    assert desk.said(Decided)[-1].why == "no chute of pool 1-3 is free"
    assert desk.said(Decided)[-1].planned == 0


def test_a_chute_is_released_when_a_person_has_emptied_it_and_nothing_is_under_way(desk: PoolDesk) -> None:
    desk.sort("BE1")
    load, chute = desk.decide("BE2")
    desk.press(chute)
    desk.run_belt(100)
    assert desk.said(ChuteReleased) == [], "one is under way"
    desk.divert(load, chute)
    assert desk.said(ChuteReleased) == [], "one lies in it"
    desk.turn_chute(chute, FULL)
    desk.turn_chute(chute, OPEN)
    assert desk.said(ChuteReleased) == [], "sensors prove room, not that nothing is left"
    desk.press(chute)
    desk.run_belt(50)
    assert [(one.chute, one.destination) for one in desk.said(ChuteReleased)] == [(2, "BE")]
    assert desk.sort("NL1") == 2


def test_a_new_bag_the_end_of_a_bag_and_the_end_of_a_purge_empty_a_chute(desk: PoolDesk) -> None:
    ends: dict[str, facts.Fact] = {
        "BE1": BagBound(0, LOOP, ChuteNumber(2), "A", "ann"),
        "NL1": BagBound(0, LOOP, ChuteNumber(2), "B", "ann"),
        "DE1": BagAsked(0, LOOP, ChuteNumber(2), "ann"),
    }
    for waybill, end in ends.items():
        assert desk.sort(waybill) == 2
        desk.tell(replace(end, at_ns=desk.at_ns))
        desk.run_belt(400)
        assert desk.owners == {}
    assert [(one.bag, one.text) for one in desk.said(BagClosed)] == [("A", "NL"), ("B", "DE")]
    assert desk.sort("FR1") == 2
    desk.purge(2)
    desk.run_belt(50)
    assert desk.owners == {2: "FR"}
    desk.purge(2, purging=False)
    desk.run_belt(50)
    assert desk.owners == {}


def test_a_chute_that_is_locked_is_not_given(desk: PoolDesk) -> None:
    desk.lock(2)
    assert desk.sort("BE1") == 1
    desk.lock(2, locked=False)
    assert desk.sort("BE2") == 1, "it keeps the one that it has"


def test_who_waits_on_the_loop_hears_of_a_chute_that_is_released() -> None:
    desk = PoolDesk(pool("1"))
    desk.sort("BE1")
    load, chute = desk.decide("NL1")
    assert chute == OVERFLOW
    desk.press(1)
    desk.run_belt(50)
    assert desk.sent(load) == 1


def test_further_chutes_by_forecast_only_when_its_own_takes_no_more() -> None:
    rows = "BE,1;2;3;4,dynamic,300\nNL,1;2;3;4,dynamic,100\nDE,1;2;3;4,dynamic,\nFR,5,,\nIT,5,,"
    desk = PoolDesk(plan(rows, "destination,chutes,balance,forecast"))
    limits = [desk.logic.shared.plan.group("loop1", name).limit for name in ("BE", "NL", "DE")]
    assert limits == [3, 1, 1]
    assert [desk.sort("BE1"), desk.sort("BE2")] == [1, 1]
    desk.turn_chute(1, FULL)
    assert [desk.sort("BE3"), desk.sort("NL1")] == [2, 3]
    desk.turn_chute(3, FULL)
    assert desk.sort("NL2") == OVERFLOW
    assert desk.said(Decided)[-1].why.endswith("it may have no more than 1 of pool 1-4")


# ------------------------------------------------------------------------------------------- plans, restarts


def test_a_swap_keeps_what_is_given_and_what_is_no_longer_in_the_pool_is_released_when_empty(desk: PoolDesk) -> None:
    desk.sort("BE1")
    desk.sort("NL1")
    desk.swap(pool("1;3"))
    assert desk.owners == {1: "NL", 2: "BE"}
    assert [desk.sort("NL2"), desk.sort("BE2")] == [1, 3]
    desk.swap(plan("BE,3,\nNL,1,\nDE,2,\nFR,4,\nIT,4,"))
    assert desk.sort("DE1") == OVERFLOW, "BE lies there"
    desk.press(2)
    desk.run_belt(50)
    assert desk.owners == {1: "NL", 3: "BE"}
    assert desk.sort("DE2") == 2
    desk.swap(pool("2;4"))
    assert desk.sort("FR1") == 4, "DE lies in 2"


def test_a_chute_to_which_another_is_under_way_by_the_plan_before_is_not_free() -> None:
    desk = PoolDesk(plan("BE,3,\nNL,2,\nDE,3,\nFR,4,\nIT,4,"))
    ahead = desk.feed_load()
    desk.run_belt(500)
    behind = desk.feed_load()
    desk.pass_point(ahead, 1)
    desk.read("NL1")
    desk.pass_point(behind, 1)
    desk.swap(pool("2;1"), keep=True)
    desk.read("BE1")
    assert (desk.sent(ahead), desk.sent(behind)) == (2, 1)


def test_it_outlives_a_restart(desk: PoolDesk) -> None:
    desk.sort("BE1")
    desk.restore()
    assert [desk.sort("NL1"), desk.sort("BE2")] == [1, 2]


CHUTES = st.integers(1, 4)
PLANS = (pool("2;1;3"), pool("3;4", LANDS[:3]), plan("BE,1;2,dynamic\nNL,2;3,dynamic\nDE,3;4,dynamic\nFR,5,\nIT,5,"),
         plan("BE,1,\nNL,2,\nDE,3,\nFR,4,\nIT,5,"))  # fmt: skip
DEEDS = st.one_of(
    st.tuples(st.sampled_from(("press", "bind", "lock", "unlock", "full", "open")), CHUTES),
    st.tuples(st.sampled_from(("swap", "keep")), st.integers(0, len(PLANS) - 1)),
    st.tuples(st.sampled_from(("restore", "rest")), st.none()),
)
SORTED = st.lists(st.sampled_from(LANDS), min_size=1, max_size=2)


class Truth:
    """What lies in each chute, and what becomes of it by the deeds."""

    def __init__(self) -> None:
        self.desk = PoolDesk(PLANS[0])
        self.inside: dict[int, set[str]] = {number: set() for number in range(1, 7)}
        self.bags = self.parcels = 0

    def do(self, deed: str, what: Any) -> None:
        desk = self.desk
        match deed:
            case "press":
                desk.press(what)
                self.inside[what].clear()
            case "bind":
                self.bags += 1
                desk.bind(what, f"B{self.bags}")
                self.inside[what].clear()
                desk.run_belt(500)
            case "lock" | "unlock":
                desk.lock(what, locked=deed == "lock")
            case "full" | "open":
                desk.turn_chute(what, FULL if deed == "full" else OPEN)
            case "swap" | "keep":
                desk.swap(PLANS[what], keep=deed == "keep")
            case "restore":
                desk.restore()
            case _:
                desk.run_belt(50)

    def sort(self, lands: Sequence[str], meanwhile: tuple[str, Any]) -> None:
        """One or two loads, a carrier apart; something happens when both are decided."""
        desk, loads = self.desk, []
        for land in lands:
            self.parcels += 1
            waybill = f"{land}{100 + self.parcels}"
            desk.records[waybill] = ParcelRecord(waybill, country=land, postcode="1000")
            loads.append((desk.feed_load(), waybill, land))
            desk.run_belt(500)
        for load, waybill, _ in loads:
            desk.pass_point(load, 1)
            desk.read(waybill)
        desk.run_to(loads[0][0], 2500)
        desk.take_orders()
        if meanwhile[0] != "bind":  # which takes a while
            self.do(*meanwhile)
            desk.take_orders()
        for at, number, what in sorted(self._events(loads)):
            desk.run_belt_to(at)
            load, _, land = loads[number]
            if what == "seen":
                desk.see(load, 2)
            elif what == "diverted":
                desk.tell(facts.ItemDiverted(*desk.event(), ChuteNumber(self.chutes[number]), load.item, 0))
            else:
                desk.tell(facts.ChuteEyeChanged(*desk.event(), ChuteNumber(self.chutes[number]), 0, True))
                self.inside[self.chutes[number]].add(land)

    def _events(self, loads: list[tuple[Load, str, str]]) -> list[tuple[int, int, str]]:
        self.chutes = [self.desk.sent(load) for load, _, _ in loads]
        found = []
        for number, (load, _, _) in enumerate(loads):
            fired = load.at + chute_at(self.chutes[number]) - FIRE_BEFORE
            found += [(load.at + 2500, number, "seen"), (fired + STROKE, number, "diverted"),
                      (fired + STROKE + SLIDE, number, "entered")]  # fmt: skip
        return found


def replayed(desk: PoolDesk) -> list[Outcome | Order]:
    logic = Logic([desk.machine], HubRules(Limits()), desk.first)
    said: list[Outcome | Order] = []
    for fact, applied in desk.taken:
        if applied is not None:
            logic.apply_plan(applied)
        said += logic.step(fact)
    return said


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(SORTED, DEEDS, DEEDS), max_size=10))
def test_two_destinations_never_lie_in_one_chute(
    days: list[tuple[list[str], tuple[str, Any], tuple[str, Any]]],
) -> None:
    truth = Truth()
    for lands, meanwhile, (deed, what) in days:
        truth.sort(lands, meanwhile)
        truth.do(deed, what)
        for number in range(1, 5):
            assert len(truth.inside[number]) <= 1, (number, truth.inside)
            owner = truth.desk.owners.get(number)
            assert owner is None or truth.inside[number] <= {owner}
    truth.desk.run_belt(LENGTH // 10)
    for number, owner in truth.desk.owners.items():
        assert truth.inside[number] == {owner}, "what is empty is nobody's"
    assert replayed(truth.desk) == truth.desk.log
