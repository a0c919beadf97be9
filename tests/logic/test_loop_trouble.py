"""What goes wrong on a loop: empty carriers, found loads, failed drives, restarts, holes. Each test is one sentence."""

import pytest

from sortctl.site.model import Limits
from sortctl.words import facts
from sortctl.words.causes import Cause, Proof
from sortctl.words.ids import ChuteNumber, InductNumber, PointNumber
from sortctl.words.orders import Cancel, Divert, PutCarrierIn, StopInduct, TakeCarrierOut
from sortctl.words.outcomes import (
    CarrierTurned,
    Decided,
    Disturbed,
    DivertFailed,
    ItemUnexpected,
    PassageDoubted,
    PassageFound,
    PassageMissing,
    PassageOpened,
    TrackingVoided,
)
from tests.logic.loop_bench import CLOSED, FULL, LENGTH, OPEN, PLC, Load, LoopDesk, loop_machine

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


# ------------------------------------------------------------------------------------------- breaks


def test_after_a_plc_start_nothing_is_diverted_on_a_guess_and_a_fresh_read_is_enough(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.take_orders()
    loop_desk.restart_plc()
    assert loop_desk.said(TrackingVoided)[0].passages == 1
    moved = Load(load.at + 2 * 500, 0)
    loop_desk.run_to(moved, 8500)
    found = loop_desk.find_load(3)
    assert len(loop_desk.said(Divert)) == 1
    loop_desk.pass_tunnel(found, "NL1")
    assert [(order.item, order.epoch) for order in loop_desk.said(Divert)] == [(load.item, 1), (found.item, 2)]


def test_after_a_plc_start_an_unread_load_is_known_by_its_carrier(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.run_belt(500)
    loop_desk.restart_plc(moved=0)
    # the belt coasted by 3 pitches while nobody counted
    home = Load(-HOME + 1500, 0)
    loop_desk.run_to(home, 9000)
    loop_desk.pass_home()
    loop_desk.run_to(Load(load.at + 1500, 0), 8500)
    found = loop_desk.find_load(3)
    loop_desk.pass_tunnel(found, "NL1")
    loop_desk.run_belt(500)
    assert [seen.passage for seen in loop_desk.said(PassageFound)] == [1]
    assert loop_desk.said(Divert)[-1].chute == 2, "read by now, and nothing was guessed: it is planned as read"


HOME = 9000


def test_numbers_of_before_a_plc_start_mean_nothing(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.restart_plc()
    loop_desk.see(load, 2)
    assert len(loop_desk.said(ItemUnexpected)) == 1
    assert loop_desk.said(PassageFound) == []


def test_after_a_hole_in_the_events_a_number_proves_it_at_the_next_check_point(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.take_orders()
    loop_desk.tell(facts.EventsMissed(loop_desk.at_ns, PLC, 7, 50, 60))
    loop_desk.run_to(load, 8500)
    loop_desk.see(load, 3)
    assert loop_desk.said(PassageFound)[0].why == "seen at point 3"
    assert [order.chute for order in loop_desk.said(Divert)] == [2, 2], "whether its order stands is not known"
    loop_desk.take_orders()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.divert(load, 2)
    assert loop_desk.endings() == [(1, "sorted", "none", 2)]


def test_after_a_hole_who_is_not_seen_for_a_lap_is_lost(loop_desk: LoopDesk) -> None:
    loop_desk.feed_load()
    loop_desk.tell(facts.EventsMissed(loop_desk.at_ns, PLC, 7, 50, 60))
    loop_desk.run_belt(LENGTH + 1_100)
    assert loop_desk.endings() == [(1, "lost", "position_void", 0)]


def test_a_load_that_no_check_point_tells_of_for_a_lap_is_missing(loop_desk: LoopDesk) -> None:
    loop_desk.feed_load()
    loop_desk.run_belt(LENGTH + 1_100)
    assert loop_desk.said(PassageMissing)[0].why == "no check-point has seen it for a lap"


def test_a_controller_that_was_killed_goes_on_in_its_epoch(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.restore()
    loop_desk.tell(facts.EpochGranted(loop_desk.at_ns, PLC, 1, 0))
    loop_desk.run_belt(50)
    assert [order.seq for order in loop_desk.said(Divert)] == [1]
    assert [order.seq for order in loop_desk.logic.untaken(PLC)] == [1]
    loop_desk.take_orders()
    loop_desk.divert(load, 2)
    assert loop_desk.endings() == [(1, "sorted", "none", 2)]


def test_a_target_of_an_old_epoch_is_replaced_when_the_decision_changed_meanwhile(loop_desk: LoopDesk) -> None:
    loop_desk.pass_tunnel(loop_desk.feed_load(), "BE1")
    loop_desk.take_orders()
    loop_desk.lose_epoch()
    loop_desk.turn_chute(1, FULL)
    assert len(loop_desk.said(Divert)) == 1
    loop_desk.grant(2)
    assert [(order.epoch, order.chute) for order in loop_desk.said(Divert)] == [(1, 1), (2, 3)]
    loop_desk.lose_epoch()
    loop_desk.turn_chute(3, CLOSED)
    loop_desk.grant(3)
    assert [(order.epoch, order.chute) for order in loop_desk.said(Cancel)] == [(3, 3)], "it rides on"


def test_a_new_epoch_repeats_only_what_is_not_known_to_be_taken(loop_desk: LoopDesk) -> None:
    first = loop_desk.feed_load()
    loop_desk.run_belt(500)
    second = loop_desk.feed_load()
    loop_desk.pass_point(first, 1)
    loop_desk.read("NL1")
    loop_desk.take_orders()
    loop_desk.pass_point(second, 1)
    loop_desk.read("NL2")
    loop_desk.lose_epoch()
    loop_desk.grant(2)
    assert [(order.epoch, order.seq, order.item) for order in loop_desk.said(Divert)] == [
        (1, 1, first.item),
        (1, 2, second.item),
        (2, 1, second.item),
    ]


def test_a_failed_order_of_an_old_epoch_is_found_by_its_number_and_chute(loop_desk: LoopDesk) -> None:
    old = loop_desk.feed_load()
    loop_desk.run_belt(500)
    new = loop_desk.feed_load()
    loop_desk.pass_point(old, 1)
    loop_desk.read("NL1")
    loop_desk.take_orders()
    loop_desk.lose_epoch()
    loop_desk.grant(2)
    loop_desk.pass_point(new, 1)
    loop_desk.read("NL2")
    assert [(order.epoch, order.seq) for order in loop_desk.said(Divert)] == [(1, 1), (2, 1)]
    loop_desk.run_to(old, 4000 - 150)
    loop_desk.fail_order(1, 2, 3)
    assert [failed.passage for failed in loop_desk.said(DivertFailed)] == [1]


def test_a_stop_of_induction_that_was_not_taken_is_given_again() -> None:
    desk = LoopDesk(loop_machine(recirculation_max_percent=1))
    desk.start()
    desk.turn_chute(2, FULL)
    load = desk.feed_load()
    desk.pass_tunnel(load, "NL1")
    desk.lap(load)
    desk.lose_epoch()
    desk.grant(2)
    assert [(order.epoch, order.induct) for order in desk.said(StopInduct)] == [(1, 0), (2, 0)]


def test_loads_beyond_what_the_plc_holds_wait_and_the_nearest_is_told_first() -> None:
    desk = LoopDesk(loop_machine(waiting_diverts=1))
    desk.start()
    loads = []
    for _ in range(3):
        loads.append(desk.feed_load())
        desk.run_belt(500)
    for load, code in zip(loads, ("BE1", "DE2", "NL3"), strict=True):
        desk.pass_point(load, 1)
        desk.read(code)
        desk.see(load, 1)
    assert [order.item for order in desk.said(Divert)] == [loads[0].item]
    desk.take_orders()
    desk.divert(loads[0], 1)
    desk.run_belt(50)
    assert desk.said(Divert)[-1].item == loads[2].item, "chute 2 comes before chute 3"


def test_at_the_limit_the_oldest_passage_is_given_up_and_its_target_withdrawn() -> None:
    desk = LoopDesk(limits=Limits(passages_max=10))
    desk.start()
    first = desk.feed_load()
    desk.pass_tunnel(first, "IT1")
    for _ in range(10):
        desk.feed_load()
    assert desk.endings() == [(1, "lost", "limit", 0)]
    assert [order.item for order in desk.said(Cancel)] == [first.item]


def test_a_number_that_the_plc_uses_twice_names_the_newer_load(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.run_belt(500)
    event = loop_desk.event()
    loop_desk.tell(facts.Inducted(*event, InductNumber(1), load.item, 300))
    assert [missing.passage for missing in loop_desk.said(PassageMissing)] == [1]
    loop_desk.tell(facts.Inducted(*loop_desk.event(), InductNumber(1), 0, 300))
    assert loop_desk.said(PassageDoubted)[-1].why == "the PLC gave it no number"


def test_a_changed_configuration_asks_for_every_load_to_be_seen_again(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.pass_tunnel(load, "NL1")
    loop_desk.tell(facts.ControllerStarted(loop_desk.at_ns, 0, "another site", "1"))
    loop_desk.tell(facts.PlcLinked(loop_desk.at_ns, PLC, 7, loop_desk.raw(loop_desk.belt), 6, 1, 1, 1, 0, 0))
    assert loop_desk.said(TrackingVoided)[0].passages == 1
    loop_desk.pass_point(load, 3)
    assert [seen.passage for seen in loop_desk.said(PassageFound)] == [1]


def test_two_that_changed_carriers_are_both_rejected_and_each_is_accounted_for_as_itself(loop_desk: LoopDesk) -> None:
    first = loop_desk.feed_load()
    loop_desk.run_belt(500)
    second = loop_desk.feed_load()
    loop_desk.turn_chute(2, FULL)
    for load, code in ((first, "NL1"), (second, "NL2")):
        loop_desk.pass_point(load, 1)
        loop_desk.read(code)
    loop_desk.run_belt(1_000)
    for load in (first, second):
        loop_desk.lap(load)
    for load, code in ((first, "NL2"), (second, "NL1")):
        loop_desk.pass_point(load, 1)
        loop_desk.read(code)
    assert {doubt.cause for doubt in loop_desk.said(PassageDoubted)} == {Cause.IDENTITY_CHANGED}
    assert [(found.passage, found.item) for found in loop_desk.said(PassageFound)] == [
        (2, first.item),
        (1, second.item),
    ]
    loop_desk.take_orders()
    loop_desk.divert(first, 5)
    assert loop_desk.closed()[0].passage == 2


def test_points_inducts_and_chutes_that_the_site_does_not_know_break_nothing(loop_desk: LoopDesk) -> None:
    load = loop_desk.feed_load()
    loop_desk.tell(facts.ItemAtPoint(*loop_desk.event(), PointNumber(77), load.item))
    loop_desk.tell(facts.ItemDiverted(*loop_desk.event(), ChuteNumber(77), load.item, 0))
    loop_desk.enter(77, loop_desk.belt)
    loop_desk.tell(facts.Inducted(*loop_desk.event(), InductNumber(9), 555, 300))
    assert loop_desk.said(ItemUnexpected)[0].why == "point 77 is not in the site file"
    assert loop_desk.said(Decided) == []
    loop_desk.turn_chute(77, OPEN)
