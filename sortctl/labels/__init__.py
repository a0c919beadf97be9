"""Labels: from a read to what it is, and which of several codes is the waybill. Pure.

Comes in: `Code`s as the scanners sent them, the site's `LabelRules`, what the hub knows. Goes out: a `Label` per code (`read`), one
`Choice` for all of them (`choose`). A kind nobody here knows is no fault: the list of expected parcels decides, not a pattern.
Never here: where a parcel goes; the country in an S10 number is the issuing post.
"""

from sortctl.labels.choose import Choice, Found, Lost, choose, names
from sortctl.labels.label import Label, Routing, Severity, Use
from sortctl.labels.read import read
from sortctl.labels.rules import DEFAULT_RULES, LabelRules
from sortctl.labels.verdict import UNKNOWN, Verdict, judge

__all__ = [
    "DEFAULT_RULES", "UNKNOWN", "Choice", "Found", "Label", "LabelRules", "Lost", "Routing", "Severity", "Use", "Verdict",
    "choose", "judge", "names", "read",
]  # fmt: skip
