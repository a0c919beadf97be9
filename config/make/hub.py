"""Hub: what the three hubs have in common: exits with their zones, a plan, departures, expected parcels, and how they are written.

Comes in: a `Hub` as `lgg.py`, `hkg.py` and `kul.py` describe it. Goes out: the text of every file by its name. Never here: places.

The last pairs of each half of a loop are custody: rejects, overflow, and where customs, security and business keep what they hold. Before
them lie the bonded chutes, for what only passes through; all others are domestic, in free circulation.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Final, NamedTuple
from zlib import crc32

from config.make.parcels import PARCEL_COLUMNS, Drawing, Drawn, draw, parcel_row

DOMESTIC: Final = "domestic"
BONDED: Final = "bonded"
CUSTODY: Final = "custody"
MADE: Final = "# Made by config/make; see there."
CUSTODY_PAIRS: Final = 6
"""Of each half, the last."""
HELD: Final = (
    ("!customs_inspect", "Inspect", 4, "round_robin"),
    ("!customs_hold", "Hold", 2, "fill_then_next"),
    ("!customs_refused", "Refused", 1, ""),
    ("!security_hold", "Security", 1, ""),
    ("!intercepted", "Intercept", 1, ""),
    ("!cut_off_passed", "Late", 1, ""),
)
"""Function destination, the name on its chutes, so many in each half of a loop, how they are shared."""
RULE_COLUMNS: Final = (
    "rule", "tenant", "service", "country", "postcode_from", "postcode_to", "declaration", "customs", "weight_min_g",
    "weight_max_g", "size", "label", "destination",
)  # fmt: skip
FIRST_CHUTE_MM: Final = 18_000
STEP_MM: Final = 1_250
LINE_STEP_MM: Final = 1_300
LINE_FIRST_MM: Final = 4_500


class Rule(NamedTuple):
    """One row of rules.csv. `first` and `last` are beginnings of postcodes, `area` where it leads."""

    rule: str
    destination: str
    country: str = ""
    first: str = ""
    last: str = ""
    tenant: str = ""
    service: str = ""
    declaration: str = ""
    customs: str = ""
    weight_min_g: int = 0
    size: str = ""
    label: str = ""


class Place(NamedTuple):
    """A destination: its zone, the group of the lines that it shares with others, the one tenant it is for."""

    zone: str = DOMESTIC
    group: str = ""
    tenant: str = ""


class LoopShape(NamedTuple):
    """Two alike halves of so many pairs of chutes, `bonded` of them bonded."""

    names: tuple[str, ...]
    half_mm: int
    pairs: int
    bonded: int
    needs_bag: bool = False


class LineShape(NamedTuple):
    """A pusher for each group, one for customs, one for rejects, and the end, which are custody."""

    names: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    """Name and zone."""


class Leaves(NamedTuple):
    """One row of departures.csv."""

    departure: str
    destinations: tuple[str, ...]
    kind: str
    weekdays: str
    cut_off: str
    transit_min: int
    open_min: int
    """0: its chutes are open until the cut-off of the one before, so they are never closed."""
    warn_min: int
    premium: str = ""
    door_min: int = 0


class Hub(NamedTuple):
    """One hub."""

    name: str
    title: str
    zone: str
    loop: LoopShape
    line: LineShape | None
    rules: Sequence[Rule]
    places: Mapping[str, Place]
    drawing: Drawing
    departures: Sequence[Leaves]


def in_bank(gateway: str, first_minute: int) -> int:
    """The minute of the day of a flight's cut-off: somewhere in a bank of six hours, by the name of its airport."""
    return first_minute + crc32(gateway.encode()) % 72 * 5


def written(hub: Hub) -> dict[str, str]:
    """Every file that is made for this hub, by its name in the folder."""
    drawn = draw(hub.name, hub.drawing)
    dealt = _dealt(hub, _demand(hub, drawn))
    files = {f"{name}.csv": _text(_loop_table(hub, turn, dealt)) for turn, name in enumerate(hub.loop.names, start=1)}
    if hub.line is not None:
        files |= {f"{name}.csv": _text(_line_table(hub.line)) for name in hub.line.names}
    return files | {
        "departures.csv": _text(_departure_table(hub)),
        "parcels.csv": _text([f"{MADE} Invented, drawn with a fixed seed.", ",".join(PARCEL_COLUMNS)]
                             + [parcel_row(parcel) for parcel in drawn]),
        "plan/plan.toml": _document(hub),
        "plan/rules.csv": _text([MADE, ",".join(RULE_COLUMNS), *map(_rule_row, hub.rules)]),
        "plan/destinations.csv": _text(_destination_table(hub, dealt)),
    }  # fmt: skip


def _text(lines: Iterator[str] | list[str]) -> str:
    return "\n".join(lines) + "\n"


def _document(hub: Hub) -> str:
    return (
        f'{MADE}\nid = "{hub.name}-all-day"\nversion = 1\nvalid_from = 2026-01-01T00:00:00Z\nauthor = "config/make"\n'
        f'note = "{hub.title}"\nsizes = {{S = 350, M = 600, L = 1200}}\n'
    )


def _rule_row(rule: Rule) -> str:
    fields = rule._asdict() | {
        "postcode_from": rule.first, "postcode_to": rule.last, "weight_min_g": rule.weight_min_g or "",
    }  # fmt: skip
    return ",".join(str(fields.get(column, "")) for column in RULE_COLUMNS)


# ---------------------------------------------------------------------------------------------- who gets which chute


def _demand(hub: Hub, drawn: Sequence[Drawn]) -> Counter[str]:
    """Parcels of each destination, near enough to deal out chutes: by tenant, else by the longest beginning of the postcode."""
    known: dict[tuple[str, str, str], str] = {}
    for rule in hub.rules:
        if not (rule.service or rule.declaration or rule.customs or rule.weight_min_g or rule.size or rule.label):
            known.setdefault((rule.tenant, rule.country, rule.first), rule.destination)
    demand: Counter[str] = Counter()
    for parcel in drawn:
        plain = "".join(char for char in parcel.postcode if char.isalnum())
        beginnings = [plain[:length] for length in range(len(plain), -1, -1)]
        found = [
            known[tenant, parcel.country, beginning]
            for tenant in (parcel.tenant, "")
            for beginning in beginnings
            if (tenant, parcel.country, beginning) in known
        ]
        demand.update(found[:1])
    return demand


def _pools(loop: LoopShape) -> dict[str, list[list[int]]]:
    """The chutes of each zone, half by half."""
    ends = {
        DOMESTIC: (0, loop.pairs - CUSTODY_PAIRS - loop.bonded),
        BONDED: (loop.pairs - CUSTODY_PAIRS - loop.bonded, loop.pairs - CUSTODY_PAIRS),
        CUSTODY: (loop.pairs - CUSTODY_PAIRS, loop.pairs),
    }
    return {
        zone: [list(range(2 * (half + first) + 1, 2 * (half + last) + 1)) for half in (0, loop.pairs)]
        for zone, (first, last) in ends.items()
    }


def _dealt(hub: Hub, demand: Counter[str]) -> dict[str, list[int]]:
    """Chutes of a loop for each destination: one at least, more for the busy ones, of both halves in turn."""
    dealt: dict[str, list[int]] = {}
    pools = _pools(hub.loop)
    for zone in (DOMESTIC, BONDED):
        names = [name for name, place in hub.places.items() if place.zone == zone]
        dealt |= _shared(names, demand, pools[zone])
    for half in pools[CUSTODY]:
        taken = iter(half)
        for name, _, count, _ in HELD:
            dealt.setdefault(name, []).extend(next(taken) for _ in range(count))
    return {name: dealt[name] for name in (*hub.places, *(name for name, *_ in HELD))}


def _shared(names: list[str], demand: Counter[str], halves: list[list[int]]) -> dict[str, list[int]]:
    spare = sum(map(len, halves)) - len(names)
    if spare < 0:
        raise ValueError(f"{-spare} chutes are missing")
    total = sum(demand[name] for name in names) or 1
    counts = {name: 1 + demand[name] * spare // total for name in names}
    left = spare + len(names) - sum(counts.values())
    for name in sorted(names, key=lambda each: (-demand[each], each))[:left]:
        counts[name] += 1
    found: dict[str, list[int]] = {}
    for turn, name in enumerate(names):
        mine, other = halves[turn % 2], halves[1 - turn % 2]
        here = max(min(ceil(counts[name] / 2), len(mine)), counts[name] - len(other))
        there = counts[name] - here
        found[name] = mine[:here] + other[:there]
        del mine[:here], other[:there]
    return found


def _balance(chutes: list[int], turn: int) -> str:
    """All four ways are used."""
    if len(chutes) == 1:
        return ""
    return ("fixed", "fill_then_next")[turn % 2] if len(chutes) == 2 else ("round_robin", "least_loaded")[turn % 2]


# ---------------------------------------------------------------------------------------------- tables


def _loop_table(hub: Hub, turn: int, dealt: Mapping[str, list[int]]) -> Iterator[str]:
    """Two chutes at each place."""
    loop, held = hub.loop, {name: text for name, text, *_ in HELD}
    tenants = {
        number: hub.places[name].tenant for name, chutes in dealt.items() if name in hub.places for number in chutes
    }
    names = {number: f"{held[name]} {number}" for name, chutes in dealt.items() if name in held for number in chutes}
    zone_of = {number: zone for zone, halves in _pools(loop).items() for half in halves for number in half}
    names |= {2 * loop.pairs - 1: "Reject label", 2 * loop.pairs: "Overflow A", 4 * loop.pairs - 1: "Reject data",
              4 * loop.pairs: "Overflow B"}  # fmt: skip
    yield f"{MADE} Two chutes at each place; A and B are the halves of the loop, each behind a tunnel of its own."
    yield "number,name,position_mm,side,lead_ms,travel_ms,slide_ms,capacity,zone,tenants,needs_bag,bag_count_max,bag_weight_max_g"
    for number in sorted(zone_of):
        half, at = divmod(number - 1, 2 * loop.pairs)
        pair, right = divmod(at, 2)
        side = ("left", "right")[right]
        name = names.get(number) or f"{turn}{'AB'[half]}{pair + 1:03}{side[0].upper()}"
        zone = zone_of[number]
        bag = ("no", 0, 0) if zone == CUSTODY else ("yes" if loop.needs_bag else "no", 60, 25_000)
        position = loop.half_mm * half + FIRST_CHUTE_MM + STEP_MM * pair
        yield f"{number},{name},{position},{side},40,200,500,60,{zone},{tenants.get(number, '')},{bag[0]},{bag[1]},{bag[2]}"


def _line_table(line: LineShape) -> Iterator[str]:
    yield f"{MADE} What does not fit on a carrier: one chute for each region."
    yield "number,name,position_mm,actuator,lead_ms,travel_ms,slide_ms,capacity,zone"
    exits = (*line.groups, ("Customs", CUSTODY), ("Reject", CUSTODY))
    for number, (name, zone) in enumerate(exits, start=1):
        yield f"{number},{name},{LINE_FIRST_MM + LINE_STEP_MM * (number - 1)},yes,60,240,400,30,{zone}"
    yield f"{len(exits) + 1},End,{LINE_FIRST_MM + LINE_STEP_MM * (len(exits) + 1)},no,0,0,400,60,{CUSTODY}"


def _destination_table(hub: Hub, dealt: Mapping[str, list[int]]) -> Iterator[str]:
    balances = {name: balance for name, _, _, balance in HELD}
    lines = "; the lines have rows of their own" if hub.line else ""
    yield f"{MADE} Rows without a sorter are for the loops{lines}. A name with ! is where a cause leads."
    yield "destination,chutes,sorter,balance,container"
    for turn, (name, chutes) in enumerate(dealt.items()):
        balance = balances.get(name) if name in balances else _balance(chutes, turn)
        container = "" if name in balances else "bag" if hub.places[name].zone == DOMESTIC else "cage"
        yield f"{name},{';'.join(map(str, chutes))},,{balance},{container}"
    if hub.line is None:
        return
    places = [name for name, _ in hub.line.groups]
    customs = len(places) + 1
    for sorter in hub.line.names:
        for name, place in hub.places.items():
            yield f"{name},{places.index(place.group) + 1},{sorter},,"
        for name in balances:
            yield f"{name},{customs if 'customs' in name or 'security' in name else customs + 1},{sorter},,"


def _departure_table(hub: Hub) -> Iterator[str]:
    yield f"{MADE} Cut-offs on the clock of {hub.zone}."
    yield "departure,destination,kind,weekdays,cut_off,zone,transit_min,open_min,warn_min,premium,door_min"
    for row in hub.departures:
        yield (
            f"{row.departure},{';'.join(row.destinations)},{row.kind},{row.weekdays},{row.cut_off},{hub.zone},"
            f"{row.transit_min},{row.open_min or ''},{row.warn_min},{row.premium},{row.door_min or ''}"
        )
