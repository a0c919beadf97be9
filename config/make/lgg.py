"""Lgg: an import hub beside Liège airport: parcels from Asia, cleared with H7, by truck into Europe and by air to its edges.

Goes out: `LGG`. Two loops of 400 chutes, and a line for what does not fit on a carrier. What leaves the customs union (GB, CH, NO), and what
a neighbour clears himself, goes on under transit in bonded cages.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple

from config.make.hub import BONDED, DOMESTIC, Hub, Leaves, LineShape, LoopShape, Place, Rule
from config.make.parcels import Country, Drawing, customs_state
from config.make.postcodes import WHOLE, filled, gb, ie, marked, nl, numbers

LINE_GROUPS: Final = (
    *((f"BE-{digit}", DOMESTIC) for digit in "123456789"), ("NL-W", DOMESTIC), ("NL-S", DOMESTIC), ("NL-E", DOMESTIC),
    ("DE-N", DOMESTIC), ("DE-4", DOMESTIC), ("DE-5", DOMESTIC), ("DE-6", DOMESTIC), ("DE-S", DOMESTIC), ("FR-P", DOMESTIC),
    ("FR-N", DOMESTIC), ("FR-S", DOMESTIC), ("LU", DOMESTIC), ("Iberia", DOMESTIC), ("IE", DOMESTIC), ("IT", DOMESTIC),
    ("PL", DOMESTIC), ("Danube", DOMESTIC), ("Nordic", DOMESTIC), ("South-East", DOMESTIC), ("Outside", BONDED),
    ("Transit", BONDED),
)  # fmt: skip
TENANTS: Final = {"orbitrix": 30, "sunhopper": 24, "velmarto": 15, "kestrelo": 10, "lumiqa": 8, "pandoxi": 6,
                  "quillbox": 4, "mandario": 3}  # fmt: skip
SERVICES: Final = {"economy": 62, "standard": 28, "express": 10}

_FR_NEAR: Final = frozenset("02 08 10 51 52 54 55 57 59 60 62 67 68 75 76 77 78 80 88 91 92 93 94 95".split())  # noqa: SIM905
_FR_PARIS: Final = frozenset(("75", "77", "78", "91", "92", "93", "94", "95"))
NEAR: Final = {
    "BE": ("4000", "4020", "4030", "4040", "4460"),
    "NL": ("6211", "6221", "6229"),
    "DE": ("5206", "5207", "5208"),
}
"""Towns within a drive of the hub that have a destination of their own: narrow rules within wider ones."""
_OWN_CHUTES: Final = ("orbitrix", "sunhopper", "velmarto")
_OWN_COUNTRIES: Final = ("AT", "CZ", "DK", "SE")
"""These tenants have cages of their own for these countries."""


class Area(NamedTuple):
    """Where a rule leads on the loops, and the group of the line."""

    destination: str
    group: str


def _be(beginning: str) -> Area:
    return Area(f"BE-{beginning[:2]}", f"BE-{beginning[0]}")


def _nl(beginning: str) -> Area:
    pair = int(beginning[1]) // 2 * 2
    first = beginning[0]
    return Area(f"NL-{first}{pair}", "NL-W" if first in "123" else "NL-S" if first in "456" else "NL-E")


def _de(beginning: str) -> Area:
    if beginning[0] in "456":
        return Area(f"DE-{beginning[:2]}", f"DE-{beginning[0]}")
    return Area(f"DE-{beginning[0]}", "DE-N" if beginning[0] in "0123" else "DE-S")


def _fr(beginning: str) -> Area:
    near = beginning[:2] in _FR_NEAR
    group = "FR-P" if beginning[:2] in _FR_PARIS else "FR-N" if near else "FR-S"
    return Area(f"FR-{beginning[:2]}" if near else f"FR-R{beginning[0]}", group)


def _tens(country: str, group: str) -> Callable[[str], Area]:
    """One destination for each first digit."""
    return lambda beginning: Area(f"{country}-{beginning[0]}" if beginning else country, group)


def _whole(country: str, group: str) -> Callable[[str], Area]:
    return lambda _beginning: Area(country, group)


COUNTRIES: Final[dict[str, tuple[Country, Callable[[str], Area]]]] = {
    "BE": (Country(230, numbers(100, 999, 3), filled(4)), _be),
    "DE": (Country(230, numbers(10, 999, 3), filled(5)), _de),
    "FR": (Country(170, numbers(10, 959, 3), filled(5)), _fr),
    "NL": (Country(150, numbers(100, 999, 3), nl), _nl),
    "LU": (Country(20, numbers(10, 99, 2), filled(4)), _whole("LU", "LU")),
    "ES": (Country(40, numbers(1, 52, 2), filled(5)), _tens("ES", "Iberia")),
    "IT": (Country(40, numbers(0, 98, 2), filled(5)), _tens("IT", "IT")),
    "PL": (Country(35, numbers(0, 99, 2), filled(5, 2, "-")), _tens("PL", "PL")),
    "AT": (Country(10, numbers(10, 99, 2), filled(4)), _tens("AT", "Danube")),
    "PT": (Country(12, WHOLE, filled(7, 4, "-")), _whole("PT", "Iberia")),
    "IE": (Country(10, WHOLE, ie), _whole("IE", "IE")),
    "GB": (Country(8, WHOLE, gb), _whole("GB", "Outside")),
    "CH": (Country(8, WHOLE, filled(4)), _whole("CH", "Outside")),
    "CZ": (Country(8, WHOLE, filled(5, 3)), _whole("CZ", "Danube")),
    "SK": (Country(3, WHOLE, filled(5, 3)), _whole("SK", "Danube")),
    "HU": (Country(4, WHOLE, filled(4)), _whole("HU", "Danube")),
    "SI": (Country(2, WHOLE, filled(4)), _whole("SI", "Danube")),
    "HR": (Country(2, WHOLE, filled(5)), _whole("HR", "Danube")),
    "DK": (Country(4, WHOLE, filled(4)), _whole("DK", "Nordic")),
    "SE": (Country(4, WHOLE, filled(5, 3)), _whole("SE", "Nordic")),
    "FI": (Country(2, WHOLE, filled(5)), _whole("FI", "Nordic")),
    "NO": (Country(1, WHOLE, filled(4)), _whole("NO", "Outside")),
    "EE": (Country(1, WHOLE, filled(5)), _whole("EE", "Nordic")),
    "LV": (Country(1, WHOLE, marked("LV-", 4)), _whole("LV", "Nordic")),
    "LT": (Country(1, WHOLE, marked("LT-", 5)), _whole("LT", "Nordic")),
    "RO": (Country(2, WHOLE, filled(6)), _whole("RO", "South-East")),
    "BG": (Country(1, WHOLE, filled(4)), _whole("BG", "South-East")),
    "GR": (Country(1, WHOLE, filled(5, 3)), _whole("GR", "South-East")),
    "CY": (Country(1, WHOLE, filled(4)), _whole("CY", "South-East")),
    "MT": (Country(1, WHOLE, marked("VLT ", 4)), _whole("MT", "South-East")),
    "CN": (Country(2, WHOLE, filled(6)), _whole("RETURN-CN", "Transit")),
}
_CLEARED_THERE: Final = ("CZ", "SK", "HU", "SI", "HR", "RO", "BG", "GR", "PT", "IE")
_UNION: Final = frozenset(COUNTRIES) - {"GB", "CH", "NO", "CN"}


def _rules() -> Iterator[tuple[Rule, str]]:
    """Every rule with the group of the line: towns near the hub, areas, express, what is cleared elsewhere, own cages."""
    for town in NEAR["BE"]:
        yield Rule(f"be-near-{town}", "BE-LGG" if town == "4460" else "BE-Liege", "BE", town), "BE-4"
    yield Rule("nl-maastricht-centre", "NL-Maastricht", "NL", "6211", "6219"), "NL-S"
    yield Rule("nl-maastricht-east", "NL-Maastricht", "NL", "6221", "6229"), "NL-S"
    yield Rule("de-aachen", "DE-Aachen", "DE", "52062", "52080"), "DE-5"
    for code, (country, area) in COUNTRIES.items():
        for beginning in country.beginnings:
            name = f"{code.lower()}-{beginning}" if beginning else code.lower()
            yield Rule(name, area(beginning).destination, code, beginning), area(beginning).group
    for code in ("BE", "NL", "LU"):
        for beginning in COUNTRIES[code][0].beginnings:
            group = COUNTRIES[code][1](beginning).group
            destination = f"{code}-X{beginning[0]}" if code != "LU" else "LU-X"
            yield Rule(f"{code.lower()}-x-{beginning}", destination, code, beginning, service="express"), group
    for code in _CLEARED_THERE:
        yield Rule(f"{code.lower()}-t1", f"T1-{code}", code, declaration="transit"), "Transit"
        yield Rule(f"{code.lower()}-return", "RETURN-CN", code, declaration="return"), "Transit"
    yield Rule("returns", "RETURN-CN", declaration="return"), "Transit"
    yield Rule("export", "EXPORT", declaration="export"), "Transit"
    for tenant in _OWN_CHUTES:
        for code in _OWN_COUNTRIES:
            group = COUNTRIES[code][1]("1").group
            yield Rule(f"{code.lower()}-{tenant}", f"{code}-{tenant}", code, tenant=tenant), group
    for code in ("PT", "IE", "GR", "FI"):
        group = COUNTRIES[code][1]("").group
        yield Rule(f"{code.lower()}-heavy", f"{code}-heavy", code, weight_min_g=15_001), group


def _places() -> dict[str, Place]:
    outside = frozenset({"Outside", "Transit"})
    tenants = {f"{code}-{tenant}": tenant for tenant in _OWN_CHUTES for code in _OWN_COUNTRIES}
    return {
        rule.destination: Place(BONDED if group in outside else DOMESTIC, group, tenants.get(rule.destination, ""))
        for rule, group in _rules()
    }


def _declaration(chance: Random, country: str, value_cents: int) -> str:
    if country == "CN":
        return "return"
    if country not in _UNION:
        return "transit"
    if country in _CLEARED_THERE and chance.randrange(100) < 30:
        return "transit"
    if chance.randrange(1000) < 12:
        return "domestic"
    # up to 150 EUR; H6 is the posts' own
    return "h1" if value_cents > 15_000 else "h6" if chance.randrange(100) < 25 else "h7"


_DEPARTS: Final = {
    "BE": ("Mon-Sat", ("04:30", "13:00"), 20), "LU": ("Mon-Sat", ("04:15",), 20),
    "NL": ("Mon-Sat", ("04:00", "22:30"), 20), "DE": ("Mon-Sat", ("01:30", "21:00"), 25),
    "FR": ("Mon-Sat", ("00:30", "20:00"), 25),
}  # fmt: skip
"""Trucks into the neighbours by group of the line: days, cut-offs, transit in minutes."""
_FLIES: Final = {
    "ES": ("MAD", "23:10", "05:20"), "PT": ("LIS", "23:40", ""), "IT": ("BGY", "22:20", "04:50"), "PL": ("KTW", "22:50", ""),
    "IE": ("DUB", "00:40", ""), "GB": ("EMA", "01:10", ""), "NO": ("OSL", "23:20", ""), "FI": ("HEL", "21:50", ""),
    "SE": ("MMX", "22:40", ""), "DK": ("BLL", "22:10", ""), "GR": ("ATH", "21:30", ""), "RO": ("OTP", "21:40", ""),
    "BG": ("SOF", "21:45", ""), "EE": ("TLL", "20:50", ""), "LV": ("RIX", "20:55", ""), "LT": ("VNO", "21:05", ""),
    "CY": ("LCA", "20:30", ""), "MT": ("MLA", "20:40", ""),
}  # fmt: skip
"""Airport (IATA), cut-off of the night flight, and of a second one."""
_ROAD: Final = {"CH": "19:30", "AT": "18:30", "CZ": "19:00", "SK": "18:00", "HU": "17:30", "SI": "17:00", "HR": "16:30"}


def _departures(places: dict[str, Place]) -> Iterator[Leaves]:
    def of(country: str) -> tuple[str, ...]:
        return tuple(
            name for name in places if name == country or name.startswith(f"{country}-") or name == f"T1-{country}"
        )

    for country, (days, cut_offs, transit) in _DEPARTS.items():
        for group in dict.fromkeys(place.group for name, place in places.items() if name in of(country)):
            there = tuple(name for name in of(country) if places[name].group == group)
            regular = tuple(name for name in there if "-X" not in name)
            for turn, cut_off in enumerate(cut_offs, start=1):
                yield Leaves(f"T-{group}-{turn}", regular, "truck", days, cut_off, transit, 0, 45, door_min=900)
            express = tuple(name for name in there if "-X" in name)
            if express:
                yield Leaves(f"V-{group}-1", express, "truck", "Mon-Sat", "05:15", 15, 0, 30, door_min=540)
                yield Leaves(f"V-{group}-2", express, "truck", "Mon-Fri", "12:15", 15, 0, 30, door_min=480)
    for country, (airport, night, second) in _FLIES.items():
        yield Leaves(f"LGG-{airport}-1", of(country), "flight", "", night, 75, 0, 120, door_min=1_500)
        if second:
            yield Leaves(f"LGG-{airport}-2", of(country), "flight", "12345", second, 75, 0, 120, door_min=1_500)
        yield Leaves(f"LGG-{airport}-P", of(country), "flight", "123456", "06:40", 60, 150, 90, "yes", door_min=900)
    for country, cut_off in _ROAD.items():
        yield Leaves(f"T-{country}-1", of(country), "truck", "Mon-Fri;Sun", cut_off, 25, 0, 60, door_min=2_000)
    yield Leaves("LGG-CKG-1", ("RETURN-CN", "EXPORT"), "flight", "1357", "14:30", 120, 0, 180)


_PLACES: Final = _places()
LGG: Final = Hub(
    "lgg",
    "Import into Europe, all day",
    "Europe/Brussels",
    LoopShape(("loop1", "loop2"), 150_000, 100, 10),
    LineShape(("line1",), LINE_GROUPS),
    tuple(rule for rule, _ in _rules()),
    _PLACES,
    Drawing(
        {code: country for code, (country, _) in COUNTRIES.items()},
        TENANTS,
        SERVICES,
        _declaration,
        customs_state,
        NEAR,
        (44, 66),
        {code: f"LGG-{_FLIES[code][0]}-1" for code in ("ES", "PT", "IT", "PL", "IE")},
    ),
    tuple(_departures(_PLACES)),
)
