"""Cut-off: which departure a parcel takes, how much time it has, and who is at risk.

Theory. A parcel is meant for the departure that it is booked on, or else for the next of its destination. If it cannot reach that
any more it is late: it goes where the plan sends late parcels (`!cut_off_passed`, the premium counter), or, where the plan
names no such chutes, takes the next departure that it still reaches; with none left it is rejected. The same counter takes one that
would be in time, but at the door only behind the promise (the 72 hours), where a premium departure keeps it; without one it goes as
planned, and is at risk. While all departures of a destination are closed, between a cut-off and the opening of the next, its chutes take nothing. What a clock changes is
looked at when a moment comes that was noted here.
Comes in: a passage, its destination, the second on the wall. Goes out: a `Departing`, `AtRisk`. Never here: the state of chutes.
"""

from typing import Final, NamedTuple

from sortctl.departures import Departures, Leaving, Phase, due_slack_s, slack_s
from sortctl.logic.known.passage import Passage
from sortctl.logic.known.sorter import Shared, Sorter
from sortctl.words.causes import Cause
from sortctl.words.ids import PassageNumber
from sortctl.words.outcomes import AtRisk
from sortctl.words.parcels import ParcelRecord

AGAIN_MAX: Final = 64
"""Passages decided anew in one step because a clock has changed something: 2 ms."""
NEVER_S: Final = 1 << 60


class Departing(NamedTuple):
    """What it takes. `closed` says why the chutes of its destination take nothing now; empty: they do."""

    leaving: Leaving | None = None
    is_late: bool = False
    why: str = ""
    closed: str = ""


def departing(sorter: Sorter, record: ParcelRecord | None, destination: str) -> Departing:
    """The departure of a parcel for this destination."""
    shared = sorter.shared
    departures = shared.rules.departures
    if not departures.rows or shared.hub.wall_offset_ns is None:
        return Departing()
    wall_s = shared.hub.wall_s(shared.now_ns)
    meant = _meant(shared, record, destination, wall_s)
    if meant is None:
        return Departing()
    slack = slack_s(meant, wall_s)
    _note_moment(shared, meant.cut_off_s - meant.transit_s + 1 if slack >= 0 else meant.cut_off_s)
    if slack >= 0:
        faster = _faster(sorter, record, meant, destination)
        return faster or Departing(meant, closed=_closed(departures, meant, wall_s))
    why = f"{meant.departure} was missed"
    later = departures.after(meant)
    if later is None or slack_s(later, wall_s) < 0 or shared.plan.for_cause(sorter.sorter, Cause.CUT_OFF_PASSED).every:
        premium = departures.premium_of(destination, wall_s)
        return Departing(meant, True, f"{why}; {premium.departure} can still be reached" if premium else why)
    _note_moment(shared, later.cut_off_s - later.transit_s + 1)
    # by the plan late parcels have no counter of their own, so a broken promise is only told
    return Departing(later, why=why, closed=_closed(departures, later, wall_s))


def _faster(sorter: Sorter, record: ParcelRecord | None, meant: Leaving, destination: str) -> Departing | None:
    """The premium departure that keeps a promise which `meant` breaks; None: there is none, or no counter for it."""
    shared = sorter.shared
    late_s = _late_s(record, meant)
    if not late_s or meant.premium or not shared.plan.for_cause(sorter.sorter, Cause.CUT_OFF_PASSED).every:
        return None
    premium = shared.rules.departures.premium_of(destination, shared.hub.wall_s(shared.now_ns))
    if premium is None or not premium.door_s or _late_s(record, premium):
        return None
    _note_moment(shared, premium.cut_off_s - premium.transit_s + 1)
    why = f"with {meant.departure} it is at the door {-(-late_s // 60)} min after the promise; {premium.departure} keeps it"
    return Departing(premium, True, why)


def _late_s(record: ParcelRecord | None, leaving: Leaving) -> int:
    """So many seconds behind the promise it is at the door; 0: in time, or one of the two was not said."""
    left = due_slack_s(record, leaving) if record is not None else None
    return max(0, -left) if left is not None else 0


def _meant(shared: Shared, record: ParcelRecord | None, destination: str, wall_s: int) -> Leaving | None:
    departures = shared.rules.departures
    booked = departures.named(record.departure, wall_s) if record is not None and record.departure else None
    if booked is not None:
        return booked
    named = [departures.named(name, wall_s) for name in shared.plan.departures(destination)]
    found = [leaving for leaving in named if leaving is not None]
    return min(found, key=lambda one: one.cut_off_s) if found else departures.next_of(destination, wall_s)


def _closed(departures: Departures, leaving: Leaving, wall_s: int) -> str:
    if leaving.open_s <= wall_s:
        return ""
    state = departures.state_of(leaving.destination, wall_s) if leaving.destination else None
    if state is not None and state.phase is not Phase.CLOSED:
        return ""
    return f"is closed until {leaving.departure} opens"


def _note_moment(shared: Shared, wall_s: int) -> None:
    at_ns = shared.hub.moment_ns(wall_s)
    if at_ns and (not shared.hub.due_ns or at_ns < shared.hub.due_ns):
        shared.hub.due_ns = at_ns


def note(sorter: Sorter, passage: Passage, taken: Departing) -> None:
    """`passage` takes this departure from now on."""
    leaving, wall_s = taken.leaving, sorter.shared.hub.wall_s(sorter.now_ns)
    if leaving is None:
        end(sorter, passage)
        passage.departure, passage.latest_s = "", 0
        return
    slack = slack_s(leaving, wall_s)
    late_s = _late_s(passage.record, leaving)
    at_risk = slack < 0 or wall_s >= leaving.warn_s or late_s > 0
    if passage.departure != leaving.departure:
        end(sorter, passage)
    passage.departure, passage.latest_s = leaving.departure, leaving.cut_off_s - leaving.transit_s
    if at_risk != passage.at_risk:
        _say(sorter, passage, slack, at_risk=at_risk, late_s=late_s)


def end(sorter: Sorter, passage: Passage) -> None:
    """`passage` takes its departure no longer, or needs no care any more."""
    if passage.at_risk:
        _say(sorter, passage, passage.latest_s - sorter.shared.hub.wall_s(sorter.now_ns), at_risk=False)


def _say(sorter: Sorter, passage: Passage, slack: int, *, at_risk: bool, late_s: int = 0) -> None:
    passage.at_risk = at_risk
    number = PassageNumber(passage.number)
    waybill, departure = passage.waybill, passage.departure
    sorter.say(AtRisk(sorter.now_ns, sorter.sorter, number, waybill, departure, slack, at_risk, late_s))


def hurry(passage: Passage) -> int:
    """Where room is short, whoever has less of this goes first."""
    return passage.latest_s or NEVER_S


def due(shared: Shared) -> list[int]:
    """Numbers of passages that are to be decided anew now, as a clock has changed something."""
    hub = shared.hub
    if hub.due_ns and shared.now_ns >= hub.due_ns:
        look_again(shared, every=False)
    if not hub.recheck:
        return []
    now, hub.recheck = hub.recheck[:AGAIN_MAX], hub.recheck[AGAIN_MAX:]
    return now


def next_moment_ns(shared: Shared) -> int | None:
    """When `due` has something to say; None: not before something happens."""
    hub = shared.hub
    if not shared.by_number or not (hub.recheck or hub.due_ns):
        return None
    return shared.now_ns if hub.recheck else hub.due_ns


def look_again(shared: Shared, *, every: bool) -> None:
    """All passages with a departure are to be decided anew, or `every` one; those that are in a hurry first."""
    hub = shared.hub
    hub.due_ns = 0
    change_s = shared.rules.departures.next_change_s(hub.wall_s(shared.now_ns))
    if change_s is not None:
        _note_moment(shared, change_s)
    waiting = set(hub.recheck)
    found = [
        passage
        for _, passage in shared.by_number.values()
        if passage.number in waiting or passage.latest_s or (every and passage.record is not None)
    ]
    hub.recheck = [passage.number for passage in sorted(found, key=lambda one: (hurry(one), one.number))]
