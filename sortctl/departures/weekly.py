"""Weekly: one row of the table, a cut-off on some days of the week, and one departure of it on one day.

Comes in: what `load.py` has checked, moments in seconds of UTC. Goes out: the next cut-off behind a moment, worked out by counting
days, so there is no table of dates that could run out. Never here: which of several departures a parcel takes (`model.py`).
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from sortctl.departures.offsets import DAY_S, Offsets, weekday_of
from sortctl.words.parcels import ParcelRecord

WEEK_DAYS: Final = 7
NEVER_DAY: Final = 1_000_000
"""Behind every day: a row without an end."""


class Kind(StrEnum):
    """What leaves."""

    TRUCK = "truck"
    FLIGHT = "flight"


class Leaving(Struct, frozen=True, gc=False):
    """One departure on one day. `destination` is the one that was asked for; empty: asked for by name."""

    departure: str
    destination: str
    kind: Kind
    premium: bool
    cut_off_s: int
    """Accepted until before this moment."""
    open_s: int
    """Its chutes open."""
    warn_s: int
    """Its chutes warn."""
    transit_s: int
    """From the chute to where it is accepted."""
    door_s: int
    """From the cut-off to the door; 0: not said."""
    zone: str
    """On whose clock the cut-off is written."""
    note: str
    """What a change of the clocks did to the cut-off; mostly nothing."""


class Weekly(Struct, frozen=True):
    """One row: a cut-off on some days of the week, between two dates (both included, days since 1970)."""

    departure: str
    destinations: tuple[str, ...]
    kind: Kind
    weekdays: frozenset[int]
    cut_off_s: int
    """Seconds of the day, on the clock of `offsets`."""
    offsets: Offsets
    transit_s: int
    open_s: int
    warn_s: int
    door_s: int = 0
    premium: bool = False
    first_day: int = 0
    last_day: int = NEVER_DAY

    def following(self, after_s: int, destination: str) -> Leaving | None:
        """The first with a cut-off behind this moment."""
        # A cut-off of a day before is never behind it: see offsets.py.
        first = max(self.first_day, self.offsets.local(after_s) // DAY_S)
        for day in range(first, min(self.last_day, first + WEEK_DAYS) + 1):
            if weekday_of(day) in self.weekdays:
                found = self.offsets.moment(day * DAY_S + self.cut_off_s)
                if found.utc_s > after_s:
                    return self._leaving(found.utc_s, found.note, destination)
        return None

    def _leaving(self, cut_off_s: int, note: str, destination: str) -> Leaving:
        return Leaving(
            self.departure,
            destination,
            self.kind,
            self.premium,
            cut_off_s,
            cut_off_s - self.open_s,
            cut_off_s - self.warn_s,
            self.transit_s,
            self.door_s,
            self.offsets.name,
            note,
        )


def slack_s(leaving: Leaving, wall_s: int) -> int:
    """Seconds that a parcel may still lose before it misses the departure; below 0: too late."""
    return leaving.cut_off_s - wall_s - leaving.transit_s


def due_slack_s(record: ParcelRecord, leaving: Leaving) -> int | None:
    """Seconds between the door and the promise if it leaves with this one; below 0: late. None: one of the two was not said."""
    return record.due_s - leaving.cut_off_s - leaving.door_s if record.due_s and leaving.door_s else None
