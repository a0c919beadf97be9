"""Sheets: the sort plan as a planner reads it, for the referee and for drawing parcels. Slow, short, and its own.

Comes in: the CSV files of a site. Goes out: the expected parcels, and the chutes that the plan allows for each.
Never here: the controller's plan, whose mistakes this must not share.
"""

import csv
from typing import NamedTuple

Rows = list[dict[str, str]]


class Expected(NamedTuple):
    """One row of parcels.csv."""

    waybill: str
    country: str
    postcode: str


class Sheets:
    """plan/rules.csv, plan/destinations.csv, plan/parcels.csv."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.parcels = [Expected(**row) for row in _rows(files["plan/parcels.csv"])]
        self._rules = _rows(files["plan/rules.csv"])
        self._chutes = {
            row["destination"]: tuple(int(number) for number in row["chutes"].split(";"))
            for row in _rows(files["plan/destinations.csv"])
        }
        self._by_waybill = {parcel.waybill: parcel for parcel in self.parcels}
        self._known: dict[str, tuple[int, ...]] = {}

    def knows(self, waybill: str) -> bool:
        """It is the label of an expected parcel."""
        return waybill in self._by_waybill

    def chutes(self, waybill: str) -> tuple[int, ...]:
        """Planned chute first, then alternates; none for a parcel without data or without a rule."""
        if waybill not in self._known:
            parcel = self._by_waybill.get(waybill)
            self._known[waybill] = self._look_up(parcel) if parcel else ()
        return self._known[waybill]

    def _look_up(self, parcel: Expected) -> tuple[int, ...]:
        postcode = "".join(char for char in parcel.postcode.upper() if char.isalnum())
        fitting = [rule for rule in self._rules if rule["country"] == parcel.country and _covers(rule, postcode)]
        if not fitting:
            return ()
        best = min(fitting, key=_width)
        return self._chutes[best["destination"]]


def _rows(data: bytes) -> Rows:
    lines = [line for line in data.decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(lines)]


def _covers(rule: dict[str, str], postcode: str) -> bool:
    first, last = _ends(rule)
    return first <= postcode[: len(first)] <= last


def _ends(rule: dict[str, str]) -> tuple[str, str]:
    return rule["postcode_from"].upper(), (rule["postcode_to"] or rule["postcode_from"]).upper()


def _width(rule: dict[str, str]) -> float:
    """Share of all postcodes that the rule covers: digits before letters, each place a 36th of the one before."""
    first, last = _ends(rule)
    if not first:
        return 1.0
    return (int(last, 36) - int(first, 36) + 1) / float(pow(36, len(first)))
