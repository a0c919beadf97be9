"""The schema knows every key, and the words for every limit."""

from pydantic import BaseModel

from sortctl.site import model, wires
from sortctl.site.schema import chute_columns, site_keys, site_schema
from sortctl.site.wording import _IN_WORDS


def test_every_key_of_the_model_is_listed() -> None:
    listed = {key.path.rpartition(".")[2] for key in [*site_keys(), *chute_columns()]}
    parts = [
        part for part in (vars(model) | vars(wires)).values() if isinstance(part, type) and issubclass(part, BaseModel)
    ]
    tables = {
        "hub", "limits", "plcs", "sorters", "scanners", "readers", "inducts", "scan_points", "eyes", "check_points",
        "framing", "telegram", "security", "user", "packml", "tls", "customs", "parcels", "selections",
    }  # fmt: skip
    for part in parts:
        if part not in (BaseModel, wires.Part, model.Machine):
            assert set(part.model_fields) - tables - {"line"} <= listed, part


def test_every_pattern_of_the_model_is_said_in_words() -> None:
    patterns: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            patterns.update(value for key, value in node.items() if key == "pattern")
            patterns.update(node.get("patternProperties", {}))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(site_schema())
    assert patterns == set(_IN_WORDS)


def test_no_key_is_without_words() -> None:
    assert not [key for key in [*site_keys(), *chute_columns()] if "something else" in key.allowed]


def test_the_chutes_are_among_the_definitions() -> None:
    schema = site_schema()
    assert schema["$defs"]["Chute"]["properties"]["capacity"]["minimum"] == 1
    assert schema["required"] == ["hub", "plcs", "sorters"]
