"""Sorting in sequence, and the nearest chute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.logic.balance import place_of
from sortctl.plan import Plan
from sortctl.words.outcomes import Decided
from sortctl.words.parcels import ParcelRecord
from tests.logic.loop_bench import (
    FULL,
)
from tests.logic.pool_desk import OVERFLOW, PoolDesk, plan


@given(st.integers(2, 9).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.integers(1, n * n), max_size=60))))
def test_after_two_passes_every_chute_is_filled_in_the_order_of_the_route(case: tuple[int, list[int]]) -> None:
    chutes, arriving = case
    for passing in (1, 2):
        filled: list[list[int]] = [[] for _ in range(chutes)]
        for stop in arriving:
            place = place_of(stop, chutes, passing)
            assert place is not None
            filled[place].append(stop)
        arriving = [stop for chute in filled for stop in chute]
    assert arriving == sorted(arriving)


@pytest.mark.parametrize("stop", [0, -1, 5, 10**12])
def test_a_stop_that_has_no_chute_has_none(stop: int) -> None:
    assert place_of(stop, 2, 1) is None
    assert place_of(stop, 2, 2) is None


SEQUENCE = "BE,1;2,sequence\nNL,3,\nDE,3,\nFR,4,\nIT,4,"


def routed(passing: int) -> Plan:
    return plan(SEQUENCE, **{"plan.toml": f'id = "route"\nversion = 1\npass = {passing}\n'})


def test_two_passes_over_the_loop_put_a_route_in_order() -> None:
    desk = PoolDesk(routed(1))
    stops = {f"BE{number}": stop for number, stop in enumerate((3, 1, 4, 2, 3), 1)}
    for waybill, stop in stops.items():
        desk.records[waybill] = ParcelRecord(waybill, country="BE", postcode="1000", stop=stop)
    arriving, filled = list(stops), dict[int, list[str]]()
    for passing in (1, 2):
        if passing == 2:
            desk.swap(routed(2))
        filled = {1: [], 2: []}
        for waybill in arriving:
            filled[desk.sort(waybill)].append(waybill)
        arriving = [*filled[1], *filled[2]]
    assert {chute: [stops[waybill] for waybill in found] for chute, found in filled.items()} == {
        1: [1, 2],
        2: [3, 3, 4],
    }
    assert desk.said(Decided)[-1].why == "as planned for stop 2 in pass 2"


@pytest.mark.parametrize(
    ("stop", "cause", "why"),
    [
        (0, "no_stop", "nobody said which stop it is for"),
        (5, "no_stop", "stop 5 is beyond the 4 that 2 chutes can put in order"),
        (1, "out_of_sequence", "chute 1 full"),
    ],
)
def test_what_cannot_keep_its_place_is_rejected_and_says_why(stop: int, cause: str, why: str) -> None:
    desk = PoolDesk(routed(2))
    desk.turn_chute(1, FULL)
    desk.records["BE1"] = ParcelRecord("BE1", country="BE", postcode="1000", stop=stop)
    assert desk.sort("BE1") == OVERFLOW
    assert (desk.closed()[-1].cause, desk.closed()[-1].why) == (cause, why)


def test_the_nearest_chute_is_the_first_on_the_way() -> None:
    desk = PoolDesk(plan("BE,4;1;3,nearest\nNL,3,\nDE,3,\nFR,4,\nIT,4,"))
    assert desk.sort("BE1") == 1
    desk.lock(1)
    assert desk.sort("BE2") == 3
