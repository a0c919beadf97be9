"""What the host and customs mean for a load on a loop: it may wait for what is not known yet, and what is held is called back."""

import pytest

from sortctl.words import hub
from sortctl.words.causes import Cause, ReadClass
from sortctl.words.orders import Cancel, CloseChute
from sortctl.words.outcomes import Decided, PassageClosed, ReadClassed, Recalled
from tests.logic.hub_bench import REJECTING, SECOND, CustomsLoop, released
from tests.logic.loop_bench import Load


@pytest.fixture
def desk() -> CustomsLoop:
    made = CustomsLoop()
    made.open_up()
    return made


def read(desk: CustomsLoop, *texts: str, known: bool = True) -> Load:
    """A load comes on and passes the tunnel; the host knows the first of its codes, released."""
    if known:
        desk.judge.known[texts[0]] = released(texts[0])
    load = desk.feed_load()
    desk.pass_tunnel(load, *texts)
    return load


def last(desk: CustomsLoop) -> Decided:
    return desk.said(Decided)[-1]


def test_an_unknown_load_rides_a_lap_in_case_its_data_are_late(desk: CustomsLoop) -> None:
    load = read(desk, "BE1", known=False)
    assert (last(desk).cause, last(desk).chute) == (Cause.UNKNOWN_PARCEL, 0)
    desk.turn("BE1", released("BE1"))
    assert (last(desk).cause, last(desk).chute) == (Cause.NONE, 1)
    desk.divert(load, 1)
    assert desk.said(PassageClosed)[-1].actual == 1


def test_an_unknown_load_is_rejected_after_its_lap(desk: CustomsLoop) -> None:
    load = read(desk, "WHO", known=False)
    desk.pass_point(load, 3)
    desk.lap(load)
    assert (last(desk).cause, last(desk).chute) == (Cause.UNKNOWN_PARCEL, 6)


def test_an_unknown_load_goes_by_its_label_after_its_lap(desk: CustomsLoop) -> None:
    load = read(desk, "WHO", "]C1" + "4210561000", known=False)
    assert last(desk).chute == 0
    desk.swap_plan({**SECOND, "plan/destinations.csv": b"destination,chutes\nBE,1;4\nNL,2\nDE,2\nFR,4\n"}, keep=False)
    desk.pass_point(load, 3)
    desk.lap(load)
    assert (last(desk).cause, last(desk).chute) == (Cause.NONE, 4)


def test_where_unknown_loads_are_rejected_the_label_does_not_count() -> None:
    desk = CustomsLoop(parcels=REJECTING)
    desk.open_up()
    load = read(desk, "WHO", "]C1" + "4210561000", known=False)
    desk.pass_point(load, 3)
    desk.lap(load)
    assert last(desk).cause is Cause.UNKNOWN_PARCEL


def test_an_answer_is_waited_for_up_to_the_next_chute(desk: CustomsLoop) -> None:
    desk.judge.silent = True
    load = read(desk, "BE1")
    assert not desk.said(ReadClassed)
    desk.run_to(load, 2_900)
    assert (last(desk).cause, last(desk).chute) == (Cause.DATA_LATE, 0)
    desk.judge.silent = False
    desk.tell(hub.HostSilent(desk.at_ns, False, ""))
    assert (last(desk).cause, last(desk).chute) == (Cause.NONE, 1)


def test_a_hold_withdraws_the_target_of_a_load_whatever_the_lap(desk: CustomsLoop) -> None:
    load = read(desk, "BE1")
    desk.take_orders()
    desk.turn("BE1", released("BE1", hold="police"))
    assert (last(desk).cause, last(desk).chute) == (Cause.SECURITY_HOLD, 4)
    desk.divert(load, 4)
    assert desk.said(PassageClosed)[-1].cause is Cause.SECURITY_HOLD
    assert not desk.said(Recalled)


def test_a_hold_for_a_load_that_nobody_sees_withdraws_the_target_that_the_plc_still_has(desk: CustomsLoop) -> None:
    load = read(desk, "BE1")
    desk.take_orders()
    desk.miss_events()
    desk.turn("BE1", released("BE1", hold="police"))
    assert [cancel.item for cancel in desk.said(Cancel)] == [load.item]
    desk.pass_point(load, 3)
    assert (last(desk).cause, last(desk).chute) == (Cause.SECURITY_HOLD, 4)


def test_a_hold_for_a_load_that_is_being_discharged_closes_the_chute(desk: CustomsLoop) -> None:
    load = read(desk, "BE1")
    desk.take_orders()
    fired = desk.discharge(load, 1)
    desk.turn("BE1", released("BE1", hold="police"))
    assert [order.chute for order in desk.said(CloseChute)] == [1]
    desk.enter(1, fired + 250 + 300)
    assert [(one.chute, one.waybill) for one in desk.said(Recalled)] == [(1, "BE1")]


def test_a_load_of_which_the_host_forgets_everything_is_not_let_go(desk: CustomsLoop) -> None:
    read(desk, "BE1")
    assert last(desk).chute == 1
    desk.turn("BE1", None)
    assert (last(desk).cause, last(desk).chute) == (Cause.UNKNOWN_PARCEL, 0)
    assert desk.said(ReadClassed)[-1].read_class is ReadClass.GOOD
