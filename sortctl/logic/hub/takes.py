"""Takes: which fact of the hub changes what is known, before the sorters hear of it.

Comes in: facts of `words/hub.py`. Goes out: a table. What a changed record means for the parcels on a sorter, each kind adds.
"""

from collections.abc import Callable
from typing import Any

from sortctl.logic.hub import cutoff, data
from sortctl.logic.known.hub import DOUBT_NS, SET_BACK_NS
from sortctl.logic.known.sorter import Shared
from sortctl.words import facts, hub
from sortctl.words.facts import Fact
from sortctl.words.ids import SorterId
from sortctl.words.outcomes import Disturbed
from sortctl.words.units import NS_PER_S


def _wall_set(shared: Shared, fact: hub.WallSet) -> None:
    """What customs said has another age now, departures are nearer or farther."""
    book, was, now = shared.hub, shared.hub.wall_offset_ns, fact.wall_ns - fact.at_ns
    book.wall_offset_ns = now
    if was is not None and now < was - SET_BACK_NS:
        book.later_offset_ns = max(was, book.later_offset_ns if book.later_offset_ns is not None else was)
        book.later_until_ns = fact.at_ns + DOUBT_NS
        back_min = (was - now) // (60 * NS_PER_S)
        why = f"the clock on the wall was set back by {back_min} min: for a shift customs counts by both clocks"
        shared.said.append(Disturbed(fact.at_ns, SorterId(""), "clock_set_back", True, why))
    elif book.later_offset_ns is not None and now >= book.later_offset_ns - SET_BACK_NS:
        _end_doubt(shared, fact.at_ns, "the clock on the wall is right again")
    cutoff.look_again(shared, every=True)


def _clock_struck(shared: Shared, fact: facts.ClockStruck) -> None:
    """Who was wrong about the time has been looked at by now."""
    if shared.hub.later_offset_ns is not None and fact.at_ns >= shared.hub.later_until_ns:
        _end_doubt(shared, fact.at_ns, "the clock has stayed as it was set for a shift")


def _end_doubt(shared: Shared, at_ns: int, why: str) -> None:
    shared.hub.later_offset_ns = None
    shared.said.append(Disturbed(at_ns, SorterId(""), "clock_set_back", False, why))


def _told(shared: Shared, fact: hub.ParcelTold) -> None:
    shared.hub.heard_ns = fact.at_ns
    data.told(shared, fact)


def _turned(shared: Shared, fact: hub.ParcelTurned) -> None:
    shared.hub.heard_ns = fact.at_ns
    data.turned(shared, fact)


def _host_silent(shared: Shared, fact: hub.HostSilent) -> None:
    """What is not known is not known; what was known grows old (`clearance.py`)."""
    if fact.silent != shared.hub.host_silent:
        shared.hub.host_silent, shared.hub.heard_ns = fact.silent, fact.at_ns
        shared.said.append(Disturbed(fact.at_ns, SorterId(""), "host_silent", fact.silent, fact.why))


KNOW: dict[type[Fact], Callable[[Shared, Any], object]] = {
    hub.WallSet: _wall_set,
    facts.ClockStruck: _clock_struck,
    hub.ParcelTold: _told,
    hub.ParcelTurned: _turned,
    hub.HostSilent: _host_silent,
}
