"""Load: departures.csv to `Departures`, or every mistake in it at once.

Comes in: the files of a loaded site; without the file a site has no departures. Goes out: compiled rows; each zone's changes of the
clock from the zone data of this computer, for the years 2020 to 2100. Raises `DeparturesInvalid` with all problems, nothing else.
Never here: the moment it is; answers (`model.py`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from sortctl.departures.fields import Fault, Field, choice, minutes, name_faults, time_of_day, weekdays, yes_no
from sortctl.departures.model import Departures
from sortctl.departures.offsets import DAY_S, Offsets, weekday_of
from sortctl.departures.weekly import NEVER_DAY, Kind, Weekly
from sortctl.site.files import DEPARTURES_FILE as DEPARTURES
from sortctl.site.problem import Invalid, Problem, bounded, errors
from sortctl.site.table import Row, read_table
from sortctl.site.wording import did_you_mean

COLUMNS: Final = {
    "departure": "a name of your own, as LX4-FRA; several rows may have it",
    "destination": "one or more of plan/destinations.csv, separated by semicolons",
    "kind": "truck or flight",
    "weekdays": "days of the cut-off, as Mon-Fri, Sat;Sun or 12345 (1 is Monday); empty: every day",
    "cut_off": "hours and minutes on the clock of the zone: accepted until then",
    "zone": "name of the time zone, as Europe/Brussels",
    "transit_min": "minutes from the chute to where it is accepted",
    "open_min": "its chutes open so many minutes before the cut-off; empty: a week, so never closed between two",
    "warn_min": "its chutes warn so many minutes before the cut-off; empty: 15",
    "premium": "yes: only for parcels that are late, by rule; empty: no",
    "door_min": "minutes from the cut-off to the door; empty: not said",
    "from": "first day, as 2026-11-27; empty: always",
    "until": "last day; empty: for ever",
}
OPTIONAL: Final = frozenset({"open_min", "warn_min", "premium", "door_min", "from", "until"})
"""Columns that may be left out."""

ROWS_MAX: Final = 20_000
"""A hub has some hundred departures a day; a table that is longer was exported from something else."""
ROWS_OF_ONE_MAX: Final = 200
"""Of one destination or one departure: each is looked at when its next one is asked for."""
DAY_MIN: Final = 1_440
WEEK_MIN: Final = 10_080
MONTH_MIN: Final = 44_640
WARN_MIN: Final = 15
KINDS: Final = tuple(kind.value for kind in Kind)

_FIRST_YEAR: Final = 2020
_LAST_YEAR: Final = 2100
_STEP_S: Final = 7 * DAY_S
"""No zone changes its clocks twice within a week."""
_EPOCH: Final = date(1970, 1, 1)
_SPELLED: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DeparturesInvalid(Invalid):
    """The table cannot be used; `problems` says all that is wrong with it."""


class _Read(NamedTuple):
    line: int
    row: Weekly


def load_departures(files: Mapping[str, bytes], destinations: Collection[str] = ()) -> Departures:
    """The departures in these files; with `destinations` given (those of the plan) no other is named. Raises DeparturesInvalid."""
    if DEPARTURES not in files:
        return Departures()
    table = read_table(DEPARTURES, files[DEPARTURES], tuple(COLUMNS), OPTIONAL)
    problems = list(table.problems)
    if len(table.rows) > ROWS_MAX:
        what = f"has {len(table.rows):,} rows"
        raise DeparturesInvalid([Problem(DEPARTURES, 0, "", what, f"at most {ROWS_MAX:,}: leave out what is over")])
    read: list[_Read] = []
    for row in table.rows:
        faults: list[Fault] = []
        weekly = _weekly(row, faults, destinations)
        problems += [Problem(DEPARTURES, row.line, *fault) for fault in faults]
        if not faults:
            read.append(_Read(row.line, weekly))
            problems += _doubts(row.line, weekly)
    problems += [*_unlike(read), *_too_many(read)]
    if errors(problems):
        raise DeparturesInvalid(problems)
    problems += [*_twice(read), *_only_premium(read)]
    return Departures([each.row for each in read], bounded(problems))


@cache
def offsets_of(name: str) -> Offsets | None:
    """The clocks of a zone; None: this computer knows no such zone."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    last = int(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    at = int(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    changes = [(at, _offset_s(zone, at))]
    while at < last:
        after = at + _STEP_S
        if _offset_s(zone, after) != changes[-1][1]:
            changes.append((moment := _change(zone, at, after), _offset_s(zone, moment)))
        at = after
    return Offsets(name, changes)


def _offset_s(zone: ZoneInfo, at_s: int) -> int:
    found = datetime.fromtimestamp(at_s, zone).utcoffset()
    return int(found.total_seconds()) if found is not None else 0


def _change(zone: ZoneInfo, before_s: int, after_s: int) -> int:
    old = _offset_s(zone, before_s)
    while after_s - before_s > 1:
        middle = (before_s + after_s) // 2
        if _offset_s(zone, middle) == old:
            before_s = middle
        else:
            after_s = middle
    return after_s


def _weekly(row: Row, faults: list[Fault], known: Collection[str]) -> Weekly:
    fields = row.fields
    destinations = tuple(piece.strip() for piece in fields["destination"].split(";") if piece.strip())
    faults += [*name_faults("departure", fields["departure"]), *_destination_faults(destinations, known)]
    days = weekdays(fields["weekdays"])
    faults += days.faults

    def taken(field: Field) -> int:
        faults.extend(field.faults)
        return field.value

    weekly = Weekly(
        departure=fields["departure"],
        destinations=destinations,
        kind=Kind(KINDS[taken(choice("kind", fields["kind"], KINDS))]),
        weekdays=days.value,
        cut_off_s=taken(time_of_day(fields["cut_off"])),
        offsets=_zone(fields["zone"], faults),
        transit_s=taken(minutes("transit_min", fields["transit_min"], (0, DAY_MIN))),
        open_s=taken(minutes("open_min", fields.get("open_min", ""), (1, WEEK_MIN), WEEK_MIN)),
        warn_s=taken(minutes("warn_min", fields.get("warn_min", ""), (0, DAY_MIN), WARN_MIN)),
        door_s=taken(minutes("door_min", fields.get("door_min", ""), (0, MONTH_MIN), 0)),
        premium=bool(taken(yes_no("premium", fields.get("premium", "")))),
        first_day=_day("from", fields.get("from", ""), 0, faults),
        last_day=_day("until", fields.get("until", ""), NEVER_DAY, faults),
    )
    if weekly.last_day < weekly.first_day:
        faults.append(("until", "is before the first day", "exchange from and until"))
    if not faults and weekly.warn_s > weekly.open_s:
        faults.append(("warn_min", "is more than open_min", "a chute warns while it is open: make it less"))
    return weekly


def _destination_faults(destinations: Sequence[str], known: Collection[str]) -> Iterator[Fault]:
    if not destinations:
        yield "destination", "is empty", "name one or more destinations of the plan, separated by semicolons"
    for name in dict.fromkeys(destinations):
        faults = name_faults("destination", name)
        yield from faults
        if not faults and destinations.count(name) > 1:
            yield "destination", f'"{name}" stands there twice', "delete one of them"
        if not faults and known and name not in known:
            yield "destination", f'there is no destination "{name}" in the plan', did_you_mean(name, known)


def _zone(name: str, faults: list[Fault]) -> Offsets:
    found = offsets_of(name) if name else None
    if found is not None:
        return found
    if not name:
        faults.append(("zone", "is empty", "write the zone whose clock is meant, as Europe/Brussels"))
    else:
        near = did_you_mean(name[:40], available_timezones())
        mend = near if near.startswith("did") else "write it as Europe/Brussels or Asia/Hong_Kong"
        faults.append(("zone", f'there is no time zone "{name[:40]}"', mend))
    return Offsets("", [(0, 0)])


def _day(column: str, text: str, empty: int, faults: list[Fault]) -> int:
    if not text:
        return empty
    try:
        # Only this form: of 03/04/2026 nobody knows which is the month.
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        faults.append((column, f'"{text[:40]}" is no date', "write year-month-day, as 2026-11-27"))
        return empty
    return (day - _EPOCH).days


def _doubts(line: int, row: Weekly) -> Iterator[Problem]:
    if row.warn_s <= row.transit_s and row.warn_s:
        what = f"its chutes warn {row.warn_s // 60} minutes before the cut-off, when {row.transit_s // 60} are still on the way"
        yield Problem(DEPARTURES, line, "warn_min", what, "make it more than transit_min", "warning")
    for gap in row.offsets.gaps():
        day, second = divmod(gap.first_s, DAY_S)
        ends = second + gap.end_s - gap.first_s
        there = row.first_day <= day <= row.last_day and weekday_of(day) in row.weekdays
        if there and second <= row.cut_off_s < ends:
            clock = f"{row.cut_off_s // 3600:02}:{row.cut_off_s // 60 % 60:02}"
            moved = f"{ends // 3600 % 24:02}:{ends // 60 % 60:02}"
            what = (
                f"{clock} is not on the clock of {row.offsets.name} on the {_SPELLED[weekday_of(day)]} when the clocks go "
                f"forward: that day the cut-off is at {moved}"
            )
            yield Problem(DEPARTURES, line, "cut_off", what, "choose another time if that is not meant", "warning")
            return


def _unlike(read: Sequence[_Read]) -> Iterator[Problem]:
    """What the rows of one departure must have in common: it has one dock and one clock."""
    first: dict[str, _Read] = {}
    for each in read:
        other = first.setdefault(each.row.departure, each)
        for column, one, two in (
            ("kind", each.row.kind, other.row.kind),
            ("zone", each.row.offsets.name, other.row.offsets.name),
            ("transit_min", each.row.transit_s // 60, other.row.transit_s // 60),
            ("open_min", each.row.open_s // 60, other.row.open_s // 60),
            ("warn_min", each.row.warn_s // 60, other.row.warn_s // 60),
            ("premium", each.row.premium, other.row.premium),
        ):
            if one != two:
                shown = ["yes" if value is True else "no" if value is False else str(value) for value in (one, two)]
                what = f"is {shown[0]}, and {shown[1]} in line {other.line} of the same departure"
                yield Problem(DEPARTURES, each.line, column, what, "write the same, or give it a name of its own")


def _twice(read: Sequence[_Read]) -> Iterator[Problem]:
    known: dict[tuple[str, str, int], list[_Read]] = {}
    for each in read:
        row = each.row
        for destination in row.destinations:
            alike = known.setdefault((row.departure, destination, row.cut_off_s), [])
            for other in alike:
                apart = row.last_day < other.row.first_day or other.row.last_day < row.first_day
                if row.weekdays & other.row.weekdays and not apart:
                    what = f"{row.departure} to {destination} at this time stands in line {other.line} already"
                    yield Problem(DEPARTURES, each.line, "cut_off", what, "delete one of the two", "warning")
                    break
            alike.append(each)


def _too_many(read: Sequence[_Read]) -> Iterator[Problem]:
    counts: dict[tuple[str, str], int] = {}
    for line, row in read:
        for place in (("departure", row.departure), *(("destination", name) for name in row.destinations)):
            counts[place] = counts.get(place, 0) + 1
            if counts[place] == ROWS_OF_ONE_MAX + 1:
                what = f'"{place[1]}" has more than {ROWS_OF_ONE_MAX} rows'
                yield Problem(DEPARTURES, line, place[0], what, "leave out rows that are over")


def _only_premium(read: Sequence[_Read]) -> Iterator[Problem]:
    regular = {name for each in read if not each.row.premium for name in each.row.destinations}
    lines: dict[str, int] = {}
    for line, row in read:
        for name in row.destinations:
            lines.setdefault(name, line)
    for name, line in lines.items():
        if name not in regular:
            what = f'"{name}" has only premium departures: its parcels are never late, and never take one'
            yield Problem(DEPARTURES, line, "premium", what, "add its regular departure", "warning")
