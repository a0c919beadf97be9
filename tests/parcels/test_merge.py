"""Merge: what a list cannot take back, in whatever order its lines and the words of customs come."""

from itertools import product

import pytest
from msgspec.structs import replace

from sortctl.customs import change, verdict
from sortctl.parcels.merge import merged
from sortctl.site.hub import Customs
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord, Zone

NOW = 1_800_000_000
S = CustomsState


def known(state: CustomsState, by: str = "CONTROL", **more: object) -> ParcelRecord:
    record = ParcelRecord("W1", declaration=Declaration.H7, customs=state, customs_at_s=NOW - 60, customs_by=by)
    return replace(record, **more)


def may_leave(record: ParcelRecord) -> bool:
    return verdict(record, NOW, Customs()).allows(Zone.DOMESTIC)


UNDATED = ParcelRecord("W1", customs=S.RELEASED)


@pytest.mark.parametrize("state", [state for state in S if state not in (S.UNKNOWN, S.RELEASED)])
def test_a_release_without_a_moment_takes_no_word_of_customs_back(state: CustomsState) -> None:
    now, why = merged(known(state), UNDATED, NOW)
    assert now.customs is state
    assert "no moment" in why


def test_a_release_without_a_moment_goes_on_from_the_same_list() -> None:
    assert merged(known(S.LODGED, "list"), UNDATED, NOW)[0].customs is S.RELEASED
    assert merged(known(S.UNDER_CONTROL, "list"), UNDATED, NOW)[0].customs is S.UNDER_CONTROL
    assert merged(known(S.LODGED, "list", customs_conflict=True), UNDATED, NOW)[0].customs is S.LODGED


def test_a_stop_without_a_moment_counts_at_once() -> None:
    now, _ = merged(known(S.RELEASED, "RELEASE"), ParcelRecord("W1", customs=S.UNDER_CONTROL), NOW)
    assert now.customs is S.UNDER_CONTROL


def test_an_older_release_of_a_list_changes_nothing() -> None:
    now, why = merged(known(S.UNDER_CONTROL), ParcelRecord("W1", customs=S.RELEASED, customs_at_s=NOW - 90), NOW)
    assert now.customs is S.UNDER_CONTROL
    assert "older" in why


def test_goods_do_not_become_domestic_by_a_list() -> None:
    said = ParcelRecord("W1", declaration=Declaration.DOMESTIC)
    now, why = merged(ParcelRecord("W1", declaration=Declaration.H7), said, NOW)
    assert now.declaration is Declaration.H7
    assert "h7" in why
    assert not may_leave(now)
    assert may_leave(merged(ParcelRecord("W1"), said, NOW)[0])


def test_no_list_and_no_message_leads_from_seized_to_a_domestic_chute() -> None:
    lists = [
        ParcelRecord("W1", customs=state, customs_at_s=at_s, declaration=declaration)
        for state, at_s, declaration in product(S, (0, NOW, NOW + 9_000), (Declaration.NONE, Declaration.DOMESTIC))
    ]
    for first, second in product(lists, lists):
        record = merged(merged(known(S.SEIZED), first, NOW)[0], second, NOW)[0]
        assert not may_leave(change(record, "RELEASE", NOW, NOW).record)
