"""The way of a parcel through the logic, by hand: each test is one sentence about one parcel."""

import pytest

from sortctl.logic.known.chutes import ChuteBook
from sortctl.site.model import Limits
from sortctl.words import facts
from sortctl.words.causes import Cause, ChuteState, Disposition, Proof, ReadClass
from sortctl.words.ids import ScannerId
from sortctl.words.orders import Cancel, Divert
from sortctl.words.outcomes import (
    Decided,
    DivertFailed,
    DivertTold,
    ItemUnexpected,
    PassageDoubted,
    PassageOpened,
    ReadClassed,
    ReadOrphaned,
    TrackingVoided,
)
from tests.logic.bench import PLC, Desk

FULL, OPEN = 0x8001, 0x8000


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.start()
    made.run_belt_to(1_000)
    return made


def test_a_good_read_leads_to_an_order_at_the_right_count_and_a_confirmed_chute(desk: Desk) -> None:
    parcel = desk.feed_parcel(300)
    desk.read_code(parcel, "NL1")
    [order] = desk.said(Divert)
    contact = 4000 - (50 + 100)
    assert (order.chute, order.item, order.seq, order.epoch) == (2, 1, 1, 1)
    assert order.at_count == desk.raw(parcel.at + 150 + contact)
    desk.take_orders()
    desk.pass_eye(1, parcel)
    desk.divert(parcel, 2, item=1)
    [closed] = desk.closed()
    assert (closed.disposition, closed.actual, closed.planned, closed.proof) == (Disposition.SORTED, 2, 2, Proof.SEEN)
    assert [told.proof for told in desk.said(DivertTold)] == [Proof.ORDERED, Proof.TAKEN, Proof.DONE]


def test_a_parcel_for_the_end_chute_needs_no_order(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "FR1")
    desk.pass_eye(1, parcel)
    desk.pass_eye(2, parcel)
    desk.come_to_end(parcel)
    assert desk.said(Divert) == []
    assert desk.closed()[0].disposition is Disposition.SORTED


@pytest.mark.parametrize(
    ("codes", "read_class", "cause"),
    [
        ((), ReadClass.NO_READ, Cause.NO_READ),
        (("BE1", "BE2"), ReadClass.MULTI_READ, Cause.MULTI_READ),
        (("BE1", "NL1"), ReadClass.CONFLICT, Cause.CONFLICT),
        (("RB123456789CN",), ReadClass.INVALID, Cause.INVALID_CODE),
        (("WHO",), ReadClass.GOOD, Cause.UNKNOWN_PARCEL),
        (("LU1",), ReadClass.GOOD, Cause.NO_RULE),
    ],
)
def test_every_bad_read_has_its_class_and_cause(
    desk: Desk, codes: tuple[str, ...], read_class: ReadClass, cause: Cause
) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, *codes)
    assert desk.said(ReadClassed)[-1].read_class is read_class
    decision = desk.said(Decided)[-1]
    assert decision.cause is cause
    assert decision.chute == (4 if cause is Cause.NO_READ else 5)


def test_a_parcel_that_no_scanner_spoke_of_is_a_no_read_once_no_read_can_come(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.run_belt_to(parcel.at + 1000)
    assert desk.said(ReadClassed) == []
    desk.run_belt_to(parcel.at + 150 + 1000 + 550)
    assert desk.said(ReadClassed)[0].read_class is ReadClass.NO_READ


def test_a_label_beside_the_waybill_does_not_disturb(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "421056", "NL1", "RB123456789CN")
    assert desk.said(ReadClassed)[-1].waybill == "NL1"


def test_the_same_waybill_twice_on_the_sorter_stops_the_second_only(desk: Desk) -> None:
    first = desk.feed_parcel()
    desk.run_belt_to(desk.belt + 800)
    second = desk.feed_parcel()
    desk.read_code(first, "NL1")
    desk.read_code(second, "NL1")
    assert [d.cause for d in desk.said(Decided)] == [Cause.NONE, Cause.DUPLICATE]


def test_a_read_half_way_between_two_close_parcels_is_an_orphan(desk: Desk) -> None:
    first = desk.feed_parcel(200)
    desk.run_belt_to(desk.belt + 410)
    desk.feed_parcel(200)
    desk.read_code(first, "NL1", off_mm=205)
    assert [orphan.codes for orphan in desk.said(ReadOrphaned)] == [("NL1",)]
    assert desk.said(ReadClassed) == []


def test_a_read_far_from_every_parcel_is_an_orphan(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "NL1", off_mm=300)
    assert len(desk.said(ReadOrphaned)) == 1


def test_a_read_waits_while_the_belt_is_not_known_and_is_tied_by_its_own_moment(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.run_belt_to(parcel.at + 150 + 1000)
    moment = desk.at_ns
    desk.tell(facts.PlcLost(moment, PLC, "frozen"))
    desk.tell(facts.CodesRead(moment, ScannerId("top"), (facts.Code("NL1"),)))
    assert desk.said(ReadClassed) == []
    desk.belt += 400
    desk.tell(facts.PlcLinked(desk.at_ns, PLC, 7, desk.raw(desk.belt), 6, 1, 1, 0, 0, 0))
    desk.tell(facts.BeltMoved(desk.at_ns, PLC, desk.raw(desk.belt)))
    assert desk.said(ReadClassed)[0].waybill == "NL1"


def test_parcels_too_close_for_a_pusher_both_go_to_the_end(desk: Desk) -> None:
    first = desk.feed_parcel(300)
    desk.run_belt_to(desk.belt + 450)
    second = desk.feed_parcel(300)
    assert second.at - first.at - 300 == 150
    assert [doubt.cause for doubt in desk.said(PassageDoubted)] == [Cause.GAP_TOO_SMALL] * 2
    desk.read_code(first, "NL1")
    desk.read_code(second, "NL2")
    assert desk.said(Divert) == []


def test_a_full_chute_sends_the_parcel_to_the_alternate_and_says_why(desk: Desk) -> None:
    desk.turn_chute(1, FULL)
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    [decision] = desk.said(Decided)
    assert (decision.planned, decision.chute, decision.why) == (1, 3, "chute 1 full")


def test_a_chute_that_fills_on_the_way_changes_the_decision_before_the_point_of_no_return(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.turn_chute(1, FULL)
    first, cancel, second = desk.said(Divert)[0], desk.said(Cancel)[0], desk.said(Divert)[1]
    assert (cancel.chute, cancel.at_count, cancel.seq) == (1, first.at_count, 2)
    assert (second.chute, second.seq) == (3, 3)


def test_after_the_point_of_no_return_the_decision_stands(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    desk.pass_eye(1, parcel)
    desk.run_belt_to(parcel.at + 150 + 3000 - 150 - 30)
    desk.turn_chute(1, FULL)
    assert desk.said(Cancel) == []
    assert len(desk.said(Decided)) == 1


def test_with_no_chute_left_the_cause_is_said_and_a_chute_that_opens_is_taken(desk: Desk) -> None:
    desk.turn_chute(2, FULL)
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "NL1")
    assert desk.said(Decided)[-1].cause is Cause.CHUTES_UNAVAILABLE
    desk.turn_chute(2, OPEN)
    assert desk.said(Decided)[-1].chute == 2


def test_parcels_under_way_count_against_the_room_in_a_chute() -> None:
    book = ChuteBook(1, capacity=10, state=ChuteState.OPEN)
    refusals = []
    for book.heading in range(6):
        refusals.append(book.refusal())
    assert refusals[:5] == [""] * 5
    assert refusals[5] == "5 under way fill its upper half"


def test_a_half_full_chute_takes_what_fits_into_its_upper_half_and_is_believed_when_emptied() -> None:
    book = ChuteBook(1, capacity=10)
    book.turn(0x8002)
    for odo in range(4):
        book.enter(odo)
    assert book.refusal() == ""
    book.heading = 1
    assert book.refusal() == "full by count: 4 since half full, 1 under way"
    book.turn(0x8000)
    assert book.refusal() == ""


def test_a_parcel_that_an_eye_does_not_see_is_lost_and_its_order_withdrawn(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "NL1")
    desk.take_orders()
    desk.run_belt_to(parcel.at + 2000 + 250 + 40 + 600 - 10)
    assert desk.closed() == []
    desk.run_belt_to(parcel.at + 2000 + 250 + 40 + 600 + 50)
    [closed] = desk.closed()
    assert (closed.disposition, closed.cause) == (Disposition.LOST, Cause.NOT_SEEN)
    assert desk.said(Cancel)[0].chute == 2


def test_a_lost_parcel_changes_nothing_for_the_next(desk: Desk) -> None:
    lost = desk.feed_parcel()
    desk.run_belt_to(desk.belt + 700)
    kept = desk.feed_parcel()
    desk.read_code(lost, "BE1")
    desk.read_code(kept, "NL1")
    desk.take_orders()
    desk.pass_eye(1, kept)
    desk.divert(kept, 2, item=2)
    assert [(c.passage, c.disposition, c.actual) for c in desk.closed()] == [
        (1, Disposition.LOST, 0),
        (2, Disposition.SORTED, 2),
    ]


def test_an_item_that_nobody_booked_gets_a_passage_and_goes_to_the_end(desk: Desk) -> None:
    desk.block_eye(1, desk.belt + 100, 250)
    assert len(desk.said(ItemUnexpected)) == 1
    assert desk.said(PassageDoubted)[0].cause is Cause.UNKNOWN_ITEM


def test_an_item_of_another_length_is_not_the_one_we_think(desk: Desk) -> None:
    parcel = desk.feed_parcel(300)
    desk.read_code(parcel, "NL1")
    desk.take_orders()
    desk.block_eye(1, parcel.at + 2000, 450)
    assert desk.said(PassageDoubted)[0].cause is Cause.LENGTH_CHANGED
    assert desk.said(Cancel)[0].chute == 2


def test_two_that_changed_places_both_go_to_the_end_and_are_both_accounted_for(desk: Desk) -> None:
    short = desk.feed_parcel(150)
    desk.run_belt_to(desk.belt + 800)
    long = desk.feed_parcel(600)
    desk.read_code(short, "NL1")
    desk.read_code(long, "BE1")
    front = short.at + 2000
    desk.block_eye(1, front, 600)
    desk.block_eye(1, front + 600 + (long.at - short.at - 150), 150)
    assert {doubt.passage for doubt in desk.said(PassageDoubted)} == {1, 2}
    assert desk.said(ItemUnexpected) == []


def test_contact_bounce_is_no_parcel(desk: Desk) -> None:
    parcel = desk.feed_parcel(300)
    desk.read_code(parcel, "NL1")
    front = parcel.at + 2000
    for eye, (on, off) in ((1, (front, front + 5)), (1, (front + 12, front + 300)), (1, (front + 305, front + 310))):
        for belt, blocked in ((on, True), (off, False)):
            desk.run_belt_to(belt)
            desk.tell(
                facts.EyeChanged(desk.at_ns, PLC, 7, 900 + belt, desk.raw(belt), eye, blocked)  # type: ignore[arg-type]
            )
    desk.run_belt_to(front + 400)
    assert desk.said(ItemUnexpected) == []
    assert desk.said(PassageDoubted) == []


def test_a_failed_divert_is_planned_anew_further_down(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    desk.pass_eye(1, parcel)
    desk.run_belt_to(parcel.at + 150 + 3000)
    desk.fail_order(seq=1, chute=1, cause=3)
    assert desk.said(DivertFailed)[0].why == "actuator fault"
    assert desk.said(Divert)[-1].chute == 3
    desk.take_orders()
    desk.pass_eye(2, parcel)
    desk.divert(parcel, 3, item=1)
    assert desk.closed()[0].disposition is Disposition.SORTED


def test_a_parcel_seen_behind_its_chute_was_not_diverted(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "NL1")
    desk.take_orders()
    desk.pass_eye(1, parcel)
    desk.pass_eye(2, parcel)
    assert desk.said(DivertFailed)[0].chute == 2
    desk.come_to_end(parcel)
    closed = desk.closed()[0]
    assert closed.disposition is Disposition.REJECTED
    assert closed.actual == 5


def test_a_corrected_position_corrects_the_order(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "NL1")
    desk.pass_eye(1, parcel, off_mm=40)
    first, second = desk.said(Divert)
    assert second.at_count - first.at_count == 40
    assert desk.said(Cancel)[0].at_count == first.at_count


def test_after_a_plc_restart_nothing_is_diverted_on_a_guess_and_all_is_accounted_for(desk: Desk) -> None:
    first = desk.feed_parcel()
    desk.run_belt_to(desk.belt + 900)
    second = desk.feed_parcel()
    desk.read_code(first, "NL1")
    desk.take_orders()
    desk.tell(facts.PlcRestarted(desk.at_ns, PLC, 8, desk.raw(desk.belt)))
    assert desk.said(TrackingVoided)[0].passages == 2
    desk.tell(facts.EpochLost(desk.at_ns, PLC, "restart"))
    desk.tell(facts.EpochGranted(desk.at_ns, PLC, 2, 0))
    assert len(desk.said(Divert)) == 1
    desk.pass_eye(1, first)
    desk.pass_eye(2, first)
    desk.come_to_end(first)
    desk.run_belt_to(second.at + 10_000)
    assert sorted((c.passage, c.disposition, c.cause) for c in desk.closed()) == [
        (1, Disposition.REJECTED, Cause.POSITION_VOID),
        (2, Disposition.LOST, Cause.NOT_SEEN),
    ]


def test_a_new_epoch_repeats_only_what_is_not_known_to_be_taken(desk: Desk) -> None:
    first = desk.feed_parcel()
    desk.read_code(first, "NL1")
    desk.take_orders()
    desk.run_belt_to(desk.belt + 400)
    second = desk.feed_parcel()
    desk.read_code(second, "NL2")
    desk.tell(facts.EpochLost(desk.at_ns, PLC, "lease ended"))
    desk.tell(facts.EpochGranted(desk.at_ns, PLC, 2, 0))
    orders = desk.said(Divert)
    assert [(order.epoch, order.seq, order.item) for order in orders] == [(1, 1, 1), (1, 2, 2), (2, 1, 2)]
    assert orders[2].at_count == orders[1].at_count


def test_without_an_epoch_decisions_wait_and_then_go_out(desk: Desk) -> None:
    desk.tell(facts.EpochLost(desk.at_ns, PLC, "lease ended"))
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "NL1")
    assert desk.said(Divert) == []
    desk.tell(facts.EpochGranted(desk.at_ns, PLC, 2, 0))
    assert desk.said(Divert)[0].epoch == 2


def test_an_order_fired_in_spite_of_its_withdrawal_is_believed(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.turn_chute(1, FULL)
    desk.pass_eye(1, parcel)
    desk.divert(parcel, 1, item=1)
    assert (desk.closed()[0].disposition, desk.closed()[0].actual) == (Disposition.SORTED, 1)


def test_an_unbooked_item_at_the_end_is_booked_in_and_out(desk: Desk) -> None:
    desk.enter_chute(5, desk.belt + 100)
    assert [(c.disposition, c.cause) for c in desk.closed()] == [(Disposition.REJECTED, Cause.UNKNOWN_ITEM)]


def test_an_unbooked_item_in_a_pusher_chute_is_told(desk: Desk) -> None:
    desk.enter_chute(3, desk.belt + 100)
    assert desk.said(ItemUnexpected)[0].chute == 3
    assert desk.closed() == []


def test_at_the_limit_the_oldest_passage_is_given_up_and_the_new_one_opened() -> None:
    desk = Desk(Limits(passages_max=10))
    desk.start()
    for _ in range(11):
        desk.run_belt_to(desk.belt + 150)
        desk.feed_parcel(100)
    assert [(c.passage, c.disposition, c.cause) for c in desk.closed()] == [(1, Disposition.LOST, Cause.LIMIT)]


def test_a_changed_configuration_or_a_doubtful_journal_voids_every_position(desk: Desk) -> None:
    desk.feed_parcel()
    desk.tell(facts.ControllerStarted(desk.at_ns, 0, "site", "1"))
    assert desk.said(TrackingVoided) == []
    desk.tell(facts.ControllerStarted(desk.at_ns, 0, "another site", "1"))
    assert [voided.passages for voided in desk.said(TrackingVoided)] == [1]
    desk.tell(facts.ControllerStarted(desk.at_ns, 0, "another site", "1", "rows are missing", 500))
    desk.feed_parcel()
    assert desk.said(PassageOpened)[-1].passage == 501


def test_orders_beyond_what_the_plc_holds_wait_for_room_the_nearest_first() -> None:
    desk = Desk(waiting_diverts=1)
    desk.start()
    desk.run_belt_to(1_000)
    first = desk.feed_parcel()
    desk.run_belt_to(desk.belt + 600)
    second = desk.feed_parcel()
    desk.read_code(first, "BE1")
    desk.read_code(second, "DE1")
    assert [order.item for order in desk.said(Divert)] == [1]
    desk.take_orders()
    desk.pass_eye(1, first)
    desk.pass_eye(1, second)
    desk.divert(first, 1, item=1)
    desk.run_belt_to(desk.belt + 50)
    assert [order.item for order in desk.said(Divert)] == [1, 2]
