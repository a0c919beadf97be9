"""The way of a parcel on a loop, by hand: each test is one sentence about one load."""

import pytest

from sortctl.words import facts
from sortctl.words.causes import Cause, Disposition, Proof, ReadClass
from sortctl.words.ids import ScannerId
from sortctl.words.orders import Cancel, Divert, RunInduct, StopInduct
from sortctl.words.outcomes import (
    Decided,
    Disturbed,
    DivertTold,
    PassageDoubted,
    PassageOpened,
    ReadClassed,
    ReadOrphaned,
    Recirculated,
    SeenAtEye,
)
from tests.logic.loop_bench import CLOSED, FULL, LENGTH, OPEN, PLC, LoopDesk, loop_machine


def test_a_good_read_leads_to_an_order_for_the_item_and_a_confirmed_chute(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    [order] = loop_desk.said(Divert)
    assert (order.chute, order.item, order.at_count, order.seq, order.epoch) == (2, load.item, 0, 1, 1)
    loop_desk.take_orders()
    loop_desk.divert(load, 2)
    [closed] = loop_desk.closed()
    assert (closed.disposition, closed.actual, closed.planned, closed.proof) == (Disposition.SORTED, 2, 2, Proof.SEEN)
    assert [told.proof for told in loop_desk.said(DivertTold)] == [Proof.ORDERED, Proof.TAKEN, Proof.DONE]
    assert loop_desk.said(PassageOpened)[0].item == load.item


@pytest.mark.parametrize(
    ("codes", "read_class", "cause", "chute"),
    [
        (("RB123456789CN",), ReadClass.INVALID, Cause.INVALID_CODE, 6),
        (("WHO",), ReadClass.GOOD, Cause.UNKNOWN_PARCEL, 0),
        (("LU1",), ReadClass.GOOD, Cause.NO_RULE, 6),
        (("BE1", "NL1"), ReadClass.CONFLICT, Cause.DOUBLE_LOAD, 6),
    ],
)
def test_every_bad_read_has_its_class_its_cause_and_its_chute(
    loop_desk: LoopDesk, codes: tuple[str, ...], read_class: ReadClass, cause: Cause, chute: int
) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, *codes)
    assert loop_desk.said(ReadClassed)[-1].read_class is read_class
    assert (loop_desk.said(Decided)[-1].cause, loop_desk.said(Decided)[-1].chute) == (cause, chute)


def test_a_no_read_rides_its_lap_and_is_sorted_by_the_second_read(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load)
    assert loop_desk.said(Divert) == []
    loop_desk.pass_point(load, 3)
    loop_desk.lap(load)
    lap = loop_desk.said(Recirculated)[-1]
    assert (lap.laps, lap.cause) == (1, Cause.NO_READ)
    assert loop_desk.said(Divert)[0].chute == 5, "its laps are used up: reject, unless it is read by then"
    loop_desk.pass_tunnel(load, "NL1")
    assert loop_desk.said(ReadClassed)[-1].read_class is ReadClass.LATE
    assert [order.chute for order in loop_desk.said(Divert)] == [5, 2]
    assert loop_desk.said(Cancel) == [], "the newest replaces the older"
    loop_desk.take_orders()
    loop_desk.divert(load, 2)
    assert loop_desk.endings() == [(1, "sorted", "none", 2)]


def test_a_load_that_nobody_spoke_of_is_a_no_read_behind_the_tunnel(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.run_to(load, 2000)
    assert loop_desk.said(ReadClassed) == []
    loop_desk.run_belt(450)
    assert loop_desk.said(ReadClassed)[0].read_class is ReadClass.NO_READ


def test_a_lap_before_the_first_read_is_not_held_against_it(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load(induct=2)
    loop_desk.lap(load)
    assert loop_desk.said(Recirculated)[0].cause is Cause.NONE


def test_full_chutes_let_it_ride_until_its_laps_are_used_up_then_it_goes_to_the_overflow(loop_desk: LoopDesk) -> None:
    loop_desk.turn_chute(2, FULL)
    load = loop_desk.feed_load()
    for lap in (1, 2):
        loop_desk.pass_tunnel(load, "NL1")
        loop_desk.pass_point(load, 3)
        assert loop_desk.said(Divert) == []
        loop_desk.lap(load, lap)
    assert [lap.cause for lap in loop_desk.said(Recirculated)] == [Cause.CHUTES_UNAVAILABLE] * 2
    assert loop_desk.said(Divert)[-1].chute == 6
    loop_desk.take_orders()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.divert(load, 6)
    assert loop_desk.endings() == [(1, "rejected", "chutes_unavailable", 6)]


def test_a_chute_that_opens_is_taken_at_once_by_who_rides_because_of_it(loop_desk: LoopDesk) -> None:
    loop_desk.turn_chute(2, FULL)
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    assert loop_desk.said(Decided)[-1].why == "rides on, lap 1 of 2: chute 2 full"
    loop_desk.turn_chute(2, OPEN)
    assert loop_desk.said(Divert)[-1].chute == 2


def test_a_chute_that_closes_withdraws_the_target_if_there_is_no_other(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.take_orders()
    loop_desk.turn_chute(2, CLOSED)
    assert [(order.item, order.chute) for order in loop_desk.said(Cancel)] == [(load.item, 2)]
    loop_desk.fail_order(1, 2, 6)
    loop_desk.turn_chute(2, OPEN)
    assert [order.chute for order in loop_desk.said(Divert)] == [2, 2]


def test_behind_the_point_of_no_return_nothing_is_changed_on_this_lap(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.take_orders()
    loop_desk.run_to(load, 4000 - 150 - 20)
    loop_desk.turn_chute(2, CLOSED)
    assert loop_desk.said(Cancel) == []
    loop_desk.fail_order(1, 2, 2)
    assert loop_desk.said(Decided)[-1].cause is Cause.CHUTES_UNAVAILABLE


def test_a_target_that_was_taken_too_late_stands_for_the_next_lap_and_is_open_again(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "BE1")
    loop_desk.run_to(load, 3000)
    loop_desk.take_orders()
    loop_desk.pass_point(load, 3)
    assert loop_desk.closed() == []
    loop_desk.turn_chute(1, FULL)
    assert [order.chute for order in loop_desk.said(Divert)] == [1, 3], "decided anew on this lap"
    loop_desk.take_orders()
    loop_desk.pass_tunnel(load, "BE1")
    loop_desk.divert(load, 3)
    assert loop_desk.endings() == [(1, "sorted", "none", 3)]


def test_the_second_of_two_with_one_waybill_is_a_duplicate(loop_desk: LoopDesk) -> None:
    first = loop_desk.feed_load()
    loop_desk.run_belt(500)
    second = loop_desk.feed_load()
    loop_desk.pass_point(first, 1)
    loop_desk.read("NL1")
    loop_desk.pass_point(second, 1)
    loop_desk.read("NL1")
    assert [decision.cause for decision in loop_desk.said(Decided)] == [Cause.NONE, Cause.DUPLICATE]


def test_a_read_half_way_between_two_carriers_is_nobodys(loop_desk: LoopDesk) -> None:
    first = loop_desk.feed_load()
    loop_desk.run_belt(500)
    loop_desk.feed_load()
    loop_desk.run_to(first, 2250)
    loop_desk.read("NL1")
    assert loop_desk.said(ReadOrphaned)[0].codes == ("NL1",)


def test_a_second_pass_confirms_or_says_nothing(loop_desk: LoopDesk) -> None:
    loop_desk.turn_chute(2, FULL)
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.lap(load)
    loop_desk.pass_tunnel(load, "NL1", "421056")
    loop_desk.lap(load)
    loop_desk.pass_tunnel(load)
    assert [read.read_class for read in loop_desk.said(ReadClassed)] == [ReadClass.GOOD]
    assert loop_desk.said(PassageDoubted) == []


@pytest.mark.parametrize(
    ("codes", "cause", "chute"),
    [(("BE5",), Cause.IDENTITY_CHANGED, 5), (("NL1", "BE5"), Cause.DOUBLE_LOAD, 6)],
)
def test_another_known_waybill_on_a_later_pass_refuses_the_identity(
    loop_desk: LoopDesk, codes: tuple[str, ...], cause: Cause, chute: int
) -> None:
    loop_desk.turn_chute(2, FULL)
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.turn_chute(2, OPEN)
    loop_desk.lap(load)
    loop_desk.pass_tunnel(load, *codes)
    assert loop_desk.said(PassageDoubted)[0].cause is cause
    assert [order.chute for order in loop_desk.said(Divert)] == [2, chute]


def test_an_item_beside_its_place_keeps_its_number_and_goes_to_the_reject(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_point(load, 1)
    loop_desk.read("NL1")
    loop_desk.pass_point(load, 2, off_mm=500)
    assert loop_desk.said(PassageDoubted)[0].why == "500 mm too late at point 2"
    assert [order.chute for order in loop_desk.said(Divert)] == [2, 6]


def test_a_small_offset_corrects_the_place(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_point(load, 1, off_mm=60)
    loop_desk.run_to(load, 2050)
    loop_desk.read("NL1")
    assert loop_desk.said(SeenAtEye)[0].offset_mm == 60
    assert loop_desk.said(ReadClassed)[0].waybill == "NL1"


def test_places_hold_over_a_wrap_of_the_encoder_and_many_laps() -> None:
    desk = LoopDesk(start_count=0xFFFF_F000)
    desk.start()
    desk.turn_chute(2, FULL)
    load = desk.feed_load()
    desk.pass_tunnel(load, "NL1")
    for lap in range(1, 3):
        desk.lap(load, lap)
        desk.pass_tunnel(load, "NL1")
    assert {seen.offset_mm for seen in desk.said(SeenAtEye)} == {0}
    assert desk.belt > 2 * LENGTH


@pytest.mark.parametrize(
    ("land", "chutes"),
    [("DE", [3, 4, 3, 4]), ("FR", [3, 4, 3, 4]), ("IT", [3, 3, 3, 3])],
)
def test_a_group_shares_its_parcels_as_its_balance_says(loop_desk: LoopDesk, land: str, chutes: list[int]) -> None:
    for number in range(1, 5):
        load = loop_desk.feed_load()
        loop_desk.pass_tunnel(load, f"{land}{number}")
    assert [order.chute for order in loop_desk.said(Divert)] == chutes


def test_fill_then_next_goes_on_to_the_next_and_stays_there(loop_desk: LoopDesk) -> None:
    for number in range(1, 4):
        loop_desk.pass_tunnel(loop_desk.feed_load(), f"IT{number}")
        if number == 1:
            loop_desk.turn_chute(3, FULL)
        elif number == 2:
            loop_desk.turn_chute(3, OPEN)
    assert [order.chute for order in loop_desk.said(Divert)] == [3, 4, 4, 4]


def test_too_many_that_recirculate_stop_induction_and_the_cause_is_named() -> None:
    desk = LoopDesk(loop_machine(recirculation_max_percent=10))
    desk.start()
    desk.turn_chute(2, FULL)
    loads = []
    for _ in range(3):
        loads.append(desk.feed_load())
        desk.run_belt(500)
    for number, load in enumerate(loads, start=1):
        desk.pass_point(load, 1)
        desk.read(f"NL{number}")
    for load in loads:
        desk.lap(load)
    assert [order.induct for order in desk.said(StopInduct)] == [0]
    alarm = desk.said(Disturbed)[-1]
    assert (alarm.code, alarm.active) == ("recirculation", True)
    assert "most of them (3 of 3) for chutes_unavailable" in alarm.why
    desk.turn_chute(2, OPEN)
    desk.take_orders()
    for load in loads:
        desk.divert(load, 2)
    assert [order.induct for order in desk.said(RunInduct)] == [0]
    assert not desk.said(Disturbed)[-1].active


def test_chute_numbers_of_other_plcs_mean_nothing_here(loop_desk: LoopDesk) -> None:
    loop_desk.tell(facts.ScannerLinked(loop_desk.at_ns, ScannerId("elsewhere")))
    loop_desk.tell(facts.ChuteTurned(loop_desk.at_ns, facts.PlcId("plc1"), 7, 900, 0, 2, FULL))  # type: ignore[attr-defined, arg-type]
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    assert loop_desk.said(Divert)[0].chute == 2
    assert loop_desk.said(Divert)[0].plc == PLC
