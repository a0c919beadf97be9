"""A hold that comes too late: whom it finds, where, what is closed for it and for how long. On a line; the loop shares all of it."""

import pytest
from msgspec.structs import replace

from sortctl.labels.rules import label_rules
from sortctl.words import facts, hub
from sortctl.words.causes import Cause, Disposition
from sortctl.words.ids import ChuteNumber
from sortctl.words.orders import CloseChute, OpenChute
from sortctl.words.outcomes import BagClosed, Decided, Disturbed, PassageClosed, ReadClassed, Recalled
from sortctl.words.parcels import CustomsState
from tests.logic.bench import Parcel
from tests.logic.hub_bench import DAY_S, LOTTERY, WALL_S, CustomsLine, released


@pytest.fixture
def desk() -> CustomsLine:
    made = CustomsLine()
    made.open_up()
    return made


def read(desk: CustomsLine, *texts: str) -> Parcel:
    """A parcel comes on and is read; the host knows the first of its codes, released."""
    desk.judge.known[texts[0]] = released(texts[0])
    parcel = desk.feed(*texts)
    desk.pass_scanner(parcel)
    return parcel


def sort(desk: CustomsLine, *texts: str) -> None:
    """A parcel that the host knows is sorted into chute 1."""
    parcel = read(desk, *texts)
    desk.divert(parcel, 1, desk.said(Decided)[-1].passage)


def hold(desk: CustomsLine, text: str) -> None:
    desk.turn(text, released(text, hold="police"))


def bind(desk: CustomsLine, bag: str) -> None:
    desk.tell(hub.BagBound(desk.at_ns, desk.sorter.sorter, ChuteNumber(1), bag, "A. Lambert"))
    desk.run_belt_to(desk.belt + 400)


def lock(desk: CustomsLine, *, locked: bool) -> None:
    fact = hub.ChuteLocked(desk.at_ns, desk.sorter.sorter, ChuteNumber(1), hub.Lock.OPERATOR, locked, "A. Lambert", "")
    desk.tell(fact)


def stands(desk: CustomsLine) -> dict[str, str]:
    """Alarms that stand, with their text."""
    found: dict[str, str] = {}
    for one in desk.said(Disturbed):
        if one.active:
            found[one.code] = one.why
        else:
            found.pop(one.code, None)
    return found


def test_the_alarm_names_parcel_bag_chute_and_what_to_do(desk: CustomsLine) -> None:
    bind(desk, "B7")
    sort(desk, "BE1")
    hold(desk, "BE1")
    text = stands(desk)["recalled_1"]
    for part in ("BE1", "bag B7", "chute 1", "taken out", "police"):
        assert part in text


def test_a_lost_parcel_that_is_held_keeps_the_chute_of_its_order_closed(desk: CustomsLine) -> None:
    parcel = read(desk, "BE1")
    desk.take_orders()
    desk.advance(parcel.at + 3_050)
    hold(desk, "BE1")
    assert [order.chute for order in desk.said(CloseChute)] == [1]
    desk.run_belt_to(desk.belt + 6_000)
    [closed] = desk.said(PassageClosed)
    assert closed.disposition is Disposition.LOST
    assert "recalled_1" in stands(desk)
    assert not desk.said(OpenChute)


def test_a_hold_for_a_parcel_that_was_lost_behind_its_order_closes_that_chute(desk: CustomsLine) -> None:
    parcel = read(desk, "BE1")
    desk.take_orders()
    desk.advance(parcel.at + 2_400)
    desk.run_belt_to(desk.belt + 6_000)  # nothing sees it any more
    [closed] = desk.said(PassageClosed)
    assert closed.disposition is Disposition.LOST
    hold(desk, "BE1")
    assert "recalled_1" in stands(desk)


def test_the_end_of_a_hold_opens_the_chute_for_this_parcel_and_for_no_other(desk: CustomsLine) -> None:
    sort(desk, "BE1")
    sort(desk, "BE2")
    hold(desk, "BE1")
    hold(desk, "BE2")
    desk.turn("BE1", released("BE1"))
    assert "recalled_1" in stands(desk)
    desk.turn("BE2", released("BE2"))
    assert "recalled_1" not in stands(desk)
    assert [order.chute for order in desk.said(OpenChute)] == [1]


def test_a_lock_stays_when_a_hold_ends(desk: CustomsLine) -> None:
    sort(desk, "BE1")
    lock(desk, locked=True)
    hold(desk, "BE1")
    desk.turn("BE1", released("BE1"))
    assert not desk.said(OpenChute)


def test_who_unlocks_a_chute_makes_nobody_forget_what_lies_there(desk: CustomsLine) -> None:
    sort(desk, "BE1")
    lock(desk, locked=True)
    lock(desk, locked=False)
    hold(desk, "BE1")
    assert [(one.chute, one.waybill) for one in desk.said(Recalled)] == [(1, "BE1")]


def test_a_hold_for_a_parcel_in_a_bag_that_is_gone_names_the_bag_and_closes_nothing(desk: CustomsLine) -> None:
    bind(desk, "B7")
    sort(desk, "BE1")
    bind(desk, "B8")
    assert [bag.waybills for bag in desk.said(BagClosed)] == [("BE1",)]
    hold(desk, "BE1")
    [recalled] = desk.said(Recalled)
    assert (recalled.chute, recalled.bag, recalled.waybill) == (0, "B7", "BE1")
    assert not desk.said(CloseChute)
    text = stands(desk)["recalled_bag_B7"]
    for part in ("BE1", "bag B7", "chute 1", "find the bag", "police"):
        assert part in text
    desk.turn("BE1", released("BE1"))
    assert "recalled_bag_B7" not in stands(desk)


def test_a_record_that_is_deleted_recalls_nothing_that_was_sorted_rightly(desk: CustomsLine) -> None:
    sort(desk, "BE1")
    desk.turn("BE1", None)
    assert not desk.said(Recalled)


def test_where_a_list_of_labels_says_which_code_counts_the_others_can_still_hold_the_parcel() -> None:
    desk = CustomsLine(labels=label_rules(orders={"": ("ups", "s10")}))
    desk.open_up()
    ups, s10 = "1Z999AA10123456784", "LX000000005CN"
    desk.judge.known[s10] = replace(released(s10), country="BE", customs=CustomsState.SEIZED)
    desk.judge.known[ups] = replace(released(ups), country="BE")
    desk.pass_scanner(desk.feed(ups, s10))
    assert desk.said(ReadClassed)[-1].waybill == ups
    last = desk.said(Decided)[-1]
    assert (last.cause, last.chute) == (Cause.CUSTOMS_REFUSED, 5)
    assert s10 in last.why


def test_silence_for_a_minute_lets_nobody_leave_any_more(desk: CustomsLine) -> None:
    desk.hush_host()
    desk.tell(facts.ClockStruck(desk.at_ns + 61_000_000_000))
    found = desk.logic.shared.hub
    assert found.is_unheard(desk.at_ns + 61_000_000_000)
    assert not found.is_unheard(desk.at_ns + 59_000_000_000)


def test_a_clock_that_is_set_back_makes_no_release_fresh(desk: CustomsLine) -> None:
    desk.set_wall(WALL_S + 31 * DAY_S)
    desk.set_wall(WALL_S)
    read(desk, "BE1")
    last = desk.said(Decided)[-1]
    assert (last.cause, last.chute) == (Cause.CUSTOMS_HOLD, 4)
    assert "set back" in stands(desk)["clock_set_back"]
    desk.set_wall(WALL_S + 31 * DAY_S)
    assert "clock_set_back" not in stands(desk)


def test_who_was_drawn_is_inspected_whatever_the_list_says_later() -> None:
    desk = CustomsLine(customs=LOTTERY)
    desk.open_up()
    read(desk, "BE1")
    assert desk.said(Decided)[-1].cause is Cause.CUSTOMS_INSPECT
    selection = LOTTERY.selections[0].model_copy(update={"goods": "9503"})
    desk.logic.shared.rules = desk.logic.shared.rules._replace(
        customs=LOTTERY.model_copy(update={"selections": (selection,)})
    )
    desk.turn("BE1", released("BE1", goods="6404"))
    assert desk.said(Decided)[-1].cause is Cause.CUSTOMS_INSPECT
    desk.turn("BE1", released("BE1", at_s=WALL_S + 60, goods="6404"))
    assert desk.said(Decided)[-1].cause is Cause.NONE
