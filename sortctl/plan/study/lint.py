"""Lint: what a sound plan may still have wrong: rules that never win, postcodes and countries that were forgotten.

Comes in: a plan. Goes out: problems, all of them warnings. Overlaps and doubles are told when the plan is loaded already.

Theory. The answer of a plan changes only at the ends of ranges, at limits of weights and from class to class. So a rule that wins
nowhere among these places, asked with exactly what it asks for and nothing else known, never wins.
Never here: mistakes that forbid a plan.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from sortctl.plan.asked import Asked
from sortctl.plan.document import RULES
from sortctl.plan.model import Plan
from sortctl.plan.ranges import Range
from sortctl.plan.rule import Asks, Rule, decider
from sortctl.site.problem import Problem
from sortctl.words.parcels import CustomsState, Declaration

ASKED_MAX: Final = 3_000_000
"""Questions to the plan; a plan that needs more is told not to be looked through to its end."""
HOLES_MAX: Final = 20
"""Told one by one for each country."""
REGIONS: Final = {
    "the European Union": "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK",
    "the Association of Southeast Asian Nations": "BN ID KH LA MM MY PH SG TH VN",
    "the Gulf Cooperation Council": "AE BH KW OM QA SA",
    "North America": "CA MX US",
}
"""A plan that has rules for most of a region has probably forgotten the rest."""

Shelf = tuple[str, str, str]
"""Tenant, country, code."""


def lint(plan: Plan) -> list[Problem]:
    """All of it, in the order of the file."""
    return sorted([*_never(plan), *_holes(plan), *_forgotten(plan)])


# ------------------------------------------------------------------------------------------- rules that never win


def _never(plan: Plan) -> Iterator[Problem]:
    starts: dict[Shelf, Sequence[str]] = {}
    left = ASKED_MAX
    for turn, rule in enumerate(plan.rules):
        instead: Rule | None = None
        for asked, postcode in _places(plan, rule, starts):
            found = plan.compiled.at(asked, postcode)
            left -= 1
            if found is rule or left < 0:
                break
            instead = instead or found
        else:
            yield _told(rule, instead)
        if left < 0:
            what = f"the rules from the {turn + 1:,}th most specific on were not asked whether they ever win"
            yield Problem(RULES, 0, "rule", what, "the plan has too many ranges within one another", "warning")
            return


def _told(rule: Rule, instead: Rule | None) -> Problem:
    winner = f"rule {instead.rule} in line {instead.line}" if instead else "another rule"
    by = decider(instead, rule) if instead else "line"
    if by == "line":
        what, mend = f"never wins: {winner} fits the same parcels and stands first", "delete one of the two"
    else:
        what = f"never wins: wherever it fits, others are more specific, as {winner} by its {by}"
        mend = f"{by} counts before what this rule asks for: give it a {by} as narrow, or delete it"
    return Problem(RULES, rule.line, "rule", what, mend, "warning")


def _places(plan: Plan, rule: Rule, starts: dict[Shelf, Sequence[str]]) -> Iterator[tuple[Asked, str]]:
    """Everywhere within what `rule` asks for where the answer may be another one; `starts` remembers the ends of ranges."""
    asks, compiled, span = rule.asks, plan.compiled, rule.span
    every = product(
        _within(compiled.code_starts(asks.tenant), rule.codes) if rule.code_first else ("",),
        compiled.weights_of(asks) if asks.weight else (0,),
        [compiled.side_of(letter) for letter in asks.sizes] or (0,),
        [CustomsState(asks.customs)] if asks.customs else (CustomsState.UNKNOWN, CustomsState.RELEASED),
    )
    for code, weight, side, state in every:
        asked = Asked(
            asks.tenant, asks.country, "", asks.service, Declaration(asks.declaration), state, asks.label, weight, side,
            code,
        )  # fmt: skip
        yield asked, span.start
        shelf = asks.tenant, asks.country, code
        if shelf not in starts:
            starts[shelf] = compiled.starts(*shelf)
        for postcode in _within(starts[shelf], span):
            yield asked, postcode


def _within(starts: Sequence[str], span: Range) -> Sequence[str]:
    return starts[bisect_left(starts, span.start) : bisect_left(starts, span.end)]


# ------------------------------------------------------------------------------------------- what no rule covers


def _is_open(rule: Rule) -> bool:
    """It asks for country and postcode only."""
    return not rule.code_first and rule.asks == Asks(country=rule.asks.country)


def _holes(plan: Plan) -> Iterator[Problem]:
    by_country: dict[str, list[Rule]] = {}
    for rule in plan.rules:
        by_country.setdefault(rule.asks.country, []).append(rule)
    if any(_is_open(rule) for rule in by_country.pop("", [])):
        return
    for country, rules in by_country.items():
        free = [rule for rule in rules if _is_open(rule)]
        if not free:
            first = min(rules, key=lambda rule: rule.line)
            asks = " or ".join(sorted({name for rule in rules for name in rule.conditions} - {"country", "postcode"}))
            what = f"parcels to {country} fit no rule unless they have what the rules ask for: {asks}"
            yield Problem(RULES, first.line, "country", what, f"write a rule for all others to {country}", "warning")
        elif all(rule.first.isdigit() and rule.last.isdigit() for rule in free):
            yield from _between(country, free)


def _between(country: str, rules: list[Rule]) -> Iterator[Problem]:
    """Digits between two rules that neither covers."""
    length = max(len(rule.first) for rule in rules)
    spans = sorted(
        (int(rule.first.ljust(length, "0")), int(rule.last.ljust(length, "9")), rule.line, rule.rule) for rule in rules
    )
    until, before, told = spans[0][1], spans[0], 0
    for span in spans[1:]:
        if span[0] > until + 1:
            told += 1
            if told <= HOLES_MAX:
                low, high = _shortest(f"{until + 1:0{length}}", f"{span[0] - 1:0{length}}")
                hole = low if low == high else f"{low} to {high}"
                what = f"no rule covers {country} {hole}, between rule {before[3]} and rule {span[3]} in line {span[2]}"
                mend = f"write a rule for it, or one for all of {country}"
                yield Problem(RULES, before[2], "postcode_to", what, mend, "warning")
        if span[1] > until:
            until, before = span[1], span
    if told > HOLES_MAX:
        what = f"{told - HOLES_MAX:,} more ranges of {country} are not covered"
        yield Problem(RULES, 0, "postcode_to", what, f"write a rule for all of {country}", "warning")


def _shortest(low: str, high: str) -> tuple[str, str]:
    """1000 to 1999 is 1."""
    while len(low) > 1 and low[-1] == "0" and high[-1] == "9":
        low, high = low[:-1], high[:-1]
    return low, high


def _forgotten(plan: Plan) -> Iterator[Problem]:
    named = {rule.asks.country for rule in plan.rules}
    if "" in named and any(_is_open(rule) and not rule.asks.country for rule in plan.rules):
        return
    for region, members in REGIONS.items():
        countries = set(members.split())
        left = sorted(countries - named)
        if left and 3 * len(left) <= len(countries):
            what = f"no rule for {', '.join(left)}, although most of {region} has one"
            yield Problem(RULES, 0, "country", what, "write rules for them, or one without a country", "warning")
