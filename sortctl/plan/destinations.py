"""Destinations: the rows of plan/destinations.csv to groups of chutes, one for each sorter and destination.

Comes in: rows, and the machines whose chutes they name. Goes out: the groups, the line of each destination, every mistake.
Never here: rules and postcodes (`plan/load.py`), which chute of a group is taken (`logic`).

A row that names a sorter is for that one. A row without one is for every sorter that has all of its chutes and no row of
its own; as long as the machines are not known, for every sorter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from sortctl.plan.model import EVERY_SORTER, Group, chutes_of, settle
from sortctl.site.model import Machine
from sortctl.site.problem import Problem
from sortctl.site.table import Row, whole_number
from sortctl.site.wording import did_you_mean
from sortctl.words.causes import Balance

DESTINATIONS: Final = "plan/destinations.csv"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+/-]{0,31}")

Fault = tuple[str, str, str]
"""Column, what, mend."""


class Destinations(NamedTuple):
    """What could be read. `groups` is by sorter and destination, `lines` says where a destination stands first."""

    groups: dict[tuple[str, str], Group]
    lines: dict[str, int]


def read_destinations(rows: Iterable[Row], machines: Sequence[Machine], problems: list[Problem]) -> Destinations:
    """The groups of these rows; with `machines` given their chutes must exist there."""
    known = chutes_of(machines)
    groups: dict[tuple[str, str], Group] = {}
    rows_of: dict[tuple[str, str], int] = {}
    lines: dict[str, int] = {}
    for line, fields in rows:
        destination, sorter = fields["destination"], fields.get("sorter", EVERY_SORTER)
        numbers, faults = _chute_numbers(fields["chutes"])
        balance, wrong = _balance(fields.get("balance", ""))
        faults = [
            *name_fault("destination", destination),
            *twice("destination", destination, rows_of.get((sorter, destination), 0)),
            *(_strange(sorter, numbers, known) if known else ()),
            *faults,
            *wrong,
        ]
        problems += [Problem(DESTINATIONS, line, *fault) for fault in faults]
        rows_of.setdefault((sorter, destination), line)
        lines.setdefault(destination, line)
        groups.setdefault((sorter, destination), Group(numbers, balance))
    _one_chute(groups, rows_of, problems)
    settled = settle(groups, known) if known else groups
    _missing(settled, known, lines, problems)
    return Destinations(settled, lines)


def name_fault(column: str, name: str) -> list[Fault]:
    """A name of the planner's own must be one that can be printed and found again."""
    if _NAME.fullmatch(name):
        return []
    return [(column, f'"{name[:40]}" is no usable name', "must be 1 to 32 letters, digits or - _ . + /")]


def twice(column: str, name: str, line: int) -> list[Fault]:
    """`line` is where it stands already, 0 if nowhere."""
    return [(column, f'"{name[:40]}" stands in line {line} already', "keep one of the two")] if line else []


def _chute_numbers(text: str) -> tuple[tuple[int, ...], list[Fault]]:
    faults: list[Fault] = []
    numbers: list[int] = []
    for piece in text.split(";"):
        number = whole_number(piece.strip())
        if number is None or number < 1:
            mend = "write chute numbers, the planned one first, as 3 or 3;4"
            faults.append(("chutes", f'"{piece.strip()[:40]}" is no chute number', mend))
        elif number in numbers:
            faults.append(("chutes", f"chute {number} stands there twice", "delete one of them"))
        else:
            numbers.append(number)
    return tuple(numbers), faults


def _balance(text: str) -> tuple[Balance, list[Fault]]:
    if not text:
        return Balance.FIXED, []
    known = {balance.value: balance for balance in Balance}
    balance = known.get(text.lower())
    if balance is None:
        return Balance.FIXED, [("balance", f'there is no balance "{text[:40]}"', did_you_mean(text, known))]
    return balance, []


def _strange(sorter: str, numbers: Sequence[int], known: Mapping[str, frozenset[int]]) -> list[Fault]:
    """What the site has not."""
    if sorter != EVERY_SORTER:
        if sorter not in known:
            return [("sorter", f'there is no sorter "{sorter[:40]}"', did_you_mean(sorter, known))]
        mend = f"sorter {sorter} has the chutes {_spans(known[sorter])}" if len(known) > 1 else _only(known)
        return [("chutes", f"there is no chute {number}", mend) for number in numbers if number not in known[sorter]]
    if any(chutes.issuperset(numbers) for chutes in known.values()):
        return []
    everywhere = set(chain.from_iterable(known.values()))
    strange = [number for number in numbers if number not in everywhere]
    if not strange:
        return [("chutes", "no sorter has all of these chutes", "write one row for each sorter")]
    mend = "the sorters have the chutes " + ", ".join(f"{_spans(known[name])} ({name})" for name in sorted(known))
    return [("chutes", f"there is no chute {n}", mend if len(known) > 1 else _only(known)) for n in strange]


def _only(known: Mapping[str, frozenset[int]]) -> str:
    return f"the machine has the chutes {_spans(next(iter(known.values())))}"


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
    lines: Mapping[str, int],
    problems: list[Problem],
) -> None:
    """A parcel of a destination that its sorter has not is rejected there, every time."""
    for destination, line in lines.items():
        for sorter in known:
            if (sorter, destination) not in groups:
                what = f'"{destination[:40]}" has no chute on sorter {sorter}: its parcels are rejected there'
                mend = f"add a row for it with sorter {sorter}"
                problems.append(Problem(DESTINATIONS, line, "destination", what, mend, "warning"))


def _spans(numbers: Iterable[int]) -> str:
    """1-4, 7 for {1, 2, 3, 4, 7}."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in spans)
