"""States: which change of a customs state a procedure knows. Anything else is a contradiction, and a contradiction is a hold.

Theory. A release is made in one way only: by customs, out of a state that a declaration has reached. It is taken back by
anything: that is always possible and needs no procedure. What is seized stays seized. The newest word counts by the moment it was
made, not by when it came; of two words of one moment that differ, none is believed. A moment that has not come yet proves nothing:
a stop counts from now on, anything else is not taken; so nobody who is ahead of time can silence who comes after him.
"""

from typing import Final, NamedTuple

from msgspec.structs import replace

from sortctl.words.parcels import CustomsState, ParcelRecord

_S: Final = CustomsState
FUTURE_S: Final = 300
"""Clocks of two houses may differ by so much."""
STOPPED: Final = frozenset(
    {_S.DO_NOT_LOAD, _S.INFORMATION_REQUESTED, _S.SCREENING_REQUESTED, _S.UNDER_CONTROL, _S.REFUSED, _S.SEIZED}
)
"""Customs wants the parcel kept; only its own next word ends that."""
_TAKEN_BACK: Final = frozenset({_S.UNDER_CONTROL, _S.DO_NOT_LOAD, _S.REFUSED, _S.SEIZED, _S.SCREENING_REQUESTED})
"""What customs may say at any time, whatever was said before."""
_ASKED: Final = frozenset({_S.INFORMATION_REQUESTED, _S.SCREENING_REQUESTED})

NEXT: Final[dict[CustomsState, frozenset[CustomsState]]] = {
    _S.UNKNOWN: frozenset({_S.NOT_LODGED, _S.LODGED, _S.ASSESSED}) | _ASKED | _TAKEN_BACK,
    _S.NOT_LODGED: frozenset({_S.LODGED}) | _ASKED | _TAKEN_BACK,
    _S.LODGED: frozenset({_S.NOT_LODGED, _S.ASSESSED, _S.RELEASED}) | _ASKED | _TAKEN_BACK,
    _S.ASSESSED: frozenset({_S.NOT_LODGED, _S.RELEASED}) | _ASKED | _TAKEN_BACK,
    _S.INFORMATION_REQUESTED: frozenset({_S.NOT_LODGED, _S.LODGED, _S.ASSESSED}) | _ASKED | _TAKEN_BACK,
    _S.SCREENING_REQUESTED: frozenset({_S.NOT_LODGED, _S.LODGED, _S.ASSESSED}) | _ASKED | _TAKEN_BACK,
    _S.DO_NOT_LOAD: frozenset({_S.UNDER_CONTROL, _S.REFUSED, _S.SEIZED, _S.ASSESSED}),
    _S.UNDER_CONTROL: frozenset({_S.LODGED, _S.RELEASED}) | _TAKEN_BACK,
    _S.RELEASED: frozenset({_S.NOT_LODGED}) | _TAKEN_BACK,
    _S.REFUSED: frozenset({_S.SEIZED, _S.UNDER_CONTROL, _S.LODGED}),
    _S.SEIZED: frozenset(),
}
"""Changes that a procedure knows. There is no way from DO_NOT_LOAD, REFUSED, SEIZED or a state without a declaration to
RELEASED in one step; from SEIZED there is none at all."""


class Step(NamedTuple):
    """What became of a record; `why` is empty if it changed as asked."""

    record: ParcelRecord
    why: str


def turn(record: ParcelRecord, state: CustomsState, at_s: int, by: str, now_s: int) -> Step:
    """The record after customs (or a person, `by`) said `state` at the moment `at_s`; it is `now_s` now."""
    known_s = record.customs_at_s
    if not 0 < at_s <= now_s + FUTURE_S:
        if not is_stricter(state, record.customs):
            return Step(record, f"{by} has no moment that can be believed: not taken")
        at_s = max(now_s, known_s)
    if known_s > now_s + FUTURE_S:
        why = f"{record.customs} of {record.customs_by or 'before'} is of a moment that has not come yet, {by} says {state}"
        return Step(_with(record, _worse(record.customs, state), now_s, by, conflict=True), why)
    if at_s < known_s:
        return Step(record, f"older than the word of {record.customs_by or 'before'}: not taken")
    if state is record.customs and not record.customs_conflict:
        return Step(_with(record, state, at_s, by, conflict=False), "")
    if record.customs is _S.SEIZED:
        return Step(record, "seized: nobody changes that here")
    if at_s == known_s:
        why = f"{by} says {state} and {record.customs_by or 'somebody'} said {record.customs} of the same moment"
        return Step(_with(record, _worse(record.customs, state), at_s, by, conflict=True), why)
    if state not in NEXT[record.customs]:
        why = f"no procedure leads from {record.customs} to {state}"
        return Step(_with(record, _worse(record.customs, state), at_s, by, conflict=True), why)
    return Step(_with(record, state, at_s, by, conflict=False), "")


_RANK: Final = (
    _S.RELEASED,
    _S.ASSESSED,
    _S.LODGED,
    _S.UNKNOWN,
    _S.NOT_LODGED,
    _S.INFORMATION_REQUESTED,
    _S.SCREENING_REQUESTED,
    _S.UNDER_CONTROL,
    _S.REFUSED,
    _S.DO_NOT_LOAD,
    _S.SEIZED,
)
"""From the one that allows most to the one that allows least."""


def is_stricter(state: CustomsState, than: CustomsState) -> bool:
    """`state` allows less."""
    return _RANK.index(state) > _RANK.index(than)


def _worse(first: CustomsState, second: CustomsState) -> CustomsState:
    return max(first, second, key=_RANK.index)


def _with(record: ParcelRecord, state: CustomsState, at_s: int, by: str, *, conflict: bool) -> ParcelRecord:
    return replace(record, customs=state, customs_at_s=at_s, customs_by=by, customs_conflict=conflict)
