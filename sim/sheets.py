"""Sheets: the sort plan as a planner reads it, for the referee and for drawing parcels. Slow, short, and its own.

Comes in: the CSV files of a site. Goes out: the expected parcels, and a `Sheet` for each machine: the chutes that the plan
allows there. Never here: the controller's plan, whose mistakes this must not share.
"""

import csv
from typing import NamedTuple

from sortctl.site.model import Machine
from sortctl.words.causes import Balance

Rows = list[dict[str, str]]


class Expected(NamedTuple):
    """One row of parcels.csv."""

    waybill: str
    country: str
    postcode: str


class Group(NamedTuple):
    """The chutes of one destination on one sorter, and how parcels are spread over them. No chutes: none there."""

    chutes: tuple[int, ...] = ()
    balance: Balance = Balance.FIXED


class Sheets:
    """plan/rules.csv, plan/destinations.csv, plan/parcels.csv."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.parcels = [Expected(**row) for row in _rows(files["plan/parcels.csv"])]
        self._rules = _rows(files["plan/rules.csv"])
        self._destinations = _rows(files["plan/destinations.csv"])
        self._by_waybill = {parcel.waybill: parcel for parcel in self.parcels}
        self._known: dict[str, str] = {}

    def knows(self, waybill: str) -> bool:
        """It is the label of an expected parcel."""
        return waybill in self._by_waybill

    def destination(self, waybill: str) -> str:
        """Where the plan sends it; nothing for a parcel without data or without a rule."""
        if waybill not in self._known:
            parcel = self._by_waybill.get(waybill)
            self._known[waybill] = self._look_up(parcel) if parcel else ""
        return self._known[waybill]

    def of(self, machine: Machine) -> "Sheet":
        """What the plan says of this machine."""
        own = {chute.number for chute in machine.chutes}
        groups: dict[str, Group] = {}
        for row in self._destinations:
            chutes = tuple(int(number) for number in row["chutes"].split(";"))
            named = row.get("sorter", "")
            if named == machine.sorter_id or (not named and own.issuperset(chutes)):
                groups[row["destination"]] = Group(chutes, Balance(row.get("balance") or "fixed"))
        return Sheet(self, groups)

    def _look_up(self, parcel: Expected) -> str:
        postcode = "".join(char for char in parcel.postcode.upper() if char.isalnum())
        fitting = [rule for rule in self._rules if rule["country"] == parcel.country and _covers(rule, postcode)]
        return min(fitting, key=_width)["destination"] if fitting else ""


class Sheet:
    """The sort plan of one machine."""

    def __init__(self, sheets: Sheets, groups: dict[str, Group]) -> None:
        self._sheets = sheets
        self._groups = groups

    def knows(self, waybill: str) -> bool:
        """It is the label of an expected parcel, of this machine or of another."""
        return self._sheets.knows(waybill)

    def group(self, waybill: str) -> Group:
        """The chutes of its destination here."""
        return self._groups.get(self._sheets.destination(waybill), Group())

    def chutes(self, waybill: str) -> tuple[int, ...]:
        """Planned chute first, then alternates; none for a parcel without data, without a rule, or without a chute here."""
        return self.group(waybill).chutes

    def supply(self, turn: int, of: int) -> list[Expected]:
        """The parcels that are dealt to machine `turn` of so many: each goes to one, and only where it has chutes."""
        return [
            parcel
            for parcel in self._sheets.parcels[turn::of]
            if self.chutes(parcel.waybill) or not self._sheets.destination(parcel.waybill)
        ]


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
