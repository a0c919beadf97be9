"""Rule: one row of rules.csv, and the fixed order in which rules outrank one another.

Comes in: checked values. Goes out: whether a rule fits a parcel, and which of two rules is the more specific.

Theory. A rule that asks for an attribute is more specific than one that does not. Rules are compared by tenant, then code (the
narrower range), then country, then postcode (the narrower range), then service, declaration, customs state, kind of label,
weight (the narrower range), size (fewer classes). The first difference decides. Of two that are alike in all of this the one
that stands first in the file wins. What is not known of a parcel (an empty text, 0 g, 0 mm) fits no rule that asks for it.
Thousands of rules differ in their ranges only: what else they ask for is one `Asks`, which they share.
Never here: reading files, finding a rule among many (`compiled.py`).
"""

from typing import Final

from msgspec import Struct

from sortctl.plan.asked import Asked, Match
from sortctl.plan.postcodes import canonical
from sortctl.plan.ranges import Range, code_width, plain_code, width

ATTRIBUTES: Final = (
    "tenant", "code", "country", "postcode", "service", "declaration", "customs", "label", "weight", "size",
)  # fmt: skip
"""In the order of their weight."""
WEIGHT_ANY: Final = 1 << 40
"""In the place of a greatest weight: there is none."""
SIZES_MAX: Final = 26

Precedence = tuple[bool, tuple[int, str], bool, int, bool, bool, bool, bool, int, int, int]


class Asks(Struct, frozen=True, gc=False, cache_hash=True):
    """What a rule asks for beside code and postcode; empty: any. Weights in g, both within; `sizes` are class letters."""

    tenant: str = ""
    country: str = ""
    service: str = ""
    declaration: str = ""
    customs: str = ""
    label: str = ""
    weight_min: int = 0
    weight_max: int = WEIGHT_ANY
    sizes: str = ""

    @property
    def weight(self) -> bool:
        """Whether it asks for the weight."""
        return self.weight_min > 0 or self.weight_max < WEIGHT_ANY


class Rule(Match, frozen=True, gc=False):
    """`first` and `last` are the canonical ends of its postcodes (`postcodes.py`); those of its codes are capitals and digits."""

    line: int
    asks: Asks = Asks()
    first: str = ""
    last: str = ""
    code_first: str = ""
    code_last: str = ""

    @property
    def span(self) -> Range:
        """Its postcodes."""
        return Range(self.first, self.last)

    @property
    def by_code(self) -> bool:
        """Whether it asks for a range of codes."""
        return bool(self.code_first)

    @property
    def codes(self) -> Range:
        """Its codes; empty: it does not ask for them."""
        return Range(self.code_first, self.code_last)

    @property
    def width(self) -> int:
        """How much of all postcodes it takes."""
        return width(self.first, self.last)

    @property
    def precedence(self) -> Precedence:
        """The smaller outranks the greater. Of two ranges of codes that are as wide and cross, the lower one."""
        asks = self.asks
        return (
            not asks.tenant,
            (code_width(self.code_first, self.code_last), self.code_first),
            not asks.country,
            width(self.first, self.last),
            not asks.service,
            not asks.declaration,
            not asks.customs,
            not asks.label,
            asks.weight_max - asks.weight_min,
            len(asks.sizes) or SIZES_MAX + 1,
            self.line,
        )

    @property
    def alike(self) -> tuple[Asks, str, str, str, str]:
        """Two rules with the same of these fit the same parcels."""
        return self.asks, self.code_first, self.code_last, self.first, self.last

    @property
    def conditions(self) -> dict[str, str]:
        """What it asks for, in words, by attribute."""
        asks = self.asks
        words = (
            asks.tenant, str(self.codes), asks.country, str(self.span), asks.service, asks.declaration, asks.customs,
            asks.label, _weights(asks) if asks.weight else "", " or ".join(asks.sizes),
        )  # fmt: skip
        return {name: text for name, text in zip(ATTRIBUTES, words, strict=True) if text}

    def refuses(self, asked: Asked, size: str) -> tuple[str, ...]:
        """The attributes by which it does not fit; none: it fits. `size` is the parcel's class."""
        asks = self.asks
        return tuple(
            name
            for name, wrong in (
                ("tenant", bool(asks.tenant) and asks.tenant != asked.tenant.lower()),
                ("code", bool(self.code_first) and not self.codes.holds(plain_code(asked.code))),
                ("country", bool(asks.country) and asks.country != asked.country),
                ("postcode", bool(self.first) and not self.span.holds(canonical(asked.country, asked.postcode))),
                ("service", bool(asks.service) and asks.service != asked.service.lower()),
                ("declaration", bool(asks.declaration) and asks.declaration != asked.declaration),
                ("customs", bool(asks.customs) and asks.customs != asked.customs),
                ("label", bool(asks.label) and asks.label != asked.label.lower()),
                (
                    "weight",
                    asks.weight and not (asked.weight_g and asks.weight_min <= asked.weight_g <= asks.weight_max),
                ),
                ("size", bool(asks.sizes) and (not size or size not in asks.sizes)),
            )
            if wrong
        )


def decider(winner: Rule, loser: Rule) -> str:
    """The attribute by which one rule outranks the other; "line" if they are alike."""
    order = (*ATTRIBUTES, "line")
    for name, one, other in zip(order, winner.precedence, loser.precedence, strict=True):
        if one != other:
            return name
    return "line"


def _weights(asks: Asks) -> str:
    if asks.weight_max == WEIGHT_ANY:
        return f"from {asks.weight_min} g"
    return f"{asks.weight_min} to {asks.weight_max} g" if asks.weight_min else f"up to {asks.weight_max} g"
