"""Parcels: a list of what is expected at a hub, with everything a host says of it, drawn with a fixed seed.

Comes in: where they go and whose they are (`Drawing`). Goes out: rows as `sortctl parcels import` takes them. The moment of a customs state
is left empty, and the promise is in hours: both count from the import, so the list never grows stale. Never here: where the plan sends them.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple
from zlib import crc32

from config.make.numbers import sscc, waybill
from config.make.postcodes import WHOLE, Shape

PARCELS: Final = 20_000
PARCEL_COLUMNS: Final = (
    "waybill", "ids", "tenant", "country", "postcode", "service", "weight_g", "length_mm", "width_mm", "height_mm",
    "declaration", "customs", "customs_at", "goods", "value_cents", "departure", "due",
)  # fmt: skip
GOODS: Final = ("420292", "610910", "620462", "640399", "851762", "850440", "854442", "950300", "711790", "900410",
                "392690", "940550", "732393", "330499", "871200", "611030")  # fmt: skip
"""Tariff numbers (HS) of what people order: bags, clothes, shoes, phones, chargers, toys, and so on."""
SECOND_CODE_PERCENT: Final = 8


class Country(NamedTuple):
    """`share` of the parcels in a thousand, the beginnings of its postcodes, their shape."""

    share: int
    beginnings: tuple[str, ...] = WHOLE
    postcode: Shape = lambda _chance, _beginning: ""


class Drawing(NamedTuple):
    """What is drawn. `near`: beginnings drawn more often, in a thousand of their country's parcels 20."""

    countries: Mapping[str, Country]
    tenants: Mapping[str, int]
    services: Mapping[str, int]
    declaration: Callable[[Random, str, int], str]
    """Of a country and a value in cents."""
    customs: Callable[[Random, str], str]
    """Of a declaration."""
    near: Mapping[str, Sequence[str]] = {}
    promised_h: tuple[int, int] = (56, 70)
    """Hours to the door, the fewest and the most: what is left of 72 when the list comes; express parcels have the fewer ones."""
    booked: Mapping[str, str] = {}
    """By country the departure on which a few of its parcels are booked."""


class Drawn(NamedTuple):
    """One parcel."""

    waybill: str
    ids: str
    tenant: str
    country: str
    postcode: str
    service: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    declaration: str
    customs: str
    goods: str
    value_cents: int
    departure: str
    due: str


def parcel_row(parcel: Drawn) -> str:
    """One row."""
    fields = parcel._asdict()
    return ",".join(str(fields.get(column, "")) for column in PARCEL_COLUMNS)


def draw(seed: str, drawing: Drawing) -> list[Drawn]:
    """Every expected parcel, each waybill once."""
    chance = Random(seed)  # noqa: S311 parcels, not secrets
    shares = [each.share for each in drawing.countries.values()]
    drawn: dict[str, Drawn] = {}
    for country in chance.choices(list(drawing.countries), shares, k=PARCELS):
        number = waybill(chance, country)
        while number in drawn:
            number = waybill(chance, country)
        drawn[number] = described(chance, drawing, number, country, _postcode(chance, drawing, country))
    return list(drawn.values())


def described(chance: Random, drawing: Drawing, number: str, country: str, postcode: str) -> Drawn:
    """What the host says of a parcel that goes there."""
    # Most weigh some hundred grams, a few as much as a person can carry.
    weight_g = min(int(chance.lognormvariate(6.3, 0.9)) + 40, 28_000)
    longest = min(int(120 + weight_g**0.55 * chance.uniform(2.2, 4.5)), 780)
    value = min(int(chance.lognormvariate(7.4, 0.8)) + 99, 250_000)
    declaration = drawing.declaration(chance, country, value)
    lot = crc32(number.encode())
    drawn = Drawn(
        number,
        sscc(chance) if chance.randrange(100) < SECOND_CODE_PERCENT else "",
        _one(chance, drawing.tenants),
        country,
        postcode,
        _one(chance, drawing.services),
        weight_g,
        longest,
        max(60, longest * chance.randint(35, 95) // 100),
        max(10, longest * chance.randint(8, 60) // 100),
        declaration,
        drawing.customs(chance, declaration),
        chance.choice(GOODS),
        value,
        drawing.booked.get(country, "") if lot % 20 == 0 and declaration != "return" else "",
        "",
    )
    return drawn._replace(due=f"+{_hours(drawing, drawn.service, lot)}h")


def _hours(drawing: Drawing, service: str, lot: int) -> int:
    """To the door. Drawn by the number itself, so that nothing else is drawn otherwise because of it."""
    low, high = drawing.promised_h
    half = (high - low + 1) // 2
    return low + lot % half if service == "express" else high - lot % half


def _postcode(chance: Random, drawing: Drawing, country: str) -> str:
    there, near = drawing.countries[country], drawing.near.get(country)
    beginning = chance.choice(near) if near and chance.randrange(50) == 0 else chance.choice(there.beginnings)
    return there.postcode(chance, beginning)


def _one(chance: Random, shares: Mapping[str, int]) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]


# ---------------------------------------------------------------------------------------------- customs

_TO_CLEAR: Final = {"released": 932, "lodged": 18, "assessed": 18, "information_requested": 4, "screening_requested": 2,
                    "under_control": 9, "not_lodged": 8, "refused": 3, "do_not_load": 1, "seized": 1, "": 4}  # fmt: skip
_PASSING: Final = {"assessed": 900, "released": 58, "lodged": 18, "under_control": 10, "screening_requested": 4,
                   "not_lodged": 6, "do_not_load": 1, "": 3}  # fmt: skip


def customs_state(chance: Random, declaration: str) -> str:
    """Of what is to be cleared here nearly all is released, of what passes through nearly all may be loaded."""
    if declaration == "domestic":
        return ""
    return _one(chance, _PASSING if declaration in {"transit", "export", "return"} else _TO_CLEAR)
