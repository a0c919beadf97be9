"""Hkg: an export hub beside Hong Kong airport: parcels from the south of China, by air to gateways all over the world.

Goes out: `HKG`. Two loops of 304 chutes. Nearly everything only passes through, so most chutes are bonded; local parcels are domestic.
A destination is an airport (IATA); of the gateways with most parcels some tenants have bags of their own.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from config.make.hub import BONDED, DOMESTIC, Hub, Leaves, LoopShape, Place, Rule, in_bank
from config.make.parcels import Country, Drawing, customs_state
from config.make.postcodes import GB_AREAS, WHOLE, bn, ca, filled, gb, marked, nl, none, numbers

TENANTS: Final = {
    "orbitrix": 28,
    "sunhopper": 26,
    "velmarto": 14,
    "kestrelo": 12,
    "lumiqa": 9,
    "pandoxi": 6,
    "mandario": 5,
}
SERVICES: Final = {"economy": 58, "standard": 30, "express": 12}
LOCAL: Final = "HK-LOCAL"

_US: Final = {
    "0": "JFK",
    "1": "JFK",
    "2": "IAD",
    "3": "ATL",
    "4": "ORD",
    "5": "ORD",
    "6": "ORD",
    "7": "DFW",
    "8": "LAX",
    "9": "LAX",
}
_US_NEARER: Final = {"33": "MIA", "32": "MIA", "94": "SFO", "95": "SFO", "98": "SEA", "99": "SEA", "97": "SEA", "02": "BOS",
                     "01": "BOS", "77": "IAH", "78": "IAH", "30": "ATL", "19": "PHL", "18": "PHL", "80": "DEN", "81": "DEN"}  # fmt: skip
_JP: Final = {
    "0": "CTS",
    "1": "NRT",
    "2": "NRT",
    "3": "NRT",
    "4": "NGO",
    "5": "KIX",
    "6": "KIX",
    "7": "KIX",
    "8": "FUK",
    "9": "NRT",
}
_AU: Final = {"0": "DRW", "2": "SYD", "3": "MEL", "4": "BNE", "5": "ADL", "6": "PER", "7": "MEL"}
_CA: Final = {"A": "YYT", "B": "YHZ", "C": "YHZ", "E": "YHZ", "G": "YUL", "H": "YUL", "J": "YUL", "K": "YOW", "L": "YYZ", "M": "YYZ",
              "N": "YYZ", "P": "YYZ", "R": "YWG", "S": "YWG", "T": "YYC", "V": "YVR", "X": "YEG", "Y": "YEG"}  # fmt: skip
_DE: Final = {
    "0": "LEJ",
    "1": "BER",
    "2": "HAM",
    "3": "FRA",
    "4": "CGN",
    "5": "CGN",
    "6": "FRA",
    "7": "STR",
    "8": "MUC",
    "9": "MUC",
}
_GB_NORTH: Final = frozenset("AB BB BD BL BT CA CW DD DG DH DL DN EH FK FY G HD HG HU HX IV KA KW KY L LA LL LS M ML NE OL PA PH PR "  # noqa: SIM905
                             "S SK SR ST TD TS WA WF WN YO ZE".split())  # fmt: skip


def _us(beginning: str) -> str:
    return _US_NEARER.get(beginning[:2], _US[beginning[0]])


def _by_first(gateways: dict[str, str]) -> Callable[[str], str]:
    return lambda beginning: gateways[beginning[0]]


def _gb(beginning: str) -> str:
    return "MAN" if beginning in _GB_NORTH else "LHR"


def _fr(beginning: str) -> str:
    return {"0": "MRS", "1": "MRS", "3": "TLS", "6": "LYS", "8": "MRS"}.get(beginning[0], "CDG")


def _it(beginning: str) -> str:
    return "FCO" if beginning[0] in "0678" else "MXP"


def _es(beginning: str) -> str:
    return "BCN" if beginning in {"08", "17", "25", "43", "07", "12", "46", "03"} else "MAD"


def _mx(beginning: str) -> str:
    return "GDL" if beginning[0] in "45" else "MTY" if beginning[0] in "36" else "MEX"


def _in(beginning: str) -> str:
    return {"1": "DEL", "2": "DEL", "3": "BOM", "4": "BOM", "5": "BLR", "6": "MAA", "7": "CCU", "8": "CCU"}[
        beginning[0]
    ]


def _br(beginning: str) -> str:
    return "GIG" if beginning[0] == "2" else "GRU"


SPLIT: Final[dict[str, tuple[Country, Callable[[str], str]]]] = {
    "US": (Country(300, numbers(5, 999, 3), filled(5)), _us),
    "GB": (Country(90, GB_AREAS, gb), _gb),
    "DE": (Country(70, numbers(1, 99, 2), filled(5)), _by_first(_DE)),
    "FR": (Country(60, numbers(1, 95, 2), filled(5)), _fr),
    "AU": (Country(60, (*numbers(8, 8, 2), *numbers(20, 79, 2)), filled(4)), _by_first(_AU)),
    "JP": (Country(50, numbers(0, 99, 2), filled(7, 3, "-")), _by_first(_JP)),
    "CA": (Country(45, tuple(_CA), ca), _by_first(_CA)),
    "IT": (Country(30, numbers(0, 98, 2), filled(5)), _it),
    "ES": (Country(30, numbers(1, 52, 2), filled(5)), _es),
    "MX": (Country(15, numbers(1, 99, 2), filled(5)), _mx),
    "IN": (Country(6, numbers(11, 85, 2), filled(6, 3)), _in),
    "BR": (Country(30, (*numbers(1, 99, 2),), filled(8, 5, "-")), _br),
}
"""Countries with several gateways, by the beginning of the postcode."""

WHOLE_ONES: Final[dict[str, tuple[str, Country]]] = {
    "NL": ("AMS", Country(25, WHOLE, nl)), "BE": ("BRU", Country(12, WHOLE, filled(4))),
    "PL": ("WAW", Country(12, WHOLE, filled(5, 2, "-"))), "KR": ("ICN", Country(25, WHOLE, filled(5))),
    "TW": ("TPE", Country(15, WHOLE, filled(5))), "SG": ("SIN", Country(20, WHOLE, filled(6))),
    "MY": ("KUL", Country(15, WHOLE, filled(5))), "TH": ("BKK", Country(12, WHOLE, filled(5))),
    "PH": ("MNL", Country(12, WHOLE, filled(4))), "VN": ("SGN", Country(8, WHOLE, filled(6))),
    "ID": ("CGK", Country(8, WHOLE, filled(5))),
    "NZ": ("AKL", Country(8, WHOLE, filled(4))),
    "CL": ("SCL", Country(8, WHOLE, filled(7))), "CO": ("BOG", Country(4, WHOLE, filled(6))),
    "PE": ("LIM", Country(3, WHOLE, filled(5))), "AR": ("EZE", Country(3, WHOLE, marked("C", 4))),
    "IL": ("TLV", Country(12, WHOLE, filled(7))), "SA": ("RUH", Country(10, WHOLE, filled(5))),
    "AE": ("DXB", Country(10, WHOLE, none)), "QA": ("DOH", Country(2, WHOLE, none)), "KW": ("KWI", Country(2, WHOLE, filled(5))),
    "TR": ("IST", Country(5, WHOLE, filled(5))), "ZA": ("JNB", Country(5, WHOLE, filled(4))),
    "NG": ("LOS", Country(2, WHOLE, filled(6))), "KE": ("NBO", Country(2, WHOLE, filled(5))),
    "EG": ("CAI", Country(2, WHOLE, filled(5))), "SE": ("ARN", Country(5, WHOLE, filled(5, 3))),
    "NO": ("OSL", Country(3, WHOLE, filled(4))), "DK": ("CPH", Country(4, WHOLE, filled(4))),
    "FI": ("HEL", Country(3, WHOLE, filled(5))), "AT": ("VIE", Country(4, WHOLE, filled(4))),
    "CH": ("ZRH", Country(6, WHOLE, filled(4))), "CZ": ("PRG", Country(3, WHOLE, filled(5, 3))),
    "HU": ("BUD", Country(3, WHOLE, filled(4))), "RO": ("OTP", Country(2, WHOLE, filled(6))),
    "GR": ("ATH", Country(2, WHOLE, filled(5, 3))), "PT": ("LIS", Country(4, WHOLE, filled(7, 4, "-"))),
    "IE": ("DUB", Country(4, WHOLE, none)), "KZ": ("ALA", Country(2, WHOLE, filled(6))),
    "BG": ("SOF", Country(1, WHOLE, filled(4))), "HR": ("ZAG", Country(1, WHOLE, filled(5))),
    "SI": ("LJU", Country(1, WHOLE, filled(4))), "SK": ("VIE", Country(1, WHOLE, filled(5, 3))),
    "LU": ("BRU", Country(1, WHOLE, filled(4))), "EE": ("TLL", Country(1, WHOLE, filled(5))),
    "LV": ("RIX", Country(1, WHOLE, marked("LV-", 4))), "LT": ("VNO", Country(1, WHOLE, marked("LT-", 5))),
    "CY": ("LCA", Country(1, WHOLE, filled(4))), "MT": ("MLA", Country(1, WHOLE, marked("VLT ", 4))),
    "BH": ("BAH", Country(1, WHOLE, filled(4))), "OM": ("MCT", Country(1, WHOLE, filled(3))),
    "BN": ("BWN", Country(1, WHOLE, bn)), "KH": ("PNH", Country(1, WHOLE, filled(6))),
    "LA": ("VTE", Country(1, WHOLE, filled(5))), "MM": ("RGN", Country(1, WHOLE, filled(5))),
    "UA": ("WAW", Country(2, WHOLE, filled(5))), "MO": ("MFM", Country(3, WHOLE, none)),
    "CN": ("SZX", Country(8, WHOLE, filled(6))), "HK": (LOCAL, Country(25, WHOLE, none)),
}  # fmt: skip
"""Countries with one gateway; Ukraine by road from Warsaw, Slovakia from Vienna, Luxembourg from Brussels, Macau and Shenzhen by truck over the bridge."""
BY_TRUCK: Final = frozenset({"MFM", "SZX", LOCAL})

_OWN_BAGS: Final = ("orbitrix", "sunhopper", "velmarto", "kestrelo")
_OWN_FIRST: Final = {"US": "0123456789", "DE": ("",), "FR": ("",), "JP": ("",), "GB": ("",)}
_EXPRESS: Final = ("SG", "KR", "TW", "TH", "MY", "PH", "NL", "AE", "IL", "NZ", "SA")


def _rules() -> Iterator[Rule]:
    for code, (country, gateway) in SPLIT.items():
        for beginning in country.beginnings:
            yield Rule(f"{code.lower()}-{beginning.lower()}", gateway(beginning), code, *_spelled(code, beginning))
    # Postcodes that are given out one day.
    yield Rule("au", "SYD", "AU")
    for code, (airport, _) in WHOLE_ONES.items():
        yield Rule(code.lower(), airport, code)
    for tenant in _OWN_BAGS:
        for code, firsts in _OWN_FIRST.items():
            for first in firsts:
                airport = _US[first] if code == "US" else {"DE": "FRA", "FR": "CDG", "JP": "NRT", "GB": "LHR"}[code]
                name = f"{code.lower()}{first}-{tenant}"
                yield Rule(name, f"{airport}-{tenant}", code, first, tenant=tenant)
    for code in _EXPRESS:
        yield Rule(f"{code.lower()}-x", f"{WHOLE_ONES[code][0]}-X", code, service="express")
        yield Rule(f"{code.lower()}-heavy", f"{WHOLE_ONES[code][0]}-HEAVY", code, weight_min_g=10_001)
        yield Rule(f"{code.lower()}-long", f"{WHOLE_ONES[code][0]}-HEAVY", code, size="L")
    yield Rule("hk-heavy", LOCAL, "HK", weight_min_g=10_001)
    yield Rule("cn-return", "SZX-RETURN", "CN", declaration="return")
    yield Rule("return", "SZX-RETURN", declaration="return")


def _spelled(code: str, beginning: str) -> tuple[str, str]:
    """Two digits of four as a range of whole ones, so that nobody wonders whether a zero was lost."""
    return (f"{beginning}00", f"{beginning}99") if code == "AU" else (beginning, "")


def _places() -> dict[str, Place]:
    return {
        rule.destination: Place(DOMESTIC if rule.destination == LOCAL else BONDED, "", rule.tenant) for rule in _rules()
    }


def _declaration(chance: Random, country: str, _value_cents: int) -> str:
    if country == "HK":
        return "domestic" if chance.randrange(100) < 40 else "h7"
    if country == "CN":
        return "return"
    return "export" if chance.randrange(100) < 35 else "transit"


_LONG: Final = frozenset("JFK IAD ATL ORD DFW LAX MIA SFO SEA BOS IAH PHL DEN LHR MAN FRA CGN LEJ AMS CDG".split())  # noqa: SIM905
"""Two flights a day."""


def _departures(places: dict[str, Place]) -> Iterator[Leaves]:
    """Freighters leave at night: far ones have their cut-off from seven in the evening on, near ones from three in the afternoon."""
    gateways = dict.fromkeys(name.partition("-")[0] for name in places if name != LOCAL)
    for gateway in gateways:
        there = tuple(name for name in places if name == gateway or name.startswith(f"{gateway}-"))
        regular, express = (
            tuple(name for name in there if name.endswith("-X") is is_express) for is_express in (False, True)
        )
        if gateway in BY_TRUCK:
            for wave, hour in enumerate((6, 11, 16, 21), start=1):
                yield Leaves(f"T-{gateway}-{wave}", there, "truck", "", f"{hour:02}:30", 25, 0, 45, door_min=720)
            continue
        minute = in_bank(gateway, 19 * 60 if gateway in _LONG else 15 * 60)
        yield Leaves(f"HKG-{gateway}-1", regular, "flight", "", _clock(minute), 90, 0, 120, door_min=2_400)
        if gateway in _LONG:
            yield Leaves(f"HKG-{gateway}-2", regular, "flight", "", _clock(minute + 720), 90, 0, 120, door_min=2_400)
            yield Leaves(f"HKG-{gateway}-P", regular, "flight", "", _clock(minute + 150), 60, 180, 90, "yes", 1_800)
        if express:
            yield Leaves(f"HKG-{gateway}-X", express, "flight", "", _clock(minute + 60), 60, 0, 90, door_min=1_200)
    for wave, hour in enumerate((5, 9, 13, 18), start=1):
        yield Leaves(f"T-LOCAL-{wave}", (LOCAL,), "truck", "Mon-Sat", f"{hour:02}:15", 15, 0, 30, door_min=300)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


_PLACES: Final = _places()
HKG: Final = Hub(
    "hkg",
    "Export by air, all day",
    "Asia/Hong_Kong",
    LoopShape(("loop1", "loop2"), 120_000, 76, 66, needs_bag=True),
    None,
    tuple(_rules()),
    _PLACES,
    Drawing(
        {code: country for code, (country, _) in SPLIT.items()}
        | {code: country for code, (_, country) in WHOLE_ONES.items()},
        TENANTS,
        SERVICES,
        _declaration,
        customs_state,
        promised_h=(58, 70),
        booked={
            code: f"HKG-{airport}-1"
            for code, (airport, _) in WHOLE_ONES.items()
            if code in {"SG", "KR", "NL", "IL", "AE"}
        },
    ),
    tuple(_departures(_PLACES)),
)
