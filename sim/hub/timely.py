"""Timely: parcels and their departures: nobody goes into a chute whose departure he cannot reach any more.

Comes in: the rows of departures.csv as planners write them, where parcels lie, the clock on the wall. Goes out: broken rules.
Only daily departures are read; those of certain days or weeks are left to the controller's own tests.
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
DAYS: Final = (-1, 0, 1)

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
    destination = sheet.destination(parcel.waybill)
    return [row for row in sheet.departures if destination in row["destination"].split(";")]


def is_plain(rows: list[Row]) -> bool:
    """These leave every day, and take whoever is in time."""
    return not any(row.get(name) for row in rows for name in ("weekdays", "from", "until", "premium"))


def _takes(row: Row, wall_s: int) -> bool:
    zone = ZoneInfo(row["zone"])
    today = datetime.fromtimestamp(wall_s, UTC).astimezone(zone).date()
    hours, minutes = row["cut_off"].split(":")[:2]
    for days in DAYS:
        cut_off = datetime.combine(today + timedelta(days), time(int(hours), int(minutes)), zone).timestamp()
        opens = cut_off - 60 * int(row.get("open_min") or WEEK_MIN)
        if opens <= wall_s <= cut_off - 60 * int(row["transit_min"]):
            return True
    return False
