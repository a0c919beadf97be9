"""Load: the three files of a sort plan to a `Plan`, or every mistake in them at once.

Comes in: the files of a loaded site. Raises `PlanInvalid` with all problems, nothing else. Never here: look-ups.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sortctl.plan.model import Match, Parcel, Plan
from sortctl.plan.ranges import Range, Ranges, crossing, is_postcode, normalised
from sortctl.site.countries import COUNTRIES
from sortctl.site.model import Machine
from sortctl.site.problem import Invalid, Problem, bounded, errors
from sortctl.site.table import Row, read_table, whole_number
from sortctl.site.wording import did_you_mean

RULES: Final = "plan/rules.csv"
DESTINATIONS: Final = "plan/destinations.csv"
PARCELS: Final = "plan/parcels.csv"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+/-]{0,31}")
WAYBILL_LENGTH_MAX: Final = 128

COLUMNS: Final = {
    RULES: {
        "rule": "a name of your own, shown wherever the rule decides",
        "country": "two letters of ISO 3166-1",
        "postcode_from": "first letters and digits of the lowest postcode; empty: the whole country",
        "postcode_to": "the same of the highest, with the same length; empty: only postcode_from",
        "destination": "one of plan/destinations.csv",
    },
    DESTINATIONS: {
        "destination": "a name of your own, as BE-N",
        "chutes": "the planned chute, then alternates in order, separated by semicolons",
    },
    PARCELS: {
        "waybill": "as the barcode holds it",
        "country": "two letters of ISO 3166-1",
        "postcode": "as written in that country; empty: only a rule for the whole country fits",
    },
}
"""What stands in each file. The narrowest rule around a postcode wins, of two alike the first; see `plan/ranges.py`."""


class PlanInvalid(Invalid):
    """The plan cannot be used; `problems` says all that is wrong with it."""


class _Rule(NamedTuple):
    line: int
    name: str
    country: str
    span: Range
    destination: str


def load_plan(files: Mapping[str, bytes], machines: Sequence[Machine] = ()) -> Plan:
    """The plan in these files; with `machines` given its chutes must exist there. Raises PlanInvalid."""
    problems: list[Problem] = []
    chutes = _destinations(files, machines, problems)
    rules = _rules(files, problems)
    parcels = _parcels(files, problems)
    _check_together(rules, chutes, problems)
    if errors(problems):
        raise PlanInvalid(problems)
    countries: dict[str, list[tuple[Range, Match]]] = {}
    for rule in rules:
        countries.setdefault(rule.country, []).append((rule.span, Match(rule.name, rule.destination)))
    compiled = {country: Ranges(entries) for country, entries in countries.items()}
    lists = {destination: numbers for destination, (_, numbers) in chutes.items()}
    return Plan(parcels, compiled, lists, bounded(problems))


def _rows(files: Mapping[str, bytes], file: str, problems: list[Problem]) -> list[Row]:
    columns = tuple(COLUMNS[file])
    if file not in files:
        problems.append(Problem(file, 0, "", "is missing", f"write it with the header {','.join(columns)}"))
        return []
    table = read_table(file, files[file], columns)
    problems += table.problems
    return table.rows


def _destinations(
    files: Mapping[str, bytes], machines: Sequence[Machine], problems: list[Problem]
) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Destination -> its line and chutes."""
    known = {chute.number for machine in machines for chute in machine.chutes}
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    for line, fields in _rows(files, DESTINATIONS, problems):
        name = fields["destination"]
        wrong = [
            *_name_fault("destination", name),
            *_twice("destination", name, found[name][0] if name in found else 0),
        ]
        numbers, faults = _chute_numbers(fields["chutes"], known)
        problems += [Problem(DESTINATIONS, line, *fault) for fault in wrong + faults]
        found.setdefault(name, (line, numbers))
    return found


_Fault = tuple[str, str, str]
"""Column, what, mend."""


def _chute_numbers(text: str, known: set[int]) -> tuple[tuple[int, ...], list[_Fault]]:
    faults: list[_Fault] = []
    numbers: list[int] = []
    for piece in text.split(";"):
        number = whole_number(piece.strip())
        if number is None or number < 1:
            mend = "write chute numbers, the planned one first, as 3 or 3;4"
            faults.append(("chutes", f'"{piece.strip()[:40]}" is no chute number', mend))
        elif known and number not in known:
            mend = f"the machine has the chutes {_spans(known)}"
            faults.append(("chutes", f"there is no chute {number}", mend))
        elif number in numbers:
            faults.append(("chutes", f"chute {number} stands there twice", "delete one of them"))
        else:
            numbers.append(number)
    return tuple(numbers), faults


def _rules(files: Mapping[str, bytes], problems: list[Problem]) -> list[_Rule]:
    rules: list[_Rule] = []
    lines: dict[str, int] = {}
    for line, fields in _rows(files, RULES, problems):
        name, country, destination = fields["rule"], fields["country"].upper(), fields["destination"]
        first = normalised(fields["postcode_from"])
        last = normalised(fields["postcode_to"]) or first
        faults = [
            *_name_fault("rule", name),
            *_twice("rule", name, lines.get(name, 0)),
            *_country_fault(country),
            *_range_faults(first, last),
        ]
        lines.setdefault(name, line)
        problems += [Problem(RULES, line, *fault) for fault in faults]
        if not faults:
            rules.append(_Rule(line, name, country, Range(first, last), destination))
        else:
            # The destination is still looked at, so that its mistake is told at once.
            rules.append(_Rule(line, name, "", Range("", ""), destination))
    return rules


def _parcels(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, Parcel]:
    parcels: dict[str, Parcel] = {}
    lines: dict[str, int] = {}
    for line, fields in _rows(files, PARCELS, problems):
        waybill, country, postcode = fields["waybill"], fields["country"].upper(), normalised(fields["postcode"])
        faults = [
            *_waybill_fault(waybill),
            *_twice("waybill", waybill, lines.get(waybill, 0)),
            *_country_fault(country),
        ]
        if postcode and not is_postcode(postcode):
            faults.append(("postcode", f'"{postcode[:40]}" is no postcode', "write letters and digits, or nothing"))
        problems += [Problem(PARCELS, line, *fault) for fault in faults]
        lines.setdefault(waybill, line)
        parcels.setdefault(waybill, Parcel(waybill, country, postcode))
    return parcels


def _check_together(
    rules: list[_Rule], chutes: Mapping[str, tuple[int, tuple[int, ...]]], problems: list[Problem]
) -> None:
    for rule in rules:
        if rule.destination not in chutes:
            what = f'there is no destination "{rule.destination[:40]}" in {DESTINATIONS}'
            problems.append(Problem(RULES, rule.line, "destination", what, did_you_mean(rule.destination, chutes)))
    used = {rule.destination for rule in rules}
    for destination, (line, _) in chutes.items():
        if destination not in used:
            what = f'no rule leads to "{destination[:40]}"'
            mend = "write a rule for it, or delete it"
            problems.append(Problem(DESTINATIONS, line, "destination", what, mend, "warning"))
    by_country: dict[str, list[_Rule]] = {}
    for rule in rules:
        if rule.country:
            by_country.setdefault(rule.country, []).append(rule)
    for alike in by_country.values():
        problems += _overlaps(alike)


def _overlaps(rules: list[_Rule]) -> Iterable[Problem]:
    """A range within another one refines it and is meant; two that only share a part are asked about."""
    for first, second in crossing([rule.span for rule in rules]):
        one, other = rules[first], rules[second]
        if one.span == other.span:
            what = f"has the same postcodes as rule {one.name} in line {one.line}, which wins"
        else:
            what = f"shares postcodes with rule {one.name} in line {one.line}; there the narrower wins"
        mend = "give every postcode to one of them"
        yield Problem(RULES, other.line, "postcode_from", what, mend, "warning")


def _name_fault(column: str, name: str) -> list[_Fault]:
    if _NAME.fullmatch(name):
        return []
    return [(column, f'"{name[:40]}" is no usable name', "must be 1 to 32 letters, digits or - _ . + /")]


def _twice(column: str, name: str, line: int) -> list[_Fault]:
    return [(column, f'"{name[:40]}" stands in line {line} already', "keep one of the two")] if line else []


def _country_fault(country: str) -> list[_Fault]:
    if country in COUNTRIES:
        return []
    return [("country", f'there is no country "{country[:40]}"', "write two letters of ISO 3166-1, as BE or NL")]


def _waybill_fault(waybill: str) -> list[_Fault]:
    if waybill and waybill.isprintable() and len(waybill) <= WAYBILL_LENGTH_MAX:
        return []
    return [("waybill", "is no waybill", f"write 1 to {WAYBILL_LENGTH_MAX} printable characters")]


def _range_faults(first: str, last: str) -> list[_Fault]:
    if last and not first:
        return [
            ("postcode_from", "is empty although postcode_to is not", "fill in both, or none for the whole country")
        ]
    for column, text in (("postcode_from", first), ("postcode_to", last)):
        if text and not is_postcode(text):
            return [(column, f'"{text[:40]}" is no postcode', "write its first letters and digits")]
    if len(first) != len(last):
        what = f"has {len(last)} characters where postcode_from has {len(first)}"
        return [("postcode_to", what, "write both with the same length, as 1000 and 1299")]
    if first > last:
        return [("postcode_from", f"{first} is behind {last}", "exchange the two")]
    return []


def _spans(numbers: set[int]) -> str:
    """1-4, 7 for {1, 2, 3, 4, 7}."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in spans)
