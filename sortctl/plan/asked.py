"""Asked: what the sort plan is asked about one parcel, and which rule answers.

Comes in: a record of parcel data, the kind of its label. Goes out: an `Asked`; the plan gives a `Match` for it.
Never here: rules. What is not known is empty or 0, and then only rules fit that do not ask for it.
"""

from msgspec import Struct

from sortctl.plan.ranges import normalised
from sortctl.words.parcels import CustomsState, Declaration, ParcelRecord


class Asked(Struct, frozen=True, gc=False):
    """The attributes that a rule may ask for. Country in capitals, postcode in capitals without spaces."""

    tenant: str = ""
    country: str = ""
    postcode: str = ""
    service: str = ""
    declaration: Declaration = Declaration.NONE
    customs: CustomsState = CustomsState.UNKNOWN
    label: str = ""
    """Kind of the label, as `labels` calls it."""
    weight_g: int = 0
    longest_mm: int = 0
    """The longest side."""
    code: str = ""
    """The waybill; of an unknown parcel the code that was read."""


class Match(Struct, frozen=True, gc=False):
    """The rule that won, and its destination."""

    rule: str
    destination: str

    @property
    def by_code(self) -> bool:
        """Whether the rule is one for a range of codes."""
        return False


def asked_of(record: ParcelRecord, label: str = "") -> Asked:
    """What the plan is asked about this parcel; `label` is the kind of label that it was read from."""
    return Asked(
        record.tenant,
        record.country.upper(),
        normalised(record.postcode),
        record.service,
        record.declaration,
        record.customs,
        label,
        record.weight_g,
        max(record.length_mm, record.width_mm, record.height_mm),
        record.waybill,
    )
