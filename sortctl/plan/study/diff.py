"""Diff: what another plan changes: destinations and their chutes, rules, and where the parcels of a list would go instead.

Comes in: two plans for the same machines, parcels. Goes out: a `Diff`. Never here: which of the two is better.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from sortctl.plan.asked import Asked
from sortctl.plan.document import Document
from sortctl.plan.model import Group, Plan
from sortctl.plan.rule import Rule

NAMES_SHOWN: Final = 20
NO_RULE: Final = ""
"""In the place of a destination: no rule fits."""


class Moved(Struct, frozen=True):
    """A destination whose chutes or balance are others on a sorter."""

    sorter: str
    destination: str
    before: Group
    after: Group


class Names(Struct, frozen=True):
    """So many, and the first of them."""

    count: int
    first: tuple[str, ...]


class Flow(Struct, frozen=True):
    """So many parcels go from one destination to another; an empty one: no rule fits."""

    before: str
    after: str
    parcels: int


class Parcels(Struct, frozen=True):
    """What becomes of a list. `chutes`: sorter -> how many have another planned chute there."""

    parcels: int
    destination_changes: int
    chute_changes: int
    chutes: dict[str, int]
    no_rule_before: int
    no_rule_after: int
    flows: tuple[Flow, ...]


class Diff(Struct, frozen=True):
    """All that differs; `parcels` None: no list was given."""

    before: Document
    after: Document
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[Moved, ...]
    rules_added: Names
    rules_removed: Names
    rules_changed: Names
    parcels: Parcels | None

    @property
    def is_same(self) -> bool:
        """Nothing goes anywhere else."""
        rules = self.rules_added.count + self.rules_removed.count + self.rules_changed.count
        return not (self.added or self.removed or self.moved or rules)


def diff(before: Plan, after: Plan, sorters: Sequence[str], parcels: Iterable[Asked] | None = None) -> Diff:
    """What `after` changes. Both plans are those of the same machines."""
    old, new = set(before.destinations + before.functions), set(after.destinations + after.functions)
    moved = [
        Moved(sorter, name, before.group(sorter, name), after.group(sorter, name))
        for sorter in sorters
        for name in (*after.destinations, *after.functions)
        if name in old and before.group(sorter, name) != after.group(sorter, name)
    ]
    ours, theirs = _by_name(before), _by_name(after)
    both = [name for name in theirs if name in ours]
    return Diff(
        before.document,
        after.document,
        tuple(name for name in (*after.destinations, *after.functions) if name not in old),
        tuple(name for name in (*before.destinations, *before.functions) if name not in new),
        tuple(moved),
        _names([name for name in theirs if name not in ours]),
        _names([name for name in ours if name not in theirs]),
        _names([name for name in both if _differ(ours[name], theirs[name])]),
        _parcels(before, after, sorters, parcels) if parcels is not None else None,
    )


def _by_name(plan: Plan) -> Mapping[str, Rule]:
    return {rule.rule: rule for rule in plan.compiled.listed}


def _differ(one: Rule, other: Rule) -> bool:
    return one.destination != other.destination or one.first != other.first or one.alike != other.alike


def _names(found: Sequence[str]) -> Names:
    return Names(len(found), tuple(found[:NAMES_SHOWN]))


def _parcels(before: Plan, after: Plan, sorters: Sequence[str], parcels: Iterable[Asked]) -> Parcels:
    """Parcels are counted by their pair of destinations first: what follows is the same for all of one pair."""
    flows: Counter[tuple[str, str]] = Counter()
    ours, theirs = before.match, after.match
    for asked in parcels:
        one, other = ours(asked), theirs(asked)
        flows[one.destination if one else NO_RULE, other.destination if other else NO_RULE] += 1
    chutes: Counter[str] = Counter()
    anywhere = 0
    for (old, new), count in flows.items():
        changed = [sorter for sorter in sorters if before.chutes(sorter, old)[:1] != after.chutes(sorter, new)[:1]]
        chutes.update(dict.fromkeys(changed, count))
        anywhere += count if changed else 0
    others = {pair: count for pair, count in flows.items() if pair[0] != pair[1]}
    return Parcels(
        sum(flows.values()),
        sum(others.values()),
        anywhere,
        {sorter: chutes[sorter] for sorter in sorters},
        sum(count for (old, _), count in flows.items() if old == NO_RULE),
        sum(count for (_, new), count in flows.items() if new == NO_RULE),
        tuple(Flow(*pair, count) for pair, count in sorted(others.items(), key=lambda each: (-each[1], each[0]))),
    )
