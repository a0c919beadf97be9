"""Hub: what is known beyond the machines: answers about parcels, the clock on the wall, who was drawn for inspection.

Theory. A passage asks by every name that its codes may stand for. An answer is kept as long as an open passage asked for
it, and is the newest that was told; so what is held is bounded by what the sorters hold. Until the clock on the wall was
told, every word of customs counts as too old. A clock that was set back does not make old words fresh: for a shift both clocks
count, the old one and the new one. Never here: what follows from a record.
"""

from typing import Final, NamedTuple

from msgspec import Struct, field

from sortctl.departures import Departures
from sortctl.departures.load import load_departures
from sortctl.labels import DEFAULT_RULES, LabelRules
from sortctl.labels.load import load_labels
from sortctl.site.hub import Customs, Limits, ParcelRules
from sortctl.site.load import LoadedSite
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_S

NO_WALL_S: Final = 1 << 40
"""While nobody has told the time on the wall it is so late that whatever has a date is too old."""


SET_BACK_NS: Final = 300 * NS_PER_S
"""A clock that is set back by less changes no age that matters."""
DOUBT_NS: Final = 8 * 3_600 * NS_PER_S
"""One shift: by then somebody has seen the alarm and set right which of the two was wrong."""
SILENT_NS: Final = 60 * NS_PER_S
"""Parcel data that were silent for longer may have missed a hold: what they said before lets nobody leave."""


class HubRules(NamedTuple):
    """What the site says beyond its machines."""

    limits: Limits = Limits()
    customs: Customs = Customs()
    parcels: ParcelRules = ParcelRules()
    departures: Departures = Departures()
    labels: LabelRules = DEFAULT_RULES


def rules_of(loaded: LoadedSite) -> HubRules:
    """The rules of a site. Raises DeparturesInvalid, LabelsInvalid."""
    site, files = loaded.site, loaded.files
    return HubRules(site.limits, site.customs, site.parcels, load_departures(files), load_labels(files))


class Answer(Struct):
    """What is known of the parcel with one code, and who asked."""

    record: ParcelRecord | None = None
    is_told: bool = False
    """An answer came; without a record it said that nothing is known."""
    passages: list[int] = field(default_factory=list)


class HubBook(Struct):
    """Everything about the hub that outlives a step."""

    answers: dict[str, Answer] = field(default_factory=dict)
    wall_offset_ns: int | None = None
    """The clock on the wall less the one of the facts."""
    later_offset_ns: int | None = None
    """The same of the clock that was set back, while nobody knows which one was right."""
    later_until_ns: int = 0
    drawn: dict[str, int] = field(default_factory=dict)
    """Waybill -> second on the wall at which it was drawn for inspection, oldest first."""
    host_silent: bool = False
    heard_ns: int = 0
    """When the host began to be silent, or said something since."""
    due_ns: int = 0
    """Then a departure opens, warns or closes, or somebody misses one; 0: nothing is due."""
    recheck: list[int] = field(default_factory=list)
    """Passages that are still to be decided anew because of that."""

    def wall_s(self, now_ns: int) -> int:
        """The second on the wall at this moment of the facts."""
        return NO_WALL_S if self.wall_offset_ns is None else (now_ns + self.wall_offset_ns) // NS_PER_S

    def walls_s(self, now_ns: int) -> tuple[int, ...]:
        """The same, by every clock that may be right."""
        if self.later_offset_ns is None or now_ns >= self.later_until_ns:
            return (self.wall_s(now_ns),)
        return self.wall_s(now_ns), (now_ns + self.later_offset_ns) // NS_PER_S

    def is_unheard(self, now_ns: int) -> bool:
        """The host has been silent for so long that a hold may have been missed."""
        return self.host_silent and now_ns - self.heard_ns >= SILENT_NS

    def moment_ns(self, wall_s: int) -> int:
        """The first moment of the facts in this second on the wall; 0: nobody can tell."""
        return 0 if self.wall_offset_ns is None else max(1, wall_s * NS_PER_S - self.wall_offset_ns)
