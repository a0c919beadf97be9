"""What goes wrong on a loop: empty carriers, found loads, failed drives. Each test is one sentence."""

import pytest

from sortctl.words.causes import Cause, Proof
from sortctl.words.orders import Divert, PutCarrierIn, TakeCarrierOut
from sortctl.words.outcomes import (
    CarrierTurned,
    Disturbed,
    DivertFailed,
    ItemUnexpected,
    PassageDoubted,
    PassageFound,
    PassageMissing,
    PassageOpened,
)
from tests.logic.loop_bench import FULL, LENGTH, Load, LoopDesk, loop_machine

# ------------------------------------------------------------------------------------------- gone and found


def test_a_load_that_a_check_point_no_longer_sees_is_missing_and_after_two_laps_lost(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.empty(load, 3)
    loop_desk.fail_order(1, 2, 7)
    assert loop_desk.said(PassageMissing)[0].why == "its carrier was empty at point 3"
    loop_desk.run_belt(2 * LENGTH)
    assert loop_desk.closed() == []
    loop_desk.run_belt(1_100)
    assert loop_desk.endings() == [(1, "lost", "not_seen", 0)]


def test_a_load_that_a_hand_took_is_removed(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.empty(load, 3, value=2)
    assert loop_desk.endings() == [(1, "removed", "removed_by_hand", 0)]


def test_a_missing_load_is_known_by_its_waybill_wherever_it_is_found_and_sorted(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.empty(load, 3)
    loop_desk.run_belt(3_000)
    loop_desk.run_to(load, 8500)
    found = loop_desk.find_load(3)
    loop_desk.pass_tunnel(found, "NL1")
    assert loop_desk.said(PassageFound)[0].item == found.item
    assert loop_desk.said(Divert)[-1].item == found.item
    loop_desk.take_orders()
    loop_desk.divert(found, 2)
    assert loop_desk.endings() == [(1, "sorted", "none", 2)]


def slipped(desk: LoopDesk, pitches: int) -> Load:
    """A load that was read lies some carriers further back, found at the last check-point."""
    load = desk.feed_load()
    desk.pass_tunnel(load, "NL1")
    desk.empty(load, 3)
    desk.run_belt(500 * pitches)
    return desk.find_load(3)


@pytest.mark.parametrize(("pitches", "passages"), [(1, 1), (2, 2)])
def test_an_unread_load_beside_an_emptied_carrier_is_that_passage_and_rejected(
    loop_desk: LoopDesk, pitches: int, passages: int
) -> None:
    found = slipped(loop_desk, pitches)
    loop_desk.pass_tunnel(found)
    assert len(loop_desk.said(PassageOpened)) == passages
    assert loop_desk.said(Divert)[-1].item == found.item
    cause = Cause.POSITION_VOID if passages == 1 else Cause.UNKNOWN_ITEM
    assert loop_desk.said(PassageDoubted)[-1].cause is cause


def test_a_load_that_nobody_inducted_is_rejected_even_if_its_label_is_good(loop_desk: LoopDesk) -> None:
    found = loop_desk.find_load(3)
    assert loop_desk.said(ItemUnexpected)[0].why == f"item {found.item}, which belongs to no passage"
    loop_desk.pass_tunnel(found, "NL1")
    assert (loop_desk.said(PassageOpened)[0].induct, loop_desk.said(Divert)[-1].chute) == (0, 5)
    loop_desk.take_orders()
    loop_desk.divert(found, 5)
    assert loop_desk.endings() == [(1, "rejected", "unknown_item", 5)]


def test_a_stranger_that_leaves_before_it_was_read_is_booked_in_and_out(loop_desk: LoopDesk) -> None:
    found = loop_desk.find_load(2)
    loop_desk.divert(found, 2)
    assert loop_desk.endings() == [(1, "rejected", "unknown_item", 2)]


def test_a_stranger_that_is_gone_again_is_nobody(loop_desk: LoopDesk) -> None:
    found = loop_desk.find_load(2)
    loop_desk.empty(found, 3)
    loop_desk.run_belt(3 * LENGTH)
    assert loop_desk.said(PassageOpened) == []


# ------------------------------------------------------------------------------------------- drives and chute eyes


def test_a_discharge_that_no_eye_saw_is_missing_and_lost_with_what_is_proven(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.take_orders()
    loop_desk.discharge(load, 2)
    loop_desk.run_belt(SILENT_MM)
    assert "its eye saw nothing" in loop_desk.said(PassageMissing)[0].why
    loop_desk.run_belt(2 * LENGTH + 1_100)
    assert (loop_desk.endings(), loop_desk.closed()[0].proof) == ([(1, "lost", "not_seen", 0)], Proof.DONE)


SILENT_MM = 300 + 600 + 50


def test_a_load_that_stuck_to_its_carrier_is_found_and_goes_to_its_chute_on_the_next_lap(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.take_orders()
    loop_desk.discharge(load, 2)
    loop_desk.run_to(load, 8500)
    found = loop_desk.find_load(3)
    loop_desk.pass_tunnel(found, "NL1")
    assert loop_desk.said(DivertFailed)[0].why == "it is still on the loop"
    loop_desk.lap(found)
    loop_desk.take_orders()
    loop_desk.pass_tunnel(found, "NL1")
    loop_desk.take_orders()
    loop_desk.divert(found, 2)
    assert loop_desk.endings() == [(1, "sorted", "none", 2)]


def test_an_item_that_is_seen_behind_its_chute_under_its_old_number_was_not_discharged(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "BE1")
    loop_desk.take_orders()
    loop_desk.discharge(load, 1)
    loop_desk.pass_point(load, 3)
    assert loop_desk.said(DivertFailed)[0].chute == 1
    assert loop_desk.said(Divert)[-1].chute == 3


def test_a_word_that_never_comes_makes_it_missing_until_a_check_point_shows_it(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "BE1")
    loop_desk.take_orders()
    loop_desk.run_to(load, 3000)
    loop_desk.run_belt(2_500)
    assert loop_desk.said(PassageMissing)[0].why == "the PLC told nothing of its divert to chute 1"
    loop_desk.pass_point(load, 3)
    assert loop_desk.said(PassageFound)[0].why == "seen at point 3"
    assert [order.chute for order in loop_desk.said(Divert)] == [1, 3]


def test_two_that_go_close_behind_one_another_into_one_chute_are_told_apart(loop_desk: LoopDesk) -> None:
    first = loop_desk.feed_load()
    loop_desk.run_belt(500)
    second = loop_desk.feed_load()
    for load, code in ((first, "NL1"), (second, "NL2")):
        loop_desk.pass_point(load, 1)
        loop_desk.read(code)
    loop_desk.take_orders()
    fired = loop_desk.discharge(first, 2)
    loop_desk.enter(2, fired + 250 + 300 + 120)
    fired = loop_desk.discharge(second, 2)
    loop_desk.enter(2, fired + 250 + 300 - 100)
    assert [(c.passage, c.disposition.value) for c in loop_desk.closed()] == [(1, "sorted"), (2, "sorted")]


def test_an_older_order_that_was_carried_out_is_believed(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "BE1")
    loop_desk.take_orders()
    loop_desk.turn_chute(1, FULL)
    assert [order.chute for order in loop_desk.said(Divert)] == [1, 3]
    fired = loop_desk.discharge(load, 1)
    loop_desk.fail_order(2, 3, 7)
    loop_desk.enter(1, fired + 550)
    assert loop_desk.endings() == [(1, "sorted", "none", 1)]


def test_a_failure_of_an_order_that_was_replaced_concludes_nothing(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "BE1")
    loop_desk.turn_chute(1, FULL)
    loop_desk.fail_order(1, 1, 1)
    assert loop_desk.said(DivertFailed) == []
    assert [order.chute for order in loop_desk.said(Divert)] == [1, 3]


def test_an_item_that_the_plc_does_not_know_is_missing(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.fail_order(1, 2, 7)
    assert loop_desk.said(PassageMissing)[0].why == f"the PLC knows no item {load.item}"


def test_an_unbooked_entry_is_told_and_its_bounce_is_not(loop_desk: LoopDesk) -> None:
    loop_desk.enter(2, 100)
    loop_desk.enter(2, 150)
    assert len(loop_desk.said(ItemUnexpected)) == 1


# ------------------------------------------------------------------------------------------- carriers


def fail_drive(desk: LoopDesk, load: Load, times: int) -> None:
    """The drive of its carrier fails at each chute that it is sent to."""
    for _ in range(times):
        order = desk.said(Divert)[-1]
        desk.take_orders()
        desk.run_to(load, 1000 * order.chute + 2000)
        desk.fail_order(order.seq, order.chute, 3)


def test_a_carrier_that_fails_in_a_row_is_taken_out_and_used_again_when_it_works(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "DE1")
    fail_drive(loop_desk, load, 2)
    assert loop_desk.said(TakeCarrierOut) == []
    loop_desk.lap(load)
    loop_desk.pass_tunnel(load, "DE1")
    fail_drive(loop_desk, load, 1)
    [order] = loop_desk.said(TakeCarrierOut)
    # carrier 1 was at 9000 when the belt stood at 0, and the load came on at 500
    assert order.carrier == (9000 - 500) // 500 + 1
    assert [(turned.carrier, turned.out) for turned in loop_desk.said(CarrierTurned)] == [(order.carrier, True)]
    loop_desk.take_orders()
    loop_desk.divert(load, loop_desk.said(Divert)[-1].chute)
    assert [back.carrier for back in loop_desk.said(PutCarrierIn)] == [order.carrier]


def carrier_out(desk: LoopDesk) -> TakeCarrierOut:
    load = desk.feed_load()
    desk.pass_tunnel(load, "DE1")
    fail_drive(desk, load, 1)
    return desk.said(TakeCarrierOut)[-1]


def test_a_plc_that_was_started_is_told_again_once_carrier_1_has_passed() -> None:
    desk = LoopDesk(loop_machine(carrier_faults_max=1))
    desk.start()
    first = carrier_out(desk)
    desk.restart_plc()
    assert desk.said(TakeCarrierOut) == [first]
    desk.pass_home()
    again = desk.said(TakeCarrierOut)[-1]
    assert (again.carrier, again.epoch) == (first.carrier, 2)


def test_a_plc_that_cannot_take_carriers_out_is_an_alarm_and_not_asked_again() -> None:
    desk = LoopDesk(loop_machine(carrier_faults_max=1))
    desk.start()
    order = carrier_out(desk)
    desk.fail_order(order.seq, 0, 7)
    assert desk.said(Disturbed)[-1].code == "carriers_cannot_be_taken_out"
    desk.lose_epoch()
    desk.grant(2)
    assert desk.said(TakeCarrierOut) == [order]


def test_before_the_home_point_no_carrier_has_a_number() -> None:
    desk = LoopDesk(loop_machine(carrier_faults_max=1))
    desk.start()
    desk.restart_plc()
    load = desk.feed_load()
    desk.pass_tunnel(load, "DE1")
    fail_drive(desk, load, 1)
    assert desk.said(TakeCarrierOut) == []
