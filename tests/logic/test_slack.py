"""Least slack first, and the promise: who gets the last place in a chute, on a line and on a loop, and who goes by the premium departure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.departures import Departures
from sortctl.departures.load import COLUMNS, load_departures
from sortctl.logic.rules import check_all
from sortctl.words.causes import Cause
from sortctl.words.hub import BagBound
from sortctl.words.ids import ChuteNumber, SorterId
from sortctl.words.orders import Cancel
from sortctl.words.outcomes import AtRisk, BagClosed, Decided
from tests.logic.bench import Parcel
from tests.logic.hub_bench import FIRST, WALL_S, CustomsLine, CustomsLoop, released

HALF_FULL, OPEN = 0x8002, 0x8000
HOURS = 3_600


def departures(*rows: dict[str, Any]) -> Departures:
    """The desks open at 08:00 UTC; every row leaves for BE and NL, with whatever of it is said."""
    plain = {"destination": "BE;NL", "kind": "truck", "zone": "UTC", "transit_min": 5, "warn_min": 6}
    lines = [",".join(str((plain | row).get(column, "")) for column in COLUMNS) for row in rows]
    return load_departures({"departures.csv": "\n".join((",".join(COLUMNS), *lines)).encode()})


TWO = departures({"departure": "SLOW", "cut_off": "20:00"}, {"departure": "FAST", "cut_off": "11:00"})


def short_line(**given_: Any) -> CustomsLine:
    """Chutes 1 and 3 take one parcel each."""
    desk = CustomsLine(departures=TWO, chute={"capacity": 2}, **given_)
    desk.open_up()
    desk.turn_chute(3, 0x8001)
    return desk


def read(desk: CustomsLine, waybill: str, departure: str, **more: Any) -> Parcel:
    desk.judge.known[waybill] = released(waybill, departure=departure, **more)
    desk.advance(desk.belt + 700)
    parcel = desk.feed(waybill)
    desk.pass_scanner(parcel)
    return parcel


def chutes(desk: CustomsLine | CustomsLoop) -> dict[str, int]:
    return {passage.waybill: passage.chute for passage in desk.sorter.all_open()}


def test_on_a_line_who_has_more_time_gives_the_last_place() -> None:
    desk = short_line()
    read(desk, "BE1", "SLOW")
    desk.take_orders()
    read(desk, "BE2", "FAST")
    assert chutes(desk) == {"BE1": 5, "BE2": 1}
    assert [one.chute for one in desk.said(Cancel)] == [1], "the order that stood is withdrawn"
    slow = next(one for one in reversed(desk.said(Decided)) if one.waybill == "BE1")
    assert slow.cause is Cause.CHUTES_UNAVAILABLE


def test_on_a_line_who_gives_way_takes_an_alternate_that_has_room() -> None:
    desk = short_line()
    desk.turn_chute(3, OPEN)
    read(desk, "BE1", "SLOW")
    read(desk, "BE2", "FAST")
    assert chutes(desk) == {"BE1": 3, "BE2": 1}


@pytest.mark.parametrize(("first", "second"), [("FAST", "SLOW"), ("SLOW", "SLOW"), ("FAST", "FAST")])
def test_nobody_gives_way_to_one_that_has_as_much_time_or_more(first: str, second: str) -> None:
    desk = short_line()
    read(desk, "BE1", first)
    read(desk, "BE2", second)
    assert chutes(desk) == {"BE1": 1, "BE2": 5}


def test_nobody_gives_way_behind_the_point_of_no_return() -> None:
    desk = short_line()
    parcel = read(desk, "BE1", "SLOW")
    desk.take_orders()
    desk.advance(parcel.at + 2_200)
    later = desk.feed("BE2")
    desk.judge.known["BE2"] = released("BE2", departure="FAST")
    desk.pass_scanner(later)
    assert chutes(desk)["BE1"] == 1
    assert desk.said(Cancel) == []


def test_a_chute_that_its_sensor_calls_full_has_no_place_to_give() -> None:
    desk = short_line()
    read(desk, "BE1", "SLOW")
    desk.turn_chute(1, 0x8001)
    read(desk, "BE2", "FAST")
    assert set(chutes(desk).values()) == {5}


def test_on_a_loop_who_has_more_time_rides_on_and_comes_next() -> None:
    desk = CustomsLoop(departures=TWO, chute={"capacity": 2})
    desk.open_up()
    desk.turn_chute(3, 0x8001)
    loads = [desk.feed_load()]
    desk.run_belt(700)
    loads.append(desk.feed_load())
    for load, waybill, departure in zip(loads, ("BE1", "BE2"), ("SLOW", "FAST"), strict=True):
        desk.judge.known[waybill] = released(waybill, departure=departure)
        desk.pass_point(load, 1)
        desk.read(waybill)
    assert chutes(desk) == {"BE1": 0, "BE2": 1}
    slow = next(one for one in reversed(desk.said(Decided)) if one.waybill == "BE1")
    assert slow.why.startswith("rides on, lap 1")


ROWS = st.lists(st.sampled_from(["SLOW", "FAST", ""]), min_size=1, max_size=7)


@given(ROWS, st.sampled_from([OPEN, HALF_FULL]))
def test_no_chute_gets_more_than_it_has_room_for_and_nobody_waits_while_one_with_more_time_goes(
    booked: list[str], word: int
) -> None:
    desk = CustomsLine(departures=TWO, chute={"capacity": 4})
    desk.open_up()
    desk.turn_chute(3, 0x8001)
    desk.turn_chute(1, word)
    for number, departure in enumerate(booked):
        desk.judge.known[f"BE{number}"] = released(f"BE{number}", departure=departure)
        desk.pass_scanner(desk.feed(f"BE{number}", length=100))
        check_all(desk.sorter)
        open_ones = [one for one in desk.logic.lines[0].state.placed if not one.told or not one.told.seq]
        assert desk.sorter.books[1].heading <= 2
        late = [one.latest_s for one in open_ones if one.chute == 1 and one.latest_s]
        waits = [one.latest_s for one in open_ones if one.chute == 5 and one.latest_s]
        assert not late or not waits or max(late) <= min(waits), (booked, number)


# ------------------------------------------------------------------------------------------- the promise

PREMIUM = departures(
    {"departure": "T1", "cut_off": "11:00", "door_min": 24 * 60},
    {"departure": "P1", "cut_off": "10:00", "door_min": 12 * 60, "premium": "yes"},
)
COUNTER = {**FIRST, "plan/destinations.csv": FIRST["plan/destinations.csv"] + b"!cut_off_passed,4,\n"}


@pytest.mark.parametrize(
    ("promised_h", "cause", "departure", "late_min"),
    [
        (0, Cause.NONE, "T1", 0),
        (27, Cause.NONE, "T1", 0),
        (26, Cause.CUT_OFF_PASSED, "P1", 0),
        (14, Cause.CUT_OFF_PASSED, "P1", 0),
        (13, Cause.NONE, "T1", 14 * 60),
    ],
)
def test_a_promise_that_its_departure_breaks_is_kept_by_the_premium_one_or_told(
    promised_h: int, cause: Cause, departure: str, late_min: int
) -> None:
    """T1 is at the door 27 hours from now, P1 in 14."""
    desk = CustomsLine(departures=PREMIUM)
    desk.swap_plan(COUNTER, keep=False)
    desk.open_up()
    read(desk, "BE1", "", due_s=WALL_S + promised_h * HOURS if promised_h else 0)
    assert desk.said(Decided)[-1].cause is cause
    assert desk.sorter.all_open()[0].departure == departure
    assert [one.late_s // 60 for one in desk.said(AtRisk)] == ([late_min] if late_min else [])
    if cause is Cause.CUT_OFF_PASSED:
        assert "after the promise; P1 keeps it" in desk.said(Decided)[-1].why


def test_without_a_counter_for_it_a_broken_promise_is_told_and_changes_nothing() -> None:
    desk = CustomsLine(departures=PREMIUM)
    desk.open_up()
    read(desk, "BE1", "", due_s=WALL_S + 20 * HOURS)
    assert (desk.said(Decided)[-1].chute, desk.said(Decided)[-1].cause) == (1, Cause.NONE)
    assert [(one.departure, one.at_risk, one.late_s) for one in desk.said(AtRisk)] == [("T1", True, 7 * HOURS)]


# ------------------------------------------------------------------------------------------- bags, with parcels in flight


def bind(desk: CustomsLine, bag: str) -> None:
    desk.tell(BagBound(desk.at_ns, SorterId("line1"), ChuteNumber(1), bag, "ann"))


def three_in_flight(desk: CustomsLine) -> list[Parcel]:
    bind(desk, "B1")
    parcels = []
    for waybill in ("BE1", "BE2", "BE3"):
        desk.judge.known[waybill] = released(waybill)
        desk.advance(desk.belt + 700)
        parcels.append(desk.feed(waybill))
    desk.pass_scanner(parcels[-1])
    desk.take_orders()
    assert set(chutes(desk).values()) == {1}
    return parcels


def test_the_count_of_a_bag_is_reached_while_three_are_in_flight() -> None:
    desk = CustomsLine(chute={"needs_bag": True, "bag_count_max": 1})
    desk.open_up()
    first, *_ = three_in_flight(desk)
    desk.divert(first, 1, item=1)
    assert chutes(desk) == {"BE2": 3, "BE3": 3}, "who can still be turned away takes the alternate"
    desk.advance(desk.belt + 300)
    assert [(one.bag, one.why, one.passages) for one in desk.said(BagClosed)] == [("B1", "1 parcels", (1,))]


def test_a_cut_off_closes_the_bag_and_turns_away_who_is_in_flight() -> None:
    rows = {"departure": "T1", "cut_off": "08:10", "transit_min": 0}, {"departure": "T2", "cut_off": "20:00"}
    desk = CustomsLine(departures=departures(*rows), chute={"needs_bag": True})
    desk.open_up()
    first, *_ = three_in_flight(desk)
    desk.divert(first, 1, item=1)
    desk.take_orders()
    desk.set_wall(WALL_S + 600)
    desk.advance(desk.belt + 50)
    assert chutes(desk) == {"BE2": 3, "BE3": 3}
    desk.advance(desk.belt + 600)
    assert [(one.why, one.departure, one.passages) for one in desk.said(BagClosed)] == [("cut-off of T1", "T1", (1,))]
    bind(desk, "B2")
    assert desk.sorter.books[1].bag is not None
    assert desk.sorter.books[1].bag.departure == "T2"
