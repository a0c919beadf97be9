"""Takes: which fact of the hub changes what is known, before the sorters hear of it.

Comes in: facts of `words/hub.py`. Goes out: a table. What a changed record means for the parcels on a sorter, each kind adds.
"""

from collections.abc import Callable
from typing import Any

from sortctl.logic.hub import cutoff, data
from sortctl.logic.known.sorter import Shared
from sortctl.words import hub
from sortctl.words.facts import Fact
from sortctl.words.ids import SorterId
from sortctl.words.outcomes import Disturbed


def _wall_set(shared: Shared, fact: hub.WallSet) -> None:
    """What customs said has another age now, departures are nearer or farther."""
    shared.hub.wall_offset_ns = fact.wall_ns - fact.at_ns
    cutoff.look_again(shared, every=True)


def _host_silent(shared: Shared, fact: hub.HostSilent) -> None:
    """Nothing is decided otherwise: what is not known is not known."""
    if fact.silent != shared.hub.host_silent:
        shared.hub.host_silent = fact.silent
        shared.said.append(Disturbed(fact.at_ns, SorterId(""), "host_silent", fact.silent, fact.why))


KNOW: dict[type[Fact], Callable[[Shared, Any], object]] = {
    hub.WallSet: _wall_set,
    hub.ParcelTold: data.told,
    hub.ParcelTurned: data.turned,
    hub.HostSilent: _host_silent,
}
