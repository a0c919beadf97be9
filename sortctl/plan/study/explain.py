"""Explain: why a parcel goes where it goes, which rules fit too and by which attribute they lose, and what would change it.

Comes in: a plan, the attributes of a parcel. Goes out: an `Explanation`. Every rule is looked at one by one, as a person would; what
is said to change something has been asked of the plan itself.
Never here: the state of chutes.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sortctl.plan.asked import Asked
from sortctl.plan.model import Plan
from sortctl.plan.postcodes import canonical
from sortctl.plan.rule import ATTRIBUTES, Asks, Rule, decider
from sortctl.words.parcels import CustomsState, Declaration

OTHERS_SHOWN: Final = 8
CHANGES_SHOWN: Final = 4
"""For each attribute."""
TRIES_MAX: Final = 200
"""Values of one attribute that are asked about."""


class Fitting(Struct, frozen=True):
    """A rule that fits. `decided_by` is the attribute in which the winner is more specific; nothing for the winner."""

    rule: str
    line: int
    destination: str
    asks: dict[str, str]
    decided_by: str = ""


class Change(Struct, frozen=True):
    """With another value of one attribute it would go elsewhere."""

    attribute: str
    value: str
    rule: str
    destination: str


class Explanation(Struct, frozen=True):
    """`winner` None: no rule fits. `more` rules fit that are not told."""

    asked: Asked
    size: str
    winner: Fitting | None
    others: tuple[Fitting, ...]
    more: int
    changes: tuple[Change, ...]


def explain(plan: Plan, asked: Asked) -> Explanation:
    """Why this parcel goes there."""
    size = plan.compiled.size_of(asked.longest_mm)
    fitting: list[Rule] = []
    nearly: dict[str, list[Rule]] = {name: [] for name in ATTRIBUTES}
    sorted_anyhow = plan.match(asked) is not None
    for rule in plan.compiled.listed:
        if sorted_anyhow and rule.asks.country not in ("", asked.country):
            continue  # that it would go elsewhere in another country is no news
        refused = rule.refuses(asked, size)
        if not refused:
            fitting.append(rule)
        elif len(refused) == 1:
            nearly[refused[0]].append(rule)
    fitting.sort(key=lambda rule: rule.precedence)
    winner = fitting[0] if fitting else None
    others = tuple(_fitting(rule, decider(fitting[0], rule)) for rule in fitting[1 : 1 + OTHERS_SHOWN])
    changes = tuple(change for name in ATTRIBUTES for change in _changes(plan, asked, name, nearly[name], winner))
    more = max(len(fitting) - 1 - OTHERS_SHOWN, 0)
    return Explanation(asked, size, _fitting(winner, "") if winner else None, others, more, changes)


def _fitting(rule: Rule, decided_by: str) -> Fitting:
    return Fitting(rule.rule, rule.line, rule.destination, rule.conditions, decided_by)


def _changes(plan: Plan, asked: Asked, name: str, rules: Sequence[Rule], winner: Rule | None) -> Iterator[Change]:
    """What the plan says if only this attribute is another one; each destination once."""
    told = {winner.destination} if winner else set()
    here = _near(rules, canonical(asked.country, asked.postcode)) if name == "postcode" else rules[:TRIES_MAX]
    shown = 0
    for rule in here:
        value, changed = _with(plan, asked, name, rule)
        found = plan.match(changed)
        if found is not None and found.destination not in told:
            told.add(found.destination)
            yield Change(name, value, found.rule, found.destination)
            shown += 1
        if shown == CHANGES_SHOWN:
            return


def _near(rules: Sequence[Rule], postcode: str) -> list[Rule]:
    """The rules whose postcodes are next to this one, nearest first."""
    ordered = sorted(rules, key=lambda rule: rule.first)
    at = bisect_left(ordered, postcode, key=lambda rule: rule.first)
    below, above = ordered[max(at - TRIES_MAX, 0) : at][::-1], ordered[at : at + TRIES_MAX]
    turns = [rule for pair in zip(below, above, strict=False) for rule in pair]
    short = min(len(below), len(above))
    return [*turns, *below[short:], *above[short:]]


def _with(plan: Plan, asked: Asked, name: str, rule: Rule) -> tuple[str, Asked]:
    """This parcel, but with what `rule` asks of one attribute; in words, too."""
    words, asks = rule.conditions[name], rule.asks
    if name in {"tenant", "country", "service", "label"}:
        return words, replace(asked, **{name: getattr(asks, name)})
    changed: dict[str, Callable[[], Asked]] = {
        "code": lambda: replace(asked, code=rule.code_first),
        "postcode": lambda: replace(asked, postcode=rule.first),
        "declaration": lambda: replace(asked, declaration=Declaration(asks.declaration)),
        "customs": lambda: replace(asked, customs=CustomsState(asks.customs)),
        "weight": lambda: replace(asked, weight_g=_weight(asked.weight_g, asks)),
        "size": lambda: replace(asked, longest_mm=plan.compiled.side_of(asks.sizes[0])),
    }
    return words, changed[name]()


def _weight(grams: int, asks: Asks) -> int:
    """The nearest that fits."""
    return max(asks.weight_min, 1) if grams < asks.weight_min else max(asks.weight_max, 1)
