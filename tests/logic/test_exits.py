"""Locks, lamps, forecasts, purges and waves."""

from itertools import permutations

import pytest

from sortctl.words import facts
from sortctl.words.causes import ChuteState
from sortctl.words.hub import Lock, WaveEnded
from sortctl.words.orders import CloseChute, OpenChute, RunInduct, ShowLamp, StopInduct
from sortctl.words.outcomes import ChuteFills, ChuteStateChanged, Decided, Disturbed, WaveBalanced
from tests.logic.bench import PLC
from tests.logic.chutes import BagDesk, with_chute

FULL, HALF, BOTH, OPEN, JAMMED, BY_ORDER = 0x8001, 0x8002, 0x8003, 0x8000, 0x8004, 0x8010


@pytest.fixture
def desk() -> BagDesk:
    return BagDesk(with_chute(2))


def state(desk: BagDesk, chute: int = 2) -> tuple[ChuteState, str]:
    book = desk.logic.lines[0].books[chute]
    return book.state, book.why


def test_a_chute_opens_only_when_no_lock_holds_it(desk: BagDesk) -> None:
    desk.lock(2)
    desk.lock(2, lock=Lock.HOST)
    desk.turn_chute(2, BY_ORDER)
    desk.lock(2, locked=False)
    assert [one.chute for one in desk.said(CloseChute)] == [2]
    assert desk.said(OpenChute) == []
    assert state(desk) == (ChuteState.CLOSED, "locked by ann: broken flap")
    desk.lock(2, locked=False, lock=Lock.HOST)
    assert [one.chute for one in desk.said(OpenChute)] == [2]
    assert state(desk) == (ChuteState.CLOSED, "closed by order"), "until the PLC has opened it"
    desk.turn_chute(2, OPEN)
    assert state(desk)[0] is ChuteState.OPEN


def test_a_lock_turns_away_who_can_still_be_turned_away(desk: BagDesk) -> None:
    desk.under_way("NL1")
    desk.lock(2)
    assert desk.said(Decided)[-1].chute == 5
    desk.press(2, 2)
    assert desk.said(Decided)[-1].chute == 2, "button 2 is the operator's lock"
    desk.press(2, 2)
    assert state(desk)[1] == "locked by the button at the chute"


def test_locks_are_told_again_to_a_plc_that_was_started(desk: BagDesk) -> None:
    desk.lock(2)
    desk.take_orders()
    desk.tell(facts.EpochLost(desk.at_ns, PLC, "restart"))
    desk.tell(facts.PlcRestarted(desk.at_ns, PLC, 8, desk.raw(desk.belt)))
    desk.tell(facts.EpochGranted(desk.at_ns, PLC, 2, 0))
    assert [(one.chute, one.epoch) for one in desk.said(CloseChute)] == [(2, 1), (2, 2)]


def test_a_chute_that_somebody_else_closed_by_order_is_opened_by_unlocking_it(desk: BagDesk) -> None:
    desk.turn_chute(2, BY_ORDER)
    desk.rest()
    assert desk.said(OpenChute) == []
    desk.lock(2, locked=False)
    assert [one.chute for one in desk.said(OpenChute)] == [2]


def test_a_chute_that_was_full_waits_until_both_its_sensors_are_clear(desk: BagDesk) -> None:
    for word, expected in ((BOTH, ChuteState.FULL), (HALF, ChuteState.FULL), (OPEN, ChuteState.OPEN)):
        desk.turn_chute(2, word)
        assert state(desk)[0] is expected
    desk.turn_chute(2, HALF)
    assert state(desk)[0] is ChuteState.HALF_FULL


def test_a_full_sensor_that_flickers_is_told_of_once(desk: BagDesk) -> None:
    before = len(desk.said(ChuteStateChanged))
    for _ in range(50):
        desk.turn_chute(2, BOTH)
        desk.turn_chute(2, HALF)
    assert [one.why for one in desk.said(ChuteStateChanged)[before:]] == ["full"]


@pytest.mark.parametrize("order", list(permutations(["operator", "host", "plc"])), ids="-".join)
def test_three_locks_may_be_taken_away_in_any_order(desk: BagDesk, order: tuple[str, ...]) -> None:
    """The PLC's word has its own lock, and the order that we gave until we take it back."""
    own = 0x8008
    desk.lock(2)
    desk.lock(2, lock=Lock.HOST)
    desk.turn_chute(2, own | BY_ORDER)
    for step, who in enumerate(order, start=1):
        if who == "plc":
            own = 0
        else:
            desk.lock(2, locked=False, lock=Lock(who))
        held = 2 in desk.logic.lines[0].state.shut
        desk.turn_chute(2, 0x8000 | own | (0x10 if held else 0))
        assert (state(desk)[0] is ChuteState.OPEN) == (step == 3)


def test_lamps_show_the_state_few_at_a_time() -> None:
    desk = BagDesk(with_chute(2, lamps=True, needs_bag=True))
    shown = {one.chute: one.colour for one in desk.said(ShowLamp)}
    assert shown == {1: 1, 2: 18, 3: 1, 4: 1, 5: 1}
    before = len(desk.said(ShowLamp))
    desk.rest(3_000)
    assert len(desk.said(ShowLamp)) == before, "only what changed"
    desk.turn_chute(1, JAMMED)
    desk.turn_chute(3, HALF)
    desk.turn_chute(4, FULL)
    desk.rest(250)
    assert [(one.chute, one.colour) for one in desk.said(ShowLamp)[before:]] == [(1, 19), (3, 2), (4, 3)]
    for _ in range(100):
        for chute in range(1, 5):
            desk.turn_chute(chute, JAMMED)
            desk.turn_chute(chute, OPEN)
        desk.rest(50)
    assert len(desk.said(ShowLamp)) - before <= 3 + 2 * (5_000 // 200 + 2)


def test_lamps_are_told_again_to_a_plc_that_was_started() -> None:
    desk = BagDesk(with_chute(2, lamps=True))
    desk.take_orders()
    before = len(desk.said(ShowLamp))
    desk.tell(facts.EpochLost(desk.at_ns, PLC, "restart"))
    desk.tell(facts.PlcRestarted(desk.at_ns, PLC, 8, desk.raw(desk.belt)))
    desk.tell(facts.EpochGranted(desk.at_ns, PLC, 2, 0))
    desk.rest(1_000)
    assert [(one.chute, one.colour) for one in desk.said(ShowLamp)[before:]] == [(n, 1) for n in range(1, 6)]


def test_no_lamp_is_told_of_where_there_are_none(desk: BagDesk) -> None:
    desk.turn_chute(2, FULL)
    desk.rest()
    assert desk.said(ShowLamp) == []


def test_a_chute_that_will_soon_be_full_is_told_once_and_so_is_its_end(desk: BagDesk) -> None:
    for number in range(1, 6):
        desk.rest(2_000)
        desk.sort("NL1", 2)
        assert bool(desk.said(ChuteFills)) == (number >= 4)
    [fills] = desk.said(ChuteFills)
    assert (fills.chute, fills.seconds > 0) == (2, True)
    desk.rest(500_000)
    assert [one.seconds > 0 for one in desk.said(ChuteFills)] == [True, True]
    assert desk.said(ChuteFills)[-1].seconds > 450


def test_a_purge_of_the_sorter_stops_induction_until_it_is_empty(desk: BagDesk) -> None:
    desk.under_way("NL1")
    desk.purge(0)
    assert [one.induct for one in desk.said(StopInduct)] == [0]
    desk.rest()
    assert desk.said(RunInduct) == []
    desk.arrive(2)
    assert [one.induct for one in desk.said(RunInduct)] == [0]
    assert [one.active for one in desk.said(Disturbed) if one.code == "purge"] == [True, False]


def test_a_purge_of_a_chute_tells_when_nothing_is_under_way_and_lasts(desk: BagDesk) -> None:
    parcel = desk.under_way("NL1")
    desk.pass_eye(1, parcel)
    desk.run_belt_to(parcel.at + 150 + 4000 - 150)
    desk.purge(2)
    assert state(desk) == (ChuteState.PURGE, "purged by ann")
    assert [one.active for one in desk.said(Disturbed) if one.code == "purge_2"] == [True]
    desk.divert(parcel, 2, item=1)
    assert [one.active for one in desk.said(Disturbed) if one.code == "purge_2"] == [True, False]
    desk.under_way("NL2")
    assert desk.said(Decided)[-1].chute == 5
    desk.purge(2, purging=False)
    assert state(desk)[0] is ChuteState.OPEN


def test_a_wave_balances_and_what_is_still_on_the_sorter_belongs_to_the_next(desk: BagDesk) -> None:
    desk.sort("NL1", 2)
    desk.under_way("NL2")
    desk.tell(WaveEnded(desk.at_ns, "W1", "ann"))
    desk.arrive(2)
    desk.tell(WaveEnded(desk.at_ns, "W2", "ann"))
    first, second = desk.said(WaveBalanced)
    assert (first.wave, first.inducted, first.sorted_, first.on_sorter) == ("W1", 1, 1, 1)
    assert (second.wave, second.inducted, second.sorted_, second.on_sorter) == ("W2", 1, 1, 0)
