"""Timely: parcels and their departures: nobody goes into a chute whose departure he cannot reach any more.

Comes in: the rows of departures.csv as planners write them, where parcels lie, the clock on the wall. Goes out: broken rules.
A parcel that is booked goes by its departure, any other by those of its destination. Premium departures take nobody into these chutes.
Rows with a first or last day, and plans that name departures for a destination, are left to the controller's own tests.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sim.hub.truth import HubTruth
from sim.sheets import Row, Sheet
from sim.world.parcel import Parcel
from sortctl.words.units import NS_PER_S

WEEK_MIN: Final = 10_080
LOOK_NS: Final = NS_PER_S
DAYS: Final = range(-1, 9)
"""Chutes open a week before their departure at most."""
NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Fault = tuple[str, str]


def faults(parcel: Parcel, sheet: Sheet, truth: HubTruth, always: set[int]) -> Iterator[Fault]:
    """Of a parcel that lies in a chute."""
    if parcel.exit in always or parcel.exit not in sheet.chutes(parcel.waybill):
        return
    fired_ns = truth.firing_ns(parcel)
    last_ns = truth.last_ns(lambda _, at_ns: in_time(truth, sheet, parcel, at_ns), parcel.waybill, fired_ns)
    if last_ns is None or (last_ns < fired_ns and truth.came_through(last_ns, fired_ns)):
        what = f"parcel {parcel.number} ({parcel.waybill}) lies in chute {parcel.exit} of {sheet.destination(parcel.waybill)}"
        yield "missorted", f"{what}, whose departure it missed"


def is_ever_late(truth: HubTruth, plans: list[Sheet], parcel: Parcel) -> bool:
    """At some moment up to its end it could not reach the departure of its destination."""
    if not all(is_plain(_rows(sheet, parcel)) for sheet in plans):
        return True
    moments = range(0, parcel.exit_ns + LOOK_NS, LOOK_NS)
    return any(not in_time(truth, sheet, parcel, at_ns) for sheet in plans for at_ns in moments)


def in_time(truth: HubTruth, sheet: Sheet, parcel: Parcel, at_ns: int) -> bool:
    """The chutes of its destination take it at this moment: a departure is open, and can be reached."""
    rows = _rows(sheet, parcel)
    if not rows or not is_plain(rows):
        return True
    wall_s = truth.wall_s(at_ns)
    return any(_takes(row, wall_s) for row in rows)


def _rows(sheet: Sheet, parcel: Parcel) -> list[Row]:
    destination, booked = sheet.destination(parcel.waybill), sheet.departure(parcel.waybill)
    named = [row for row in sheet.departures if booked and row["departure"] == booked]
    return named or [
        row for row in sheet.departures if destination in row["destination"].split(";") and not row.get("premium")
    ]


def is_plain(rows: list[Row]) -> bool:
    """These leave on the same days of every week."""
    return not any(row.get(name) for row in rows for name in ("from", "until"))


def _takes(row: Row, wall_s: int) -> bool:
    zone = ZoneInfo(row["zone"])
    today = datetime.fromtimestamp(wall_s, UTC).astimezone(zone).date()
    hours, minutes = row["cut_off"].split(":")[:2]
    for days in DAYS:
        if not _leaves_on(row.get("weekdays", ""), (today + timedelta(days)).isoweekday()):
            continue
        cut_off = datetime.combine(today + timedelta(days), time(int(hours), int(minutes)), zone).timestamp()
        opens = cut_off - 60 * int(row.get("open_min") or WEEK_MIN)
        if opens <= wall_s <= cut_off - 60 * int(row["transit_min"]):
            return True
    return False


def _leaves_on(written: str, day: int) -> bool:
    """`Mon-Fri`, `Sat;Sun`, `12345`, `1.3.5..`, empty or `daily`; Monday is 1."""
    text = written.strip().lower()
    if text in ("", "daily"):
        return True
    if set(text) <= set("1234567."):
        return str(day) in text
    for part in text.split(";"):
        first, _, last = (name.strip() for name in part.partition("-"))
        begins, ends = NAMES.index(first), NAMES.index(last or first)
        if (day - 1 - begins) % 7 <= (ends - begins) % 7:
            return True
    return False
