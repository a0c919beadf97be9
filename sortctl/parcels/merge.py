"""Merge: what a line of a list, or a host's message, makes of what is known already. Pure.

What is said replaces; what is not said stays. Four things a list cannot do: end a hold, end an intercept, make domestic goods of what was
declared otherwise, and take back a newer word of customs, which has its own way (`customs.turn`). A word without a moment cannot
show that it is newer: it makes stricter, or goes on from what the same source said. The first word of customs on a parcel is taken as it is said.
"""

from typing import Final

from msgspec.structs import asdict, replace

from sortctl.customs import STOPPED, is_stricter, turn
from sortctl.parcels.records import EARLIEST_S
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord

BY_LIST: Final = "list"
"""Who said a customs state that came with a parcel's data."""
_OWN_WAY: Final = frozenset({"waybill", "customs", "customs_at_s", "customs_by", "customs_conflict"})


def merged(known: ParcelRecord | None, said: ParcelRecord, at_s: int) -> tuple[ParcelRecord, str]:
    """The record then, and what of it was not taken as said. `at_s`: the moment of a customs state without one."""
    if known is None:
        return first_word(said, at_s), ""
    said = _promised(said, at_s, known.due_s)
    now = replace(known, **{name: value for name, value in asdict(said).items() if value and name not in _OWN_WAY})
    why = ""
    if now.declaration is Declaration.DOMESTIC and known.declaration not in (Declaration.NONE, Declaration.DOMESTIC):
        now = replace(now, declaration=known.declaration)
        why = f"it was declared as {known.declaration} before, and does not become domestic by a list"
    if said.customs is CustomsState.UNKNOWN:
        return now, why
    moment_s, by = said.customs_at_s or at_s, said.customs_by or BY_LIST
    if known.customs is CustomsState.UNKNOWN and not known.customs_conflict:
        return replace(now, customs=said.customs, customs_at_s=moment_s, customs_by=by), why
    if said.customs is known.customs and said.customs_at_s <= known.customs_at_s:
        return now, why
    if not said.customs_at_s and not _may_be_newer(known, said.customs, by):
        return now, why or f"{said.customs} has no moment: the word of {known.customs_by or 'before'} stays"
    step = turn(now, said.customs, moment_s, by, at_s)
    return step.record, why or step.why


def _may_be_newer(known: ParcelRecord, state: CustomsState, by: str) -> bool:
    """A word without a moment counts."""
    if is_stricter(state, known.customs):
        return True
    return by == known.customs_by and known.customs not in STOPPED and not known.customs_conflict


def first_word(said: ParcelRecord, at_s: int) -> ParcelRecord:
    """A record as it is kept: a customs state has a moment and a source, a promise has a moment."""
    said = _promised(said, at_s)
    if said.customs is CustomsState.UNKNOWN:
        return said
    return replace(said, customs_at_s=said.customs_at_s or at_s, customs_by=said.customs_by or BY_LIST)


def _promised(said: ParcelRecord, at_s: int, before_s: int = 0) -> ParcelRecord:
    """A promise in hours counts from the first time that it is said: to say it again does not put it off."""
    if not 0 < said.due_s < EARLIEST_S:
        return said
    return replace(said, due_s=before_s or at_s + said.due_s)
