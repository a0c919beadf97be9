import time
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.watch.alarms import ALARMS_MAX
from sortctl.watch.watch import Watch
from sortctl.words.causes import Cause, ChuteState, Disposition, Family, Proof, ReadClass
from sortctl.words.ids import CarrierNumber, ChuteNumber, EyeNumber, InductNumber, PassageNumber, ScannerId, SorterId
from sortctl.words.outcomes import (
    CarrierTurned,
    ChuteFills,
    ChuteStateChanged,
    Disturbed,
    DivertFailed,
    DivertTold,
    ItemUnexpected,
    LinkChanged,
    MachineChanged,
    Outcome,
    PassageClosed,
    PassageFound,
    PassageMissing,
    PassageOpened,
    ReadClassed,
    ReadOrphaned,
    Recirculated,
    TrackingVoided,
    UnitTurned,
)

LINE = SorterId("line")
S = 1_000_000_000


def opened(number: int, at_s: int = 0) -> PassageOpened:
    return PassageOpened(at_s * S, LINE, PassageNumber(number), 1, number, 0, InductNumber(1), 300)


def classed(number: int, read_class: ReadClass = ReadClass.GOOD) -> ReadClassed:
    return ReadClassed(0, LINE, PassageNumber(number), read_class, "W")


def closed(
    number: int, how: Disposition = Disposition.SORTED, at_s: int = 0, cause: Cause = Cause.NONE
) -> PassageClosed:
    family = Family.LABEL if cause is Cause.NO_READ else Family.NONE
    chute = ChuteNumber(3)
    return PassageClosed(
        at_s * S, LINE, PassageNumber(number), how, cause, family, "W", "LGG", chute, chute, Proof.SEEN, ""
    )


def seen(outcomes: Iterable[Outcome]) -> Watch:
    watch = Watch()
    for outcome in outcomes:
        watch.see(outcome)
    return watch


def standing(watch: Watch, at_s: int = 0) -> list[tuple[str, str]]:
    return [(alarm.code, alarm.where) for alarm in watch.view(at_s * S).alarms]


# ------------------------------------------------------------------------------------------- balance


@given(st.data())
def test_the_balance_holds_at_every_instant(data: st.DataObject) -> None:
    watch, number = Watch(), 0
    on_sorter: list[int] = []
    for _ in range(data.draw(st.integers(1, 40))):
        leaves = data.draw(st.booleans())
        if on_sorter and leaves:
            leaving = on_sorter.pop(data.draw(st.integers(0, len(on_sorter) - 1)))
            watch.see(closed(leaving, data.draw(st.sampled_from(Disposition))))
        else:
            number += 1
            on_sorter.append(number)
            watch.see(opened(number))
        view = watch.view(0)
        (balance,) = view.balance
        assert view.holds
        assert view.alarms == ()
        assert (balance.inducted, balance.on_sorter) == (number, len(on_sorter))


@pytest.mark.parametrize(
    "wrong",
    [
        [opened(1), closed(1), closed(1)],
        [closed(1)],
        [opened(1), opened(1)],
        [opened(1), opened(2), closed(1), closed(1)],
    ],
)
def test_a_passage_that_is_counted_wrong_breaks_the_balance_for_good(wrong: list[Outcome]) -> None:
    watch = seen([*wrong, opened(9), closed(9)])
    assert not watch.view(0).holds
    assert standing(watch) == [("balance_broken", "line")]


def test_each_way_to_end_has_its_count() -> None:
    ends = [Disposition.SORTED] * 4 + [Disposition.REJECTED] * 3 + [Disposition.LOST] * 2 + [Disposition.REMOVED]
    watch = seen([opened(number) for number in range(12)] + [closed(number, how) for number, how in enumerate(ends)])
    (balance,) = watch.view(0).balance
    assert (balance.sorted, balance.rejected, balance.lost, balance.removed, balance.on_sorter) == (4, 3, 2, 1, 2)


def test_a_restart_goes_on_counting() -> None:
    """Balance, totals and standing alarms come back; a parcel that was on the sorter closes in the same count."""
    before = seen([opened(1), classed(1), opened(2), closed(2, Disposition.REJECTED, cause=Cause.NO_READ), down("top")])
    after = Watch()
    after.restore(before.snapshot())
    assert after.snapshot() == before.snapshot()
    after.see(closed(1))
    view = after.view(0)
    assert view.holds
    assert (view.balance[0].inducted, view.balance[0].on_sorter) == (2, 0)
    assert (view.figures[0].causes, view.figures[0].read_rate) == ({"no_read": 1}, 100.0)
    assert [alarm.code for alarm in view.alarms] == ["link_down"]


# ------------------------------------------------------------------------------------------- figures


def test_rates_are_of_the_last_minute_and_slide() -> None:
    watch = seen([outcome for at in range(120) for outcome in (opened(at, at), closed(at, at_s=at))])
    (figures,) = watch.view(119 * S).figures
    assert (figures.inducted_per_min, figures.sorted_per_min) == (60, 60)
    assert watch.view(149 * S).figures[0].sorted_per_min == 30
    assert watch.view(500 * S).figures[0].sorted_per_min == 0
    assert watch.view(500 * S).figures[0].chutes == {3: 120}


def test_the_read_rate_is_of_the_parcels_that_ended() -> None:
    watch = Watch()
    assert watch.view(0).figures == ()
    for number in range(8):
        watch.see(opened(number))
        watch.see(classed(number, ReadClass.NO_READ if number == 3 else ReadClass.GOOD))
        watch.see(closed(number))
    assert watch.view(0).figures[0].read_rate == 87.5
    assert watch.view(700 * S).figures[0].read_rate is None


# ------------------------------------------------------------------------------------------- alarms


def down(name: str, why: str = "refused") -> LinkChanged:
    return LinkChanged(5 * S, LINE, "scanner", name, False, why)


def chute(state: ChuteState, number: int = 7) -> ChuteStateChanged:
    return ChuteStateChanged(S, LINE, ChuteNumber(number), state, "")


def test_one_alarm_per_link_until_it_is_up() -> None:
    watch = seen([down("top"), down("top", "still refused"), down("side")])
    (top, side) = watch.view(0).alarms
    assert (top.text, top.times, top.since_ns) == ("scanner top is not connected: still refused", 2, 5 * S)
    assert side.where == "scanner side"
    watch.see(LinkChanged(9 * S, LINE, "scanner", "top", True, ""))
    assert standing(watch) == [("link_down", "scanner side")]


def test_a_chute_has_the_alarm_of_its_state() -> None:
    watch = seen([chute(ChuteState.FULL)])
    assert standing(watch) == [("chute_full", "line chute 7")]
    watch.see(chute(ChuteState.JAMMED))
    assert standing(watch) == [("chute_jammed", "line chute 7")]
    watch.see(chute(ChuteState.OPEN))
    assert standing(watch) == []


def test_closed_for_a_bag_change_needs_nobody() -> None:
    assert standing(seen([chute(ChuteState.BAG_CHANGE), chute(ChuteState.CLOSED), chute(ChuteState.HALF_FULL)])) == []


def test_a_disturbance_stands_under_its_own_code() -> None:
    watch = seen([Disturbed(0, LINE, "no_epoch", True, "another owner"), Disturbed(0, LINE, "jam_3", True, "zone 3")])
    watch.see(Disturbed(0, LINE, "no_epoch", False, ""))
    assert standing(watch) == [("jam_3", "line")]


def test_a_machine_that_stands() -> None:
    watch = seen([MachineChanged(0, LINE, "main", 9)])
    assert watch.view(0).alarms[0].text == "the machine at main stands: aborted"
    watch.see(MachineChanged(0, LINE, "main", 6))
    assert standing(watch) == []


def test_void_tracking_is_over_when_a_later_parcel_was_sorted() -> None:
    watch = seen([opened(1), opened(2), TrackingVoided(0, LINE, "PLC restart", 2), opened(3), closed(1)])
    watch.see(closed(2, Disposition.LOST))
    assert standing(watch) == [("tracking_voided", "line")]
    watch.see(closed(3))
    assert standing(watch) == []


def test_single_oddities_are_no_alarm_many_within_a_minute_are() -> None:
    stray = [ItemUnexpected(at * S, LINE, EyeNumber(1), ChuteNumber(0), 0, "nothing booked") for at in (0, 20, 40, 59)]
    watch = seen(stray)
    assert standing(watch, 59) == []
    watch.see(ItemUnexpected(59 * S, LINE, EyeNumber(1), ChuteNumber(0), 0, "nothing booked"))
    assert standing(watch, 59) == [("items_unexpected", "line")]
    assert standing(watch, 100) == [("items_unexpected", "line")]
    assert standing(watch, 119) == []
    watch = seen([ReadOrphaned(at * S, LINE, ScannerId("top"), ("A",), "no parcel") for at in range(5)])
    assert standing(watch, 5) == [("reads_orphaned", "line")]


def test_a_chute_that_fails_again_and_again() -> None:
    fails = [DivertFailed(0, LINE, PassageNumber(at), ChuteNumber(4), "actuator fault") for at in range(3)]
    assert standing(seen(fails[:2])) == []
    watch = seen(fails)
    assert standing(watch) == [("divert_failing", "line chute 4")]
    watch.see(DivertTold(0, LINE, PassageNumber(5), ChuteNumber(4), 1, 9, Proof.TAKEN))
    assert standing(watch) == [("divert_failing", "line chute 4")]
    watch.see(DivertTold(0, LINE, PassageNumber(5), ChuteNumber(4), 1, 9, Proof.DONE))
    assert standing(watch) == []


def test_alarms_have_an_end() -> None:
    watch = seen([chute(ChuteState.FULL, number) for number in range(1, ALARMS_MAX + 51)])
    view = watch.view(0)
    assert (len(view.alarms), view.alarms_suppressed) == (ALARMS_MAX, 50)


# ------------------------------------------------------------------------------------------- all of it


def test_a_view_is_json_and_back() -> None:
    watch = seen([opened(1), classed(1), closed(1), chute(ChuteState.FULL)])
    view = watch.view(S)
    assert msgspec.json.decode(msgspec.json.encode(view), type=type(view)) == view


def test_an_outcome_costs_next_to_nothing() -> None:
    """It runs in the loop. The limit is far above what is measured (1 us), for machines that do other things."""
    rides = [thing for at in range(2000) for thing in (opened(at, at), classed(at), closed(at, at_s=at))]
    begin = time.perf_counter()
    seen(rides)
    assert (time.perf_counter() - begin) / len(rides) < 20e-6


# ------------------------------------------------------------------------------------------- loops, units, the hub


def test_a_carrier_out_of_use_stands_until_it_is_used_again() -> None:
    out = CarrierTurned(0, LINE, CarrierNumber(17), True, "3 discharges failed in a row")
    watch = seen([out])
    assert standing(watch) == [("carrier_out", "line carrier 17")]
    watch.see(CarrierTurned(1, LINE, CarrierNumber(18), True, "the same"))
    watch.see(CarrierTurned(2, LINE, CarrierNumber(17), False, "repaired"))
    assert standing(watch) == [("carrier_out", "line carrier 18")]


def test_only_a_unit_that_has_no_other_voice_is_an_alarm_when_it_stands() -> None:
    watch = seen([UnitTurned(0, SorterId(""), "press", 9, 1), UnitTurned(0, LINE, "main", 9, 1)])
    assert standing(watch) == [("unit_stopped", "plc press")]
    watch.see(UnitTurned(1, SorterId(""), "press", 6, 1))
    assert standing(watch) == []


def test_what_concerns_no_sorter_is_of_the_hub() -> None:
    watch = seen([Disturbed(0, SorterId(""), "certificate_abababab", True, "own certificate ends")])
    assert standing(watch) == [("certificate_abababab", "hub")]


def test_laps_and_parcels_gone_and_found_are_counted() -> None:
    number = PassageNumber(1)
    watch = seen(
        [
            opened(1),
            Recirculated(1 * S, LINE, number, 1, Cause.CHUTES_UNAVAILABLE, "chute 3 is full"),
            Recirculated(40 * S, LINE, number, 2, Cause.CHUTES_UNAVAILABLE, "chute 3 is full"),
            PassageMissing(50 * S, LINE, number, 9, "not seen"),
            PassageFound(60 * S, LINE, number, 12, "read again"),
        ]
    )
    (figures,) = watch.view(61 * S).figures
    assert (figures.recirculated_per_min, figures.laps) == (1, {1: 1, 2: 1})
    assert (figures.missing, figures.found) == (1, 1)
    again = Watch()
    again.restore(watch.snapshot())
    assert again.view(61 * S).figures[0].laps == {1: 1, 2: 1}


def test_a_chute_that_will_soon_be_full_is_an_alarm_until_it_is_not() -> None:
    watch = Watch()
    watch.see(ChuteFills(1, LINE, ChuteNumber(3), 125))
    [alarm] = watch.view(2).alarms
    assert (alarm.code, alarm.where, alarm.text) == (
        "chute_fills",
        "line chute 3",
        "chute 3 will be full in 2 min 5 s",
    )
    watch.see(ChuteFills(3, LINE, ChuteNumber(3), 500))
    assert watch.view(4).alarms == ()
