"""Compiled: all rules of a plan in the form in which one is found at the same cost among ten and among a million.

Comes in: checked rules, the classes of sizes. Goes out: the most specific rule that fits a parcel.

Theory. Rules are put on a shelf for each pair of tenant and country that is named; four shelves at most fit a parcel (both, the
tenant only, the country only, neither), and the first one that has an answer has the best, because these two are compared
first. On a shelf the rules that ask for the same further attributes share a table by the values they ask for; at each value the
postcodes are flattened (`ranges.py`). So a look-up is a few dictionaries and one bisection for each combination of attributes
that occurs on the shelf (64 at most, one to three in plans as they are). A weight range is cut at every limit that the
plan names and stands in the table once for each piece; `PIECES_MAX` bounds what that may grow to.
Never here: reading files, explaining.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import itemgetter
from typing import Any, Final

from msgspec.structs import force_setattr

from sortctl.plan.asked import Asked
from sortctl.plan.postcodes import canonical
from sortctl.plan.ranges import Ranges
from sortctl.plan.rule import Rule

PIECES_MAX: Final = 3_000_000
"""Entries in all tables: a million plain rules and two million pieces of weights, some 500 MB."""

Mask = tuple[int, ...]
"""Places in the tuple of further attributes that a rule asks for."""
Size = tuple[str, int]
"""Class letter, longest side in mm."""
_NO_TENANT: Final = ("",)
_UNKNOWN: Final = -1


class TooManyPieces(Exception):
    """The weights of the rules cut one another into more pieces than `PIECES_MAX`; str() says how many."""


class Shelf:
    """The rules of one tenant and country."""

    __slots__ = ("_tables", "plain")

    def __init__(self, tables: Mapping[Mask, Mapping[Any, list[Rule]]]) -> None:
        built: list[tuple[int, Callable[[Any], Any] | None, Any]] = []
        for mask, table in tables.items():
            best = min(rules[0].rank for rules in table.values())
            ranges = {key: Ranges((rule.span, rule) for rule in rules) for key, rules in table.items()}
            built.append((best, itemgetter(*mask), ranges) if mask else (best, None, ranges[()]))
        self._tables = sorted(built, key=itemgetter(0))
        self.plain: Ranges[Rule] | None = built[0][2] if set(tables) == {()} else None
        """All of it, if no rule here asks for more than the postcode."""

    def find(self, values: tuple[Any, ...], postcode: str) -> Rule | None:
        """The best rule for these further attributes."""
        won: Rule | None = None
        for best, pick, table in self._tables:
            if won is not None and won.rank < best:
                break
            ranges = table if pick is None else table.get(pick(values))
            found: Rule | None = ranges.find(postcode) if ranges is not None else None
            if found is not None and (won is None or found.rank < won.rank):
                won = found
        return won

    @property
    def starts(self) -> list[str]:
        """Every postcode at which any answer changes, ascending."""
        tables = (table for _, _, table in self._tables)
        each = (ranges for table in tables for ranges in (table.values() if isinstance(table, dict) else (table,)))
        return sorted({start for ranges in each for start in ranges.starts})


class Compiled:
    """Every rule of a plan. `rules` is ordered by rank, the most specific first."""

    __slots__ = ("_limits_g", "_shelves", "_sides", "_sizes", "_tenants", "rules")

    def __init__(self, rules: Iterable[Rule], sizes: Sequence[Size]) -> None:
        """Raises TooManyPieces."""
        self.rules = tuple(sorted(rules, key=_precedence))
        for rank, rule in enumerate(self.rules):
            force_setattr(rule, "rank", rank)
        self._sides = tuple(side for _, side in sizes)
        self._sizes = "".join(letter for letter, _ in sizes)
        asking = [rule for rule in self.rules if rule.asks_weight]
        self._limits_g = sorted({limit for rule in asking for limit in (rule.weight_min, rule.weight_max + 1)})
        self._tenants = any(rule.tenant for rule in self.rules)
        shelves: dict[tuple[str, str], dict[Mask, dict[Any, list[Rule]]]] = {}
        pieces = 0
        for rule in self.rules:
            tables = shelves.setdefault((rule.tenant, rule.country), {})
            mask = _mask(rule)
            table = tables.setdefault(mask, {})
            for key in self._keys(rule, mask):
                table.setdefault(key, []).append(rule)
                pieces += 1
            if pieces > PIECES_MAX:
                raise TooManyPieces(f"{len(asking):,} rules with weights, {len(self._limits_g):,} different limits")
        self._shelves = {place: Shelf(tables) for place, tables in shelves.items()}

    def find(self, asked: Asked) -> Rule | None:
        """The most specific rule that fits."""
        return self.at(asked, canonical(asked.country, asked.postcode))

    def at(self, asked: Asked, postcode: str) -> Rule | None:
        """The same at this canonical postcode."""
        country = asked.country
        shelves = self._shelves
        values: tuple[Any, ...] | None = None
        tenants = (asked.tenant.lower(), "") if self._tenants and asked.tenant else _NO_TENANT
        for tenant in tenants:
            for place in ((tenant, country), (tenant, "")):
                shelf = shelves.get(place)
                if shelf is None:
                    continue
                if shelf.plain is not None:
                    found = shelf.plain.find(postcode)
                else:
                    if values is None:
                        values = self._values(asked)
                    found = shelf.find(values, postcode)
                if found is not None:
                    return found
        return None

    def _values(self, asked: Asked) -> tuple[Any, ...]:
        """The further attributes, in the order of the places in a mask."""
        weight = bisect_right(self._limits_g, asked.weight_g) if asked.weight_g > 0 else _UNKNOWN
        return (
            asked.service.lower(),
            asked.declaration,
            asked.customs,
            asked.label.lower(),
            weight,
            self.size_of(asked.longest_mm),
        )

    def size_of(self, longest_mm: int) -> str:
        """The class letter of a parcel with this longest side; nothing if it is not known or longer than every class."""
        at = bisect_left(self._sides, longest_mm) if longest_mm > 0 else len(self._sides)
        return self._sizes[at] if at < len(self._sides) else ""

    def side_of(self, letter: str) -> int:
        """The longest side in mm of a parcel of this class."""
        return self._sides[self._sizes.index(letter)]

    def shelf(self, tenant: str, country: str) -> Shelf | None:
        """The rules that name exactly these."""
        return self._shelves.get((tenant, country))

    def weights_of(self, rule: Rule) -> Iterator[int]:
        """One weight in g of every piece into which the limits of the plan cut the weights of `rule`."""
        yield max(rule.weight_min, 1)
        yield from (limit for limit in self._limits_g if rule.weight_min < limit <= rule.weight_max)

    def _keys(self, rule: Rule, mask: Mask) -> Iterator[Any]:
        if not mask:
            yield ()
            return
        limits = self._limits_g
        weights = range(bisect_right(limits, rule.weight_min), bisect_right(limits, rule.weight_max) + 1)
        plain = (rule.service,), (rule.declaration,), (rule.customs,), (rule.label,)
        choices: tuple[Sequence[Any], ...] = (*plain, weights, rule.sizes)
        if len(mask) == 1:
            yield from choices[mask[0]]  # as itemgetter gives it: no tuple of one
        else:
            yield from product(*(choices[place] for place in mask))


def _precedence(rule: Rule) -> Any:
    return rule.precedence


def _mask(rule: Rule) -> Mask:
    asks = rule.service, rule.declaration, rule.customs, rule.label, rule.asks_weight, rule.sizes
    return tuple(place for place, asked in enumerate(asks) if asked)
