"""Verdict: into which zones a parcel may go now, and why not into others.

Theory. There is one door to a domestic chute: the newest word of customs is a release, it is not too old, and nobody contradicts it; or
customs has nothing to say of the parcel because it was declared as domestic goods. Everything else is kept inside. A parcel that is
only passing through (transit, export, return) may go to a bonded chute once it may be loaded. Custody is open to every parcel.
"""

from typing import Final, NamedTuple

from sortctl.customs.states import FUTURE_S, STOPPED
from sortctl.site.hub import Customs
from sortctl.words.causes import Cause
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord, Zone

_S: Final = CustomsState
PASSING: Final = frozenset({Declaration.TRANSIT, Declaration.EXPORT, Declaration.RETURN})
LOADABLE: Final = frozenset({_S.ASSESSED, _S.RELEASED})
CUSTODY: Final = frozenset({Zone.CUSTODY})
OUTSIDE: Final = frozenset({Zone.OPEN, Zone.CUSTODY})
"""A chute of a hub without customs takes what no rule of customs forbids; it is not a domestic one."""

_CAUSES: Final = {
    _S.DO_NOT_LOAD: (Cause.SECURITY_HOLD, "customs forbids to load it"),
    _S.INFORMATION_REQUESTED: (Cause.CUSTOMS_HOLD, "customs asks for information"),
    _S.SCREENING_REQUESTED: (Cause.CUSTOMS_INSPECT, "customs asks for screening"),
    _S.UNDER_CONTROL: (Cause.CUSTOMS_INSPECT, "it is under customs control"),
    _S.REFUSED: (Cause.CUSTOMS_REFUSED, "customs refused it"),
    _S.SEIZED: (Cause.CUSTOMS_REFUSED, "customs seized it"),
    _S.UNKNOWN: (Cause.CUSTOMS_HOLD, "nothing is known of its customs state"),
    _S.NOT_LODGED: (Cause.CUSTOMS_HOLD, "no declaration is lodged"),
    _S.LODGED: (Cause.CUSTOMS_HOLD, "it is declared, not released"),
    _S.ASSESSED: (Cause.CUSTOMS_HOLD, "it may be loaded, it is not released"),
}


class Verdict(NamedTuple):
    """Zones into which it may go. `cause` NONE: as far as customs is concerned it may go where the plan wants it."""

    zones: frozenset[Zone]
    cause: Cause
    why: str

    def allows(self, zone: str) -> bool:
        """It may go into a chute of this zone."""
        return zone in self.zones


def verdict(record: ParcelRecord | None, wall_s: int, rules: Customs) -> Verdict:
    """What customs lets happen to this parcel at the moment `wall_s`. No record: nothing is known."""
    if record is None:
        return Verdict(OUTSIDE, Cause.NONE, "nothing is known of it")
    return _held(record, wall_s, rules) or _let(record) or _kept(record)


def _kept(record: ParcelRecord) -> Verdict:
    cause, why = _CAUSES[record.customs]
    return Verdict(CUSTODY, cause, f"{why} ({record.customs_by})" if record.customs_by else why)


def _held(record: ParcelRecord, wall_s: int, rules: Customs) -> Verdict | None:
    """Why it is held whatever it is; None: it is not."""
    if record.customs in STOPPED:
        return _kept(record)
    if record.customs_conflict:
        return Verdict(CUSTODY, Cause.CUSTOMS_HOLD, f"customs is contradicted: {record.customs_by or 'no source'}")
    old = _too_old(record, wall_s, rules)
    return Verdict(CUSTODY, Cause.CUSTOMS_HOLD, old) if old else None


def _let(record: ParcelRecord) -> Verdict | None:
    """Where it may go if nothing holds it; None: nowhere yet."""
    if record.customs is _S.RELEASED:
        return Verdict(frozenset(Zone), Cause.NONE, "released")
    if record.declaration in PASSING and record.customs in LOADABLE:
        return Verdict(frozenset({Zone.OPEN, Zone.BONDED, Zone.CUSTODY}), Cause.NONE, "passing under customs control")
    if record.customs is not _S.UNKNOWN:
        return None
    if record.declaration is Declaration.DOMESTIC:
        return Verdict(frozenset(Zone), Cause.NONE, "domestic goods")
    if record.declaration is Declaration.NONE:
        return Verdict(OUTSIDE, Cause.NONE, "customs has said nothing of it")
    return None


def _too_old(record: ParcelRecord, wall_s: int, rules: Customs) -> str:
    if record.customs is _S.UNKNOWN:
        return ""
    released = record.customs is _S.RELEASED
    limit_min = rules.released_stale_min if released else rules.stale_min
    age_min = (wall_s - record.customs_at_s) // 60
    if record.customs_at_s <= 0:
        return f"{record.customs} without a moment"
    if age_min > limit_min:
        return f"{record.customs} is {age_min} minutes old, at most {limit_min} count"
    if record.customs_at_s > wall_s + FUTURE_S:
        return f"{record.customs} of a moment that has not come yet"
    return ""
