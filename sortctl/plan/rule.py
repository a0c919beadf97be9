"""Rule: one row of rules.csv, and the fixed order in which rules outrank one another.

Comes in: checked values. Goes out: whether a rule fits a parcel, and which of two rules is the more specific.

Theory. A rule that asks for an attribute is more specific than one that does not. Rules are compared by tenant, then country,
then postcode (the narrower range), then service, declaration, customs state, kind of label, weight (the narrower range), size
(fewer classes). The first difference decides. Of two that are alike in all of this the one that stands first in the file
wins. What is not known of a parcel (an empty text, 0 g, 0 mm) fits no rule that asks for it.
Never here: reading files, finding a rule among many (`compiled.py`).
"""

from typing import Final

from sortctl.plan.asked import Asked, Match
from sortctl.plan.postcodes import canonical
from sortctl.plan.ranges import Range

ATTRIBUTES: Final = (
    "tenant", "country", "postcode", "service", "declaration", "customs", "label", "weight", "size",
)  # fmt: skip
"""In the order of their weight."""
WEIGHT_ANY: Final = 1 << 40
"""In the place of a greatest weight: there is none."""
SIZES_MAX: Final = 26

Precedence = tuple[bool, bool, int, bool, bool, bool, bool, int, int, int]


class Rule(Match, frozen=True, gc=False):
    """`first` and `last` are canonical (`postcodes.py`); weights in g, both within; `sizes` are class letters."""

    line: int
    tenant: str = ""
    country: str = ""
    first: str = ""
    last: str = ""
    service: str = ""
    declaration: str = ""
    customs: str = ""
    label: str = ""
    weight_min: int = 0
    weight_max: int = WEIGHT_ANY
    sizes: str = ""
    rank: int = 0
    """Its place among the rules of its tenant and country, 0 the most specific; not set where nothing depends on it."""

    @property
    def span(self) -> Range:
        """Its postcodes."""
        return Range(self.first, self.last)

    @property
    def asks_weight(self) -> bool:
        """Whether it asks for the weight."""
        return self.weight_min > 0 or self.weight_max < WEIGHT_ANY

    @property
    def precedence(self) -> Precedence:
        """The smaller outranks the greater."""
        return (
            not self.tenant,
            not self.country,
            Range(self.first, self.last).width,
            not self.service,
            not self.declaration,
            not self.customs,
            not self.label,
            self.weight_max - self.weight_min,
            len(self.sizes) or SIZES_MAX + 1,
            self.line,
        )

    @property
    def alike(self) -> tuple[str | int, ...]:
        """Two rules with the same of these fit the same parcels."""
        return (
            self.tenant, self.country, self.first, self.last, self.service, self.declaration, self.customs, self.label,
            self.weight_min, self.weight_max, self.sizes,
        )  # fmt: skip

    @property
    def conditions(self) -> dict[str, str]:
        """What it asks for, in words, by attribute."""
        size = " or ".join(self.sizes)
        words = (
            self.tenant, self.country, str(self.span), self.service, self.declaration, self.customs, self.label,
            _weights(self) if self.asks_weight else "", size,
        )  # fmt: skip
        return {name: text for name, text in zip(ATTRIBUTES, words, strict=True) if text}

    def refuses(self, asked: Asked, size: str) -> tuple[str, ...]:
        """The attributes by which it does not fit; none: it fits. `size` is the parcel's class."""
        return tuple(
            name
            for name, wrong in (
                ("tenant", bool(self.tenant) and self.tenant != asked.tenant.lower()),
                ("country", bool(self.country) and self.country != asked.country),
                ("postcode", bool(self.first) and not self.span.holds(canonical(asked.country, asked.postcode))),
                ("service", bool(self.service) and self.service != asked.service.lower()),
                ("declaration", bool(self.declaration) and self.declaration != asked.declaration),
                ("customs", bool(self.customs) and self.customs != asked.customs),
                ("label", bool(self.label) and self.label != asked.label.lower()),
                ("weight", self.asks_weight and not (asked.weight_g and self._weighs(asked.weight_g))),
                ("size", bool(self.sizes) and (not size or size not in self.sizes)),
            )
            if wrong
        )

    def _weighs(self, grams: int) -> bool:
        return self.weight_min <= grams <= self.weight_max


def decider(winner: Rule, loser: Rule) -> str:
    """The attribute by which one rule outranks the other; "line" if they are alike."""
    order = (*ATTRIBUTES, "line")
    for name, one, other in zip(order, winner.precedence, loser.precedence, strict=True):
        if one != other:
            return name
    return "line"


def _weights(rule: Rule) -> str:
    if rule.weight_max == WEIGHT_ANY:
        return f"from {rule.weight_min} g"
    return f"{rule.weight_min} to {rule.weight_max} g" if rule.weight_min else f"up to {rule.weight_max} g"
