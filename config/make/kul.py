"""Kul: a regional hub beside Kuala Lumpur airport: parcels into Malaysia by truck, and on to its neighbours by air and road.

Goes out: `KUL`. A loop of 400 chutes and two lines. The plan has 50,000 rules: each block of ten Malaysian postcodes with its service, and the
same for Indonesia, whose postcodes are as many. East Malaysia is reached by air; it has customs of its own, yet is domestic.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from typing import Final, NamedTuple

from config.make.hub import BONDED, DOMESTIC, Hub, Leaves, LineShape, LoopShape, Place, Rule, in_bank
from config.make.parcels import Country, Drawing, customs_state
from config.make.postcodes import WHOLE, bn, filled, none, numbers

RULES: Final = 50_000
TENANTS: Final = {
    "sunhopper": 34,
    "orbitrix": 22,
    "tokorimba": 14,
    "pasarnova": 12,
    "velmarto": 8,
    "lumiqa": 6,
    "mandario": 4,
}
SERVICES: Final = {"economy": 55, "standard": 20, "express": 10, "cod": 15}
"""Cod: paid at the door, so it goes with couriers who take money."""

STATES: Final = (
    ("Perlis", 1000, 2999), ("Kedah", 5000, 9999), ("Penang", 10000, 14499), ("Kelantan", 15000, 18599), ("Terengganu", 20000, 24399),
    ("Pahang", 25000, 28899), ("Perak", 30000, 36899), ("Pahang", 39000, 39299), ("Selangor", 40000, 48399), ("Pahang", 49000, 49099),
    ("KL", 50000, 60099), ("Putrajaya", 62000, 62999), ("Selangor", 63000, 68199), ("Pahang", 69000, 69099),
    ("Sembilan", 70000, 73599), ("Malacca", 75000, 78399), ("Johor", 79000, 86999), ("Labuan", 87000, 87099),
    ("Sabah", 88000, 91399), ("Sarawak", 93000, 98899),
)  # fmt: skip
"""First and last postcode of the states' areas, to the next ten (Pos Malaysia)."""
_EAST: Final = {"87": "LBU", "88": "BKI", "89": "BKI", "90": "SDK", "91": "TWU", "93": "KCH", "94": "KCH", "95": "KCH",
                "96": "SBW", "97": "BTU", "98": "MYY"}  # fmt: skip
_ID: Final = {
    "1": "CGK",
    "2": "KNO",
    "3": "PLM",
    "4": "CGK",
    "5": "SRG",
    "6": "SUB",
    "7": "BPN",
    "8": "DPS",
    "9": "UPG",
}
_TH: Final = {
    "1": "BKK",
    "2": "UTP",
    "3": "BKK",
    "4": "KKC",
    "5": "CNX",
    "6": "BKK",
    "7": "BKK",
    "8": "HKT",
    "9": "HDY",
}
_PH: Final = {"6": "CEB", "7": "DVO", "8": "DVO", "9": "DVO"}
_VN: Final = {"1": "HAN", "2": "HAN", "3": "HAN", "4": "DAD", "5": "DAD"}
_AU: Final = {"0": "DRW", "2": "SYD", "3": "MEL", "4": "BNE", "5": "ADL", "6": "PER", "7": "MEL"}


class Towards(NamedTuple):
    """Another country: its parcels, the beginnings its rules have, the gateway of each, the group of the lines."""

    country: Country
    beginnings: tuple[str, ...]
    gateway: Callable[[str], str]
    group: str
    services: tuple[str, ...] = ("",)


def _in(gateways: dict[str, str], other: str = "") -> Callable[[str], str]:
    return lambda beginning: gateways.get(beginning[:1], other)


def _at(gateway: str) -> Callable[[str], str]:
    return lambda _beginning: gateway


TOWARDS: Final[dict[str, Towards]] = {
    "SG": Towards(Country(110, numbers(1, 82, 2), filled(6)), numbers(1, 82, 2), _at("SIN"), "SG", ("", "express")),
    "ID": Towards(Country(90, numbers(10, 99, 2), filled(5)), numbers(1000, 9999, 4), _in(_ID), "ID", ("", "cod")),
    "TH": Towards(Country(60, numbers(10, 96, 2), filled(5)), numbers(100, 969, 3), _in(_TH), "TH", ("", "cod")),
    "PH": Towards(Country(50, numbers(10, 98, 2), filled(4)), numbers(100, 989, 3), _in(_PH, "MNL"), "PH", ("", "cod")),
    "VN": Towards(Country(40, numbers(10, 97, 2), filled(6)), numbers(100, 979, 3), _in(_VN, "SGN"), "VN"),
    "AU": Towards(Country(20, (*numbers(20, 79, 2),), filled(4)), (*numbers(8, 8, 2), *numbers(20, 79, 2)), _in(_AU), "AU-NZ"),
    "NZ": Towards(Country(8, WHOLE, filled(4)), WHOLE, _at("AKL"), "AU-NZ"),
    "BN": Towards(Country(12, WHOLE, bn), WHOLE, _at("BWN"), "Rest"),
    "KH": Towards(Country(6, WHOLE, filled(6)), WHOLE, _at("PNH"), "Rest"),
    "LA": Towards(Country(2, WHOLE, filled(5)), WHOLE, _at("VTE"), "Rest"),
    "MM": Towards(Country(3, WHOLE, filled(5)), WHOLE, _at("RGN"), "Rest"),
    "TL": Towards(Country(1, WHOLE, none), WHOLE, _at("DIL"), "Rest"),
    "LK": Towards(Country(3, WHOLE, filled(5)), WHOLE, _at("CMB"), "Rest"),
    "BD": Towards(Country(4, WHOLE, filled(4)), WHOLE, _at("DAC"), "Rest"),
    "PK": Towards(Country(3, WHOLE, filled(5)), WHOLE, _at("KHI"), "Rest"),
    "IN": Towards(Country(5, numbers(11, 85, 2), filled(6, 3)), numbers(110, 859, 3), _in({"1": "DEL", "2": "DEL", "6": "MAA"}, "BOM"), "Rest"),
    "CN": Towards(Country(4, WHOLE, filled(6)), WHOLE, _at("CAN"), "Rest"),
}  # fmt: skip

LINE_GROUPS: Final = (
    *((name, DOMESTIC) for name in ("Perlis", "Kedah", "Penang", "Kelantan", "Terengganu", "Pahang", "Perak", "Selangor", "KL",
                                    "Putrajaya", "Sembilan", "Malacca", "Johor", "Labuan", "Sabah", "Sarawak")),
    *((name, BONDED) for name in ("SG", "ID", "TH", "PH", "VN", "AU-NZ", "Rest")),
)  # fmt: skip
_BLOCKS: Final = tuple(
    (f"{block:04}", state) for state, first, last in STATES for block in range(first // 10, last // 10 + 1)
)
"""Ten postcodes each, by their first four digits."""


def _local(block: str, service: str) -> str:
    """The airport of the east, else a delivery hub for each first two digits; couriers have fewer."""
    there = _EAST.get(block[:2], f"MY-{block[:2]}")
    if service in {"express", "cod"}:
        return f"{there if block[:2] in _EAST else f'MY-{block[0]}'}-{service.upper()}"
    return there


def _all_rules() -> Iterator[tuple[Rule, str, str]]:
    """Each rule with its zone and the group of the lines: first what must be there, then finer and finer ones."""
    # Postcodes that are given out one day, and those that are wrong.
    yield Rule("my", "MY-50", "MY"), DOMESTIC, "KL"
    for code, there in TOWARDS.items():
        if there.beginnings != WHOLE:
            yield Rule(f"{code.lower()}-other", there.gateway(there.beginnings[-1]), code), BONDED, there.group
        for service in there.services:
            for beginning in there.beginnings:
                name = "-".join(part for part in (code.lower(), beginning, service) if part)
                destination = there.gateway(beginning) + (f"-{service.upper()}" if service else "")
                rule = Rule(name, destination, code, *_spelled(code, beginning), service=service)
                yield rule, BONDED, there.group
    yield Rule("sg-land", "SIN-ROAD", "SG", tenant="sunhopper", service="economy"), BONDED, "SG"
    yield Rule("th-post", "BKK-POST", "TH", label="s10"), BONDED, "TH"
    yield Rule("bn-released", "BWN-FREE", "BN", customs="released"), BONDED, "Rest"
    yield Rule("nz-heavy", "AKL-HEAVY", "NZ", weight_min_g=10_001), BONDED, "AU-NZ"
    yield Rule("kh-long", "PNH-LONG", "KH", size="L"), BONDED, "Rest"
    yield Rule("returns", "CAN-RETURN", declaration="return"), BONDED, "Rest"
    for service in ("", "express", "cod"):
        for block, state in _BLOCKS:
            name = "-".join(part for part in ("my", block, service) if part)
            rule = Rule(name, _local(block, service), "MY", f"{block}0", f"{block}9", service=service)
            yield rule, DOMESTIC, state
    for tenant in ("sunhopper", "orbitrix", "tokorimba"):
        for block, state in _BLOCKS:
            if state in {"KL", "Selangor", "Putrajaya"}:
                name = f"my-{block}-{tenant}"
                rule = Rule(name, f"MY-{block[0]}-{tenant}", "MY", f"{block}0", f"{block}9", tenant=tenant)
                yield rule, DOMESTIC, state


def _spelled(code: str, beginning: str) -> tuple[str, str]:
    """What is one digit short of a whole postcode is written as a range, so that nobody wonders whether a zero was lost."""
    if code == "AU":
        return f"{beginning}00", f"{beginning}99"
    return beginning, ""


_CHOSEN: Final = tuple(islice(_all_rules(), RULES))


def _places() -> dict[str, Place]:
    places: dict[str, Place] = {}
    for rule, zone, group in _CHOSEN:
        tenant = rule.tenant if rule.destination.endswith(f"-{rule.tenant}") else ""
        places.setdefault(rule.destination, Place(zone, group, tenant))
    return places


def _declaration(chance: Random, country: str, value_cents: int) -> str:
    if country == "CN":
        return "return"
    if country != "MY":
        return "transit"
    if chance.randrange(100) < 25:
        return "domestic"
    # up to 500 MYR
    return "h1" if value_cents > 50_000 else "h7"


def _departures(places: dict[str, Place]) -> Iterator[Leaves]:
    """Trucks in three waves over the peninsula, flights to the east and the neighbours, trucks to Singapore all day."""
    for group in ("Perlis", "Kedah", "Penang", "Kelantan", "Terengganu", "Pahang", "Perak", "Selangor", "KL", "Putrajaya",
                  "Sembilan", "Malacca", "Johor"):  # fmt: skip
        there = tuple(name for name, place in places.items() if place.group == group and name[:3] == "MY-")
        fast = tuple(name for name in there if name.endswith("-EXPRESS"))
        for turn, clock in enumerate(("03:30", "11:30", "20:30"), start=1):
            yield Leaves(
                f"T-{group}-{turn}", tuple(n for n in there if n not in fast), "truck", "", clock, 20, 0, 45, "", 900
            )
        if fast:
            yield Leaves(f"V-{group}-1", fast, "truck", "", "06:00", 15, 0, 30, "", 300)
            yield Leaves(f"V-{group}-2", fast, "truck", "1234567", "13:45", 15, 0, 30, "", 300)
    gateways = dict.fromkeys(name.partition("-")[0] for name in places if name[:3] != "MY-")
    for turn, gateway in enumerate(gateways):
        there = tuple(name for name in places if name.partition("-")[0] == gateway and name != "SIN-ROAD")
        for flight, (hour, days) in enumerate(((22, ""), (11, "123456")), start=1):
            at = in_bank(gateway, hour * 60)
            clock = f"{at // 60 % 24:02}:{at % 60:02}"
            yield Leaves(f"KUL-{gateway}-{flight}", there, "flight", days, clock, 80, 0, 120, "", 1_800)
        if gateway in {"SIN", "CGK", "BKK", "MNL", "SGN", "BKI", "KCH"}:
            yield Leaves(f"KUL-{gateway}-P", there, "flight", "", f"{9 + turn % 8:02}:20", 60, 180, 90, "yes", 1_200)
    for wave in range(8):
        yield Leaves(f"T-SIN-{wave + 1}", ("SIN-ROAD",), "truck", "", f"{wave * 3:02}:50", 20, 0, 30, "", 720)


_PLACES: Final = _places()
_MY_BEGINNINGS: Final = tuple(block for block, _ in _BLOCKS)
KUL: Final = Hub(
    "kul",
    "Into Malaysia and on to its neighbours, all day",
    "Asia/Kuala_Lumpur",
    LoopShape(("loop1",), 150_000, 100, 25, needs_bag=True),
    LineShape(("line1", "line2"), LINE_GROUPS),
    tuple(rule for rule, _, _ in _CHOSEN),
    _PLACES,
    Drawing(
        {"MY": Country(580, _MY_BEGINNINGS, filled(5))} | {code: there.country for code, there in TOWARDS.items()},
        TENANTS,
        SERVICES,
        _declaration,
        customs_state,
        promised_h=(48, 68),
        booked={"NZ": "KUL-AKL-1", "BN": "KUL-BWN-1", "LK": "KUL-CMB-1"},
    ),
    tuple(_departures(_PLACES)),
)
