"""Answers: the host of the desks, which knows the parcels of a list and answers every question at once."""

from collections.abc import Sequence

from sortctl.logic import Logic
from sortctl.words.facts import Fact
from sortctl.words.hub import ParcelTold
from sortctl.words.orders import Order
from sortctl.words.outcomes import Outcome, ParcelAsked
from sortctl.words.parcels import ParcelRecord

Records = dict[str, ParcelRecord]


def records(table: bytes) -> Records:
    """Waybill -> record of the rows waybill,country,postcode."""
    rows = [line.split(",") for line in table.decode().splitlines()[1:]]
    return {waybill: ParcelRecord(waybill, country=country, postcode=postcode) for waybill, country, postcode in rows}


def answers(said: Sequence[Outcome | Order], known: Records) -> list[ParcelTold]:
    """What the host says to the questions among these."""
    asked = dict.fromkeys((one.code, one.at_ns) for one in said if isinstance(one, ParcelAsked))
    return [ParcelTold(at_ns, code, known.get(code)) for code, at_ns in asked]


def step(logic: Logic, fact: Fact, known: Records) -> list[Outcome | Order]:
    """One fact, and the answers to what the logic asks because of it."""
    said: list[Outcome | Order] = list(logic.step(fact))
    for answer in answers(said, known):
        said += logic.step(answer)
    return said
