"""Air: numbers of air cargo: the air waybill, and the unit load device.

Comes in: a text. Goes out: a `Label`, or nothing if it has another shape. An air waybill with its hyphen is told by its
shape; without one it is one of several kinds of eleven digits (`numbers/carriers.py`). A unit's code has no check digit, so
only types that exist are taken for sure. Never here: which flight.
"""

import re
from typing import Final

from sortctl.labels.label import WAYBILL, Label, Severity, Use
from sortctl.labels.numbers import digits

AWB: Final = "awb"
ULD: Final = "uld"

_AWB: Final = re.compile(r"([0-9]{3})-([0-9]{8})")
_ULD: Final = re.compile(r"(?P<type>[A-Z][A-Z0-9]{2})(?P<serial>[A-Z0-9][0-9]{3,4})(?P<owner>[A-Z][A-Z0-9]|[0-9][A-Z])")
TYPES: Final = frozenset(
    """
    AAA AAB AAC AAD AAE AAF AAJ AAK AAN AAP AAU AAX AAY AAZ AGA AGK AKC AKE AKF AKG AKH AKL AKN AKP AKW ALB ALC ALD ALE
    ALF ALG ALK ALN ALP ALR ALS AMA AMD AMF AMG AMH AMJ AMK AMN AMP AMU AMV AMX APA APE AQA AQD AQF AQN AQP AVA AVB AVE
    AVJ AVY AWC AWE AWF AXY AYF AYX AYY BKE BLF DKE DPA DPE DPL DPN DQF DQN DQP FLA FPA FQA FQW HMA HMC HMJ JKE JMA KMA
    MDA MGA PAA PAD PAF PAG PAJ PAX PBA PBB PBJ PCA PDJ PDP PEB PGA PGE PGF PKC PLA PLB PLE PLF PMA PMB PMC PMP PMW
    PNA PPX PQA PRA PSA PSG PVA PYB PZA RAK RAP RAU RKE RKN RMA RMP RRY RWB SAA UKE VRA VZA XAW XKE
    """.split()  # noqa: SIM905 a list of quoted strings is no easier to read
)
"""Types in use; the code allows more, and a number of another kind would be taken for one of those."""


def read_awb(text: str, severity: Severity) -> Label | None:
    """An air waybill as printed, 020-12345675. The check digit leaves the airline's prefix out."""
    found = _AWB.fullmatch(text) if len(text) == 12 else None
    if found is None:
        return None
    number = found[1] + found[2]
    why = digits.fault("mod7", found[2])
    return Label(AWB, text, "", why, severity, ids=((WAYBILL, text), (AWB, number), ("airline", found[1])))


def read_uld(text: str) -> Label | None:
    """A unit load device, AKE12345LH."""
    found = _ULD.fullmatch(text) if 9 <= len(text) <= 10 else None
    if found is None or found["type"] not in TYPES:
        return None
    return Label(ULD, text, found["owner"], use=Use.UNIT, ids=tuple(found.groupdict().items()))
