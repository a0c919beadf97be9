"""Selection: who is drawn for inspection, so that everybody can check it afterwards.

A list takes all that fit; a lot takes so many of a thousand. The lot is a hash of the seed, the rule and the waybill: nobody who does not
know the seed can foretell it, everybody who is told the seed can repeat it, and the same parcel is drawn alike however often it passes.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from sortctl.site.hub import Customs, Selection
from sortctl.words.parcels import ParcelRecord

THOUSAND: Final = 1_000


class Draw(NamedTuple):
    """A parcel was drawn by `rule`; `lot` of a thousand was its number."""

    rule: str
    lot: int


def lot(seed: str, rule: str, waybill: str) -> int:
    """The number of this parcel in this lottery, 0 to 999."""
    digest = sha256(f"{seed}\0{rule}\0{waybill}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % THOUSAND


def draw(record: ParcelRecord, rules: Customs) -> Draw | None:
    """The first selection that takes this parcel."""
    for selection in rules.selections:
        if _fits(record, selection):
            number = lot(rules.seed, selection.name, record.waybill)
            if number < selection.per_mille:
                return Draw(selection.name, number)
    return None


def _fits(record: ParcelRecord, selection: Selection) -> bool:
    return (
        selection.tenant in ("", record.tenant)
        and selection.country in ("", record.country)
        and record.goods.startswith(selection.goods)
    )
