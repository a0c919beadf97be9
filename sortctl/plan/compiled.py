"""Compiled: all rules of a plan in the form in which one is found at the same cost among ten and among a million.

Comes in: checked rules, the classes of sizes. Goes out: the most specific rule that fits a parcel.

Theory. Rules are put on a shelf for each pair of tenant and country that is named; four shelves at most fit a parcel (both, the
tenant only, the country only, neither), and the first one that has an answer has the best, because these two are compared
first. On a shelf the rules that ask for the same further attributes share a table by the values they ask for; at each value the
postcodes are flattened (`ranges.py`). So a look-up is a few dictionaries and one short search for each combination of attributes
that occurs on the shelf (64 at most, one to three in plans as they are). A weight range is cut at every limit that the
plan names and stands in the table once for each piece; `PIECES_MAX` bounds what that may grow to.
Never here: reading files, explaining.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import attrgetter, itemgetter
from typing import Any, Final

from msgspec.structs import force_setattr

from sortctl.plan.asked import Asked
from sortctl.plan.postcodes import canonical
from sortctl.plan.ranges import Prefixes, Ranges
from sortctl.plan.rule import WEIGHT_ANY, Rule

PIECES_MAX: Final = 3_000_000
"""Entries in all tables: a million plain rules and two million pieces of weights, some 500 MB."""

Mask = tuple[int, ...]
"""Places in the tuple of further attributes that a rule asks for."""
Postcodes = Prefixes[Rule] | Ranges[Rule]
Size = tuple[str, int]
"""Class letter, longest side in mm."""
_NO_TENANT: Final = ("",)
_UNKNOWN: Final = -1
_ONE_KEY: Final[tuple[Any, ...]] = ((),)


class TooManyPieces(Exception):
    """The weights of the rules cut one another into more pieces than `PIECES_MAX`; str() says how many."""


class Shelf:
    """The rules of one tenant and country, in the order of the file."""

    __slots__ = ("_tables", "plain")

    def __init__(self, tables: Mapping[Mask, Mapping[Any, list[Rule]]]) -> None:
        self.plain: Postcodes | None = None
        """All of it, if no rule here asks for more than the postcode."""
        self._tables: list[tuple[int, Callable[[Any], Any] | None, Any]] = []
        if set(tables) == {()}:
            self.plain = _flat(tables[()][()], _precedence)
            self._tables = [(0, None, self.plain)]
            return
        _rank({id(rule): rule for table in tables.values() for rules in table.values() for rule in rules}.values())
        for mask, table in tables.items():
            best = min(rule.rank for rules in table.values() for rule in rules)
            found = {key: _flat(rules, _ranked) for key, rules in table.items()}
            self._tables.append((best, itemgetter(*mask), found) if mask else (best, None, found[()]))
        self._tables.sort(key=itemgetter(0))

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
    """Every rule of a plan. `listed` is in the order of the file."""

    __slots__ = ("_limits_g", "_rules", "_shelves", "_sides", "_sizes", "_tenants", "listed")

    def __init__(self, rules: Iterable[Rule], sizes: Sequence[Size]) -> None:
        """Raises TooManyPieces."""
        self.listed = tuple(rules)
        self._rules: tuple[Rule, ...] = ()
        self._sides = tuple(side for _, side in sizes)
        self._sizes = "".join(letter for letter, _ in sizes)
        asking = [rule for rule in self.listed if rule.weight_min or rule.weight_max != WEIGHT_ANY]
        self._limits_g = sorted({limit for rule in asking for limit in (rule.weight_min, rule.weight_max + 1)})
        self._tenants = any(rule.tenant for rule in self.listed)
        shelves: dict[tuple[str, str], dict[Mask, dict[Any, list[Rule]]]] = {}
        pieces = 0
        for rule in self.listed:
            place = (rule.tenant, rule.country)
            tables = shelves.get(place)
            if tables is None:
                tables = shelves[place] = {}
            mask = _mask(rule)
            table = tables.setdefault(mask, {})
            for key in self._keys(rule, mask) if mask else _ONE_KEY:
                table.setdefault(key, []).append(rule)
                pieces += 1
            if pieces > PIECES_MAX:
                raise TooManyPieces(f"{len(asking):,} rules with weights, {len(self._limits_g):,} different limits")
        self._shelves = {place: Shelf(tables) for place, tables in shelves.items()}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them, the most specific first."""
        if len(self._rules) != len(self.listed):
            self._rules = tuple(sorted(self.listed, key=_precedence))
        return self._rules

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
        limits = self._limits_g
        weights = range(bisect_right(limits, rule.weight_min), bisect_right(limits, rule.weight_max) + 1)
        plain = (rule.service,), (rule.declaration,), (rule.customs,), (rule.label,)
        choices: tuple[Sequence[Any], ...] = (*plain, weights, rule.sizes)
        if len(mask) == 1:
            yield from choices[mask[0]]  # as itemgetter gives it: no tuple of one
        else:
            yield from product(*(choices[place] for place in mask))


def _flat(rules: Sequence[Rule], order: Callable[[Rule], Any]) -> Postcodes:
    """Rules that ask for the same of all but the postcode, or of all but it and the weight; in the order of the file."""
    if all(rule.first == rule.last for rule in rules) and not any(rule.asks_weight or rule.sizes for rule in rules):
        return Prefixes((rule.first, rule) for rule in rules)
    return Ranges((rule.span, rule) for rule in sorted(rules, key=order))


def _rank(rules: Iterable[Rule]) -> None:
    for rank, rule in enumerate(sorted(rules, key=_precedence)):
        force_setattr(rule, "rank", rank)


_ranked: Final = attrgetter("rank")


def _precedence(rule: Rule) -> Any:
    return rule.precedence


def _mask(rule: Rule) -> Mask:
    weight = rule.weight_min or rule.weight_max != WEIGHT_ANY
    asks = rule.service, rule.declaration, rule.customs, rule.label, weight, rule.sizes
    return tuple(place for place, asked in enumerate(asks) if asked) if any(asks) else ()
