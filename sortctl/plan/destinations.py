"""Destinations: the rows of plan/destinations.csv to groups of chutes, one for each sorter and destination.

Comes in: rows, and the machines whose chutes they name. Goes out: the groups, what holds for each destination everywhere,
every mistake. Never here: rules and postcodes (`rules.py`), which chute of a group is taken (`logic`).

A row that names a sorter is for that one. A row without one is for every sorter that has all of its chutes and no row of
its own; as long as the machines are not known, for every sorter. A name that begins with ! is a cause: where parcels go that
have it. Departures, container and text hold for the destination on every sorter: one of its rows says them.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from sortctl.plan.document import DESTINATIONS
from sortctl.plan.model import EVERY_SORTER, FUNCTION, Destination, Group, chutes_of, settle, shared
from sortctl.plan.pools import check_pools
from sortctl.plan.rules import Fault, name_fault, twice
from sortctl.site.model import Machine
from sortctl.site.problem import Problem
from sortctl.site.table import Row, whole_number
from sortctl.site.wording import did_you_mean
from sortctl.words.causes import Balance, Cause
from sortctl.words.parcels import Zone
from sortctl.words.units import spans

COMMON: Final = ("departures", "container", "text", "forecast")
FORECAST_MAX: Final = 1_000_000_000
NOT_DOMESTIC: Final = frozenset(
    {
        Cause.SECURITY_HOLD, Cause.CUSTOMS_HOLD, Cause.CUSTOMS_INSPECT, Cause.CUSTOMS_REFUSED,
        Cause.NO_READ, Cause.MULTI_READ, Cause.CONFLICT, Cause.INVALID_CODE, Cause.DUPLICATE,
        Cause.UNKNOWN_PARCEL, Cause.DATA_LATE, Cause.UNKNOWN_ITEM, Cause.IDENTITY_CHANGED, Cause.DOUBLE_LOAD,
    }
)  # fmt: skip
"""Causes of parcels that customs or security has not let go, or of which nobody knows whether it has."""
_CAUSES: Final = frozenset(FUNCTION + cause for cause in Cause if cause is not Cause.NONE)
_TEXT: Final = re.compile(r"[^\x00-\x1f\x7f]{0,80}")


class Destinations(NamedTuple):
    """What could be read. `groups` is by sorter and destination."""

    groups: dict[tuple[str, str], Group]
    destinations: dict[str, Destination]


def read_destinations(rows: Iterable[Row], machines: Sequence[Machine], problems: list[Problem]) -> Destinations:
    """The groups of these rows; with `machines` given their chutes must exist there."""
    known = chutes_of(machines)
    groups: dict[tuple[str, str], Group] = {}
    rows_of: dict[tuple[str, str], int] = {}
    found: dict[str, Destination] = {}
    for line, fields in rows:
        destination, sorter = fields["destination"], fields.get("sorter", EVERY_SORTER)
        faults: list[Fault] = []
        group = _group(fields, faults)
        faults = [
            *_name_fault(destination),
            *twice("destination", destination, rows_of.get((sorter, destination), 0)),
            *(_strange(sorter, group.every, known) if known else ()),
            *faults,
        ]
        found[destination] = _joined(found.get(destination), destination, line, fields, faults)
        problems += [Problem(DESTINATIONS, line, *fault) for fault in faults]
        rows_of.setdefault((sorter, destination), line)
        groups.setdefault((sorter, destination), group)
    _one_chute(groups, rows_of, problems)
    settled = shared(settle(groups, known) if known else groups, found)
    check_pools(settled, found, machines, problems)
    _missing(settled, known, found, problems)
    _domestic(settled, rows_of, machines, problems)
    return Destinations(settled, found)


def check_departures(
    destinations: Mapping[str, Destination], departures: Collection[str], problems: list[Problem]
) -> None:
    """Those that a destination names must be there."""
    for destination in destinations.values():
        for name in destination.departures:
            if name not in departures:
                what = f'there is no departure "{name[:40]}" in departures.csv'
                problems.append(
                    Problem(DESTINATIONS, destination.line, "departures", what, did_you_mean(name, departures))
                )


def _name_fault(name: str) -> list[Fault]:
    if not name.startswith(FUNCTION):
        return name_fault("destination", name)
    if name in _CAUSES:
        return []
    return [("destination", f'there is no cause "{name[1:41]}"', did_you_mean(name, _CAUSES))]


def _group(fields: Mapping[str, str], faults: list[Fault]) -> Group:
    named: set[int] = set()
    chutes = _chute_numbers("chutes", fields["chutes"], named, faults)
    alternates, overflow = (
        _chute_numbers(column, text, named, faults) if text else ()
        for column in ("alternates", "overflow")
        for text in (fields.get(column, ""),)
    )
    return Group(chutes, _balance(fields.get("balance", ""), faults), alternates, overflow)


def _chute_numbers(column: str, text: str, named: set[int], faults: list[Fault]) -> tuple[int, ...]:
    numbers: list[int] = []
    for piece in text.split(";"):
        number = whole_number(piece.strip())
        if number is None or number < 1:
            mend = "write chute numbers, the planned one first, as 3 or 3;4"
            faults.append((column, f'"{piece.strip()[:40]}" is no chute number', mend))
        elif number in named:
            faults.append((column, f"chute {number} stands there twice", "delete one of them"))
        else:
            named.add(number)
            numbers.append(number)
    return tuple(numbers)


def _balance(text: str, faults: list[Fault]) -> Balance:
    if not text:
        return Balance.FIXED
    known = {balance.value: balance for balance in Balance}
    balance = known.get(text.lower().replace(" ", "_").replace("-", "_"))
    if balance is None:
        faults.append(("balance", f'there is no balance "{text[:40]}"', did_you_mean(text, known)))
        return Balance.FIXED
    return balance


def _joined(
    before: Destination | None, name: str, line: int, fields: Mapping[str, str], faults: list[Fault]
) -> Destination:
    """What the rows of one destination say together of what holds on every sorter."""
    held = before or Destination(name, line)
    departures = tuple(
        dict.fromkeys(piece.strip() for piece in fields.get("departures", "").split(";") if piece.strip())
    )
    container, text = fields.get("container", ""), fields.get("text", "")
    forecast = _forecast(fields.get("forecast", ""), faults)
    olds = (held.departures, held.container, held.text, held.forecast)
    for column, old, new in zip(COMMON, olds, (departures, container, text, forecast), strict=True):
        if old and new and old != new:
            faults.append(
                (column, f"line {held.line} says something else of {name[:40]}", "write the same, or leave it empty")
            )
        elif not _TEXT.fullmatch(fields.get(column, "")):
            faults.append((column, "is no usable text", "write at most 80 printable characters"))
    return Destination(
        name,
        held.line,
        held.departures or departures,
        held.container or container,
        held.text or text,
        held.forecast if held.forecast is not None else forecast,
    )


def _forecast(text: str, faults: list[Fault]) -> int | None:
    number = whole_number(text) if text else None
    if text and (number is None or not 0 <= number <= FORECAST_MAX):
        faults.append(("forecast", f'"{text[:40]}" is no number of parcels', "write a whole number, as 1200"))
        return None
    return number


def _strange(sorter: str, numbers: Sequence[int], known: Mapping[str, frozenset[int]]) -> list[Fault]:
    """What the site has not."""
    if sorter != EVERY_SORTER:
        if sorter not in known:
            return [("sorter", f'there is no sorter "{sorter[:40]}"', did_you_mean(sorter, known))]
        mend = f"sorter {sorter} has the chutes {spans(known[sorter])}" if len(known) > 1 else _only(known)
        return [("chutes", f"there is no chute {number}", mend) for number in numbers if number not in known[sorter]]
    if any(chutes.issuperset(numbers) for chutes in known.values()):
        return []
    everywhere = set(chain.from_iterable(known.values()))
    strange = [number for number in numbers if number not in everywhere]
    if not strange:
        return [("chutes", "no sorter has all of these chutes", "write one row for each sorter")]
    mend = "the sorters have the chutes " + ", ".join(f"{spans(known[name])} ({name})" for name in sorted(known))
    return [("chutes", f"there is no chute {n}", mend if len(known) > 1 else _only(known)) for n in strange]


def _only(known: Mapping[str, frozenset[int]]) -> str:
    return f"the machine has the chutes {spans(next(iter(known.values())))}"


def _one_chute(
    groups: Mapping[tuple[str, str], Group], lines: Mapping[tuple[str, str], int], problems: list[Problem]
) -> None:
    for place, group in groups.items():
        if group.balance is not Balance.FIXED and len(group.chutes) == 1:
            what = f"{group.balance.value} has nothing to choose from: the group has one chute"
            mend = "add chutes, or leave balance empty"
            problems.append(Problem(DESTINATIONS, lines[place], "balance", what, mend, "warning"))


def _missing(
    groups: Mapping[tuple[str, str], Group],
    known: Mapping[str, frozenset[int]],
    destinations: Mapping[str, Destination],
    problems: list[Problem],
) -> None:
    """A parcel of a destination that its sorter has not is rejected there, every time."""
    for name, destination in destinations.items():
        for sorter in known:
            if (sorter, name) not in groups and not name.startswith(FUNCTION):
                what = f'"{name[:40]}" has no chute on sorter {sorter}: its parcels are rejected there'
                mend = f"add a row for it with sorter {sorter}"
                problems.append(Problem(DESTINATIONS, destination.line, "destination", what, mend, "warning"))


def _domestic(
    groups: Mapping[tuple[str, str], Group],
    lines: Mapping[tuple[str, str], int],
    machines: Sequence[Machine],
    problems: list[Problem],
) -> None:
    """What customs or security holds must not be led out of their sight."""
    for machine in machines:
        domestic = {chute.number for chute in machine.chutes if Zone(chute.zone) is Zone.DOMESTIC}
        for cause in sorted(NOT_DOMESTIC):
            name = FUNCTION + cause
            for number in groups.get((machine.sorter_id, name), Group()).every:
                if number in domestic:
                    line = lines.get((machine.sorter_id, name)) or lines[EVERY_SORTER, name]
                    what = (
                        f"chute {number} of {machine.sorter_id} is domestic: no parcel with {cause.value} may go there"
                    )
                    problems.append(Problem(DESTINATIONS, line, "chutes", what, "name a chute in custody"))
