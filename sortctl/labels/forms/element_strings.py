"""Element strings: GS1 application identifiers and their data. The only file that knows biip.

Theory. An element that has no predefined length ends with a GS or with the message. A GS that is missing does not make
the message unreadable, it makes it say something else: 421 250 75001 and an SSCC behind it become another postcode and a
GTIN. So an element that is longer than it may be, or that ends in a whole SSCC, is a fault, and no field of that message
is given out. biip holds the table of identifiers; its own parser takes such a message without a word, and its
patterns for 43xx can be made to run for a long time, so lengths and signs are checked here.
Comes in: text with GS (1D) as it was read. Goes out: a `Message`. Never here: what follows for the parcel.
"""

import re
from functools import lru_cache
from typing import Final

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from msgspec import Struct

from sortctl.labels.gs1 import check_digit, looks_like_sscc, sscc_fault

GS: Final = "\x1d"
ELEMENTS_MAX: Final = 40
"""The largest Data Matrix holds 2,335 signs; a parcel label that fills it has some twenty elements."""

_SIGNS: Final = {"N": re.compile(r"[0-9]*"), "X": re.compile(r"[!-\"%-?A-Z_a-z]*"), "Y": re.compile(r"[#\-/0-9A-Z]*")}
_FIELD: Final = re.compile(r"([NXYZ])(\.\.)?([0-9]{1,2})|(-)")
_PREFIXES: Final = (2, 3, 4)
_CHECKED: Final = frozenset(("00", "01", "02", "03", "402", *(f"41{last}" for last in range(8))))
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


class Message(Struct, frozen=True):
    """The elements in their order, or what is wrong. With a fault there may be elements, but none is to be believed."""

    elements: tuple[tuple[str, str], ...]
    why: str = ""

    def value(self, identifier: str) -> str:
        """The data of this identifier, "" for none."""
        return next((value for found, value in self.elements if found == identifier), "")


class _Element(Struct, frozen=True):
    """How the data of one identifier must look: (signs, shortest, longest) of each of its fields."""

    identifier: str
    open_ended: bool
    fields: tuple[tuple[str, int, int], ...]
    encoded: bool
    """Text of 43xx: %20 stands for one sign."""

    @property
    def longest(self) -> int:
        return sum(longest for _, _, longest in self.fields)


def parse(text: str) -> Message:
    """Take a message apart. Never raises."""
    elements: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        if text[at] == GS:
            at += 1  # superfluous separators are legal
            continue
        if len(elements) >= ELEMENTS_MAX:
            return Message(tuple(elements), f"it has more than {ELEMENTS_MAX} elements")
        element = _lookup(text[at : at + 4])
        if element is None:
            return Message(tuple(elements), f"no application identifier begins with {text[at : at + 4]!a}")
        start = at + len(element.identifier)
        end = text.find(GS, start)
        end = len(text) if end < 0 else end
        if not element.open_ended:
            end = min(end, start + element.longest)
        value = text[start:end]
        why = _fault(element, value, end < len(text))
        if why:
            return Message(tuple(elements), why)
        elements.append((element.identifier, decode(value) if element.encoded else value))
        at = end
    return Message(tuple(elements), _together(elements))


def decode(value: str) -> str:
    """Text with %20 as in an address."""
    return _PERCENT.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), value)


def _fault(element: _Element, value: str, more: bool) -> str:
    """What is wrong with the data of one element. `more`: the message goes on behind it."""
    name = element.identifier
    size = len(decode(value)) if element.encoded else len(value)
    if element.open_ended and size > element.longest:
        return f"{name} has {size} characters, at most {element.longest}: the separator behind it is missing"
    at = 0
    for signs, shortest, longest in element.fields:
        part = value[at : at + longest] if not element.encoded else value
        if len(part) < shortest:
            return f"{name} is cut off: it has {len(value)} characters{' before a separator' if more else ''}"
        if not _SIGNS[signs].fullmatch(part):
            return f"{name} has signs that it may not have"
        at += len(part)
    if name in _CHECKED and value[-1] != str(check_digit(value[:-1])):
        return f"check digit of {name} is {value[-1]}, the number asks for {check_digit(value[:-1])}"
    if element.open_ended and len(value) > 20 and not name.startswith("9") and _is_sscc(value[-20:]):
        return f"{name} ends in a whole SSCC: the separator behind it is missing"
    return ""


def _is_sscc(text: str) -> bool:
    return looks_like_sscc(text) and not sscc_fault(text)


def _together(elements: list[tuple[str, str]]) -> str:
    """What elements must and must not have beside them (GS1 General Specifications, 4.13)."""
    values: dict[str, str] = {}
    for identifier, value in elements:
        if values.setdefault(identifier, value) != value:
            return f"{identifier} stands there twice, with different data"
    if not elements:
        return "it has no element"
    for one, other in (("420", "421"), ("421", "4307")):
        if one in values and other in values:
            return f"{one} and {other} may not stand in one message"
    return ""


@lru_cache(maxsize=4096)
def _lookup(start: str) -> _Element | None:
    """The identifier with which `start` begins. No identifier is the beginning of another one."""
    for length in _PREFIXES:
        candidate = start[:length]
        if len(candidate) == length and candidate.isascii() and candidate.isdigit():
            try:
                found = GS1ApplicationIdentifier.extract(candidate)
            except ParseError:
                continue
            return _element(found)
    return None


def _element(found: GS1ApplicationIdentifier) -> _Element:
    # "N3+N3+X..9": the identifier itself, then the fields of the data. What follows a [ may be left out.
    described = found.format.partition("+")[2]
    fields = []
    for field in _FIELD.finditer(described):
        signs, size = (field[1].replace("Z", "X"), int(field[3])) if field[1] else ("X", 1)
        shortest = 0 if "[" in described[: field.start()] else 1 if field[2] else size
        fields.append((signs, shortest, size))
    encoded = found.ai.startswith("43") and described.startswith("X..")
    return _Element(found.ai, found.separator_required, tuple(fields), encoded)
