"""Shape: a small language for what a number looks like, that planners can write and that cannot run away.

Comes in: a pattern such as `1Z(shipper:*{6})(service:**)*{7}#`. `#` is a digit, `?` a capital letter, `*` either, `[1-5A]` one
of these; `{6}` or `{9-30}` repeats what stands before it; `(role:...)` names a part; letters, digits and - . / % + _ stand for
themselves. Goes out: a `Shape`, or `ShapeWrong` with a sentence for the person who wrote it.

Time is bounded by construction: a pattern spans at most LENGTH_MAX characters and has at most VARIABLE_MAX parts of
variable length, so that matching tries at most LENGTH_MAX squared ways. Never here: regular expressions from a file.
"""

import re
from string import ascii_letters, digits
from typing import Final

from msgspec import Struct

LENGTH_MAX: Final = 128
"""Longer than any one-dimensional code that a tunnel reads; a waybill of the parcel list has the same limit."""
VARIABLE_MAX: Final = 2
DEPTH_MAX: Final = 2
"""A part within a part: what is checked around the waybill itself."""

ROLES: Final = {
    "waybill": "the number by which the parcel is known; without it the whole text",
    "checked": "what the check digit is for, itself at the end; without it the waybill",
    "country": "destination: two letters, or three digits, of ISO 3166-1",
    "postcode": "destination",
    "service": "the carrier's product",
    "shipper": "the carrier's customer",
    "piece": "which piece of a shipment",
}
"""Parts that a pattern may name."""

_CLASSES: Final = {"#": "[0-9]", "?": "[A-Z]", "*": "[0-9A-Z]"}
ALPHABET: Final = f"{ascii_letters}{digits}./%+_ -"
"""What a pattern can stand for."""
_ONE_OF: Final = re.compile(r"\[((?:[0-9A-Z](?:-[0-9A-Z])?){1,36})\]")
_COUNT: Final = re.compile(r"\{([0-9]{1,3})(?:-([0-9]{1,3}))?\}")
_ROLE: Final = re.compile(r"\(([a-z]{1,12}):")


class ShapeWrong(ValueError):
    """The pattern cannot be used; the text says why."""


class Shape(Struct, frozen=True):
    """A pattern, ready: texts of `shortest` to `longest` characters can have it."""

    regex: re.Pattern[str]
    shortest: int
    longest: int
    first: str
    """The characters that such a text can begin with."""
    fixed: bool
    """Something in it stands for itself: not every text of this length has the shape."""

    def match(self, text: str) -> dict[str, str] | None:
        """The parts by role; nothing if the text has another shape."""
        found = self.regex.fullmatch(text)
        return found.groupdict() if found else None


class _Part:
    """Where the reading of a pattern stands."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.out: list[str] = []
        self.shortest = self.longest = self.variable = 0
        self.open: list[str] = []
        self.roles: set[str] = set()
        self.first = ""
        self.fixed = False


def compile_shape(pattern: str) -> Shape:
    """The shape that `pattern` describes. Raises ShapeWrong."""
    if not pattern or len(pattern) > LENGTH_MAX:
        raise ShapeWrong(f"a pattern has 1 to {LENGTH_MAX} characters")
    part = _Part(pattern)
    while part.at < len(pattern):
        _step(part)
    if part.open:
        raise ShapeWrong(f"the part {part.open[-1]} is not closed with )")
    if not 0 < part.longest <= LENGTH_MAX:
        raise ShapeWrong(f"it takes up to {part.longest} characters, at most {LENGTH_MAX} are read")
    if part.variable > VARIABLE_MAX:
        raise ShapeWrong(f"it has {part.variable} parts of variable length, at most {VARIABLE_MAX} are taken")
    return Shape(re.compile("".join(part.out)), part.shortest, part.longest, part.first, part.fixed)


def _step(part: _Part) -> None:
    sign = part.pattern[part.at]
    if sign == "(":
        _open(part)
    elif sign == ")":
        if not part.open:
            raise ShapeWrong(f"there is a ) too many at character {part.at + 1}")
        part.open.pop()
        part.out.append(")")
        part.at += 1
    else:
        _atom(part, sign)


def _open(part: _Part) -> None:
    named = _ROLE.match(part.pattern, part.at)
    role = named[1] if named else ""
    if named is None or role not in ROLES:
        raise ShapeWrong(f"behind ( at character {part.at + 1} comes one of {', '.join(ROLES)}, and a colon")
    if role in part.roles:
        raise ShapeWrong(f"the part {role} stands there twice")
    if len(part.open) >= DEPTH_MAX:
        raise ShapeWrong(f"the part {role} is nested too deep")
    part.roles.add(role)
    part.open.append(role)
    part.out.append(f"(?P<{role}>")
    part.at = named.end()


def _atom(part: _Part, sign: str) -> None:
    if sign in _CLASSES:
        atom, end = _CLASSES[sign], part.at + 1
    elif one_of := _ONE_OF.match(part.pattern, part.at):
        if any(low > high for low, high in re.findall(r"(.)-(.)", one_of[1])):
            raise ShapeWrong(f"{one_of[0]} runs backwards")
        atom, end = one_of[0], one_of.end()
    elif sign in ALPHABET:
        atom, end = re.escape(sign), part.at + 1
    else:
        raise ShapeWrong(f"{sign!r} at character {part.at + 1} means nothing here")
    low = high = 1
    if count := _COUNT.match(part.pattern, end):
        low, end = int(count[1]), count.end()
        high = int(count[2]) if count[2] else low
        if high < 1 or low > high:
            raise ShapeWrong(f"{count[0]} repeats nothing")
    part.out.append(f"{atom}{{{low},{high}}}" if high > 1 or low != high else atom)
    if not part.shortest:
        part.first += "".join(one for one in ALPHABET if re.fullmatch(atom, one))
    part.fixed = part.fixed or (sign not in _CLASSES and low > 0)
    part.shortest += low
    part.longest += high
    part.variable += low != high
    part.at = end
