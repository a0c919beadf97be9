"""Verdict: whether a bare number is acceptable, by its S10 or SSCC check digit alone.

For callers that hold no `LabelRules`; whoever has them asks `read`, whose `Label.usable` says the same and more.
Comes in: the text of one code, without its AIM identifier. Goes out: a `Verdict`. Never here: the site's own kinds.
"""

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from sortctl.labels import gs1, s10


class Verdict(Struct, frozen=True, gc=False):
    """What a code is. `why` says in words why it is not valid, "" if it is."""

    kind: str
    valid: bool
    why: str = ""


UNKNOWN: Final = "unknown"

_CHECKED: Final[tuple[tuple[str, Callable[[str], bool], Callable[[str], str]], ...]] = (
    ("s10", s10.looks_like, s10.fault),
    ("sscc", gs1.looks_like_sscc, gs1.sscc_fault),
)

# Numbers without a published check digit: named for the people who read the trace, never refused.
_SHAPES: Final = (
    ("yunexpress", re.compile(r"YT[0-9]{16}")),
    ("cainiao", re.compile(r"LP[0-9]{12,15}|CN[A-Z]{2}UP[0-9]{8,11}")),
    ("4px", re.compile(r"4PX[0-9]{13}CN")),
    ("sf_express", re.compile(r"SF[0-9]{13}")),
    ("dhl_piece", re.compile(r"J[A-Z]{2,3}[0-9]{9,}")),
)


def judge(text: str) -> Verdict:
    """What the text is. Never raises."""
    if not text.strip():
        return Verdict(UNKNOWN, valid=False, why="there is no text")
    for kind, looks_like, fault in _CHECKED:
        if looks_like(text):
            why = fault(text)
            return Verdict(kind, valid=not why, why=why)
    for kind, shape in _SHAPES:
        if shape.fullmatch(text):
            return Verdict(kind, valid=True)
    return Verdict(UNKNOWN, valid=True)
