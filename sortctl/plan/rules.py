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
from sortctl.plan.ranges import CODE_LENGTH_MAX, POSTCODE_LENGTH_MAX, normalised
from sortctl.plan.rule import WEIGHT_ANY, Asks, Rule
from sortctl.site.countries import COUNTRIES
from sortctl.site.problem import Problem
from sortctl.site.table import whole_number
from sortctl.site.wording import did_you_mean
from sortctl.words.parcels import CustomsState, Declaration

Fault = tuple[str, str, str]
"""Column, what, mend."""

WEIGHT_MAX: Final = 10_000_000
NAME_LENGTH_MAX: Final = 32
COLUMNS: Final = {
    "rule": "a name of your own, shown wherever the rule decides",
    "tenant": "platform or merchant; empty, as in all further columns: any",
    "code_from": "first letters and digits of the lowest waybill or barcode",
    "code_to": "the same of the highest, with the same length; empty: only code_from",
    "service": "name of a service, as the host says it",
    "country": "two letters of ISO 3166-1",
    "postcode_from": "first letters and digits of the lowest postcode; empty: the whole country",
    "postcode_to": "the same of the highest, with the same length; empty: only postcode_from",
    "declaration": "h7, h6, h1, transit, export, return or domestic",
    "customs": "state of the parcel with customs, as released",
    "weight_min_g": "from this weight on, in g",
    "weight_max_g": "up to and with this weight, in g",
    "size": "class letters of plan/plan.toml, as S or SM",
    "label": "kind of label, as s10",
    "destination": "one of plan/destinations.csv",
}
"""What stands in rules.csv."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+/-]{0,31}")
_TEXT_LENGTH_MAX: Final = 40
_DECLARATIONS: Final = {each.value: each.value for each in Declaration}
_STATES: Final = {each.value: each.value for each in CustomsState} | {"": ""}
_WORDS: Final = {"declaration": "declaration", "customs": "customs state"}
_MEANT: Final = "*"
"""Behind the digits of a postcode: its beginning, and nothing was dropped."""
_MOST: Final = 0.8


class Rules(NamedTuple):
    """Sound rules in the order of the file; every named destination with the first line that names it.

    `digits`: those of countries whose postcodes may begin with 0, where a spreadsheet may have dropped it.
    """

    sound: list[Rule]
    leads: dict[str, int]
    digits: list[Rule]


def read_rules(
    rows: Iterable[tuple[int, Sequence[str]]], sizes: Sequence[tuple[str, int]], problems: list[Problem]
) -> Rules:
    """The rules of these rows: line, and fields in the order of `COLUMNS`."""
    asking = _Asking("".join(letter for letter, _ in sizes))
    sound: list[Rule] = []
    leads: dict[str, int] = {}
    lines: dict[str, int] = {}
    digits: list[Rule] = []
    for line, fields in rows:
        name, tenant, low, high, service, country, first, last, *further, destination = fields
        asks, wrong = asking.about(tenant, service, country, *further)
        faults: list[Fault] = list(wrong)
        if lines.setdefault(name, line) != line or not _NAME.fullmatch(name):
            before = lines[name]
            faults += [*name_fault("rule", name), *twice("rule", name, 0 if before == line else before)]
        rule = Rule(
            name,
            destination,
            line,
            asks,
            *(_postcodes(asks.country, first, last, faults) if first or last else ("", "")),
            *(_codes(low, high, faults) if low or high else ("", "")),
        )
        leads.setdefault(destination, line)
        if faults:
            problems += [Problem(RULES, line, *fault) for fault in faults]
            continue
        sound.append(rule)
        if asks.country in DIGITS and rule.first.isdigit() and _MEANT not in first:
            digits.append(rule)
    return Rules(sound, leads, digits)


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


class _Asking:
    """What rules ask for beside their ranges: read once for all that say the same."""

    def __init__(self, letters: str) -> None:
        self._letters = letters
        self._said: dict[tuple[str, ...], tuple[Asks, list[Fault]]] = {}
        self._asks: dict[Asks, Asks] = {}

    def about(self, *said: str) -> tuple[Asks, list[Fault]]:
        """Tenant, service, country and what stands behind the postcodes; with what is wrong in it."""
        found = self._said.get(said)
        if found is None:
            asks, faults = _asks(said, self._letters)
            found = self._said[said] = self._asks.setdefault(asks, asks), faults
        return found


def _asks(said: tuple[str, ...], letters: str) -> tuple[Asks, list[Fault]]:
    tenant, service, country, declaration, customs, low, high, size, label = said
    country = country.upper()
    tenant, service, label = tenant.lower(), service.lower(), label.lower()
    faults: list[Fault] = []
    if country and country not in COUNTRIES:
        faults += country_fault(country)
    faults += [fault for fault in map(_text_fault, ("tenant", "service", "label"), (tenant, service, label)) if fault]
    asks = Asks(
        tenant,
        country,
        service,
        _one_of("declaration", declaration, _DECLARATIONS, faults) if declaration else "",
        _one_of("customs", customs, _STATES, faults) if customs else "",
        label,
        *(_weights(low, high, faults) if low or high else (0, WEIGHT_ANY)),
        _sizes(size, letters, faults) if size else "",
    )
    return asks, faults


def _one_of(column: str, text: str, known: Mapping[str, str], faults: list[Fault]) -> str:
    word = text.lower().replace(" ", "_").replace("-", "_")
    if word not in known:
        faults.append((column, f'there is no {_WORDS[column]} "{text[:40]}"', did_you_mean(word, filter(None, known))))
    return known.get(word, "")


def _text_fault(column: str, text: str) -> Fault | None:
    if len(text) <= _TEXT_LENGTH_MAX and (not text or text.isprintable()):
        return None
    return column, "is no usable text", f"write at most {_TEXT_LENGTH_MAX} printable characters"


def _postcodes(country: str, first: str, last: str, faults: list[Fault]) -> tuple[str, str]:
    """The canonical ends of the range; two empty ones if what stands there is wrong."""
    plain = not last and country and country != "GB" and first.isascii() and first.isdigit()
    if plain and len(first) <= POSTCODE_LENGTH_MAX:
        return first, first  # as nearly all are
    one = canonical(country, normalised(first.removesuffix(_MEANT)))
    other = canonical(country, normalised(last.removesuffix(_MEANT))) or one
    found = [*_range_faults("postcode", one, other, POSTCODE_LENGTH_MAX)]
    if not country:
        found.append(("country", "is empty although postcode_from is not", "write the country of these postcodes"))
    faults += found
    return ("", "") if found else (one, one if other == one else other)


def _codes(first: str, last: str, faults: list[Fault]) -> tuple[str, str]:
    one = normalised(first.removesuffix(_MEANT))
    other = normalised(last.removesuffix(_MEANT)) or one
    found = [*_range_faults("code", one, other, CODE_LENGTH_MAX)]
    faults += found
    return ("", "") if found else (one, other)


def _range_faults(name: str, first: str, last: str, length_max: int) -> Iterator[Fault]:
    low, high = f"{name}_from", f"{name}_to"
    if last and not first:
        everything = " for the whole country" if name == "postcode" else ""
        yield low, f"is empty although {high} is not", f"fill in both, or none{everything}"
        return
    for column, text in ((low, first), (high, last)):
        if text and not (text.isascii() and text.isalnum() and len(text) <= length_max):
            yield column, f'"{text[:40]}" is no {name}', f"write its first letters and digits, at most {length_max}"
            return
    if len(first) != len(last):
        what = f"has {len(last)} characters where {low} has {len(first)}"
        yield high, what, "write both with the same length, as 1000 and 1299"
    elif first > last:
        yield low, f"{first} is behind {last}", "exchange the two"


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
        mend = (
            f"the classes are {', '.join(letters)}" if letters else "write them into plan/plan.toml: sizes = {S = 350}"
        )
        faults.append(("size", f'there is no size class "{strange[0]}"', mend))
    return "".join(wanted)


def lost_zeros(found: Sequence[Rule]) -> Iterator[Problem]:
    """Digits that are one short of a whole postcode, or of what the country's other rules have, none of which begins with 0."""
    lengths: dict[str, Counter[int]] = {}
    has_zero = {rule.asks.country for rule in found if rule.first[0] == "0"}
    for rule in found:
        lengths.setdefault(rule.asks.country, Counter())[len(rule.first)] += 1
    usual = {
        country: length
        for country, counts in lengths.items()
        for length, times in counts.most_common(1)
        if times >= _MOST * counts.total() and country not in has_zero
    }
    for rule in found:
        country, first = rule.asks.country, rule.first
        is_lost = lost_zero(country, first)
        if is_lost or len(first) == usual.get(country, 0) - 1:
            whole = f"a postcode of {country} has {DIGITS[country]}" if is_lost else f"others have {usual[country]}"
            what = f"{first} has {len(first)} digits, {whole}: a spreadsheet may have dropped the zero in front"
            mend = f"write 0{first}, or {first}{_MEANT} if every postcode that begins with {first} is meant"
            yield Problem(RULES, rule.line, "postcode_from", what, mend, "warning")
