"""Load: the files of a sort plan to a `Plan`, or every mistake in them at once.

Comes in: the files of a loaded site, or of a kept document. Raises `PlanInvalid` with all problems, nothing else.
Never here: look-ups.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from sortctl.plan.compiled import LAYERS_MAX, PIECES_MAX, Compiled, TooManyLayers, TooManyPieces
from sortctl.plan.destinations import check_departures, read_destinations
from sortctl.plan.document import DESTINATIONS, RULES, read_document
from sortctl.plan.model import FUNCTION, Destination, Plan
from sortctl.plan.ranges import Range, crossing
from sortctl.plan.rule import Asks, Rule
from sortctl.plan.rules import COLUMNS as RULE_COLUMNS
from sortctl.plan.rules import Rules, lost_zeros, read_rules
from sortctl.site.model import Machine
from sortctl.site.problem import PROBLEMS_SHOWN_MAX, Invalid, Problem, bounded, errors
from sortctl.site.table import table_lists, table_rows
from sortctl.site.wording import did_you_mean

__all__ = ["COLUMNS", "DESTINATIONS", "RULES", "PlanInvalid", "load_plan"]

COMPARISONS_MAX: Final = 4_000_000
"""In search of ranges that cross, for all countries together: half a second."""

COLUMNS: Final = {
    RULES: RULE_COLUMNS,
    DESTINATIONS: {
        "destination": "a name of your own, as BE-N; with ! in front a cause, as !customs_hold",
        "chutes": "the planned chute, then the others of the group, separated by semicolons",
        "sorter": "one of the site; empty: every sorter that has these chutes, and no row of its own here",
        "balance": "fixed (the first that accepts), round_robin, least_loaded, fill_then_next, nearest, dynamic, sequence; empty: fixed",
        "alternates": "chutes that are asked in their order when none of the group takes the parcel",
        "overflow": "chutes that are asked after those",
        "departures": "names of departures.csv; empty: all that departures.csv has for this destination",
        "container": "what hangs or stands at the chute, as bag or cage",
        "text": "for displays and labels; empty: the name",
        "forecast": "parcels expected while the plan is valid; empty: not said",
    },
}
"""What stands in each file. Which rule wins says `plan/rule.py`."""
OPTIONAL: Final = {
    RULES: frozenset(COLUMNS[RULES]) - {"rule", "destination"},
    DESTINATIONS: frozenset(COLUMNS[DESTINATIONS]) - {"destination", "chutes"},
}
"""Columns that may be left out."""
_PARCEL_COLUMNS: Final = ("waybill", "country", "postcode")
_PARCEL_TEXTS: Final = ("tenant", "service", "declaration", "customs")
_PARCEL_NUMBERS: Final = ("weight_g", "length_mm", "width_mm", "height_mm")
_PARCEL_OTHERS: Final = (
    "ids",
    "customs_at",
    "customs_by",
    "goods",
    "value_cents",
    "hold",
    "intercept",
    "departure",
    "due",
)
"""What else stands in a list of parcels: `sortctl parcels import` reads and checks it, here it is passed over."""


T = TypeVar("T")
Reader = Callable[[str, bytes, Sequence[str], Collection[str], list[Problem]], Iterator[T]]


class PlanInvalid(Invalid):
    """The plan cannot be used; `problems` says all that is wrong with it."""


def load_plan(
    files: Mapping[str, bytes],
    machines: Sequence[Machine] = (),
    departures: Collection[str] | None = None,
    *,
    doubts: bool = True,
) -> Plan:
    """The plan in these files. With `machines` its chutes must exist there, with `departures` those. Raises PlanInvalid.

    Without `doubts` it does not look for rules that overlap: for questions that need no warnings.
    """
    problems: list[Problem] = []
    document = read_document(files, problems)
    groups, destinations = read_destinations(_rows(files, DESTINATIONS, table_rows, problems), machines, problems)
    rules = read_rules(_rows(files, RULES, table_lists, problems), document.sizes, problems)
    _check_together(rules, destinations, problems)
    if doubts:
        problems += lost_zeros(rules.digits)
        problems += _overlaps(rules.sound)
    if departures is not None:
        check_departures(destinations, departures, problems)
    if errors(problems):
        raise PlanInvalid(problems)
    try:
        compiled = Compiled(rules.sound, document.sizes)
    except TooManyPieces as many:
        what = f"{many}: they cut one another into more than {PIECES_MAX:,} pieces"
        mend = "use fewer different limits of weight, the same ones for all rules"
        raise PlanInvalid([*problems, Problem(RULES, 0, "weight_min_g", what, mend)]) from None
    except TooManyLayers as many:
        what = f"{many}: {LAYERS_MAX} at most may lie within one another"
        raise PlanInvalid([*problems, Problem(RULES, 0, "code_from", what, "delete some of them")]) from None
    return Plan(document, compiled, groups, destinations, bounded(problems))


def _rows(files: Mapping[str, bytes], file: str, read: Reader[T], problems: list[Problem]) -> Iterator[T]:
    columns = tuple(COLUMNS[file])
    if file not in files:
        needed = ",".join(name for name in columns if name not in OPTIONAL[file])
        problems.append(Problem(file, 0, "", "is missing", f"write it with at least the columns {needed}"))
        return iter(())
    return read(file, files[file], columns, OPTIONAL[file], problems)


def _check_together(rules: Rules, destinations: Mapping[str, Destination], problems: list[Problem]) -> None:
    unknown = 0
    for name, line in rules.leads.items():
        if name.startswith(FUNCTION):
            what, mend = f'"{name[:40]}" is where a cause leads, no rule', "name a destination of your own"
            problems.append(Problem(RULES, line, "destination", what, mend))
        elif name not in destinations:
            what = f'there is no destination "{name[:40]}" in {DESTINATIONS}'
            unknown += 1  # to look for the nearest name takes milliseconds
            mend = did_you_mean(name, destinations) if unknown <= PROBLEMS_SHOWN_MAX else f"add it to {DESTINATIONS}"
            problems.append(Problem(RULES, line, "destination", what, mend))
    for name, destination in destinations.items():
        if name not in rules.leads and not name.startswith(FUNCTION):
            what, mend = f'no rule leads to "{name[:40]}"', "write a rule for it, or delete it"
            problems.append(Problem(DESTINATIONS, destination.line, "destination", what, mend, "warning"))


def _overlaps(rules: Iterable[Rule]) -> Iterator[Problem]:
    """A range within another one refines it and is meant; two that only share a part are asked about."""
    first_of: dict[int, Rule] = {}  # by hash: the keys of a million rules would take more room than the rules
    ranged: dict[tuple[str, Asks, str, str], list[Rule]] = {}
    crosses: set[tuple[str, Asks, str, str]] = set()
    for rule in rules:
        alike = rule.alike
        one = first_of.setdefault(hash(alike), rule)
        if one is not rule and one.alike == alike:
            what = f"fits the same parcels as rule {one.rule} in line {one.line}, which wins"
            if rule.destination == one.destination:
                what += "; both lead to the same destination"
            yield Problem(RULES, rule.line, "rule", what, "delete one of the two", "warning")
            continue
        for name, span, other in (("postcode", rule.span, rule.codes), ("code", rule.codes, rule.span)):
            if span.first:
                rest = (name, rule.asks, *other)
                ranged.setdefault(rest, []).append(rule)
                if span.first != span.last:
                    crosses.add(rest)  # two prefixes never cross
    work = COMPARISONS_MAX
    for rest in sorted(crosses, key=str):
        name, those = rest[0], ranged[rest]
        for first, second in crossing([_range(rule, name) for rule in those], work):
            one, two = those[first], those[second]
            what = f"shares {name}s with rule {one.rule} in line {one.line}; there the narrower wins"
            yield Problem(RULES, two.line, f"{name}_from", what, f"give every {name} to one of them", "warning")
        work = max(work - len(those), 0)


def _range(rule: Rule, name: str) -> Range:
    return rule.span if name == "postcode" else rule.codes
