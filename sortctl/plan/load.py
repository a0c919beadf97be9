"""Load: the three files of a sort plan to a `Plan`, or every mistake in them at once.

Comes in: the files of a loaded site. Raises `PlanInvalid` with all problems, nothing else. Never here: look-ups.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sortctl.plan.asked import Match
from sortctl.plan.destinations import DESTINATIONS, Fault, name_fault, read_destinations, twice
from sortctl.plan.model import Plan
from sortctl.plan.ranges import Range, Ranges, crossing, is_postcode, normalised
from sortctl.site.countries import COUNTRIES
from sortctl.site.model import Machine
from sortctl.site.problem import Invalid, Problem, bounded, errors
from sortctl.site.table import Row, read_table
from sortctl.site.wording import did_you_mean
from sortctl.words.parcels import ParcelRecord

RULES: Final = "plan/rules.csv"
PARCELS: Final = "plan/parcels.csv"
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
        "sorter": "one of the site; empty: every sorter that has these chutes, and no row of its own here",
        "balance": "fixed (the first that accepts), round_robin, least_loaded or fill_then_next; empty: fixed",
    },
    PARCELS: {
        "waybill": "as the barcode holds it",
        "country": "two letters of ISO 3166-1",
        "postcode": "as written in that country; empty: only a rule for the whole country fits",
    },
}
"""What stands in each file. The narrowest rule around a postcode wins, of two alike the first; see `plan/ranges.py`."""
OPTIONAL: Final = frozenset({"sorter", "balance"})
"""Columns that may be left out: a site with one sorter needs neither."""


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
    destinations = read_destinations(_rows(files, DESTINATIONS, problems), machines, problems)
    rules = _rules(files, problems)
    parcels = _parcels(files, problems)
    _check_together(rules, destinations.lines, problems)
    if errors(problems):
        raise PlanInvalid(problems)
    countries: dict[str, list[tuple[Range, Match]]] = {}
    for rule in rules:
        countries.setdefault(rule.country, []).append((rule.span, Match(rule.name, rule.destination)))
    compiled = {country: Ranges(entries) for country, entries in countries.items()}
    return Plan(parcels, compiled, destinations.groups, bounded(problems))


def _rows(files: Mapping[str, bytes], file: str, problems: list[Problem]) -> list[Row]:
    columns = tuple(COLUMNS[file])
    if file not in files:
        problems.append(Problem(file, 0, "", "is missing", f"write it with the header {','.join(columns)}"))
        return []
    table = read_table(file, files[file], columns, OPTIONAL)
    problems += table.problems
    return table.rows


def _rules(files: Mapping[str, bytes], problems: list[Problem]) -> list[_Rule]:
    rules: list[_Rule] = []
    lines: dict[str, int] = {}
    for line, fields in _rows(files, RULES, problems):
        name, country, destination = fields["rule"], fields["country"].upper(), fields["destination"]
        first = normalised(fields["postcode_from"])
        last = normalised(fields["postcode_to"]) or first
        faults = [
            *name_fault("rule", name),
            *twice("rule", name, lines.get(name, 0)),
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


def _parcels(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, ParcelRecord]:
    parcels: dict[str, ParcelRecord] = {}
    lines: dict[str, int] = {}
    for line, fields in _rows(files, PARCELS, problems):
        waybill, country, postcode = fields["waybill"], fields["country"].upper(), normalised(fields["postcode"])
        faults = [
            *_waybill_fault(waybill),
            *twice("waybill", waybill, lines.get(waybill, 0)),
            *_country_fault(country),
        ]
        if postcode and not is_postcode(postcode):
            faults.append(("postcode", f'"{postcode[:40]}" is no postcode', "write letters and digits, or nothing"))
        problems += [Problem(PARCELS, line, *fault) for fault in faults]
        lines.setdefault(waybill, line)
        parcels.setdefault(waybill, ParcelRecord(waybill, country=country, postcode=postcode))
    return parcels


def _check_together(rules: list[_Rule], destinations: Mapping[str, int], problems: list[Problem]) -> None:
    for rule in rules:
        if rule.destination not in destinations:
            what = f'there is no destination "{rule.destination[:40]}" in {DESTINATIONS}'
            mend = did_you_mean(rule.destination, destinations)
            problems.append(Problem(RULES, rule.line, "destination", what, mend))
    used = {rule.destination for rule in rules}
    for destination, line in destinations.items():
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


def _country_fault(country: str) -> list[Fault]:
    if country in COUNTRIES:
        return []
    return [("country", f'there is no country "{country[:40]}"', "write two letters of ISO 3166-1, as BE or NL")]


def _waybill_fault(waybill: str) -> list[Fault]:
    if waybill and waybill.isprintable() and len(waybill) <= WAYBILL_LENGTH_MAX:
        return []
    return [("waybill", "is no waybill", f"write 1 to {WAYBILL_LENGTH_MAX} printable characters")]


def _range_faults(first: str, last: str) -> list[Fault]:
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
