"""Records: one line of a list of parcels, CSV or JSON, to a `ParcelRecord`, or to what is wrong with it. Pure.

Comes in: a header, lines of text with their numbers. Goes out: records, each with the kinds of mending that were done to it;
or a problem in words for whoever wrote the list. An empty field says nothing; what is said is checked.
What a spreadsheet does to a list is mended where the mend is proven, and told: a country in small letters, a postcode that lost its
one leading zero in a country whose postcodes have a fixed number of digits. What cannot be proven (a waybill that became
1.23457E+15, a postcode that lost two zeros) is refused. Never here: files, what is known already.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from sortctl.plan.postcodes import DIGITS, lost_zero
from sortctl.plan.ranges import is_postcode, normalised
from sortctl.site.countries import COUNTRIES
from sortctl.site.spreadsheet import MEND_QUOTE, OPEN_QUOTE, separator_of, split
from sortctl.site.wording import did_you_mean
from sortctl.words.parcels import RECORD_CODES_MAX, CustomsState, Declaration, ParcelRecord

CODE_MAX: Final = 128
NAME_MAX: Final = 40
REASON_MAX: Final = 200
WEIGHT_G_MAX: Final = 1_000_000
SIDE_MM_MAX: Final = 20_000
STOP_MAX: Final = 1_000_000
VALUE_CENTS_MAX: Final = 10**12
ALIKE_MAX: Final = 4_096
"""Texts of one column that are remembered with their meaning."""
EARLIEST_S: Final = 946_684_800
"""2000-01-01. A parcel of before is a wrong unit or a wrong clock."""
PROMISE_H_MAX: Final = 720
"""A month: a longer promise is a mistake."""
LATEST_S: Final = 4_102_444_800
"""2100-01-01."""

ZERO: Final = "postcode had lost its leading zero: put back"
SMALL: Final = "country in small letters: taken in capitals"
SMALL_CODE: Final = "waybill or id in small letters: found in capitals as well"
ZEROS: Final = "waybill ends in zeros from its 16th digit on: if a spreadsheet held it as a number, the digits are gone"
DIGITS_KEPT: Final = 15
"""Of a number in a spreadsheet; the others become zeros."""
ZEROS_MIN: Final = 3
"""Fewer end many a waybill by chance."""
_NOBODY: Final = frozenset({"false", "no", "n", "none", "0", "-", "falsch", "nein", "faux", "non"})


class Wrong(Exception):
    """A line that cannot be taken: in which column, what is wrong, what to do."""

    def __init__(self, key: str, what: str, mend: str) -> None:
        super().__init__(what)
        self.key, self.what, self.mend = key, what, mend


class Line(NamedTuple):
    """What a line says, and what was mended to read it."""

    record: ParcelRecord
    mended: tuple[str, ...] = ()


class Column(NamedTuple):
    """One column: the field of the record, how its text is read, and the words for the manual."""

    field: str
    read: Callable[[str], object]
    means: str


def _text(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > most:
            raise ValueError(f"has {len(text)} characters", f"at most {most}")
        if not text.isprintable():
            raise ValueError("has characters that cannot be printed", "write plain text")
        return text

    return read


def _number(most: int, unit: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f'"{text[:40]}" is no whole number', f"write {unit} in plain digits, as 1500")
        if len(text) > 18 or int(text) > most:
            raise ValueError(f"{text[:40]} is too much", f"write {unit}, at most {most}")
        return int(text)

    return read


def _word(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    known = {str(one): one for one in kind if one}

    def read(text: str) -> StrEnum:
        found = known.get(text.lower().replace(" ", "_"))
        if found is None:
            raise ValueError(f'there is no "{text[:40]}"', did_you_mean(text.lower(), known))
        return found

    return read


def _moment(text: str) -> int:
    """Seconds since 1970 from 2026-02-03T14:00:00Z, 2026-02-03T15:00+01:00, or the seconds themselves."""
    if text.isascii() and text.isdigit() and len(text) <= 12:
        at_s = int(text)
    else:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f'"{text[:40]}" is no moment', "write it as 2026-02-03T14:00:00Z") from None
        if at.tzinfo is None:
            raise ValueError(f'"{text[:40]}" has no time zone', "write it in UTC, as 2026-02-03T14:00:00Z")
        at_s = int(at.timestamp())
    if not EARLIEST_S <= at_s < LATEST_S:
        raise ValueError(f'"{text[:40]}" is not between 2000 and 2100', "write seconds, or 2026-02-03T14:00:00Z")
    return at_s


def _promise(text: str) -> int:
    """A moment, or hours from the import on: those are seconds, far before any moment that is taken (`merge.py` makes one of them)."""
    if not text.startswith("+"):
        return _moment(text)
    hours = text[1:].removesuffix("h")
    if not (hours.isascii() and hours.isdigit() and 0 < int(hours[:4]) <= PROMISE_H_MAX and len(hours) <= 3):
        raise ValueError(f'"{text[:40]}" is no time from now', f"write hours, as +72h, up to +{PROMISE_H_MAX}h")
    return int(hours) * 3_600


def _reason(text: str) -> str:
    if text.lower() in _NOBODY:
        raise ValueError(f'is "{text}", which would hold the parcel', "leave it empty where nobody does, else say why")
    return _text(REASON_MAX)(text)


def _code(text: str) -> str:
    if _is_rounded(text):
        raise ValueError(
            f'"{text[:40]}" was rounded by a spreadsheet', "format the column as text and export the list again"
        )
    if len(text) > CODE_MAX or not text.isprintable():
        raise ValueError("is no code", f"write 1 to {CODE_MAX} printable characters")
    if text.endswith(".0") and text[:-2].isdigit():
        raise ValueError(f'"{text[:40]}" was made a number', "format the column as text and export the list again")
    if text[0] in "=#'":
        what = f'"{text[:40]}" is no code but what a spreadsheet writes for a formula, an error or a text'
        raise ValueError(what, "write what the barcode holds; format the column as text")
    if not text.isascii():
        strange = next(sign for sign in text if not sign.isascii())
        raise ValueError(f'"{text[:40]}" has a {strange}, which no barcode holds', "write plain letters and digits")
    return text


def _codes(text: str) -> tuple[str, ...]:
    if "|" not in text and ";" not in text:
        return (_code(text),)
    parts = (part.strip() for part in text.replace(";", "|").split("|"))
    codes = tuple(dict.fromkeys(_code(part) for part in parts if part))
    if len(codes) > RECORD_CODES_MAX:
        raise ValueError(f"has {len(codes)} codes", f"at most {RECORD_CODES_MAX}")
    return codes


def _country(text: str) -> str:
    if text.upper() not in COUNTRIES:
        raise ValueError(f'there is no country "{text[:40]}"', "write two letters of ISO 3166-1, as BE or NL")
    return text.upper()


def _postcode(text: str) -> str:
    if text.endswith(".0"):
        raise ValueError(f'"{text[:40]}" was made a number', "format the column as text and export the list again")
    postcode = normalised(text)
    if not is_postcode(postcode):
        raise ValueError(f'"{text[:40]}" is no postcode', "write letters and digits, or nothing")
    return postcode


def _goods(text: str) -> str:
    digits = text.replace(".", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise ValueError(f'"{text[:40]}" is no tariff number', "write up to ten digits")
    return digits


def _often(read: Callable[[str], object]) -> Callable[[str], object]:
    """The same few texts stand in a million lines: each is read once."""
    return lru_cache(ALIKE_MAX)(read)


COLUMNS: Final[Mapping[str, Column]] = {
    "waybill": Column("waybill", _code, "as the barcode holds it"),
    "ids": Column("ids", _codes, f"other codes of the parcel, up to {RECORD_CODES_MAX}, separated by |"),
    "tenant": Column("tenant", _often(_text(NAME_MAX)), "platform or merchant"),
    "country": Column("country", _often(_country), "two letters of ISO 3166-1"),
    "postcode": Column("postcode", _often(_postcode), "as written in that country"),
    "service": Column("service", _often(_text(NAME_MAX)), "name of the service, as the plan calls it"),
    "weight_g": Column("weight_g", _often(_number(WEIGHT_G_MAX, "grams")), "declared weight in grams"),
    "length_mm": Column("length_mm", _often(_number(SIDE_MM_MAX, "millimetres")), "declared length"),
    "width_mm": Column("width_mm", _often(_number(SIDE_MM_MAX, "millimetres")), "declared width"),
    "height_mm": Column("height_mm", _often(_number(SIDE_MM_MAX, "millimetres")), "declared height"),
    "declaration": Column("declaration", _often(_word(Declaration)), "h7, h6, h1, transit, export, return or domestic"),
    "customs": Column(
        "customs", _often(_word(CustomsState)), "not_lodged, lodged, assessed, released, under_control, ..."
    ),
    "customs_at": Column("customs_at_s", _often(_moment), "moment of that word, as 2026-02-03T14:00:00Z; empty: now"),
    "customs_by": Column("customs_by", _often(_text(REASON_MAX)), "message or office it came from"),
    "goods": Column("goods", _often(_goods), "tariff number (HS), up to ten digits"),
    "value_cents": Column("value_cents", _often(_number(VALUE_CENTS_MAX, "cents")), "value in cents"),
    "hold": Column("hold", _often(_reason), "who holds it and why"),
    "intercept": Column("intercept", _often(_reason), "why business wants it out"),
    "departure": Column("departure", _often(_text(NAME_MAX)), "the departure it is booked on"),
    "stop": Column(
        "stop", _often(_number(STOP_MAX, "the number of the stop")), "its turn on the delivery route, from 1"
    ),
    "due": Column("due_s", _often(_promise), "promised at the door by then; +72h: so many hours from its first import"),
}
"""What a list may say. Only `waybill` must be there."""


class Layout(NamedTuple):
    """How the lines of one list are to be read."""

    separator: str
    columns: tuple[Column | None, ...]
    """None: a column that is left out."""
    country: int
    """Which column it is; below 0: there is none."""


def read_header(text: str, *, skip_unknown: bool, separator: str = "") -> Layout:
    """The header of a CSV list; the separator may have been told. Raises Wrong."""
    separator = separator or separator_of(text)
    names = [name.strip().lower() for name in _split(text, separator)]
    while names and not names[-1]:
        names.pop()  # spreadsheets write as many separators as the widest row has
    if not set(names) & set(COLUMNS):
        mend = f"name the columns in the first line, separated by commas, semicolons or tabs: {', '.join(COLUMNS)}"
        raise Wrong("", "has no name of a column", f"{mend}; only waybill must be there")
    check_names(names, skip_unknown=skip_unknown)
    if "waybill" not in names:
        raise Wrong("waybill", "column is missing", f"the columns are {', '.join(COLUMNS)}; only waybill must be there")
    twice = next((name for name in names if names.count(name) > 1 and name in COLUMNS), None)
    if twice:
        raise Wrong(twice, "column stands there twice", "delete one of them")
    country = names.index("country") if "country" in names else -1
    return Layout(separator, tuple(COLUMNS.get(name) for name in names), country)


def check_names(names: list[str], *, skip_unknown: bool) -> None:
    """No column of another name. Raises Wrong."""
    for name in names:
        if name not in COLUMNS and not skip_unknown:
            mend = did_you_mean(name, COLUMNS)
            raise Wrong(name[:NAME_MAX], "unknown column", f"{mend}; --skip-unknown leaves it out")


def read_csv(layout: Layout, text: str) -> Line:
    """One line of a CSV list. Raises Wrong."""
    fields = _split(text, layout.separator)
    while len(fields) > len(layout.columns) and not fields[-1].strip():
        fields.pop()
    if len(fields) != len(layout.columns):
        what = f"has {len(fields)} fields where the header has {len(layout.columns)}"
        raise Wrong("", what, f"put one {layout.separator!r} between two fields; quote a field that holds one")
    said: dict[str, Any] = {}
    column = None
    try:
        for column, raw in zip(layout.columns, fields, strict=True):
            text = raw.strip()
            if text and column is not None:
                said[column.field] = column.read(text)
    except ValueError as wrong:
        raise _in_column(column, wrong) from None
    return _line(said, fields[layout.country] if layout.country >= 0 else "")


def read_json(text: str, *, skip_unknown: bool) -> Line:
    """One line of JSON: an object with the names of the columns. Raises Wrong."""
    try:
        told = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Wrong(
            "", f"is no JSON object: {error}"[:REASON_MAX], 'write one object a line, as {"waybill":"X1"}'
        ) from None
    check_names(list(told), skip_unknown=skip_unknown)
    said: dict[str, Any] = {}
    column = None
    try:
        for name, value in told.items():
            column = COLUMNS.get(name)
            if column is not None and (field := _plain(name, value)):
                said[column.field] = column.read(field)
    except ValueError as wrong:
        raise _in_column(column, wrong) from None
    return _line(said, str(told.get("country") or ""))


_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


def _line(said: dict[str, Any], country_said: str) -> Line:
    waybill = said.get("waybill")
    if not waybill:
        raise Wrong("waybill", "is empty", "write what the barcode holds")
    country, postcode = said.get("country", ""), said.get("postcode", "")
    mended: tuple[str, ...] = (SMALL,) if country and not country_said.isupper() else ()
    short = DIGITS.get(country, 0) - len(postcode) if postcode else 0
    if short > 0 and postcode.isdigit():
        if not lost_zero(country, postcode):
            what = f'"{postcode}" has {len(postcode)} digits where a postcode in {country} has {DIGITS[country]}'
            raise Wrong("postcode", what, "format the column as text and export the list again")
        said["postcode"], mended = f"0{postcode}", (*mended, ZERO)
    ids = said.get("ids", ())
    if waybill.islower() or any(map(str.islower, ids)):
        ids = tuple(dict.fromkeys((*ids, *(code.upper() for code in (waybill, *ids) if code.islower()))))[
            :RECORD_CODES_MAX
        ]
        mended = (*mended, SMALL_CODE)
    if ids:
        said["ids"] = tuple(code for code in ids if code != waybill)
    if waybill.endswith("0" * ZEROS_MIN) and _lost_digits(waybill):
        mended = (*mended, ZEROS)
    return Line(ParcelRecord(**said), mended)


def _in_column(column: Column | None, wrong: ValueError) -> Wrong:
    what, mend = wrong.args
    name = next((name for name, one in COLUMNS.items() if one is column), "")
    return Wrong(name, what, mend)


def _plain(name: str, value: object) -> str:
    """What stands in a JSON field, as it would stand in a CSV one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if name == "ids" and isinstance(value, list) and all(isinstance(code, str) for code in value):
        return "|".join(value)
    raise Wrong(name[:NAME_MAX], "is no text and no whole number", "write it in quotes")


def _split(text: str, separator: str) -> list[str]:
    fields = split(text, separator)
    if fields is None:
        raise Wrong("", OPEN_QUOTE, MEND_QUOTE)
    return fields


def _lost_digits(waybill: str) -> bool:
    behind = waybill[DIGITS_KEPT:]
    return len(behind) >= ZEROS_MIN and waybill.isdigit() and not behind.strip("0")


def _is_rounded(text: str) -> bool:
    if "+" not in text:
        return False
    mantissa, mark, exponent = text.upper().partition("E+")
    return bool(mark) and exponent.isdigit() and mantissa.replace(".", "", 1).replace(",", "", 1).isdigit()
