"""Fields: what planners write in the columns of departures.csv, read so that what spreadsheets make of it is taken or refused by name.

Comes in: the text of one field. Goes out: its value, or what is wrong and how to mend it. Never here: several fields at once
(`load.py`), dates and zones.
"""

import re
from typing import Final, NamedTuple

from sortctl.site.table import whole_number
from sortctl.site.wording import did_you_mean

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+/-]{0,31}")
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_LETTERS_MIN: Final = 2
EVERY_DAY: Final = frozenset(range(7))
_NUMBERS: Final = re.compile(r"[1-7.\s]+")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(:00)?")
_MEND_DAYS: Final = "write days as Mon-Fri, Sat;Sun or 12345 (1 is Monday), or nothing for every day"

Fault = tuple[str, str, str]
"""Column, what, mend."""


class Field(NamedTuple):
    """A value, and what is wrong with it. With faults the value is some value of its type."""

    value: int
    faults: tuple[Fault, ...] = ()


class Weekdays(NamedTuple):
    """Days of the week, 0 Monday to 6 Sunday."""

    value: frozenset[int]
    faults: tuple[Fault, ...] = ()


def name_faults(column: str, name: str) -> list[Fault]:
    """A name must be one that can be printed and found again."""
    if NAME.fullmatch(name):
        return []
    if name.startswith("!"):
        return [
            (column, f'"{name[:40]}" is no place that parcels leave for', "name a destination of the plan without !")
        ]
    return [(column, f'"{name[:40]}" is no usable name', "must be 1 to 32 letters, digits or - _ . + /")]


def weekdays(text: str) -> Weekdays:
    """Mon-Fri, Sat;Sun, 12345, or 1.3.5.. as timetables print it."""
    plain = text.strip().lower()
    if plain in {"", "daily"}:
        return Weekdays(EVERY_DAY)
    if _NUMBERS.fullmatch(plain) and any(sign.isdigit() for sign in plain):
        return Weekdays(frozenset(int(sign) - 1 for sign in plain if sign.isdigit()))
    days: set[int] = set()
    for piece in re.split(r"[;\s/]+", plain.strip(";")):
        first, _, last = piece.partition("-")
        ends = [_day(end) for end in (first, last or first)]
        if None in ends:
            strange = next(end for end in (first, last) if _day(end) is None)
            near = did_you_mean(strange[:3], [day[:3] for day in DAYS])
            mend = near if near.startswith("did") else _MEND_DAYS
            return Weekdays(EVERY_DAY, (("weekdays", f'"{text[:40]}" names no weekdays', mend),))
        low, high = (end for end in ends if end is not None)
        days.update(range(low, high + 1) if low <= high else (*range(low, 7), *range(high + 1)))
    return Weekdays(frozenset(days))


def _day(text: str) -> int | None:
    """Mo, Mon, Monday, or what lies between them."""
    if len(text) < DAY_LETTERS_MIN:
        return None
    return next((number for number, day in enumerate(DAYS) if day.startswith(text)), None)


def time_of_day(text: str) -> Field:
    """HH:MM to seconds; 8:05 and 08:05:00 are what spreadsheets make of it."""
    found = _TIME.fullmatch(text)
    if found and int(found[1]) < 24 and int(found[2]) < 60:
        return Field(int(found[1]) * 3_600 + int(found[2]) * 60)
    mend = "write hours and minutes of 24, as 18:30"
    if text in {"24:00", "24:00:00"}:
        mend = "write 00:00 and the weekday after, or 23:59"
    what = f'"{text[:40]}" is no time of day' if text else "is empty"
    return Field(0, (("cut_off", what, mend),))


def minutes(column: str, text: str, limits: tuple[int, int], empty: int | None = None) -> Field:
    """Whole minutes within limits, to seconds. `empty`: what nothing means; None: something must stand there."""
    if not text and empty is not None:
        return Field(empty * 60)
    number = whole_number(text)
    if number is None or not limits[0] <= number <= limits[1]:
        what = f'"{text[:40]}" is no number of minutes that fits' if text else "is empty"
        return Field(limits[0] * 60, ((column, what, f"write a whole number from {limits[0]:,} to {limits[1]:,}"),))
    return Field(number * 60)


def yes_no(column: str, text: str) -> Field:
    """1 for yes; nothing is no."""
    known = {"": 0, "no": 0, "false": 0, "yes": 1, "true": 1}
    if text.lower() in known:
        return Field(known[text.lower()])
    return Field(0, ((column, f'is "{text[:40]}"', "write yes or no"),))


def choice(column: str, text: str, known: tuple[str, ...]) -> Field:
    """The place of one of several words."""
    if text.lower() in known:
        return Field(known.index(text.lower()))
    return Field(0, ((column, f'is "{text[:40]}"', f"write {' or '.join(known)}"),))
