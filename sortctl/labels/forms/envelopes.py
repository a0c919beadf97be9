"""Envelopes: ISO/IEC 15434 messages, and the data identifiers (ANSI MH10.8.2) in those of format 06.

Comes in: text that begins with [)> and has RS, GS and EOT as they were read. Goes out: an `Envelope`: its format and its
fields. An envelope without its end is still read, and the missing end is said: some scanners swallow EOT.
Never here: what format 01 holds (`forms/maxicode.py`), GS1 data (`forms/element_strings.py`).
"""

import re
from typing import Final

from msgspec import Struct

GS: Final = "\x1d"
RS: Final = "\x1e"
EOT: Final = "\x04"
HEADER: Final = "[)>"
FIELDS_MAX: Final = 64

FORMATS: Final = {
    "01": "transportation",
    "05": "GS1 application identifiers",
    "06": "data identifiers",
    "07": "free text",
    "12": "text element identifiers",
}

DATA_IDENTIFIERS: Final = {
    "J": "licence_plate",
    "1J": "licence_plate",
    "2J": "licence_plate",
    "5J": "licence_plate",
    "6J": "licence_plate",
    "2L": "routing",
    "17U": "upu_location",
}
"""Roles of those that matter for a parcel; others keep their own name."""

_IDENTIFIER: Final = re.compile(r"([0-9]{0,3}[A-Z])(.*)", re.DOTALL)


class Envelope(Struct, frozen=True):
    """One message. `body` is what stands between its format and its end."""

    format: str
    body: str
    why: str = ""

    def fields(self) -> list[str]:
        """The body at its group separators, at most FIELDS_MAX."""
        return self.body.strip(GS).split(GS)[:FIELDS_MAX]


def is_envelope(text: str) -> bool:
    """Whether the text begins as an envelope does."""
    return text.startswith(HEADER)


def open_envelope(text: str) -> Envelope:
    """Take the first message out of its envelope. Never raises."""
    rest = text.removeprefix(HEADER)
    if not rest.startswith(RS):
        return Envelope("", rest, "the record separator behind [)> is missing")
    # Format 01 has its version behind a separator and belongs to the body.
    found, body = rest[1:3], rest[3:]
    if found not in FORMATS:
        return Envelope("", rest[1:], f"there is no format {found!a}")
    ended = body.endswith(EOT)
    body, separator, _ = body.removesuffix(EOT).partition(RS)
    why = "" if ended and separator else "the end is missing"
    return Envelope(found, body, why)


def identified(fields: list[str]) -> list[tuple[str, str]]:
    """(role, data) of fields with a data identifier; a field without one is left out."""
    found = []
    for field in fields:
        match = _IDENTIFIER.fullmatch(field)
        if match and match[2]:
            found.append((DATA_IDENTIFIERS.get(match[1], f"di_{match[1]}"), match[2]))
    return found
