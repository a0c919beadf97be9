"""Hub: facts that come from people, the host and the clock on the wall, not from the machine. Frozen, as all facts.

Questions of the logic are outcomes (`ParcelAsked`), answers are facts: so a replay is exact, and nothing in the logic waits.
"""

from enum import StrEnum

from sortctl.words.fact import Fact
from sortctl.words.ids import ChuteNumber, SorterId
from sortctl.words.parcels import ParcelRecord


class WallSet(Fact, frozen=True):
    """The clock on the wall says `wall_ns` (since 1970, UTC) at this moment: at the start, and whenever it was set."""

    wall_ns: int


class ParcelTold(Fact, frozen=True):
    """The answer to `ParcelAsked`: what the hub knows of the parcel with this code; None: nothing."""

    code: str
    record: ParcelRecord | None


class ParcelTurned(Fact, frozen=True):
    """The record of a parcel that is on a sorter, or was put into a bag that still stands, has changed. None: deleted."""

    waybill: str
    record: ParcelRecord | None


class HostSilent(Fact, frozen=True):
    """Parcel data cannot be asked (store gone, locked, damaged) or is no longer renewed; `silent` False ends it."""

    silent: bool
    why: str


class PlanApplied(Fact, frozen=True):
    """The sort plan with this checksum is in force from now on. `keep`: parcels that are decided keep their decision."""

    plan: str
    version: int
    checksum: str
    keep: bool
    by: str


class Lock(StrEnum):
    """Who holds a chute closed, beside the PLC itself."""

    OPERATOR = "operator"
    HOST = "host"


class ChuteLocked(Fact, frozen=True):
    """A lock of a chute was set or taken away."""

    sorter: SorterId
    chute: ChuteNumber
    lock: Lock
    locked: bool
    by: str
    why: str


class BagBound(Fact, frozen=True):
    """The tag `bag` was scanned at this chute: a new bag hangs there. Whoever hung there before is closed."""

    sorter: SorterId
    chute: ChuteNumber
    bag: str
    by: str


class BagAsked(Fact, frozen=True):
    """Somebody asked for the bag of this chute to be closed."""

    sorter: SorterId
    chute: ChuteNumber
    by: str


class PurgeAsked(Fact, frozen=True):
    """Empty the sorter (chute 0) or take a chute out of use: nothing new goes there until `purging` False."""

    sorter: SorterId
    chute: ChuteNumber
    purging: bool
    by: str


class WaveEnded(Fact, frozen=True):
    """The wave of this name ends now: its balance is drawn, the next begins."""

    wave: str
    by: str
