"""Records: one line of a list of parcels, CSV or JSON, to a `ParcelRecord`, or to what is wrong with it. Pure.

Comes in: a header, lines of text with their numbers. Goes out: records, each with the kinds of mending that were done to it;
or a problem in words for whoever wrote the list. An empty field says nothing; what is said is checked.
What a spreadsheet does to a list is mended where the mend is proven, and told: a country in small letters, a postcode that lost its
one leading zero in a country whose postcodes have a fixed number of digits. What cannot be proven (a waybill that became
1.23457E+15, a postcode that lost two zeros) is refused. Never here: files, what is known already.
"""

import csv
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from sortctl.plan.postcodes import DIGITS, lost_zero
from sortctl.plan.ranges import is_postcode, normalised
from sortctl.site.countries import COUNTRIES
from sortctl.site.wording import did_you_mean
from sortctl.words.parcels import RECORD_CODES_MAX, CustomsState, Declaration, ParcelRecord

CODE_MAX: Final = 128
NAME_MAX: Final = 40
REASON_MAX: Final = 200
WEIGHT_G_MAX: Final = 1_000_000
SIDE_MM_MAX: Final = 20_000
VALUE_CENTS_MAX: Final = 10**12
EARLIEST_S: Final = 946_684_800
"""2000-01-01. A parcel of before is a wrong unit or a wrong clock."""
LATEST_S: Final = 4_102_444_800
"""2100-01-01."""

ZERO: Final = "postcode had lost its leading zero: put back"
SMALL: Final = "country in small letters: taken in capitals"


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


def _code(text: str) -> str:
    if _is_rounded(text):
        raise ValueError(
            f'"{text[:40]}" was rounded by a spreadsheet', "format the column as text and export the list again"
        )
    return _text(CODE_MAX)(text)


def _codes(text: str) -> tuple[str, ...]:
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
    postcode = normalised(text)
    if not is_postcode(postcode):
        raise ValueError(f'"{text[:40]}" is no postcode', "write letters and digits, or nothing")
    return postcode


def _goods(text: str) -> str:
    digits = text.replace(".", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise ValueError(f'"{text[:40]}" is no tariff number', "write up to ten digits")
    return digits


COLUMNS: Final[Mapping[str, Column]] = {
    "waybill": Column("waybill", _code, "as the barcode holds it"),
    "ids": Column("ids", _codes, f"other codes of the parcel, up to {RECORD_CODES_MAX}, separated by |"),
    "tenant": Column("tenant", _text(NAME_MAX), "platform or merchant"),
    "country": Column("country", _country, "two letters of ISO 3166-1"),
    "postcode": Column("postcode", _postcode, "as written in that country"),
    "service": Column("service", _text(NAME_MAX), "name of the service, as the plan calls it"),
    "weight_g": Column("weight_g", _number(WEIGHT_G_MAX, "grams"), "declared weight in grams"),
    "length_mm": Column("length_mm", _number(SIDE_MM_MAX, "millimetres"), "declared length"),
    "width_mm": Column("width_mm", _number(SIDE_MM_MAX, "millimetres"), "declared width"),
    "height_mm": Column("height_mm", _number(SIDE_MM_MAX, "millimetres"), "declared height"),
    "declaration": Column("declaration", _word(Declaration), "h7, h6, h1, transit, export, return or domestic"),
    "customs": Column("customs", _word(CustomsState), "not_lodged, lodged, assessed, released, under_control, ..."),
    "customs_at": Column("customs_at_s", _moment, "moment of that word, as 2026-02-03T14:00:00Z; empty: now"),
    "customs_by": Column("customs_by", _text(REASON_MAX), "message or office it came from"),
    "goods": Column("goods", _goods, "tariff number (HS), up to ten digits"),
    "value_cents": Column("value_cents", _number(VALUE_CENTS_MAX, "cents"), "value in cents"),
    "hold": Column("hold", _text(REASON_MAX), "who holds it and why"),
    "intercept": Column("intercept", _text(REASON_MAX), "why business wants it out"),
    "departure": Column("departure", _text(NAME_MAX), "the departure it is booked on"),
    "due": Column("due_s", _moment, "promised at the door by then"),
}
"""What a list may say. Only `waybill` must be there."""


class Layout(NamedTuple):
    """How the lines of one list are to be read."""

    separator: str
    columns: tuple[Column | None, ...]
    """None: a column that is left out."""
    names: tuple[str, ...]


def read_header(text: str, *, skip_unknown: bool) -> Layout:
    """The header of a CSV list. Raises Wrong."""
    separator = max(",;\t", key=text.count)
    names = [name.strip().lower() for name in _split(text, separator)]
    while names and not names[-1]:
        names.pop()  # spreadsheets write as many separators as the widest row has
    check_names(names, skip_unknown=skip_unknown)
    if "waybill" not in names:
        raise Wrong("waybill", "column is missing", f"the columns are {', '.join(COLUMNS)}; only waybill must be there")
    twice = next((name for name in names if names.count(name) > 1 and name in COLUMNS), None)
    if twice:
        raise Wrong(twice, "column stands there twice", "delete one of them")
    return Layout(separator, tuple(COLUMNS.get(name) for name in names), tuple(names))


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
    mended: tuple[str, ...] = ()
    for column, raw in zip(layout.columns, fields, strict=True):
        field = raw.strip()
        if field and column is not None:
            said[column.field] = _read(column, field)
            if column.field == "country" and said["country"] != field:
                mended = (SMALL,)
    return _line(said, mended)


def read_json(text: str, *, skip_unknown: bool) -> Line:
    """One line of JSON: an object with the names of the columns. Raises Wrong."""
    try:
        told = _decode(text)
    except msgspec.DecodeError as error:
        raise Wrong(
            "", f"is no JSON object: {error}"[:REASON_MAX], 'write one object a line, as {"waybill":"X1"}'
        ) from None
    check_names(list(told), skip_unknown=skip_unknown)
    said: dict[str, Any] = {}
    mended: tuple[str, ...] = ()
    for name, value in told.items():
        column = COLUMNS.get(name)
        field = _plain(name, value)
        if field and column is not None:
            said[column.field] = _read(column, field)
            if name == "country" and said["country"] != field:
                mended = (SMALL,)
    return _line(said, mended)


_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


def _line(said: dict[str, Any], mended: tuple[str, ...]) -> Line:
    waybill = said.get("waybill")
    if not waybill:
        raise Wrong("waybill", "is empty", "write what the barcode holds")
    country, postcode = said.get("country", ""), said.get("postcode", "")
    if lost_zero(country, postcode):
        said["postcode"], mended = f"0{postcode}", (*mended, ZERO)
    elif postcode.isdigit() and len(postcode) < DIGITS.get(country, 0):
        what = f'"{postcode}" has {len(postcode)} digits where a postcode in {country} has {DIGITS[country]}'
        raise Wrong("postcode", what, "format the column as text and export the list again")
    if "ids" in said:
        said["ids"] = tuple(code for code in said["ids"] if code != waybill)
    return Line(ParcelRecord(**said), mended)


def _read(column: Column, text: str) -> object:
    try:
        return column.read(text)
    except ValueError as wrong:
        what, mend = wrong.args
        raise Wrong(column.field, what, mend) from None


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
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True), [])
    except csv.Error:
        raise Wrong("", "has a quote that is not closed", 'write "…" around the field, "" for a quote in it') from None


def _is_rounded(text: str) -> bool:
    mantissa, mark, exponent = text.upper().partition("E+")
    return bool(mark) and exponent.isdigit() and mantissa.replace(".", "", 1).replace(",", "", 1).isdigit()
