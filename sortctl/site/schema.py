"""Schema: every key of a site, for people and for editors. Taken from the model, so that nothing is written down twice.

Goes out: a JSON schema of site.toml, with the rows of its CSV tables among its definitions; and the same as a list of
keys. Never here: the tables of the sort plan.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from sortctl.site.model import Chute, Site
from sortctl.site.wording import followed, in_table, in_words, schema_of, tagged

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
MUST: Final = "(must be given)"


class Key(Struct, frozen=True):
    """One key: where it stands, what it may be, what it is if left out (as TOML)."""

    path: str
    allowed: str
    default: str
    meaning: str


def site_schema() -> dict[str, Any]:
    """JSON schema of site.toml; `$defs/Chute` is one row of chutes.csv."""
    whole = schema_of(Site)
    row = {key: value for key, value in schema_of(Chute).items() if key != "$defs"}
    return {"$schema": DRAFT, **whole, "title": "site.toml of sortctl", "$defs": {**whole["$defs"], "Chute": row}}


def site_keys() -> list[Key]:
    """Every key of site.toml, in the order of the model."""
    return list(_keys(schema_of(Site), schema_of(Site), ""))


def chute_columns() -> list[Key]:
    """Every column of chutes.csv."""
    return [_plain(key) for key in _keys(schema_of(Chute), schema_of(Chute), "")]


def _plain(key: Key) -> Key:
    default = key.default if key.default == MUST else {"true": "yes", "false": "no"}.get(key.default, "empty")
    return Key(key.path, in_table(key.allowed), default, key.meaning)


def _keys(node: Mapping[str, Any], whole: Mapping[str, Any], path: str) -> Iterator[Key]:
    required = node.get("required", ())
    for name, inner in node.get("properties", {}).items():
        here, at = followed(inner, whole), f"{path}{name}"
        default = MUST if name in required else _toml(inner.get("default"))
        meaning = " ".join(str(inner.get("description", "")).split())
        if "properties" in here:
            yield from _keys(here, whole, f"{at}.")
        elif "patternProperties" in here:
            yield from _named(followed(next(iter(here["patternProperties"].values())), whole), whole, f"{at}.NAME.")
        elif here.get("type") == "array" and "properties" in (each := followed(here.get("items", {}), whole)):
            yield from _keys(each, whole, f"{at}[].")
        else:
            yield Key(at, _allowed(here, whole), default, meaning)


def _named(each: Mapping[str, Any], whole: Mapping[str, Any], path: str) -> Iterator[Key]:
    """The keys of a table; where it has several shapes, first those of all shapes, then of each those of its own."""
    shapes = tagged(each, whole)
    if not shapes:
        yield from _keys(each, whole, path)
        return
    tag = str(each["discriminator"]["propertyName"])
    listed = {value: list(_keys(shape, whole, path)) for value, shape in shapes.items()}
    common = [key for key in next(iter(listed.values())) if all(key in keys for keys in listed.values())]
    yield Key(f"{path}{tag}", in_words({"enum": list(shapes)}), MUST, "Says which other keys there are.")
    yield from common
    for value, keys in listed.items():
        for key in keys:
            if key not in common and key.path != f"{path}{tag}":
                yield Key(key.path, key.allowed, key.default, f'Only with {tag} = "{value}". {key.meaning}'.rstrip())


def _allowed(here: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    inner = here.get("items") or here.get("additionalProperties")
    if isinstance(inner, dict):
        return f"{in_words(here)} of {in_words(followed(inner, whole))}"
    return in_words(here)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, dict):
        return "{}"
    return f'"{value}"' if isinstance(value, str) else "" if value is None else str(value)
