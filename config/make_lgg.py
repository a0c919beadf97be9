"""Make lgg: writes the chutes and the plan of `config/lgg`, the full-size hub, always the same.

Run it as `.venv/bin/python -m config.make_lgg`; it takes a second. The site file beside them is written by hand. Countries and the
shapes of postcodes and waybills are real, check digits are right, parcels are drawn with a fixed seed; a real parcel with
one of these numbers is a coincidence. Never here: the demonstration hub, which is small enough to be written by hand.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from math import ceil
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from sortctl.labels import gs1, s10

LGG: Final = Path(__file__).resolve().parent / "lgg"
SEED: Final = "lgg"
PARCELS: Final = 20_000

# Two alike loops of 300 m. Each half: inducts, tunnel, check-point, 100 pairs of chutes, check-points between and behind.
HALF_MM: Final = 150_000
FIRST_CHUTE_MM: Final = 18_000
STEP_MM: Final = 1_250
PAIRS: Final = 100
NAMED: Final = {199: "Reject label", 200: "Overflow A", 399: "Reject data", 400: "Overflow B"}

LINE_STEP_MM: Final = 1_300
LINE_FIRST_MM: Final = 4_500
LINE_GROUPS: Final = (
    *(f"BE-{digit}" for digit in "123456789"), "NL-W", "NL-S", "NL-E", "DE-N", "DE-4", "DE-5", "DE-6", "DE-S",
    "FR-P", "FR-N", "FR-S", "LU", "ES", "PT", "IE", "IT", "PL", "CH", "Danube", "Nordic", "South-East", "GB",
)  # fmt: skip
LINE_REJECT: Final = len(LINE_GROUPS) + 1


class Area(NamedTuple):
    """Where a rule leads: its destination on the loops, and the chute of the line that it shares with others."""

    destination: str
    line: str


class Country(NamedTuple):
    """`share` of the parcels in a thousand; the prefixes of its rules ("" for one that holds for all of it)."""

    share: int
    prefixes: tuple[str, ...]
    area: Callable[[str], Area]
    postcode: Callable[[Random, str], str]


# ---------------------------------------------------------------------------------------------- postcodes


def _digits(chance: Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _letters(chance: Random, count: int) -> str:
    # no letters that are mistaken for digits or for each other
    return "".join(chance.choice("ABCDEGHJKLMNPRSTVWXZ") for _ in range(count))


def _filled(length: int, at: int = 0, between: str = " ") -> Callable[[Random, str], str]:
    """Digits of this length that begin with the prefix, parted behind the first `at`."""

    def postcode(chance: Random, prefix: str) -> str:
        whole = (prefix or chance.choice("123456789")) + _digits(chance, length)
        return whole[:at] + between + whole[at:length] if at else whole[:length]

    return postcode


def _nl(chance: Random, prefix: str) -> str:
    return f"{prefix}{_digits(chance, 1)} {_letters(chance, 2)}"


def _ie(chance: Random, _prefix: str) -> str:
    return (
        f"{chance.choice(('D', 'T', 'V', 'H', 'K'))}{chance.randint(10, 99)} {_letters(chance, 2)}{_digits(chance, 2)}"
    )


def _gb(chance: Random, _prefix: str) -> str:
    town = chance.choice(("SW", "NE", "LS", "BS", "CB", "EH", "CF", "PE", "NW", "TN"))
    return f"{town}{chance.randint(1, 20)} {chance.randint(1, 9)}{_letters(chance, 2)}"


def _marked(mark: str, length: int) -> Callable[[Random, str], str]:
    return lambda chance, _prefix: mark + _digits(chance, length)


# ---------------------------------------------------------------------------------------------- areas

_FR_NEAR: Final = frozenset("02 08 10 51 52 54 55 57 59 60 62 67 68 75 76 77 78 80 88 91 92 93 94 95".split())  # noqa: SIM905
_FR_PARIS: Final = frozenset(("75", "77", "78", "91", "92", "93", "94", "95"))
_OPENED: Final = {
    "BE": {"4000", "4020", "4030", "4040", "4460"},
    "NL": {"6211", "6221", "6229"},
    "DE": {"52062", "52080"},
}
"""Towns within a drive of the hub that have a destination of their own: narrow rules within wider ones."""


def _be(prefix: str) -> Area:
    return Area(f"BE-{prefix[:2]}", f"BE-{prefix[0]}")


def _nl_area(prefix: str) -> Area:
    pair = int(prefix[1]) // 2 * 2
    return Area(f"NL-{prefix[0]}{pair}", "NL-W" if prefix[0] in "123" else "NL-S" if prefix[0] in "456" else "NL-E")


def _de(prefix: str) -> Area:
    if prefix[0] in "456":
        return Area(f"DE-{prefix[:2]}", f"DE-{prefix[0]}")
    return Area(f"DE-{prefix[0]}", "DE-N" if prefix[0] in "0123" else "DE-S")


def _fr(prefix: str) -> Area:
    near = prefix[:2] in _FR_NEAR
    line = "FR-P" if prefix[:2] in _FR_PARIS else "FR-N" if near else "FR-S"
    return Area(f"FR-{prefix[:2]}" if near else f"FR-R{prefix[0]}", line)


def _tens(country: str, line: str) -> Callable[[str], Area]:
    """One destination for each first digit."""
    return lambda prefix: Area(f"{country}-{prefix[0]}" if prefix else country, line)


def _whole(country: str, line: str) -> Callable[[str], Area]:
    return lambda _prefix: Area(country, line)


def _three(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{number:03}" for number in range(first, last + 1))


def _two(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{number:02}" for number in range(first, last + 1))


ALL: Final = ("",)
COUNTRIES: Final[dict[str, Country]] = {
    "BE": Country(230, _three(100, 999), _be, _filled(4)),
    "DE": Country(230, _three(10, 999), _de, _filled(5)),
    "FR": Country(170, _three(10, 959), _fr, _filled(5)),
    "NL": Country(150, _three(100, 999), _nl_area, _nl),
    "LU": Country(20, _two(10, 99), _whole("LU", "LU"), _filled(4)),
    "ES": Country(40, _two(1, 52), _tens("ES", "ES"), _filled(5)),
    "IT": Country(40, _two(0, 98), _tens("IT", "IT"), _filled(5)),
    "PL": Country(35, _two(0, 99), _tens("PL", "PL"), _filled(5, 2, "-")),
    "PT": Country(12, ALL, _whole("PT", "PT"), _filled(7, 4, "-")),
    "IE": Country(10, ALL, _whole("IE", "IE"), _ie),
    "GB": Country(8, ALL, _whole("GB", "GB"), _gb),
    "CH": Country(8, ALL, _whole("CH", "CH"), _filled(4)),
    "AT": Country(10, _two(10, 99), _tens("AT", "Danube"), _filled(4)),
    "CZ": Country(8, ALL, _whole("CZ", "Danube"), _filled(5, 3)),
    "SK": Country(3, ALL, _whole("SK", "Danube"), _filled(5, 3)),
    "HU": Country(4, ALL, _whole("HU", "Danube"), _filled(4)),
    "SI": Country(2, ALL, _whole("SI", "Danube"), _filled(4)),
    "HR": Country(2, ALL, _whole("HR", "Danube"), _filled(5)),
    "DK": Country(4, ALL, _whole("DK", "Nordic"), _filled(4)),
    "SE": Country(4, ALL, _whole("SE", "Nordic"), _filled(5, 3)),
    "FI": Country(2, ALL, _whole("FI", "Nordic"), _filled(5)),
    "NO": Country(1, ALL, _whole("NO", "Nordic"), _filled(4)),
    "EE": Country(1, ALL, _whole("EE", "Nordic"), _filled(5)),
    "LV": Country(1, ALL, _whole("LV", "Nordic"), _marked("LV-", 4)),
    "LT": Country(1, ALL, _whole("LT", "Nordic"), _marked("LT-", 5)),
    "RO": Country(2, ALL, _whole("RO", "South-East"), _filled(6)),
    "BG": Country(1, ALL, _whole("BG", "South-East"), _filled(4)),
    "GR": Country(1, ALL, _whole("GR", "South-East"), _filled(5, 3)),
}

# ---------------------------------------------------------------------------------------------- waybills


def _s10(chance: Random, services: tuple[str, ...], post: str) -> str:
    serial = _digits(chance, 8)
    return f"{chance.choice(services)}{serial}{s10.check_digit(serial)}{post}"


def _sscc(chance: Random) -> str:
    body = "3" + _digits(chance, 16)
    return f"00{body}{gs1.check_digit(body)}"


def waybill(chance: Random, country: str) -> str:
    """A number as carriers of cross-border parcels write it."""
    kind = chance.randrange(100)
    if kind < 35:
        return _s10(chance, ("LP", "LV", "LX", "LB", "CP", "RR", "EE"), "CN")
    if kind < 40:
        return _s10(chance, ("LK", "LB", "UR", "UA"), chance.choice(("HK", "SG", "MY")))
    if kind < 60:
        return f"YT2{_digits(chance, 15)}"
    if kind < 72:
        return f"LP00{_digits(chance, 12)}"
    if kind < 80:
        return f"CN{country}{_digits(chance, 16)}HD"
    if kind < 86:
        return f"4PX{_digits(chance, 13)}CN"
    if kind < 92:
        return f"SF{_digits(chance, 13)}"
    return f"JJD01{_digits(chance, 14)}" if kind < 96 else _sscc(chance)


def parcels() -> list[tuple[str, str, str]]:
    """(waybill, country, postcode) of every expected parcel."""
    chance = Random(SEED)  # noqa: S311 parcels, not secrets
    countries = chance.choices(list(COUNTRIES), [each.share for each in COUNTRIES.values()], k=PARCELS)
    drawn: dict[str, tuple[str, str, str]] = {}
    for country in countries:
        number = waybill(chance, country)
        while number in drawn:
            number = waybill(chance, country)
        there = COUNTRIES[country]
        opened = sorted(_OPENED.get(country, ()))
        near = bool(opened) and chance.random() < 0.02
        prefix = chance.choice(opened)[:4] if near else chance.choice(there.prefixes)
        drawn[number] = (
            number,
            country,
            _nl_town(chance, prefix) if near and country == "NL" else there.postcode(chance, prefix),
        )
    return list(drawn.values())


def _nl_town(chance: Random, digits: str) -> str:
    return f"{digits} {_letters(chance, 2)}"


# ---------------------------------------------------------------------------------------------- plan


class Rule(NamedTuple):
    """One row of rules.csv."""

    name: str
    country: str
    first: str
    last: str
    area: Area


def rules() -> Iterator[Rule]:
    """The towns near the hub first, then every area of every country."""
    for town in sorted(_OPENED["BE"]):
        yield Rule(f"be-near-{town}", "BE", town, "", Area("BE-LGG" if town == "4460" else "BE-Liege", "BE-4"))
    yield Rule("nl-maastricht-centre", "NL", "6211", "6219", Area("NL-Maastricht", "NL-S"))
    yield Rule("nl-maastricht-east", "NL", "6221", "6229", Area("NL-Maastricht", "NL-S"))
    yield Rule("de-aachen", "DE", "52062", "52080", Area("DE-Aachen", "DE-5"))
    for country, there in COUNTRIES.items():
        for prefix in there.prefixes:
            name = f"{country.lower()}-{prefix}" if prefix else country.lower()
            yield Rule(name, country, prefix, "", there.area(prefix))


def groups(demand: Counter[str], destinations: list[str]) -> dict[str, list[int]]:
    """Chutes of a loop for each destination: one at least, more for the busy ones, of both halves in turn."""
    halves = [[number + 200 * half for number in range(1, 199)] for half in (0, 1)]
    spare = sum(map(len, halves)) - len(destinations)
    total = sum(demand.values())
    counts = {name: 1 + demand[name] * spare // total for name in destinations}
    for name in sorted(destinations, key=lambda each: (-demand[each], each))[
        : spare + len(destinations) - sum(counts.values())
    ]:
        counts[name] += 1
    found: dict[str, list[int]] = {}
    for turn, name in enumerate(destinations):
        mine, other = halves[turn % 2], halves[1 - turn % 2]
        here = max(min(ceil(counts[name] / 2), len(mine)), counts[name] - len(other))
        there = counts[name] - here
        found[name] = mine[:here] + other[:there]
        del mine[:here], other[:there]
    return found


def balance(chutes: list[int], turn: int) -> str:
    """All four ways are used."""
    if len(chutes) == 1:
        return ""
    return ("fixed", "fill_then_next")[turn % 2] if len(chutes) == 2 else ("round_robin", "least_loaded")[turn % 2]


# ---------------------------------------------------------------------------------------------- files


def loop_table(loop: int) -> Iterator[str]:
    """Two chutes at each of 200 places."""
    yield "# Made by config/make_lgg.py. Two chutes at each place; A and B are the halves of the loop, each behind a tunnel of its own."
    yield "number,name,position_mm,side,lead_ms,travel_ms,slide_ms,capacity"
    for half, pair, side in product((0, 1), range(PAIRS), ("left", "right")):
        number = 200 * half + 2 * pair + (1 if side == "left" else 2)
        name = f"{NAMED[number]} {loop}" if number in NAMED else f"{loop}{'AB'[half]}{pair + 1:03}{side[0].upper()}"
        yield f"{number},{name},{HALF_MM * half + FIRST_CHUTE_MM + STEP_MM * pair},{side},40,200,500,60"


def line_table() -> Iterator[str]:
    """A pusher for each group of destinations, one for rejects, and the end."""
    yield "# Made by config/make_lgg.py. What does not fit on a carrier: one chute for each region."
    yield "number,name,position_mm,actuator,lead_ms,travel_ms,slide_ms,capacity"
    for number, name in enumerate((*LINE_GROUPS, "Reject"), start=1):
        yield f"{number},{name},{LINE_FIRST_MM + LINE_STEP_MM * (number - 1)},yes,60,240,400,30"
    yield f"{LINE_REJECT + 1},End,{LINE_FIRST_MM + LINE_STEP_MM * (LINE_REJECT + 1)},no,0,0,400,60"


def demand_of(listed: list[Rule], drawn: list[tuple[str, str, str]]) -> Counter[str]:
    """Parcels of each destination: the longest beginning of the postcode that is a rule decides."""
    known = {(rule.country, f"{first:0{len(rule.first)}}" if rule.first else ""): rule.area.destination
             for rule in reversed(listed)
             for first in (range(int(rule.first), int(rule.last or rule.first) + 1) if rule.first else [0])}  # fmt: skip
    demand: Counter[str] = Counter()
    for _, country, postcode in drawn:
        plain = "".join(char for char in postcode if char.isalnum())
        demand[next(known[country, plain[:n]] for n in range(len(plain), -1, -1) if (country, plain[:n]) in known)] += 1
    return demand


def written() -> dict[str, str]:
    """Every file that this tool makes, by its name in the folder."""
    listed, drawn = list(rules()), parcels()
    areas = {rule.area.destination: rule.area for rule in listed}
    on_loop = groups(demand_of(listed, drawn), list(areas))
    made = "# Made by config/make_lgg.py."
    destinations = [f"{made} Rows without a sorter are for both loops: the line has rows of its own."]
    destinations.append("destination,chutes,sorter,balance")
    for turn, (name, chutes) in enumerate(on_loop.items()):
        destinations.append(f"{name},{';'.join(map(str, chutes))},,{balance(chutes, turn)}")
    destinations += [f"{name},{LINE_GROUPS.index(area.line) + 1},line1," for name, area in areas.items()]
    return {
        "loop1.csv": _text(loop_table(1)),
        "loop2.csv": _text(loop_table(2)),
        "line1.csv": _text(line_table()),
        "plan/rules.csv": _text([made, "rule,country,postcode_from,postcode_to,destination"]
                                + [f"{r.name},{r.country},{r.first},{r.last},{r.area.destination}" for r in listed]),
        "plan/destinations.csv": _text(destinations),
        "plan/parcels.csv": _text([f"{made} Invented, drawn with a fixed seed.", "waybill,country,postcode"]
                                  + [",".join(parcel) for parcel in drawn]),
    }  # fmt: skip


def _text(lines: Iterator[str] | list[str]) -> str:
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write them."""
    for name, text in written().items():
        path = LGG / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
