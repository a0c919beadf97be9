"""Wording: what pydantic found, said for the person who wrote the file.

Comes in: a ValidationError of a model and where its keys stand. Goes out: problems that name the allowed values, taken
from the model's own JSON schema, so that no limit is written down twice. Never here: limits.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

from sortctl.site.locate import Path

Schema = Mapping[str, Any]

NAME_PATTERN: Final = "^[A-Za-z][A-Za-z0-9_-]{0,31}$"
NAME_OF_SECRET: Final = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"  # noqa: S105 its pattern
"""What stands in the place of a secret's name may be the secret: it is never printed."""
_IN_WORDS: Final = {
    NAME_PATTERN: "a name: a letter, then up to 31 letters, digits, _ or -",
    r"^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$": 'host:port, as "192.168.10.11:502"',
    r"^[A-Za-z0-9_./-]+\.csv$": 'the name of a .csv file in the site folder, as "chutes.csv"',
    "^([0-9A-Fa-f]{2})?$": 'one byte as two hex digits, as "02", or "" for none',
    "^([0-9A-Fa-f]{40})?$": 'a SHA-1 thumbprint of 40 hex digits without separators, or "" for none',
    r"^\S+$": 'a URI without spaces, as "urn:maker.example:conveyor"',
    r"^(/\S*)?$": 'a path that begins with /, as "/server", or "" for none',
    r"^(s=.{1,200}|i=\d{1,10}|g=[0-9A-Fa-f-]{36})$": 'an OPC UA node without namespace, as "s=Exchange.Inputs" or "i=5001"',
    r"^\d{0,10}$": 'up to ten digits, as "6404", or "" for any',
    "^([A-Z]{2})?$": 'two capital letters of ISO 3166-1, as "CN", or "" for any',
    NAME_OF_SECRET: "the name of a secret: up to 64 letters, digits, - _ or .; never the secret itself",
    r"^(/dev/|/|pty:|tcp://|rfc2217://)\S+$": "a device path, tcp://host:port or rfc2217://host:port",
}
"""The patterns of `site/model.py`."""

_SECRETS: Final = frozenset({"password", "passwd", "passphrase", "secret", "token", "key", "private_key", "pin"})
KNOWN_SHOWN_MAX: Final = 20
"""Names in the mend for one that nobody knows."""
_KIND_IN_WORDS: Final = {
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a table",
    "array": "a list",
    "string": "text in quotes",
}


class Finding(NamedTuple):
    """A problem whose place is still a key path."""

    path: Path
    what: str
    mend: str


def findings(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Everything `error` holds, one finding for each mistake."""
    details = error.errors(include_url=False)
    places = [_place(tuple(detail["loc"]), model) for detail in details]
    missing = [place for detail, place in zip(details, places, strict=True) if detail["type"] == "missing"]
    found = []
    for detail, place in zip(details, places, strict=True):
        if detail["type"] == "extra_forbidden":
            finding, meant = _unknown_key(place, missing)
            if meant in missing:
                missing.remove(meant)  # a misspelled key is one mistake, not two
            found.append(finding)
        elif detail["type"] in {"union_tag_not_found", "union_tag_invalid"}:
            found.append(_wrong_tag(place, detail["input"], model))
        elif detail["type"] == "too_short" and detail["input"]:
            continue  # its elements are wrong, and each of them says so
        elif detail["type"] != "missing":
            found.append(_wrong_value(place, detail["input"]))
    for place in missing:
        found.append(Finding(place.path, "is missing", _add(place)))
    return found


def in_table(words: str) -> str:
    """The same words for a field of a CSV table, where nothing is quoted and true is yes."""
    return words.replace("true or false", "yes or no").replace(" in quotes", "")


def key_text(path: Path) -> str:
    """The key path as people write it; elements of lists count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The mend for a name nobody knows."""
    known = list(known)
    spelled = {word.lower(): word for word in known}
    near = get_close_matches(name.lower(), spelled, n=1, cutoff=0.6)
    if near:
        return f"did you mean {spelled[near[0]]}?"
    names = sorted(known)
    left = len(names) - KNOWN_SHOWN_MAX
    shown = ", ".join(names[:KNOWN_SHOWN_MAX]) + (f" and {left:,} more" if left > 0 else "")
    return f"known: {shown}" if names else "there is none yet"


class _Place(NamedTuple):
    """Where something stands as people see it, and what may stand there and around it."""

    path: Path
    schema: Schema
    around: Schema


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON schema."""
    return model.model_json_schema()


def _add(place: _Place) -> str:
    """How to add what is missing; of a table what must be in it."""
    properties = place.schema.get("properties")
    if not properties:
        return f"add it: {in_words(place.schema)}"
    required = [f"{key} ({in_words(properties[key])})" for key in place.schema.get("required", ())]
    return f"add the table [{key_text(place.path)}]" + (f" with {', '.join(required)}" if required else "")


def _unknown_key(place: _Place, missing: list[_Place]) -> tuple[Finding, _Place | None]:
    path, known = place.path, list(place.around.get("properties", {}))
    left_out = {str(other.path[-1]): other for other in missing if other.path[:-1] == path[:-1]}
    # Rather a key that is missing than one that is there already.
    near = [
        *get_close_matches(str(path[-1]).lower(), left_out, n=1),
        *get_close_matches(str(path[-1]).lower(), known, n=1),
    ]
    mend = f"did you mean {near[0]}?" if near else f"delete it; keys here: {', '.join(known)}"
    if str(path[-1]).lower() in _SECRETS and not near:
        mend = "delete it: secrets are never in this file"
    return Finding(path, "unknown key", mend), left_out.get(near[0]) if near else None


def _wrong_tag(place: _Place, value: object, model: type[BaseModel]) -> Finding:
    """The key that says which of several shapes a table has is missing or wrong; the rest cannot be judged."""
    key = str(place.schema["discriminator"]["propertyName"])
    choices = tagged(place.schema, schema_of(model))
    words = in_words({"enum": list(choices)})
    if isinstance(value, dict) and key in value:
        return Finding((*place.path, key), f"is {_shown(value[key])}", f"must be {words}")
    keys = {str(name) for shape in choices.values() for name in shape["properties"]}
    strange = [str(name) for name in value if name not in keys] if isinstance(value, dict) else []
    near = get_close_matches(key, strange, n=1)
    if near:
        return Finding((*place.path, near[0]), "unknown key", f"did you mean {key}?")
    return Finding((*place.path, key), "is missing", f"add it: {words}")


def _wrong_value(place: _Place, value: object) -> Finding:
    if place.path[-1:] == ("[key]",):
        return Finding(place.path[:-1], "is no usable name", f"must be {_IN_WORDS[NAME_PATTERN]}")
    shown = "no name of a secret" if place.schema.get("pattern") == NAME_OF_SECRET else _shown(value)
    return Finding(place.path, f"is {shown}", f"must be {in_words(place.schema)}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value[:40]}…"' if len(value) > 40 else f'"{value}"'
    if isinstance(value, (dict, list, tuple)):
        return ("a table" if isinstance(value, dict) else "a list") + ("" if value else " without anything in it")
    return str(value)[:40]


def _place(loc: Path, model: type[BaseModel]) -> _Place:
    """Where pydantic's `loc` is. Of a table with several shapes it names the shape too, which nobody wrote."""
    whole = schema_of(model)
    here = around = followed(whole, whole)
    path: Path = ()
    for part in loc:
        shapes = tagged(here, whole)
        if part in shapes:
            here = shapes[str(part)]
            continue
        around, path = here, (*path, part)
        if isinstance(part, int):
            inner = here.get("items", {})
        else:
            by_pattern = next(iter(here.get("patternProperties", {}).values()), here.get("additionalProperties"))
            inner = here.get("properties", {}).get(part, by_pattern)
        here = followed(inner if isinstance(inner, dict) else {}, whole)
    return _Place(path, here, around)


def tagged(schema: Schema, whole: Schema) -> dict[str, Schema]:
    """The shapes of a table that one of its keys tells apart, by that key's value; none for any other table."""
    mapping = schema.get("discriminator", {}).get("mapping", {})
    return {value: followed({"$ref": ref}, whole) for value, ref in mapping.items()}


def followed(schema: Schema, whole: Schema) -> Schema:
    """The schema itself where another one is referred to; of "this or nothing" the one that is not nothing."""
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return followed(option, whole)
    if "$ref" in schema:
        found: Schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def in_words(schema: Schema) -> str:
    """What a schema allows."""
    if "const" in schema or "enum" in schema:
        choices = [_choice(value) for value in schema.get("enum", [schema.get("const")])]
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if schema.get("pattern") in _IN_WORDS:
        return _IN_WORDS[schema["pattern"]]
    if "discriminator" in schema:
        return _KIND_IN_WORDS["object"]
    kind = str(schema.get("type", ""))
    low, high = schema.get("minimum"), schema.get("maximum")
    if kind == "integer" and low is not None and high is not None:
        return f"a whole number from {low:,} to {high:,}"
    if kind == "string" and "maxLength" in schema:
        return f"text in quotes of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    if kind in {"array", "object"} and (schema.get("minItems") or schema.get("minProperties")):
        return f"{_KIND_IN_WORDS[kind]} with at least one entry"
    return _KIND_IN_WORDS.get(kind, "something else")


def _choice(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
