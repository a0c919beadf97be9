"""What the host, customs, departures and planners mean for one parcel on a line: each test is one sentence about it."""

from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace

from sortctl.departures.load import load_departures
from sortctl.logic import RuleBrokenError
from sortctl.logic.rules import check_zone
from sortctl.words import hub
from sortctl.words.causes import Cause, Disposition, ReadClass
from sortctl.words.ids import SorterId
from sortctl.words.orders import Cancel, CloseChute, Divert, OpenChute
from sortctl.words.outcomes import (
    AtRisk,
    Decided,
    Disturbed,
    ParcelAsked,
    PassageClosed,
    PlanInForce,
    ReadClassed,
    Recalled,
    Selected,
)
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord, Zone
from sortctl.words.units import NS_PER_MS
from tests.logic.bench import Parcel
from tests.logic.hub_bench import DAY_S, FIRST, LOTTERY, REJECTING, SECOND, WALL_S, CustomsLine, released

S = CustomsState


def opened(**given: Any) -> CustomsLine:
    desk = CustomsLine(**given)
    desk.open_up()
    return desk


def read(desk: CustomsLine, *texts: str, record: ParcelRecord | None = None) -> Parcel:
    """A parcel comes on and is read; the host knows this of it."""
    if record is not None:
        desk.judge.known[record.waybill] = record
    desk.advance(desk.belt + 700)
    parcel = desk.feed(*texts)
    desk.pass_scanner(parcel)
    return parcel


def last(desk: CustomsLine) -> Decided:
    return desk.said(Decided)[-1]


# ------------------------------------------------------------------------------------------- question and answer


def test_each_name_of_a_parcel_is_asked_once_and_forgotten_when_it_has_left() -> None:
    desk = opened()
    parcel = read(desk, "BE1", "BE1", "421056", record=released("BE1"))
    desk.read_code(parcel, "BE1")
    assert [asked.code for asked in desk.said(ParcelAsked)] == ["BE1", "421056"]
    assert set(desk.logic.shared.hub.answers) == {"BE1", "421056"}
    desk.divert(parcel, 1, item=1)
    assert desk.closed()[-1].disposition is Disposition.SORTED
    assert desk.logic.shared.hub.answers == {}


def test_a_parcel_waits_for_the_answer_and_is_decided_when_it_comes() -> None:
    desk = opened()
    desk.judge.silent = True
    read(desk, "BE1")
    desk.advance(desk.belt + 300)
    assert not desk.said(ReadClassed)
    assert not desk.said(Decided)
    desk.tell(hub.ParcelTold(desk.at_ns, "BE1", released("BE1")))
    assert (last(desk).chute, last(desk).cause) == (1, Cause.NONE)


def test_an_answer_that_does_not_come_is_waited_for_only_until_the_first_chute_can_no_longer_be_reached() -> None:
    desk = opened()
    desk.judge.silent = True
    parcel = read(desk, "BE1")
    desk.advance(parcel.at + 3_500)
    [decided] = desk.said(Decided)
    assert decided.cause is Cause.DATA_LATE
    line = desk.logic.lines[0]
    in_time = decided.at_ns // NS_PER_MS
    assert in_time <= parcel.at + 150 + line.geometry.exits[1].fire - line.geometry.margin


def test_an_answer_that_comes_too_late_for_its_first_chute_still_leads_to_the_next() -> None:
    desk = opened()
    desk.judge.silent = True
    parcel = read(desk, "BE1")
    desk.advance(parcel.at + 3_400)
    assert last(desk).cause is Cause.DATA_LATE
    desk.tell(hub.ParcelTold(desk.at_ns, "BE1", released("BE1")))
    assert (last(desk).chute, last(desk).cause, last(desk).planned) == (3, Cause.NONE, 1)


def test_a_parcel_of_which_nothing_is_known_is_unknown() -> None:
    desk = opened(parcels=REJECTING)
    read(desk, "WHO")
    assert (last(desk).cause, last(desk).chute) == (Cause.UNKNOWN_PARCEL, 5)


def test_an_unknown_parcel_goes_by_its_own_label_but_never_into_a_domestic_chute() -> None:
    desk = opened()
    desk.swap_plan({**SECOND, "plan/destinations.csv": b"destination,chutes\nBE,1;4\nNL,2\nDE,2\nFR,4\n"}, keep=False)
    read(desk, "WHO", "]C1" + "4210561000")
    assert (last(desk).cause, last(desk).chute, last(desk).rule) == (Cause.NONE, 4, "R-BE")
    assert "by its label" in last(desk).why
    assert [one.verdict for one in last(desk).candidates] == ["is domestic, for which it is not cleared", "taken"]


def test_an_unknown_parcel_whose_label_says_nothing_goes_by_a_rule_for_its_code() -> None:
    desk = opened()
    ranges = b"rule,code_from,code_to,country,destination\nall,,,,NL\nmail,WHN,WHP,,FR\nbelgian,BE1,,BE,DE\n"
    desk.swap_plan({**SECOND, "plan/rules.csv": ranges, "plan/destinations.csv": b"destination,chutes\nNL,2\nDE,2\nFR,4\n"},
                   keep=False)  # fmt: skip
    read(desk, "WHO")
    assert (last(desk).cause, last(desk).chute, last(desk).rule) == (Cause.NONE, 4, "mail")
    read(desk, "WHX")
    assert last(desk).cause is Cause.UNKNOWN_PARCEL
    assert "its label does not say where it goes" in last(desk).why
    # of a known one it is the waybill
    read(desk, "BE1", record=released("BE1"))
    assert last(desk).rule == "belgian"


def test_one_parcel_under_two_numbers_is_one_parcel() -> None:
    desk = opened()
    record = released("BE1", ids=("LP1",))
    desk.judge.known["LP1"] = record
    read(desk, "LP1", "BE1", record=record)
    assert (desk.said(ReadClassed)[-1].read_class, desk.said(ReadClassed)[-1].waybill) == (ReadClass.GOOD, "BE1")
    desk.turn("LP1", replace(record, hold="police"))
    assert last(desk).cause is Cause.SECURITY_HOLD


def test_questions_survive_a_restart_of_the_controller() -> None:
    desk = opened()
    desk.judge.silent = True
    read(desk, "BE1")
    desk.kill()
    desk.tell(hub.ParcelTold(desk.at_ns, "BE1", released("BE1")))
    assert last(desk).chute == 1


def test_a_host_that_falls_silent_is_an_alarm_and_nothing_is_decided_otherwise() -> None:
    desk = opened()
    read(desk, "BE1", record=released("BE1"))
    decided = len(desk.said(Decided))
    for silent in (True, True, False):
        desk.tell(hub.HostSilent(desk.at_ns, silent, "locked"))
    assert [one.active for one in desk.said(Disturbed) if one.code == "host_silent"] == [True, False]
    assert len(desk.said(Decided)) == decided


# ------------------------------------------------------------------------------------------- hold and customs


@pytest.mark.parametrize(
    ("changes", "cause", "chute"),
    [
        ({}, Cause.NONE, 1),
        ({"hold": "police"}, Cause.SECURITY_HOLD, 4),
        ({"customs": S.DO_NOT_LOAD}, Cause.SECURITY_HOLD, 4),
        ({"customs": S.LODGED}, Cause.CUSTOMS_HOLD, 4),
        ({"customs": S.UNDER_CONTROL}, Cause.CUSTOMS_INSPECT, 4),
        ({"customs": S.REFUSED}, Cause.CUSTOMS_REFUSED, 5),
        ({"customs_conflict": True}, Cause.CUSTOMS_HOLD, 4),
        ({"customs_at_s": WALL_S - 60 * DAY_S}, Cause.CUSTOMS_HOLD, 4),
        ({"intercept": "called back by the sender"}, Cause.INTERCEPTED, 5),
        ({"hold": "police", "intercept": "x", "customs": S.REFUSED}, Cause.SECURITY_HOLD, 4),
        ({"intercept": "x", "customs": S.REFUSED}, Cause.CUSTOMS_REFUSED, 5),
        ({"declaration": Declaration.DOMESTIC, "customs": S.UNKNOWN, "customs_at_s": 0}, Cause.NONE, 1),
        ({"declaration": Declaration.NONE, "customs": S.UNKNOWN, "customs_at_s": 0}, Cause.CHUTES_UNAVAILABLE, 5),
    ],
)
def test_what_is_known_decides_where_it_may_go(changes: dict[str, Any], cause: Cause, chute: int) -> None:
    desk = opened()
    read(desk, "BE1", record=released("BE1", **changes))
    assert (last(desk).cause, last(desk).chute) == (cause, chute)


def test_transit_that_may_be_loaded_goes_to_a_bonded_chute() -> None:
    desk = opened()
    read(desk, "NL1", record=released("NL1", customs=S.ASSESSED, declaration=Declaration.TRANSIT))
    assert (last(desk).cause, last(desk).chute) == (Cause.NONE, 2)


def test_without_the_time_on_the_wall_every_word_of_customs_is_too_old() -> None:
    desk = CustomsLine()
    desk.start()
    read(desk, "BE1", record=released("BE1"))
    assert last(desk).cause is Cause.CUSTOMS_HOLD
    desk.set_wall(WALL_S)
    assert (last(desk).cause, last(desk).chute) == (Cause.NONE, 1)


def test_a_hold_before_the_point_of_no_return_withdraws_the_order() -> None:
    desk = opened()
    read(desk, "BE1", record=released("BE1"))
    desk.take_orders()
    desk.turn("BE1", released("BE1", hold="police"))
    assert [cancel.chute for cancel in desk.said(Cancel)] == [1]
    assert (last(desk).cause, last(desk).chute) == (Cause.SECURITY_HOLD, 4)
    desk.turn("BE1", released("BE1"))
    assert (last(desk).cause, last(desk).chute) == (Cause.NONE, 1)
    assert desk.said(Recalled) == []


def test_a_hold_behind_the_point_of_no_return_closes_the_chute_until_a_person_unlocks_it() -> None:
    desk = opened()
    parcel = read(desk, "BE1", record=released("BE1"))
    desk.take_orders()
    desk.advance(parcel.at + 150 + 2_840)
    desk.turn("BE1", released("BE1", hold="police"))
    [recalled] = desk.said(Recalled)
    assert (recalled.chute, recalled.waybill, recalled.why) == (1, "BE1", "held: police")
    assert [order.chute for order in desk.said(CloseChute)] == [1]
    desk.divert(parcel, 1, item=1)
    assert len(desk.said(Recalled)) == 1
    assert desk.said(OpenChute) == []
    read(desk, "BE2", record=released("BE2"))
    assert last(desk).chute == 3
    desk.tell(hub.ChuteLocked(desk.at_ns, SorterId("line1"), 1, hub.Lock.OPERATOR, False, "ann", "taken out"))  # type: ignore[arg-type]
    assert [order.chute for order in desk.said(OpenChute)] == [1]
    alarms = [one.active for one in desk.said(Disturbed) if one.code == "recalled_1"]
    assert alarms == [True, False]


def test_a_recalled_parcel_that_did_not_go_there_closes_nothing_for_long() -> None:
    desk = opened()
    parcel = read(desk, "BE1", record=released("BE1"))
    desk.take_orders()
    desk.advance(parcel.at + 150 + 2_840)
    desk.turn("BE1", released("BE1", hold="police"))
    desk.fail_order(1, 1, 2)
    assert last(desk).cause is Cause.SECURITY_HOLD
    desk.advance(parcel.at + 5_500)
    desk.divert(parcel, 4, item=1)
    assert desk.closed()[-1].actual == 4
    assert [order.chute for order in desk.said(OpenChute)] == [1]


def test_a_hold_for_a_parcel_that_lies_in_a_chute_closes_the_chute() -> None:
    desk = opened()
    parcel = read(desk, "BE1", record=released("BE1"))
    desk.divert(parcel, 1, item=1)
    desk.turn("BE1", released("BE1", customs=S.UNDER_CONTROL))
    [recalled] = desk.said(Recalled)
    assert (recalled.passage, recalled.chute) == (1, 1)


def test_a_stranger_in_a_domestic_chute_is_called_back() -> None:
    desk = opened()
    parcel = read(desk, "BE1", record=released("BE1"))
    desk.lose_epoch()
    desk.turn("BE1", released("BE1", hold="police"))
    desk.divert(parcel, 1, item=1)
    assert [(one.chute, one.passage) for one in desk.said(Recalled)] == [(1, 1)]


def test_a_parcel_is_drawn_for_inspection_once_and_let_go_by_a_newer_release() -> None:
    desk = opened(customs=LOTTERY)
    parcel = read(desk, "BE1", record=released("BE1"))
    assert (last(desk).cause, last(desk).chute) == (Cause.CUSTOMS_INSPECT, 4)
    desk.advance(parcel.at + 2_400)
    [selected] = desk.said(Selected)
    assert (selected.waybill, selected.rule, selected.seed) == ("BE1", "all", "s")
    desk.advance(parcel.at + 5_000)
    desk.divert(parcel, 4, item=1)
    read(desk, "BE1")
    assert last(desk).cause is Cause.CUSTOMS_INSPECT, "nobody has let it go since"
    desk.turn("BE1", released("BE1", customs=S.UNDER_CONTROL, at_s=WALL_S + 10))
    desk.turn("BE1", released("BE1", at_s=WALL_S + 20))
    assert (last(desk).cause, last(desk).chute) == (Cause.NONE, 1)


def test_an_order_to_a_chute_for_which_the_decision_does_not_clear_is_a_broken_rule() -> None:
    desk = opened()
    read(desk, "BE1", record=released("BE1"))
    line = desk.logic.lines[0]
    [passage] = line.state.placed
    check_zone(line, passage)
    passage.zones = (Zone.CUSTODY,)
    with pytest.raises(RuleBrokenError, match="not cleared for chute 1"):
        check_zone(line, passage)


# ------------------------------------------------------------------------------------------- plan, tenants, departures


def test_the_rule_of_a_tenant_wins() -> None:
    desk = opened()
    read(desk, "NL1", record=released("NL1", tenant="acme"))
    assert (last(desk).rule, last(desk).chute) == ("R-ACME", 3)


def test_a_chute_of_some_tenants_takes_no_parcels_of_others() -> None:
    desk = opened(chute={"tenants": "acme; Other"})
    read(desk, "BE1", record=released("BE1", tenant="third"))
    assert (last(desk).chute, last(desk).candidates[0].verdict) == (3, "takes no parcels of third")
    read(desk, "BE2", record=released("BE2", tenant="other"))
    assert last(desk).chute == 1


@pytest.mark.parametrize(("keep", "chute", "rerouted"), [(False, 3, 1), (True, 1, 0)])
def test_another_plan_between_two_parcels(keep: bool, chute: int, rerouted: int) -> None:
    desk = opened()
    parcel = read(desk, "BE1", record=released("BE1"))
    desk.take_orders()
    desk.swap_plan(SECOND, keep=keep)
    [swapped] = desk.said(PlanInForce)
    assert (swapped.rerouted, desk.logic.lines[0].state.placed[0].chute) == (rerouted, chute)
    desk.advance(parcel.at + 2_500)
    assert desk.logic.lines[0].state.placed[0].chute == chute, "seen at an eye, and looked at again"
    read(desk, "BE2", record=released("BE2"))
    assert last(desk).chute == 3, "the next one goes by the new plan"


def test_a_plan_that_was_not_given_leaves_the_old_one_in_force() -> None:
    desk = opened()
    desk.tell(hub.PlanApplied(desk.at_ns, "p", 2, "sum", False, "planner"))
    assert desk.said(Disturbed)[-1].code == "plan_missing"
    read(desk, "BE1", record=released("BE1"))
    assert last(desk).chute == 1


@dataclass
class Timed:
    """A table of departures: cut-offs in minutes after the moment at which the desk opens (08:00 UTC)."""

    rows: str

    def departures(self) -> Any:
        head = "departure,destination,kind,weekdays,cut_off,zone,transit_min,open_min,warn_min\n"
        return load_departures({"departures.csv": (head + self.rows).encode()})


def test_a_parcel_that_may_miss_its_departure_is_at_risk_and_then_takes_the_next() -> None:
    # the desk opens at 08:00:00 UTC, 15 January 2027
    desk = opened(departures=Timed("T1,BE,truck,,08:10,UTC,5,,6\nT2,BE,truck,,12:00,UTC,5,,6\n").departures())
    parcel = read(desk, "BE1", record=released("BE1"))
    passage = desk.logic.lines[0].state.placed[0]
    assert (passage.departure, desk.said(AtRisk)) == ("T1", [])
    desk.set_wall(WALL_S + 4 * 60)
    assert [(one.departure, one.at_risk) for one in desk.said(AtRisk)] == [("T1", True)]
    desk.set_wall(WALL_S + 5 * 60)
    desk.advance(parcel.at + 1_700)
    assert [(one.departure, one.at_risk) for one in desk.said(AtRisk)] == [("T1", True), ("T1", False)]
    assert (last(desk).chute, last(desk).cause, passage.departure) == (1, Cause.NONE, "T2")
    assert "T1 was missed" in last(desk).why


def test_a_cut_off_that_passes_while_it_rides_is_noticed_without_any_fact_about_it() -> None:
    desk = CustomsLine(departures=Timed("T1,BE,truck,,08:10,UTC,5,,6\n").departures())
    desk.swap_plan(
        {**FIRST, "plan/destinations.csv": FIRST["plan/destinations.csv"] + b"!cut_off_passed,4,\n"}, keep=False
    )
    desk.open_up(WALL_S + 5 * 60 - 2)
    read(desk, "BE1", record=released("BE1"))
    assert last(desk).cause is Cause.NONE
    desk.advance(desk.belt + 1_500)
    assert (last(desk).cause, last(desk).chute) == (Cause.CUT_OFF_PASSED, 4)


def test_chutes_of_a_departure_that_is_not_open_yet_take_nothing() -> None:
    desk = opened(departures=Timed("T1,BE,truck,,10:00,UTC,5,60,15\n").departures())
    read(desk, "BE1", record=released("BE1"))
    assert last(desk).cause is Cause.CHUTES_UNAVAILABLE
    assert last(desk).candidates[0].verdict == "is closed until T1 opens"


def test_who_has_the_least_time_left_gets_the_chute_that_opens_first() -> None:
    desk = opened(
        departures=Timed("SLOW,BE,truck,,20:00,UTC,5,,6\nFAST,BE,truck,,11:00,UTC,5,,6\n").departures(),
        chute={"capacity": 2},
    )
    desk.turn_chute(1, 0x8001)
    desk.turn_chute(3, 0x8001)
    for waybill, departure in (("BE1", "SLOW"), ("BE2", "FAST")):
        read(desk, waybill, record=released(waybill, departure=departure))
        assert last(desk).cause is Cause.CHUTES_UNAVAILABLE
    desk.turn_chute(1, 0x8000)
    first, second = desk.logic.lines[0].state.placed
    assert (first.chute, second.chute) == (5, 1)


def test_every_end_of_a_parcel_is_told_once() -> None:
    desk = opened()
    parcel = read(desk, "BE1", record=released("BE1"))
    desk.divert(parcel, 1, item=1)
    assert len(desk.said(PassageClosed)) == 1
    assert len([one for one in desk.said(Divert) if one.chute == 1]) == 1
