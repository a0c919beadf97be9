"""Customs: no way leads from not released to a domestic chute; every message has its effect; lots can be repeated."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.customs import NEXT, change, draw, message_of, turn, verdict
from sortctl.customs.messages import KNOWN, Effect
from sortctl.customs.selection import lot
from sortctl.site.hub import Customs, Selection
from sortctl.words.causes import Cause
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord, Zone

NOW = 1_800_000_000
RULES = Customs()
S = CustomsState


def parcel(state: CustomsState = S.UNKNOWN, **more: object) -> ParcelRecord:
    return ParcelRecord("W1", customs=state, customs_at_s=NOW - 60, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", list(CustomsState))
@pytest.mark.parametrize("declaration", list(Declaration))
def test_only_a_release_or_domestic_goods_open_a_domestic_chute(state: CustomsState, declaration: Declaration) -> None:
    allowed = verdict(parcel(state, declaration=declaration), NOW, RULES).allows(Zone.DOMESTIC)
    assert allowed == (state is S.RELEASED or (state is S.UNKNOWN and declaration is Declaration.DOMESTIC))


@pytest.mark.parametrize("state", list(CustomsState))
def test_custody_takes_everything(state: CustomsState) -> None:
    assert verdict(parcel(state), NOW, RULES).allows(Zone.CUSTODY)
    assert verdict(None, NOW, RULES).allows(Zone.CUSTODY)
    assert not verdict(None, NOW, RULES).allows(Zone.DOMESTIC)


def test_passing_goods_go_bonded_once_they_may_be_loaded() -> None:
    assert verdict(parcel(S.ASSESSED, declaration=Declaration.TRANSIT), NOW, RULES).allows(Zone.BONDED)
    assert not verdict(parcel(S.LODGED, declaration=Declaration.TRANSIT), NOW, RULES).allows(Zone.BONDED)
    assert not verdict(parcel(S.ASSESSED, declaration=Declaration.H7), NOW, RULES).allows(Zone.BONDED)


def test_a_release_that_is_stale_contradicted_or_of_tomorrow_is_none() -> None:
    old = parcel(S.RELEASED)
    later_s = NOW + RULES.released_stale_min * 60 + 60
    assert verdict(old, later_s, RULES).cause is Cause.CUSTOMS_HOLD
    assert verdict(parcel(S.RELEASED, customs_conflict=True), NOW, RULES).cause is Cause.CUSTOMS_HOLD
    assert verdict(ParcelRecord("W1", customs=S.RELEASED), NOW, RULES).cause is Cause.CUSTOMS_HOLD
    assert verdict(parcel(S.RELEASED), NOW - 3_600, RULES).cause is Cause.CUSTOMS_HOLD


def test_no_single_step_leads_from_a_stop_to_a_release() -> None:
    for state in (S.DO_NOT_LOAD, S.REFUSED, S.SEIZED, S.NOT_LODGED, S.UNKNOWN, S.SCREENING_REQUESTED):
        assert S.RELEASED not in NEXT[state]
        step = turn(parcel(state), S.RELEASED, NOW, "somebody", NOW)
        assert not verdict(step.record, NOW, RULES).allows(Zone.DOMESTIC)
        assert step.why


@pytest.mark.parametrize(("before", "after"), list(product(CustomsState, CustomsState)))
def test_every_change_is_known_or_a_contradiction(before: CustomsState, after: CustomsState) -> None:
    step = turn(parcel(before), after, NOW, "test", NOW)
    if before is after:
        assert step.record.customs is before
    elif before is S.SEIZED:
        assert step.record.customs is S.SEIZED
    else:
        assert step.record.customs_conflict == (after not in NEXT[before])


def test_two_words_of_one_moment_that_differ_are_not_believed() -> None:
    first = turn(parcel(S.LODGED), S.RELEASED, NOW, "RELEASE", NOW).record
    second = turn(first, S.UNDER_CONTROL, NOW, "CONTROL", NOW)
    assert second.record.customs is S.UNDER_CONTROL
    assert second.record.customs_conflict
    other = turn(turn(parcel(S.LODGED), S.UNDER_CONTROL, NOW, "CONTROL", NOW).record, S.RELEASED, NOW, "RELEASE", NOW)
    assert not verdict(other.record, NOW, RULES).allows(Zone.DOMESTIC)


def test_an_older_word_changes_nothing() -> None:
    held = turn(parcel(S.RELEASED), S.UNDER_CONTROL, NOW, "CONTROL", NOW).record
    late = turn(held, S.RELEASED, NOW - 30, "RELEASE", NOW)
    assert late.record is held
    assert "older" in late.why


LATER = NOW + 86_400


def test_a_word_of_tomorrow_releases_nothing_and_stops_at_once() -> None:
    early = turn(parcel(S.LODGED), S.RELEASED, LATER, "RELEASE", NOW)
    assert early.record.customs is S.LODGED
    assert "believed" in early.why
    stopped = turn(parcel(S.RELEASED), S.DO_NOT_LOAD, LATER, "IE3Q01", NOW).record
    assert (stopped.customs, stopped.customs_at_s) == (S.DO_NOT_LOAD, NOW)
    assert turn(parcel(S.RELEASED), S.UNDER_CONTROL, 0, "CONTROL", NOW).record.customs is S.UNDER_CONTROL


def test_a_release_of_tomorrow_does_not_silence_the_stop_of_today() -> None:
    ahead = ParcelRecord("W1", customs=S.RELEASED, customs_at_s=LATER)
    stopped = turn(ahead, S.SEIZED, NOW, "SEIZE", NOW).record
    assert stopped.customs is S.SEIZED
    for record in (stopped, turn(ahead, S.LODGED, NOW, "IE3R01", NOW).record):
        assert not verdict(record, LATER + 60, RULES).allows(Zone.DOMESTIC)


def test_what_is_seized_stays_seized_whoever_says_what_and_when() -> None:
    for state, at_s in product(CustomsState, (0, NOW - 90, NOW - 60, NOW, LATER)):
        assert turn(parcel(S.SEIZED), state, at_s, "somebody", NOW).record.customs is S.SEIZED


def test_a_message_that_is_played_again_lets_nobody_go() -> None:
    record = parcel(S.LODGED)
    for code in ("RELEASE", "CONTROL", "CONTROL", "RELEASE", "CONTROL", "RELEASE"):
        record = change(record, code, NOW, NOW).record
    assert record.customs is S.UNDER_CONTROL
    assert not verdict(record, NOW, RULES).allows(Zone.DOMESTIC)


def test_the_reason_names_who_said_it() -> None:
    assert "IE3N08" in verdict(change(parcel(S.LODGED), "IE3N08", NOW, NOW).record, NOW, RULES).why
    assert "XX99" in verdict(change(parcel(S.LODGED), "XX99", NOW, NOW).record, NOW, RULES).why


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("IE3Q01", S.DO_NOT_LOAD),
        ("IE3Q02", S.INFORMATION_REQUESTED),
        ("IE3Q03", S.SCREENING_REQUESTED),
        ("IE3R01", S.LODGED),
        ("IE3R07", S.NOT_LODGED),
        ("IE3N03", S.ASSESSED),
        ("ie3n03 ", S.ASSESSED),
        ("RELEASE", S.RELEASED),
    ],
)
def test_messages_say_states(code: str, state: CustomsState) -> None:
    assert message_of(code).state is state
    assert message_of(code).effect is Effect.TURNS


def test_an_unknown_message_holds_and_one_that_informs_does_nothing() -> None:
    released = parcel(S.RELEASED)
    assert change(released, "IE3N06", NOW, NOW).record is released
    step = change(released, "XX99", NOW, NOW)
    assert step.record.customs is S.UNDER_CONTROL
    assert "XX99" in step.why


MOMENTS = st.one_of(st.integers(NOW - 50, NOW), st.sampled_from([0, NOW + 200, NOW + 5_000, LATER]))
MESSAGES = st.lists(st.tuples(st.sampled_from([*sorted(KNOWN), "XX", ""]), MOMENTS), max_size=12)


@given(MESSAGES, st.sampled_from(list(Declaration)), st.integers(0, 200_000_000))
def test_whatever_comes_in_whatever_order_domestic_means_released(
    messages: list[tuple[str, int]], declaration: Declaration, later_s: int
) -> None:
    record = parcel(declaration=declaration)
    last_release = False
    for code, at_s in messages:
        before = record
        record = change(record, code, at_s, NOW).record
        if record is not before:
            last_release = message_of(code).state is S.RELEASED and message_of(code).effect is Effect.TURNS
    if verdict(record, NOW + later_s, RULES).allows(Zone.DOMESTIC):
        untouched = record.customs is S.UNKNOWN and declaration is Declaration.DOMESTIC
        assert untouched or (record.customs is S.RELEASED and last_release and not record.customs_conflict)


def test_a_lot_can_be_repeated_and_draws_its_share() -> None:
    rules = Customs(seed="s3", selections=(Selection(name="toys", goods="9503", per_mille=100),))
    fitting = [ParcelRecord(f"W{n}", goods="950300") for n in range(5_000)]
    drawn = [record.waybill for record in fitting if draw(record, rules)]
    assert drawn == [record.waybill for record in fitting if draw(record, rules)]
    assert 400 < len(drawn) < 600
    assert draw(ParcelRecord("W1", goods="6404"), rules) is None
    other = Customs(seed="s4", selections=rules.selections)
    assert drawn != [record.waybill for record in fitting if draw(record, other)]


def test_a_list_takes_all_that_fit() -> None:
    rules = Customs(selections=(Selection(name="all-cn", country="CN", per_mille=1_000),))
    assert all(draw(ParcelRecord(f"W{n}", country="CN"), rules) for n in range(100))


@given(st.text(), st.text(), st.text())
def test_a_lot_is_a_number_below_a_thousand(seed: str, rule: str, waybill: str) -> None:
    assert 0 <= lot(seed, rule, waybill) < 1_000
