"""Compiled: all rules of a plan in the form in which one is found at the same cost among ten and among a million.

Comes in: checked rules, the classes of sizes. Goes out: the most specific rule that fits a parcel.

Theory. Rules are put on a shelf for each pair of tenant and country that is named; four shelves at most fit a parcel (both, the
tenant only, the country only, neither), and the first one that has an answer has the best, because these two are compared
first. On a shelf the rules that ask for the same further attributes share a table by the values they ask for; at each value the
postcodes are flattened (`ranges.py`). So a look-up is a few dictionaries and one short search for each combination of attributes
that occurs on the shelf (64 at most, one to three in plans as they are). A weight range is cut at every limit that the
plan names and stands in the table once for each piece; `PIECES_MAX` bounds what that may grow to.
Rules that ask for a range of codes have shelves of their own for each range, and those around a code are asked before all others,
the narrowest first: `LAYERS_MAX` at most. A plan without such rules never looks at the code.
Never here: reading files, explaining.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import itemgetter
from typing import Any, Final

from sortctl.plan.asked import Asked
from sortctl.plan.postcodes import canonical
from sortctl.plan.ranges import Prefixes, Range, Ranges, code_width, flattened, layered, plain_code
from sortctl.plan.rule import Asks, Rule

PIECES_MAX: Final = 3_000_000
"""Entries in all tables: a million plain rules and two million pieces of weights, some 500 MB."""

LAYERS_MAX: Final = 16
"""Ranges of one tenant that hold the same code."""

Mask = tuple[int, ...]
"""Places in the tuple of further attributes that a rule asks for."""
Postcodes = Prefixes[Rule] | Ranges[Rule]
Size = tuple[str, int]
"""Class letter, longest side in mm."""
_NO_TENANT: Final = ("",)
_UNKNOWN: Final = -1
_WEIGHT, _SIZE = 4, 5
_ONE_KEY: Final[tuple[Any, ...]] = ((),)


class TooManyPieces(Exception):
    """The weights of the rules cut one another into more pieces than `PIECES_MAX`; str() says how many."""


class TooManyLayers(Exception):
    """More than `LAYERS_MAX` ranges of one tenant hold the same code; str() says which code."""


class Shelf:
    """The rules of one tenant and country, in the order of the file."""

    __slots__ = ("_tables", "plain")

    def __init__(self, tables: Mapping[Mask, Mapping[Any, list[Rule]]]) -> None:
        self.plain: Postcodes | None = None
        """All of it, if no rule here asks for more than the postcode."""
        self._tables: list[tuple[int, Callable[[Any], Any] | None, Any]] = []
        if set(tables) == {()}:
            self.plain = _flat(tables[()][()], ())
            self._tables.append((0, None, self.plain))
            return
        for mask, table in tables.items():
            narrowest = min(rule.width for rules in table.values() for rule in rules)
            found = {key: _flat(rules, mask) for key, rules in table.items()}
            self._tables.append((narrowest, itemgetter(*mask), found) if mask else (narrowest, None, found[()]))
        self._tables.sort(key=itemgetter(0))

    def find(self, values: tuple[Any, ...], postcode: str) -> Rule | None:
        """The best rule for these further attributes."""
        won: Rule | None = None
        for narrowest, pick, table in self._tables:
            if won is not None and won.width < narrowest:
                break
            ranges = table if pick is None else table.get(pick(values))
            found: Rule | None = ranges.find(postcode) if ranges is not None else None
            if found is not None and (won is None or _outranks(found, won)):
                won = found
        return won

    @property
    def starts(self) -> list[str]:
        """Every postcode at which any answer changes, ascending."""
        tables = (table for _, _, table in self._tables)
        each = (ranges for table in tables for ranges in (table.values() if isinstance(table, dict) else (table,)))
        return sorted({start for ranges in each for start in ranges.starts})


Shelves = Mapping[tuple[str, str], Shelf]
"""By tenant and country."""


class Compiled:
    """Every rule of a plan. `listed` is in the order of the file."""

    __slots__ = ("_coded", "_limits_g", "_pieces", "_rules", "_shelves", "_sides", "_sizes", "_tenants", "listed")

    def __init__(self, rules: Iterable[Rule], sizes: Sequence[Size]) -> None:
        """Raises TooManyPieces, TooManyLayers."""
        self.listed = tuple(rules)
        self._rules: tuple[Rule, ...] = ()
        self._sides = tuple(side for _, side in sizes)
        self._sizes = "".join(letter for letter, _ in sizes)
        plain: dict[Asks, list[Rule]] = {}
        coded: dict[tuple[str, Range], dict[Asks, list[Rule]]] = {}
        for rule in self.listed:
            groups = coded.setdefault((rule.asks.tenant, rule.codes), {}) if rule.code_first else plain
            alike = groups.get(rule.asks)
            if alike is None:
                groups[rule.asks] = [rule]
            else:
                alike.append(rule)
        every = [*plain, *(asks for groups in coded.values() for asks in groups)]
        self._limits_g = sorted({limit for a in every if a.weight for limit in (a.weight_min, a.weight_max + 1)})
        self._tenants = any(asks.tenant for asks in every)
        self._pieces = 0
        self._shelves = self._shelved(plain)
        self._coded = self._layered(coded)

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
        values: tuple[Any, ...] | None = None
        tenants = (asked.tenant.lower(), "") if self._tenants and asked.tenant else _NO_TENANT
        layers: tuple[Shelves, ...] = (self._shelves,)
        for tenant in tenants:
            if self._coded:
                layers = (*self._around(tenant, asked.code), self._shelves)
            for shelves in layers:
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

    def _around(self, tenant: str, code: str) -> tuple[Shelves, ...]:
        """The shelves of the ranges that hold this code, the narrowest first."""
        ranges = self._coded.get(tenant)
        plain = plain_code(code) if ranges is not None else ""
        return (ranges.find(plain) or ()) if ranges is not None and plain else ()

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

    def starts(self, tenant: str, country: str, code: str) -> Sequence[str]:
        """Every postcode at which the answer may change, ascending: for rules with this code, or for those without one."""
        layers = self._around(tenant, code) if code else (self._shelves,)
        found = [layer[tenant, country].starts for layer in layers if (tenant, country) in layer]
        return found[0] if len(found) == 1 else sorted({start for starts in found for start in starts})

    def code_starts(self, tenant: str) -> Sequence[str]:
        """Every code at which the answer may change for this tenant, ascending."""
        return self._coded[tenant].starts if tenant in self._coded else ()

    def weights_of(self, asks: Asks) -> Iterator[int]:
        """One weight in g of every piece into which the limits of the plan cut these weights."""
        yield max(asks.weight_min, 1)
        yield from (limit for limit in self._limits_g if asks.weight_min < limit <= asks.weight_max)

    def _shelved(self, groups: Mapping[Asks, list[Rule]]) -> Shelves:
        shelves: dict[tuple[str, str], dict[Mask, dict[Any, list[Rule]]]] = {}
        for asks, rules in groups.items():
            mask = _mask(asks)
            table = shelves.setdefault((asks.tenant, asks.country), {}).setdefault(mask, {})
            for key in self._keys(asks, mask) if mask else _ONE_KEY:
                table.setdefault(key, []).extend(rules)
                self._pieces += len(rules)
                if self._pieces > PIECES_MAX:
                    raise TooManyPieces(f"the rules with weights have {len(self._limits_g):,} different limits")
        return {place: Shelf(tables) for place, tables in shelves.items()}

    def _layered(
        self, coded: Mapping[tuple[str, Range], Mapping[Asks, list[Rule]]]
    ) -> dict[str, Ranges[tuple[Shelves, ...]]]:
        """Of each tenant the shelves that stand at each code."""
        by_tenant: dict[str, list[tuple[Range, Shelves]]] = {}
        for (tenant, codes), groups in sorted(coded.items(), key=lambda each: (code_width(*each[0][1]), each[0])):
            by_tenant.setdefault(tenant, []).append((codes, self._shelved(groups)))
        return {tenant: Ranges(_bounded(layered(entries))) for tenant, entries in by_tenant.items()}

    def _keys(self, asks: Asks, mask: Mask) -> Iterator[Any]:
        limits = self._limits_g
        weights = range(bisect_right(limits, asks.weight_min), bisect_right(limits, asks.weight_max) + 1)
        plain = (asks.service,), (asks.declaration,), (asks.customs,), (asks.label,)
        choices: tuple[Sequence[Any], ...] = (*plain, weights, asks.sizes)
        if len(mask) == 1:
            yield from choices[mask[0]]  # as itemgetter gives it: no tuple of one
        else:
            yield from product(*(choices[place] for place in mask))


def _bounded(changes: Iterable[tuple[str, tuple[Shelves, ...]]]) -> Iterator[tuple[str, tuple[Shelves, ...]]]:
    for code, layers in changes:
        if len(layers) > LAYERS_MAX:
            raise TooManyLayers(f"{len(layers)} ranges of one tenant hold the code {code}")
        yield code, layers


def _flat(rules: Sequence[Rule], mask: Mask) -> Postcodes:
    """Rules that ask for the same of all but the postcode, or of all but it, the weight and the size."""
    if _WEIGHT in mask or _SIZE in mask:
        return Ranges(flattened([(rule.span, rule) for rule in sorted(rules, key=_precedence)]))
    if all(rule.first == rule.last for rule in rules):
        return Prefixes([(rule.first, rule) for rule in rules])
    return Ranges(flattened([(rule.span, rule) for rule in sorted(rules, key=_width)]))


def _outranks(one: Rule, other: Rule) -> bool:
    """Of two on one shelf."""
    width, wide = one.width, other.width
    return one.precedence < other.precedence if width == wide else width < wide


def _width(rule: Rule) -> int:
    return rule.width


def _precedence(rule: Rule) -> Any:
    return rule.precedence


def _mask(asks: Asks) -> Mask:
    every = asks.service, asks.declaration, asks.customs, asks.label, asks.weight, asks.sizes
    return tuple(place for place, asked in enumerate(every) if asked)
