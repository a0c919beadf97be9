"""Spreadsheet: what spreadsheets make of a table, taken where it is plain what was meant and called by its name where it is not.

Comes in: the first bytes of a file, single lines. Goes out: fields; what a file is that is no table of text. Used for every CSV file:
those of the site, the sort plan, the departures, and lists of parcels. Never here: what a column means, files.
"""

import csv
import re
from typing import Final, NamedTuple

SEPARATORS: Final = ",;\t"
OPEN_QUOTE: Final = "has a quote that is not closed, or a line break within quotes"
MEND_QUOTE: Final = 'write one row in one line, "…" around a field, "" for a quote in it'
_SAVE: Final = 'save it as "CSV UTF-8"'
_BEGINNINGS: Final = (
    (b"PK\x03\x04", "is a workbook, no table of text", _SAVE),
    (b"\xd0\xcf\x11\xe0", "is a workbook, no table of text", _SAVE),
    (b"\xff\xfe", 'is UTF-16 ("Unicode text")', _SAVE),
    (b"\xfe\xff", 'is UTF-16 ("Unicode text")', _SAVE),
    (b"\x1f\x8b", "is compressed", "unpack it first, as with zcat"),
    (b"%PDF", "is a PDF document", _SAVE),
    (b"<", "is a web page or XML, no table of text", _SAVE),
)
_TOLD: Final = re.compile(rf'"?sep=([{SEPARATORS}])"?[{SEPARATORS}]*', re.IGNORECASE)
_ERROR: Final = re.compile(r"#(N/A|NV|[A-Z/0]{3,}[!?])\s*($|[,;\t])")
"""What stands in a cell whose formula failed: #N/A, #REF!, #NAME?, and the same in other languages."""


class Foreign(NamedTuple):
    """A file that is no table of text."""

    what: str
    mend: str


def foreign(begins: bytes) -> Foreign | None:
    """What a file with these first bytes is; None: a table, as far as one can see."""
    plain = begins.removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, what, mend in _BEGINNINGS:
        if plain.startswith(mark):
            return Foreign(what, mend)
    if begins[:1] == b"\0" and begins[1:2] in b"\0":
        return Foreign("begins with zero bytes: it was not written whole", "export it again")
    if b"\0" in begins[:2]:
        return Foreign("is UTF-16 without a mark", _SAVE)
    return None


def told_separator(line: str) -> str:
    """The separator of a first line that says nothing but `sep=;`; empty: it is another line."""
    found = _TOLD.fullmatch(line.strip(" \r\n"))
    return found[1] if found else ""


def separator_of(header: str) -> str:
    """What stands between the names of the columns."""
    return max(SEPARATORS, key=header.count)


def says_something(line: str) -> bool:
    """No blank line, no row of empty cells, no remark. A row that begins with an error value is none of these."""
    if not line.strip(" \t,;"):
        return False
    return not line.lstrip().startswith("#") or _ERROR.match(line.lstrip()) is not None


def split(line: str, separator: str) -> list[str] | None:
    """The fields of one line; of ="00123", which keeps a number as text, what it stands for. None: a quote is open."""
    if '"' not in line:
        return line.split(separator)  # the same, several times as fast
    if line.count('"') % 2:
        return None  # also the end of a field that began in an earlier line: it must not be taken for a row
    try:
        fields = next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True), [])
    except csv.Error:
        return None
    return [_plain(field) for field in fields]


def _plain(field: str) -> str:
    text = field.strip()
    return text[2:-1] if len(text) > 2 and text.startswith('="') and text.endswith('"') else field
