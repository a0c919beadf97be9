"""The way of a parcel through the logic, by hand: each test is one sentence about one parcel."""

import pytest

from sortctl.logic.known.chutes import ChuteBook
from sortctl.words import facts
from sortctl.words.causes import Cause, ChuteState, Disposition, Proof, ReadClass
from sortctl.words.ids import ScannerId
from sortctl.words.orders import Cancel, Divert
from sortctl.words.outcomes import (
    Decided,
    DivertTold,
    PassageDoubted,
    ReadClassed,
    ReadOrphaned,
)
from tests.logic.bench import PLC, Desk

FULL, OPEN = 0x8001, 0x8000


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
