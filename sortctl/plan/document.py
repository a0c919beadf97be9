"""Document: plan.toml, which says what this sort plan is, and the plan as one piece that can be kept, sent and named by checksum.

Comes in: the files of a site or of a folder with a plan in it. Goes out: a `Document`; the plan's own files, their bytes in one
piece and back. A site without plan.toml has one all the same: the name of its hub, version 0, always valid.
Never here: rules and destinations, where documents are kept (`shelf.py`).
"""

import tomllib
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from sortctl.plan.rule import SIZES_MAX
from sortctl.site.files import checksum
from sortctl.site.locate import Lines
from sortctl.site.problem import Problem
from sortctl.site.wording import did_you_mean

PLAN_FILE: Final = "plan/plan.toml"
RULES: Final = "plan/rules.csv"
DESTINATIONS: Final = "plan/destinations.csv"
FILES: Final = (PLAN_FILE, RULES, DESTINATIONS)
"""What a plan is made of, by the names in a site folder."""
VERSION_MAX: Final = 1_000_000_000
TEXT_MAX: Final = 400
DOCUMENT_BYTES_MAX: Final = 256 * 1024 * 1024
"""Unpacked: rules.csv and destinations.csv have 64 MB each at most."""
_FORMAT: Final = "sortctl-plan-1"
_KEYS: Final = ("id", "version", "valid_from", "valid_to", "author", "note", "sizes", "pass")
_PLACE: Final = " (at "


class Document(Struct, frozen=True):
    """What a plan says about itself. Moments in s of UTC since 1970; 0: no limit. `sizes`: letter, longest side in mm."""

    id: str
    version: int = 0
    valid_from_s: int = 0
    valid_to_s: int = 0
    author: str = ""
    note: str = ""
    sizes: tuple[tuple[str, int], ...] = ()
    passing: int = 1
    """Of sorting in sequence: the first pass or the second."""
    checksum: str = ""
    """Of its files."""

    def validity(self, wall_s: int) -> str:
        """Why it is not valid at this moment; nothing: it is."""
        if self.valid_from_s and wall_s < self.valid_from_s:
            return "it is not valid yet"
        if self.valid_to_s and wall_s >= self.valid_to_s:
            return "it is no longer valid"
        return ""


class DocumentDamaged(ValueError):
    """These bytes are no sort plan, or not the one that their name says; str() says which."""


class _Packed(Struct):
    format: str
    files: dict[str, bytes]


def plan_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of a site's files that are the plan."""
    return {name: files[name] for name in FILES if name in files}


def with_plan(site: Mapping[str, bytes], plan: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a site with this plan in the place of its own."""
    return {name: data for name, data in site.items() if name not in FILES} | plan_files(plan)


def document(files: Mapping[str, bytes]) -> bytes:
    """The plan among these files, in one piece."""
    packed = msgspec.msgpack.encode(_Packed(_FORMAT, plan_files(files)), order="deterministic")
    return zlib.compress(packed, 6)


def files(document_bytes: bytes, expected: str = "") -> dict[str, bytes]:
    """The files in such a piece; with `expected` they must have this checksum. Raises DocumentDamaged."""
    unpack = zlib.decompressobj()
    try:
        packed = unpack.decompress(document_bytes, DOCUMENT_BYTES_MAX)
        if not unpack.eof:
            raise DocumentDamaged("cannot be unpacked: it is cut off, or too large")
        held = msgspec.msgpack.decode(packed, type=_Packed)
    except (zlib.error, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise DocumentDamaged(f"cannot be unpacked: {error}") from None
    if held.format != _FORMAT or not set(held.files) <= set(FILES):
        raise DocumentDamaged("is not a sort plan of this version of sortctl")
    if expected and checksum(held.files) != expected:
        raise DocumentDamaged("does not have the checksum that its name says")
    return held.files


def read_document(given: Mapping[str, bytes], problems: list[Problem]) -> Document:
    """What plan.toml says; what is wrong with it goes to `problems`."""
    own = checksum(plan_files(given))
    if PLAN_FILE not in given:
        return Document(_hub_name(given), checksum=own)
    text, parsed = _parsed(given[PLAN_FILE], problems)
    if parsed is None:
        return Document("plan", checksum=own)
    lines = Lines(text)
    strange = [(key, "unknown key", did_you_mean(key, _KEYS)) for key in parsed if key not in _KEYS]
    faults = [*strange, *_faults(parsed)]
    problems += [Problem(PLAN_FILE, lines.line((key,)), key, what, mend) for key, what, mend in faults]
    if faults:
        return Document("plan", checksum=own)
    return Document(
        parsed["id"],
        parsed["version"],
        _moment(parsed.get("valid_from")) or 0,
        _moment(parsed.get("valid_to")) or 0,
        parsed.get("author", ""),
        parsed.get("note", ""),
        tuple(sorted(parsed.get("sizes", {}).items(), key=lambda size: (size[1], size[0]))),
        parsed.get("pass", 1),
        own,
    )


def _parsed(data: bytes, problems: list[Problem]) -> tuple[str, dict[str, Any] | None]:
    try:
        text = data.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError:
        problems.append(Problem(PLAN_FILE, 0, "", "is not UTF-8 text", "save it as UTF-8"))
    except (ValueError, RecursionError) as error:
        what, _, place = str(error).partition(_PLACE)
        line = place.removeprefix("line ").partition(",")[0]
        number = int(line) if line.isdigit() else 0
        what = f"is not TOML: {what[:1].lower()}{what[1:]}".rstrip(".")
        problems.append(Problem(PLAN_FILE, number, "", what, "mend this line first"))
    return "", None


def _faults(parsed: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Key, what, mend."""
    checks: dict[str, tuple[Callable[[Any], bool], str]] = {
        "id": (_is_name, 'must be a name of 1 to 64 letters, digits or - _ . +, as "lgg-evening"'),
        "version": (_is_version, "must be a whole number from 0, greater with each change"),
        "valid_from": (_is_moment, "must be a moment with its offset, as 2026-03-01T18:00:00Z"),
        "valid_to": (_is_moment, "must be a moment with its offset, as 2026-03-01T18:00:00Z"),
        "author": (_is_text, f"must be text of at most {TEXT_MAX} characters in quotes"),
        "note": (_is_text, f"must be text of at most {TEXT_MAX} characters in quotes"),
        "sizes": (_is_sizes, "must be a table of letters and longest sides in mm, as {S = 350, M = 600, L = 1200}"),
        "pass": (_is_pass, "must be 1 or 2: the pass of sorting in sequence"),
    }
    for key, (is_good, mend) in checks.items():
        if key in parsed and not is_good(parsed[key]):
            yield key, f"is {str(parsed[key])[:40]}", mend
        elif key not in parsed and key in {"id", "version"}:
            yield key, "is missing", mend.replace("must be", "add it:")
    since, until = _moment(parsed.get("valid_from")), _moment(parsed.get("valid_to"))
    if since is not None and until is not None and until <= since:
        yield "valid_to", "is not behind valid_from", "exchange the two"
    sides = list(parsed["sizes"].values()) if _is_sizes(parsed.get("sizes")) else []
    if len(set(sides)) != len(sides):
        yield "sizes", "has two classes with the same longest side", "delete one of them"


def _hub_name(given: Mapping[str, bytes]) -> str:
    """The site's own name stands in for a plan without one."""
    try:
        name = tomllib.loads(given.get("site.toml", b"").decode("utf-8-sig"))["hub"]["name"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "plan"
    return name if _is_name(name) else "plan"


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= 64
        and all(c.isascii() and (c.isalnum() or c in "-_.+") for c in value)
    )


def _is_version(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= VERSION_MAX


def _is_pass(value: object) -> bool:
    return type(value) is int and value in (1, 2)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_MAX


def _is_moment(value: object) -> bool:
    return _moment(value) is not None


def _is_sizes(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= SIZES_MAX
        and all(len(letter) == 1 and letter.isascii() and letter.isupper() for letter in value)
        and all(isinstance(side, int) and not isinstance(side, bool) and 0 < side <= 100_000 for side in value.values())
    )


def _moment(value: Any) -> int | None:
    """TOML's own moments; one without an offset could be any hour of the day."""
    if getattr(value, "tzinfo", None) is None:
        return None
    try:
        return int(value.timestamp())
    except (ValueError, OverflowError, AttributeError):
        return None
