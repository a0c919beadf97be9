"""Rules: what one site makes of codes: which numbers it knows, how strict it is, which of several codes is the waybill.

Comes in: the built-in kinds and what the site's tables add (`labels/load.py`). Goes out: `LabelRules`, frozen, with the kinds
sorted by the lengths and first characters they can have, so that a read tries few of them. Never here: reading, choosing.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from sortctl.labels.label import Severity
from sortctl.labels.numbers import carriers
from sortctl.labels.numbers.kind import Kind
from sortctl.site.problem import Problem

DEFAULT_SEVERITIES: Final[Mapping[str, Severity]] = {
    "s10": Severity.REFUSE,
    "s9": Severity.WARN,
    "awb": Severity.REFUSE,
    "gs1": Severity.REFUSE,
    "iso15434": Severity.WARN,
    "maxicode": Severity.WARN,
}
"""Of kinds that are more than a row of the table. A GS1 message without its separators is misread in every field."""

OTHER_KINDS: Final = (*DEFAULT_SEVERITIES, "uld", "mailmark", "gtin")
"""Kinds that are read by a module of their own."""

EVERYBODY: Final = ""
"""The tenant that stands for all that have no list of their own."""


class LabelRules(Struct, frozen=True):
    """The rules of one site. Made by `label_rules`."""

    by_start: Mapping[tuple[int, str], tuple[Kind, ...]]
    """By length and first character, in the order in which they are believed."""
    severities: Mapping[str, Severity]
    """By kind, where it is not what the kind's row says."""
    sure: frozenset[str]
    """Kinds that have a shape of their own."""
    orders: Mapping[str, tuple[str, ...]]
    """Kinds by tenant, the one that is the waybill first. "" is for tenants without a list."""
    warnings: tuple[Problem, ...] = ()
    """What is strange in the site's tables."""

    def kinds(self, text: str) -> tuple[Kind, ...]:
        """The kinds that this text can be."""
        return self.by_start.get((len(text), text[:1]), ())

    def severity(self, kind: str, usual: Severity = Severity.WARN) -> Severity:
        """How bad a fault in this kind is; `usual` where the site says nothing."""
        return self.severities.get(kind, usual)

    def strictness(self, kind: Kind) -> Severity:
        """How bad a fault is in a number that has this kind's shape.

        A site that is strict with SSCCs means those that say so with 00, not every number of eighteen digits.
        """
        return kind.severity if not kind.sure and kind.name in self.sure else self.severity(kind.name, kind.severity)

    def rank(self, tenant: str, kind: str) -> int | None:
        """The place of `kind` in the tenant's list, from 0; nothing if the list leaves it out or there is none."""
        order = self.orders.get(tenant) or self.orders.get(EVERYBODY, ())
        return order.index(kind) if kind in order else None


def label_rules(
    own: Sequence[Kind] = (),
    severities: Mapping[str, Severity] | None = None,
    orders: Mapping[str, tuple[str, ...]] | None = None,
    warnings: tuple[Problem, ...] = (),
) -> LabelRules:
    """The built-in kinds behind those of the site, which is believed first."""
    kinds = (*own, *carriers.BUILT_IN)
    by_start: dict[tuple[int, str], list[Kind]] = {}
    for kind in kinds:
        for length in range(kind.shape.shortest, kind.shape.longest + 1):
            for first in dict.fromkeys(kind.shape.first):
                by_start.setdefault((length, first), []).append(kind)
    index = {start: tuple(found) for start, found in by_start.items()}
    sure = frozenset((*OTHER_KINDS, *(kind.name for kind in kinds if kind.sure)))
    return LabelRules(index, {**DEFAULT_SEVERITIES, **(severities or {})}, sure, dict(orders or {}), warnings)


DEFAULT_RULES: Final = label_rules()
"""For a site that has no table of its own."""
