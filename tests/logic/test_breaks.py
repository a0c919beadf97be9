"""What a break leaves behind: a restart of ours or of the PLC, a hole in the events, another controller's orders."""

from sortctl.logic import HubRules, Logic
from sortctl.plan.load import load_plan
from sortctl.words import facts
from sortctl.words.causes import Cause, Disposition, ReadClass
from sortctl.words.facts import Code
from sortctl.words.ids import ChuteNumber, ScannerId
from sortctl.words.orders import Cancel, Divert
from sortctl.words.outcomes import Decided, DivertTold, ReadClassed
from sortctl.words.units import NS_PER_MS
from tests.logic.bench import PLAN, PLC, Desk, machine


def test_who_came_first_with_a_waybill_is_known_after_a_restart(desk: Desk) -> None:
    """The second on the belt was read first; the first, read late, is the duplicate and stays it."""
    first = desk.feed_parcel()
    desk.run_belt_to(desk.belt + 800)
    second = desk.feed_parcel()
    desk.read_code(second, "NL1")
    moment = (first.at + 150 + 1000 + 1) * NS_PER_MS
    desk.tell(facts.CodesRead(moment, ScannerId("top"), (Code("NL1"),)))
    assert desk.said(ReadClassed)[-1].read_class is ReadClass.DUPLICATE
    restored = Logic([machine()], HubRules(), load_plan(PLAN))
    restored.restore(desk.logic.snapshot())
    moment = (second.at + 150 + 1000 + 1) * NS_PER_MS
    again = restored.step(facts.CodesRead(moment, ScannerId("top"), (Code("NL1"), Code("WHO"))))
    assert [thing for thing in again if isinstance(thing, ReadClassed)] == []


def test_after_a_hole_in_the_events_standing_orders_are_withdrawn(desk: Desk) -> None:
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    desk.pass_eye(1, parcel)
    desk.tell(facts.EventsMissed(desk.at_ns, PLC, 7, 50, 60))
    assert [order.at_count for order in desk.said(Cancel)] == [desk.said(Divert)[0].at_count]
    assert (desk.said(Decided)[-1].chute, desk.said(Decided)[-1].cause) == (5, Cause.POSITION_VOID)


def test_a_plc_that_lost_its_memory_may_grant_the_same_epoch_again(desk: Desk) -> None:
    """Orders count from 1 again, as the PLC does; those of before are gone."""
    before = desk.feed_parcel()
    desk.read_code(before, "BE1")
    desk.tell(facts.EpochLost(desk.at_ns, PLC, "the lease ended"))
    desk.tell(facts.PlcRestarted(desk.at_ns, PLC, 8, desk.raw(desk.belt)))
    assert desk.logic.untaken(PLC) == []
    desk.tell(facts.EpochGranted(desk.at_ns, PLC, 1, 0))
    desk.run_belt_to(desk.belt + 700)
    after = desk.feed_parcel()
    desk.read_code(after, "NL2")
    assert [(order.epoch, order.seq, order.item) for order in desk.said(Divert)] == [(1, 1, 1), (1, 1, 2)]


def test_an_actuator_far_from_the_parcel_did_not_divert_it(desk: Desk) -> None:
    """Another controller's order, under a number that is ours by chance."""
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    desk.take_orders()
    desk.pass_eye(1, parcel)
    desk.tell(facts.ItemDiverted(desk.at_ns, PLC, 7, 900, desk.raw(desk.belt - 1_500), ChuteNumber(2), 1, 0))
    assert [told.chute for told in desk.said(DivertTold)] == [1, 1]
    desk.divert(parcel, 1, item=1)
    assert [(c.disposition, c.actual) for c in desk.closed()] == [(Disposition.SORTED, 1)]


def test_passage_numbers_beyond_32_bits_are_known_by_what_the_plc_echoes(desk: Desk) -> None:
    desk.tell(facts.ControllerStarted(desk.at_ns, 0, "site", "1", "rows are missing", 0x1_0000_0004))
    desk.tell(facts.PlcLinked(desk.at_ns, PLC, 7, desk.raw(desk.belt), 6, 1, 1, 0, 0, 0))
    desk.tell(facts.EpochGranted(desk.at_ns, PLC, 1, 0))
    parcel = desk.feed_parcel()
    desk.read_code(parcel, "BE1")
    assert desk.said(Divert)[0].item == 5
    desk.pass_eye(1, parcel)
    desk.divert(parcel, 1, item=5)
    assert [(c.passage, c.proof, c.actual) for c in desk.closed()] == [(0x1_0000_0005, "seen", 1)]
    assert desk.said(DivertTold)[-1].proof == "done"
