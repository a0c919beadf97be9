"""Sheets: the sort plan as a planner reads it, for the referee and for drawing parcels. Slow, short, and its own.

Comes in: the CSV files of a site. Goes out: the expected parcels, and a `Sheet` for each machine: the chutes that the plan
allows there. Never here: the controller's plan, whose mistakes this must not share.
"""

import csv
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sortctl.site.model import Machine
from sortctl.words.causes import Balance

Row = dict[str, str]
Rows = list[Row]
STALE_MIN, RELEASED_STALE_MIN = 1_440, 43_200
"""So old a word of customs may be where a site does not say."""
NUMBERS = frozenset({"weight_g", "longest_mm", "customs_at_s"})
ROUTE = re.compile(r"2L([A-Z]{2})([A-Z0-9]*)\+.*")
"""A routing code beside the waybill: country, postcode."""
LET_GO = frozenset({"released", ""})
"""States of customs in which a parcel may go anywhere; nothing is said of domestic goods."""


class Expected(NamedTuple):
    """One row of parcels.csv."""

    waybill: str
    country: str
    postcode: str
    tenant: str = ""
    service: str = ""
    declaration: str = ""
    customs: str = ""
    weight_g: int = 0
    longest_mm: int = 0
    customs_at_s: int = 0
    hold: str = ""
    intercept: str = ""
    departure: str = ""
    goods: str = ""
    conflict: str = ""
    """Two words of customs contradict each other; empty: they do not."""

    @property
    def is_let_go(self) -> bool:
        """Customs keeps it nowhere: it goes where the plan wants it."""
        return self.customs in LET_GO and (self.customs != "" or self.declaration in {"", "domestic"})

    def changed(self, changes: Mapping[str, str]) -> "Expected":
        """The same with other values in these fields."""
        typed: dict[str, Any] = {name: int(value) if name in NUMBERS else value for name, value in changes.items()}
        return self._replace(**typed)


class Group(NamedTuple):
    """The chutes of one destination on one sorter, and how parcels are spread over them. No chutes: none there."""

    chutes: tuple[int, ...] = ()
    balance: Balance = Balance.FIXED


class Sheets:
    """The files of plan/, and parcels.csv."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        """What they were read from."""
        listed = files["parcels.csv"]
        self.parcels = [_expected(row) for row in _rows(listed)]
        self._rules: dict[str, Rows] = {}
        for row in _rows(files["plan/rules.csv"]):
            self._rules.setdefault(row.get("country", "").upper(), []).append(row)
        self._sizes = tomllib.loads(files.get("plan/plan.toml", b"").decode()).get("sizes", {})
        self._destinations = _rows(files["plan/destinations.csv"])
        self._by_waybill = {parcel.waybill: parcel for parcel in self.parcels}
        self._known: dict[str, str] = {}
        self.departures = _rows(files.get("departures.csv", b""))
        customs = tomllib.loads(files.get("site.toml", b"").decode()).get("customs", {})
        self.stale_s = 60 * int(customs.get("stale_min", STALE_MIN))
        self.seed = str(customs.get("seed", ""))
        self.selections: list[dict[str, Any]] = customs.get("selections", [])
        self.released_stale_s = 60 * int(customs.get("released_stale_min", RELEASED_STALE_MIN))

    def expected(self, waybill: str) -> Expected | None:
        """What the list says of a parcel."""
        return self._by_waybill.get(waybill)

    def knows(self, waybill: str) -> bool:
        """It is the label of an expected parcel."""
        return waybill in self._by_waybill

    def destination(self, waybill: str) -> str:
        """Where the plan sends it; nothing for a parcel without data or without a rule."""
        if waybill not in self._known:
            parcel = self._by_waybill.get(waybill)
            self._known[waybill] = self._look_up(parcel) if parcel else ""
        return self._known[waybill]

    def by_label(self, codes: Iterable[str]) -> str:
        """Where the plan sends a parcel of which only this label is known."""
        routes = [found for code in codes if (found := ROUTE.fullmatch(code))]
        return self._look_up(Expected("", routes[0][1], routes[0][2])) if routes else ""

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
        sizes = [letter for letter, side in self._sizes.items() if parcel.longest_mm <= side]
        size = min(sizes, key=lambda letter: self._sizes[letter], default="") if parcel.longest_mm else ""
        fitting = [
            rule
            for country in (parcel.country, "")
            for rule in self._rules.get(country, ())
            if _covers(rule, postcode) and _asks_for(rule, parcel, size)
        ]
        return min(fitting, key=_weight)["destination"] if fitting else ""


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

    def group_by_label(self, codes: Iterable[str]) -> Group:
        """The same for a parcel of which only its label is known."""
        return self._groups.get(self._sheets.by_label(codes), Group())

    def expected(self, waybill: str) -> Expected:
        """What the list says of a parcel that stands there."""
        found = self._sheets.expected(waybill)
        assert found is not None, waybill
        return found

    def destination(self, waybill: str) -> str:
        """Where the plan sends it."""
        return self._sheets.destination(waybill)

    @property
    def files(self) -> dict[str, bytes]:
        """What it was read from."""
        return self._sheets.files

    @property
    def departures(self) -> Rows:
        """The rows of departures.csv."""
        return self._sheets.departures

    def departure(self, waybill: str) -> str:
        """The one that a parcel is booked on; nothing: none."""
        found = self._sheets.expected(waybill)
        return found.departure if found is not None else ""

    def of_cause(self, cause: str) -> tuple[int, ...]:
        """Where the plan wants parcels that may not go where they should, for this cause."""
        return self._groups.get(f"!{cause}", Group()).chutes

    def supply(self, turn: int, of: int) -> list[Expected]:
        """The parcels that are dealt to machine `turn` of so many: each goes to one, and only where it has chutes.

        Those that customs keeps are left out: they belong to the stories about customs.
        """
        return [
            parcel
            for parcel in self._sheets.parcels[turn::of]
            if parcel.is_let_go and (self.chutes(parcel.waybill) or not self._sheets.destination(parcel.waybill))
        ]

    def kept(self, turn: int, of: int) -> list[Expected]:
        """The parcels of the same share that customs keeps."""
        return [parcel for parcel in self._sheets.parcels[turn::of] if not parcel.is_let_go]


def _rows(data: bytes) -> Rows:
    lines = [line for line in data.decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(lines)]


def _expected(row: Row) -> Expected:
    sides = [int(row.get(side) or 0) for side in ("length_mm", "width_mm", "height_mm")]
    return Expected(
        row["waybill"],
        row["country"],
        row["postcode"],
        row.get("tenant", ""),
        row.get("service", ""),
        row.get("declaration", ""),
        row.get("customs", ""),
        int(row.get("weight_g") or 0),
        max(sides),
        int(row.get("customs_at") or 0),
        row.get("hold", ""),
        row.get("intercept", ""),
        row.get("departure", ""),
        row.get("goods", ""),
    )


def _asks_for(rule: Row, parcel: Expected, size: str) -> bool:
    """Everything but country and postcode."""
    texts = all(
        rule.get(name, "") in {"", getattr(parcel, name)} for name in ("tenant", "service", "declaration", "customs")
    )
    low, high = rule.get("weight_min_g", ""), rule.get("weight_max_g", "")
    heavy = not (low or high) or (parcel.weight_g > 0 and int(low or 0) <= parcel.weight_g <= int(high or 10**9))
    sizes = rule.get("size", "")
    # A label's kind is the scanner's to say: no rule of a site that is played asks for it.
    return texts and heavy and (not sizes or (size != "" and size in sizes)) and not rule.get("label", "")


def _covers(rule: Row, postcode: str) -> bool:
    first, last = _ends(rule)
    if rule.get("country") == "GB" and first.isalpha():
        area = re.match("[A-Z]*", postcode)
        return area is not None and first <= area[0] <= last
    return first <= postcode[: len(first)] <= last


def _ends(rule: Row) -> tuple[str, str]:
    first = rule.get("postcode_from", "").upper()
    return first, rule.get("postcode_to", "").upper() or first


def _weight(rule: Row) -> tuple[bool | float, ...]:
    """Smaller outranks greater: by tenant, country, postcode, service, declaration, customs, label, weight, size."""
    asked = [not rule.get(name, "") for name in ("tenant", "country", "service", "declaration", "customs", "label")]
    grams = int(rule.get("weight_max_g") or 10**12) - int(rule.get("weight_min_g") or 0)
    return (*asked[:2], _width(rule), *asked[2:], grams, len(rule.get("size", "")) or 99)


def _width(rule: Row) -> float:
    """Share of all postcodes that the rule covers: digits before letters, each place a 36th of the one before."""
    first, last = _ends(rule)
    if not first:
        return 1.0
    return (int(last, 36) - int(first, 36) + 1) / float(pow(36, len(first)))
