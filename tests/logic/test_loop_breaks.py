"""What a break leaves behind on a loop: a restart of the PLC or of ours, a hole in the events, other epochs, limits."""

from sortctl.site.model import Limits
from sortctl.words import facts
from sortctl.words.causes import Cause
from sortctl.words.ids import ChuteNumber, InductNumber, PointNumber
from sortctl.words.orders import Cancel, Divert, StopInduct
from sortctl.words.outcomes import (
    Decided,
    DivertFailed,
    ItemUnexpected,
    PassageDoubted,
    PassageFound,
    PassageMissing,
    TrackingVoided,
)
from tests.logic.loop_bench import CLOSED, FULL, LENGTH, OPEN, PLC, Load, LoopDesk, loop_machine


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
