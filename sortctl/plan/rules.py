"""Rules: the rows of plan/rules.csv to checked rules.

Comes in: rows, the classes of sizes. Goes out: the rules that are sound, which line leads where, every mistake with its line and
column. Lower case is taken for capitals where both mean the same; a column that is not there asks for nothing.
Never here: which rule wins (`rule.py`), whether a destination exists (`load.py`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sortctl.plan.document import RULES
from sortctl.plan.postcodes import DIGITS, canonical, lost_zero
from sortctl.plan.ranges import is_postcode, normalised
from sortctl.plan.rule import WEIGHT_ANY, Rule
from sortctl.site.countries import COUNTRIES
from sortctl.site.problem import Problem
from sortctl.site.table import Row, whole_number
from sortctl.site.wording import did_you_mean
from sortctl.words.parcels import CustomsState, Declaration

Fault = tuple[str, str, str]
"""Column, what, mend."""

WEIGHT_MAX: Final = 10_000_000
NAME_LENGTH_MAX: Final = 32
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+/-]{0,31}")
_TEXT_LENGTH_MAX: Final = 40
_DECLARATIONS: Final = frozenset(each.value for each in Declaration if each.value)
_STATES: Final = frozenset(each.value for each in CustomsState)
_MEANT: Final = "*"
"""Behind the digits of a postcode: its beginning, and nothing was dropped."""
_MOST: Final = 0.8


class Rules(NamedTuple):
    """Sound rules in the order of the file; every named destination with the first line that names it."""

    sound: list[Rule]
    leads: dict[str, int]


def read_rules(rows: Iterable[Row], sizes: Sequence[tuple[str, int]], problems: list[Problem]) -> Rules:
    """The rules of these rows."""
    letters = "".join(letter for letter, _ in sizes)
    sound: list[Rule] = []
    leads: dict[str, int] = {}
    lines: dict[str, int] = {}
    zeros: list[tuple[int, str, str]] = []
    for line, fields in rows:
        name = fields["rule"]
        faults: list[Fault] = []
        if not _NAME.fullmatch(name) or name in lines:
            faults += [*name_fault("rule", name), *twice("rule", name, lines.get(name, 0))]
        lines.setdefault(name, line)
        leads.setdefault(fields["destination"], line)
        rule = _rule(line, fields, letters, faults)
        if faults:
            problems += [Problem(RULES, line, *fault) for fault in faults]
            continue
        sound.append(rule)
        if rule.country in DIGITS and rule.first.isdigit() and _MEANT not in fields.get("postcode_from", ""):
            zeros.append((line, rule.country, rule.first))
    problems += _lost_zeros(zeros)
    return Rules(sound, leads)


def name_fault(column: str, name: str) -> list[Fault]:
    """A name of the planner's own must be one that can be printed and found again."""
    if _NAME.fullmatch(name):
        return []
    return [
        (column, f'"{name[:40]}" is no usable name', f"must be 1 to {NAME_LENGTH_MAX} letters, digits or - _ . + /")
    ]


def twice(column: str, name: str, line: int) -> list[Fault]:
    """`line` is where it stands already, 0 if nowhere."""
    return [(column, f'"{name[:40]}" stands in line {line} already', "keep one of the two")] if line else []


def country_fault(country: str) -> list[Fault]:
    """A country must be one."""
    if country in COUNTRIES:
        return []
    return [("country", f'there is no country "{country[:40]}"', "write two letters of ISO 3166-1, as BE or NL")]


def _rule(line: int, fields: Mapping[str, str], letters: str, faults: list[Fault]) -> Rule:
    get = fields.get
    country = get("country", "").upper()
    if country and country not in COUNTRIES:
        faults += country_fault(country)
    first, last = _postcodes(country, get("postcode_from", ""), get("postcode_to", ""), faults)
    low, high = get("weight_min_g", ""), get("weight_max_g", "")
    weights = _weights(low, high, faults) if low or high else (0, WEIGHT_ANY)
    declaration = get("declaration", "").lower()
    if declaration and declaration not in _DECLARATIONS:
        faults.append(
            ("declaration", f'there is no declaration "{declaration[:40]}"', did_you_mean(declaration, _DECLARATIONS))
        )
    customs = get("customs", "").lower().replace(" ", "_").replace("-", "_")
    if customs and customs not in _STATES:
        faults.append(("customs", f'there is no customs state "{customs[:40]}"', did_you_mean(customs, _STATES)))
    size = get("size", "")
    tenant, service, label = get("tenant", ""), get("service", ""), get("label", "")
    if tenant or service or label:
        faults += [
            fault for fault in map(_text_fault, ("tenant", "service", "label"), (tenant, service, label)) if fault
        ]
    return Rule(
        fields["rule"], fields["destination"], line, tenant.lower(), country, first, last, service.lower(), declaration,
        customs, label.lower(), *weights, _sizes(size, letters, faults) if size else "",
    )  # fmt: skip


def _text_fault(column: str, text: str) -> Fault | None:
    if len(text) <= _TEXT_LENGTH_MAX and (not text or text.isprintable()):
        return None
    return column, "is no usable text", f"write at most {_TEXT_LENGTH_MAX} printable characters"


def _postcodes(country: str, first: str, last: str, faults: list[Fault]) -> tuple[str, str]:
    """The canonical ends of the range; two empty ones if nothing is asked or what stands there is wrong."""
    if not first and not last:
        return "", ""
    one = canonical(country, normalised(first.removesuffix(_MEANT)))
    other = canonical(country, normalised(last.removesuffix(_MEANT))) or one
    found = [*_range_faults(one, other)]
    if not country:
        found.append(("country", "is empty although postcode_from is not", "write the country of these postcodes"))
    faults += found
    return ("", "") if found else (one, one if other == one else other)


def _range_faults(first: str, last: str) -> Iterator[Fault]:
    if last and not first:
        yield "postcode_from", "is empty although postcode_to is not", "fill in both, or none for the whole country"
        return
    for column, text in (("postcode_from", first), ("postcode_to", last)):
        if text and not is_postcode(text):
            yield column, f'"{text[:40]}" is no postcode', "write its first letters and digits"
            return
    if len(first) != len(last):
        what = f"has {len(last)} characters where postcode_from has {len(first)}"
        yield "postcode_to", what, "write both with the same length, as 1000 and 1299"
    elif first > last:
        yield "postcode_from", f"{first} is behind {last}", "exchange the two"


def _weights(low: str, high: str, faults: list[Fault]) -> tuple[int, int]:
    found = []
    for column, text, empty in (("weight_min_g", low, 0), ("weight_max_g", high, WEIGHT_ANY)):
        number = whole_number(text) if text else empty
        if number is None or (text and not 0 <= number <= WEIGHT_MAX):
            mend = f"write whole grams from 0 to {WEIGHT_MAX:,} without separators, as 2000, or nothing"
            faults.append((column, f'"{text[:40]}" is no weight', mend))
            return 0, WEIGHT_ANY
        found.append(number)
    if found[0] > found[1]:
        faults.append(("weight_min_g", f"{found[0]} is more than weight_max_g {found[1]}", "exchange the two"))
        return 0, WEIGHT_ANY
    return found[0], found[1]


def _sizes(text: str, letters: str, faults: list[Fault]) -> str:
    wanted = sorted(set(text.upper()) - set("; /+"))
    strange = [letter for letter in wanted if letter not in letters]
    if strange:
        known = (
            f"the classes are {', '.join(letters)}"
            if letters
            else "write them into plan/plan.toml as sizes = {S = 350}"
        )
        faults.append(("size", f'there is no size class "{strange[0]}"', known))
    return "".join(wanted)


def _lost_zeros(found: Sequence[tuple[int, str, str]]) -> Iterator[Problem]:
    """Digits that are one short of a whole postcode, or of what the country's other rules have, none of which begins with 0."""
    lengths: dict[str, Counter[int]] = {}
    has_zero: set[str] = set()
    for _, country, first in found:
        lengths.setdefault(country, Counter())[len(first)] += 1
        if first[0] == "0":
            has_zero.add(country)
    for line, country, first in found:
        length, times = lengths[country].most_common(1)[0]
        odd = len(first) == length - 1 and times >= _MOST * lengths[country].total() and country not in has_zero
        if lost_zero(country, first) or odd:
            whole = (
                f"a postcode of {country} has {DIGITS[country]}"
                if lost_zero(country, first)
                else f"others have {length}"
            )
            what = f"{first} has {len(first)} digits, {whole}: a spreadsheet may have dropped the zero in front"
            mend = f"write 0{first}, or {first}{_MEANT} if every postcode that begins with {first} is meant"
            yield Problem(RULES, line, "postcode_from", what, mend, "warning")
