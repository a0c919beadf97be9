"""Hub: what is known beyond the machines: answers about parcels, the clock on the wall, who was drawn for inspection.

Theory. A passage asks by every name that its codes may stand for. An answer is kept as long as an open passage asked for
it, and is the newest that was told; so what is held is bounded by what the sorters hold. Until the clock on the wall was
told, every word of customs counts as too old. Never here: what follows from a record.
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
    drawn: dict[str, int] = field(default_factory=dict)
    """Waybill -> second on the wall at which it was drawn for inspection, oldest first."""
    host_silent: bool = False
    due_ns: int = 0
    """Then a departure opens, warns or closes, or somebody misses one; 0: nothing is due."""
    recheck: list[int] = field(default_factory=list)
    """Passages that are still to be decided anew because of that."""

    def wall_s(self, now_ns: int) -> int:
        """The second on the wall at this moment of the facts."""
        return NO_WALL_S if self.wall_offset_ns is None else (now_ns + self.wall_offset_ns) // NS_PER_S

    def moment_ns(self, wall_s: int) -> int:
        """The first moment of the facts in this second on the wall; 0: nobody can tell."""
        return 0 if self.wall_offset_ns is None else max(1, wall_s * NS_PER_S - self.wall_offset_ns)
