"""What goes wrong on the way: lost, added, swapped, failed, restarted. Each test is one sentence."""

from sortctl.site.model import Limits
from sortctl.words import facts
from sortctl.words.causes import Cause, Disposition
from sortctl.words.ids import ChuteNumber, EyeNumber
from sortctl.words.orders import Cancel, Divert
from sortctl.words.outcomes import (
    DivertFailed,
    ItemUnexpected,
    PassageDoubted,
    PassageOpened,
    SeenAtEye,
    TrackingVoided,
)
from tests.logic.bench import PLC, Desk, Parcel

FULL, OPEN = 0x8001, 0x8000


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
    desk.pass_eye(2, parcel)
    desk.come_to_end(parcel)
    assert [(c.planned, c.actual, c.destination, c.cause) for c in desk.closed()] == [
        (2, 5, "NL", Cause.LENGTH_CHANGED)
    ]


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


def test_in_a_backlog_of_events_it_counts_where_the_belt_stands_now(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    told, desk.belt = desk.belt, parcel.at + 150 + 3000 - 150 - 20
    desk.tell(facts.BeltMoved(desk.at_ns, PLC, desk.raw(desk.belt), all_told=False))
    for seq, (edge, blocked) in enumerate(((2040, True), (2340, False)), start=900):
        event = (desk.at_ns, PLC, 7, seq, desk.raw(parcel.at + edge))
        desk.tell(facts.EyeChanged(*event, EyeNumber(1), blocked))
    desk.run_belt_to(desk.belt + 10)
    assert told < desk.belt
    assert desk.said(SeenAtEye)[0].offset_mm == 40
    assert desk.said(Cancel) == []


def test_an_order_that_comes_too_late_after_the_one_it_replaced_was_carried_out_changes_nothing(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    desk.pass_eye(1, parcel, off_mm=40)
    desk.take_orders()
    replaced, standing = desk.said(Divert)
    contact = parcel.at + 150 + 3000
    desk.run_belt_to(contact + 150)
    desk.tell(facts.ItemDiverted(desk.at_ns, PLC, 7, 900, desk.raw(contact), ChuteNumber(1), 1, 0))
    desk.fail_order(standing.seq, chute=1, cause=4)
    desk.enter_chute(1, contact + 400)
    assert replaced.seq != standing.seq
    assert desk.said(DivertFailed) == []
    assert desk.closed()[0].disposition is Disposition.SORTED


def test_a_plc_that_restarts_without_end_leaves_no_heap_of_reminders(desk: Desk) -> None:
    for _ in range(20):
        desk.feed_parcel(length=100)
        desk.run_belt_to(desk.belt + 100)
    for boot in range(8, 500):
        desk.tell(facts.PlcRestarted(desk.at_ns, PLC, boot, desk.raw(desk.belt)))
    [line] = desk.logic.lines
    assert len(line._due) < 2_000
    assert len(line.state.adrift) == 20
    desk.run_belt_to(desk.belt + 50_000)
    assert len(desk.closed()) == 20, "each is still concluded"


def test_orders_for_a_plc_that_takes_none_do_not_pile_up(desk: Desk) -> None:
    """Its lease goes on, its belt runs, and it is full for ever: that is an alarm, not the end of this process."""
    for _ in range(1_200):
        parcel = desk.feed_parcel(length=100)
        desk.read_code(parcel, "NL1")
        desk.run_belt_to(desk.belt + 300)
    assert len(desk.said(Divert)) < 1_100
    assert len(desk.logic.lines[0].state.untaken) < 1_100
    desk.take_orders()
    parcel = desk.feed_parcel()
    before = len(desk.said(Divert))
    desk.read_code(parcel, "NL1")
    assert len(desk.said(Divert)) > before, "it takes orders again"


def corrected(desk: Desk) -> tuple[Parcel, Divert, Divert]:
    """A parcel whose order was corrected at the eye, so late that both orders reach the PLC behind the first one's count."""
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    desk.pass_eye(1, parcel, off_mm=-40)
    first, second = desk.said(Divert)
    desk.run_belt_to(parcel.at + 150 + 3000)
    return parcel, first, second


def test_a_correction_that_comes_too_late_waits_for_the_order_it_corrects(desk: Desk) -> None:
    parcel, _, second = corrected(desk)
    desk.fail_order(second.seq, chute=1, cause=4)
    assert desk.said(DivertFailed) == []
    desk.divert(parcel, 1, item=1)
    assert desk.closed()[0].disposition is Disposition.SORTED


def test_a_correction_that_comes_too_late_fails_if_the_order_it_corrects_was_withdrawn(desk: Desk) -> None:
    _, first, second = corrected(desk)
    desk.fail_order(first.seq, chute=1, cause=6)
    desk.fail_order(second.seq, chute=1, cause=4)
    assert desk.said(DivertFailed)[0].chute == 1
    assert desk.said(Divert)[-1].chute == 3


def test_a_parcel_found_in_the_chute_of_an_earlier_order_is_not_pushed_at_again(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    desk.pass_eye(1, parcel)
    desk.turn_chute(1, 0x8001)
    contact = parcel.at + 150 + 3000
    desk.run_belt_to(contact + 100)
    desk.tell(facts.ItemDiverted(desk.at_ns, PLC, 7, 900, desk.raw(contact + 100), ChuteNumber(1), 1, 0))
    assert desk.said(Cancel)[-1].chute == 3
    desk.enter_chute(1, contact + 400)
    assert desk.closed()[0].actual == 1


def test_two_that_slide_together_on_the_way_are_not_pushed(desk: Desk) -> None:
    first = desk.feed_parcel(300)
    desk.run_belt_to(desk.belt + 510)
    second = desk.feed_parcel(300)
    desk.read_code(first, "NL1")
    desk.read_code(second, "BE1")
    desk.pass_eye(1, first, off_mm=40)
    desk.pass_eye(1, second, off_mm=-40)
    assert [doubt.cause for doubt in desk.said(PassageDoubted)] == [Cause.GAP_TOO_SMALL] * 2
