"""Choose: which of the codes on a parcel is the waybill.

Theory. What the hub knows wins over what only looks right, and even over a wrong check digit: the number was given out as it
is. Of several known codes the list of kinds of their tenant decides (own waybill before last-mile label before the
platform's label). Where no list says which, or they belong to different tenants, nothing is chosen: two parcels on one
carrier look the same. Of codes that nobody knows the list for everybody decides, then those whose shape is sure, then
the order in which they were read. Nothing is thrown away: each losing code is kept with the reason.
Comes in: labels, what the hub knows, the rules. Goes out: a `Choice`. Never here: what the hub knows about the parcel.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from sortctl.labels.label import NOWHERE, UNKNOWN, Label, Routing, Use
from sortctl.labels.rules import EVERYBODY, LabelRules

LAST: Final = 1_000_000
"""The rank of a kind that no list names."""


class Found(StrEnum):
    """How the choice ended."""

    KNOWN = "known"
    """One code that the hub knows."""
    STRANGER = "stranger"
    """A code that may be a waybill, but the hub does not know it."""
    SEVERAL = "several"
    """The hub knows several and no rule says which."""
    REFUSED = "refused"
    """There are codes, none of which may be a waybill."""
    NOTHING = "nothing"
    """There is no code."""


class Lost(Struct, frozen=True):
    """A code that is not the waybill, and why."""

    label: Label
    why: str


class Choice(Struct, frozen=True, omit_defaults=True):
    """The waybill, "" for none, and everything else that was read."""

    found: Found
    waybill: str = ""
    """As the hub knows it; of a stranger as its label gives it."""
    tenant: str = ""
    label: Label | None = None
    rivals: tuple[str, ...] = ()
    """Other texts that the hub knows: the caller sees whether they are the same parcel."""
    lost: tuple[Lost, ...] = ()
    routing: Routing = NOWHERE
    """What the labels themselves say of the destination, where they do not contradict one another."""
    disputed: bool = False
    """They do: nothing is said of what they disagree about."""


class _Candidate(Struct, frozen=True):
    label: Label
    text: str
    tenant: str
    rank: int


def choose(labels: Sequence[Label], known: Mapping[str, str | None], rules: LabelRules) -> Choice:
    """The waybill among `labels`. `known`: the tenant of every text that the hub knows, None for one it does not know.

    Ask with `names` of each label; a text that is not in the mapping is not known.
    """
    if not labels:
        return Choice(Found.NOTHING)
    routing, disputed = _routing(labels)
    candidates = _known(labels, known, rules)
    if candidates:
        return _of_known(labels, candidates, routing, disputed)
    best = _stranger(labels, rules)
    if best is None:
        lost = tuple(Lost(label, _unfit(label)) for label in labels)
        return Choice(Found.REFUSED, lost=lost, routing=routing, disputed=disputed)
    lost = tuple(Lost(label, _unfit(label) or _worse(label, best)) for label in labels if label is not best)
    return Choice(Found.STRANGER, best.waybill, "", best, (), lost, routing, disputed)


def names(labels: Sequence[Label]) -> tuple[str, ...]:
    """Every text by which the hub may know one of these, to be looked up before `choose`."""
    return tuple(dict.fromkeys(name for label in labels for name in label.names()))


def _known(labels: Sequence[Label], known: Mapping[str, str | None], rules: LabelRules) -> list[_Candidate]:
    candidates = []
    for label in labels:
        for name in label.names():
            tenant = known.get(name)
            if tenant is not None:
                rank = rules.rank(tenant, label.kind)
                candidates.append(_Candidate(label, name, tenant, LAST if rank is None else rank))
                break
    return candidates


def _of_known(labels: Sequence[Label], candidates: list[_Candidate], routing: Routing, disputed: bool) -> Choice:
    first = min(candidates, key=lambda candidate: candidate.rank)
    rivals = tuple(dict.fromkeys(one.text for one in candidates if one.text != first.text))
    tenants = {one.tenant for one in candidates}
    equals = {one.text for one in candidates if one.rank == first.rank}
    if len(tenants) > 1 or len(equals) > 1:
        what = "tenants" if len(tenants) > 1 else "codes"
        why = f"the hub knows several {what} on it and no rule says which is the waybill"
        texts = tuple(dict.fromkeys(one.text for one in candidates))
        by_label = {id(one.label) for one in candidates}
        lost = tuple(Lost(one, why if id(one) in by_label else _beside(one)) for one in labels)
        return Choice(Found.SEVERAL, rivals=texts, lost=lost, routing=routing, disputed=disputed)
    texts_of = {id(one.label): one.text for one in candidates}
    lost = tuple(
        Lost(label, _behind(texts_of.get(id(label), ""), first)) for label in labels if label is not first.label
    )
    return Choice(Found.KNOWN, first.text, first.tenant, first.label, rivals, lost, routing, disputed)


def _behind(text: str, first: _Candidate) -> str:
    if not text:
        return "the hub does not know it, and knows the one chosen"
    if text == first.text:
        return "it names the same parcel"
    return f"{first.label.kind} comes first in the list of {first.tenant or 'everybody'}"


def _beside(label: Label) -> str:
    return _unfit(label) or "the hub does not know it, and knows others"


def _stranger(labels: Sequence[Label], rules: LabelRules) -> Label | None:
    fit = [label for label in labels if not _unfit(label)]
    return min(fit, key=lambda label: _order(label, rules), default=None)


def _order(label: Label, rules: LabelRules) -> tuple[int, int, int]:
    rank = rules.rank(EVERYBODY, label.kind)
    evidence = 0 if label.sure else 2 if label.kind == UNKNOWN else 1
    return (LAST if rank is None else rank, evidence, 0 if label.valid else 1)


def _unfit(label: Label) -> str:
    """Why a label cannot name a parcel that nobody knows, "" if it can."""
    if not label.usable:
        return label.why
    return {
        Use.PARCEL: "",
        Use.ROUTING: "it says only where to",
        Use.UNIT: "it names a bag or a container, not a parcel",
        Use.PRODUCT: "it names what is in the parcel",
    }[label.use]


def _worse(label: Label, best: Label) -> str:
    if label.waybill == best.waybill:
        return "it names the same parcel"
    return f"the hub knows neither, and {best.kind} comes before {label.kind}"


def _vouched(label: Label, labels: Sequence[Label]) -> bool:
    return label.sure or any(
        label.issuer == other.issuer and label.text != other.text and other.valid for other in labels if other.issuer
    )


def _routing(labels: Sequence[Label]) -> tuple[Routing, bool]:
    """What the labels of a parcel agree about. A short postcode that another one begins with is no contradiction.

    A number that only a check digit makes a routing code is believed beside another label of the same carrier: one
    number of fourteen digits in ten is a Leitcode by chance, and would send its parcel to Germany.
    """
    said = [label.routing for label in labels if label.valid and label.use is not Use.UNIT and _vouched(label, labels)]
    countries = {one.country for one in said if one.country}
    postcodes = sorted({one.postcode for one in said if one.postcode}, key=len)
    services = {one.service for one in said if one.service}
    agreed = all(postcodes[-1].startswith(one) for one in postcodes)
    disputed = len(countries) > 1 or not agreed
    country = next(iter(countries)) if len(countries) == 1 else ""
    # Without an agreed country a postcode leads anywhere.
    postcode = postcodes[-1] if postcodes and not disputed else ""
    return Routing(country, postcode, next(iter(services)) if len(services) == 1 else ""), disputed
