"""Tables of `docs/reference/site-file.md`, from the typed model in `sortctl/site/model.py` and `wires.py`.

Comes in: the parts of the site. Goes out: for each part its keys with type, bounds, default, and the words that stand under
the key in the model. Those words are read from the source, because Python keeps no docstrings of fields.
"""

import ast
import inspect
import types
from collections.abc import Callable
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs.tables.markdown import table
from sortctl.site import model, wires

PARTS: Final[dict[str, type[BaseModel]]] = {
    "hub": model.Hub,
    "limits": model.Limits,
    "plcs": wires.Plc,
    "plcs-modbus": wires.ModbusPlc,
    "tls": wires.Tls,
    "plcs-opcua": wires.OpcUaPlc,
    "security": wires.Security,
    "user": wires.User,
    "packml": wires.PackMl,
    "sorters": model.Sorter,
    "sorters-line": model.LineSorter,
    "sorters-loop": model.LoopSorter,
    "inducts": model.Induct,
    "scan-points": model.ScanPoint,
    "eyes": model.Eye,
    "check-points": model.CheckPoint,
    "chutes": model.Chute,
    "scanners": model.Scanner,
    "line": model.Line,
    "framing": model.Framing,
    "telegram": model.Telegram,
    "readers": model.Reader,
}
NAMES: Final = {int: "whole number", str: "text", bool: "true or false", float: "number"}
WORDS: Final = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}"}
LENGTHS: Final = {"min_length": "at least {}", "max_length": "at most {}"}


def _spoken(part: type[BaseModel]) -> dict[str, str]:
    """Words under each key, as the source has them."""
    body = ast.parse(inspect.getsource(part)).body[0]
    if not isinstance(body, ast.ClassDef):
        return {}
    said = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(after, ast.Expr):
            said[before.target.id] = inspect.cleandoc(str(ast.literal_eval(after.value)))
    return said


def _type(kind: Any) -> str:
    if origin := get_origin(kind):
        inner = [arg for arg in get_args(kind) if arg not in (type(None), Ellipsis)]
        if origin is Literal:
            return " or ".join(f"`{value!r}`".replace("'", '"') for value in inner)
        if origin in (Union, types.UnionType):
            return " or ".join(_type(arg) for arg in inner)
        if origin is tuple:
            return f"list of {_type(inner[0])}"
        if origin is dict:
            return f"table of name = {_type(inner[1])}"
        return _type(inner[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"[{kind.__name__.lower()}](#{_anchor(kind)})"
    return NAMES.get(kind, str(kind))


def _anchor(kind: type[BaseModel]) -> str:
    return next(name for name, part in PARTS.items() if part is kind)


def _bounds(field: FieldInfo) -> str:
    inner = [arg for arg in get_args(field.annotation) if isinstance(arg, FieldInfo)]
    rules = [rule for info in (field, *inner) for rule in info.metadata]
    if get_origin(field.annotation) is dict:
        rules += [rule for arg in get_args(get_args(field.annotation)[1])[1:] for rule in arg.metadata]
    is_text = field.annotation is str
    said = []
    for rule in rules:
        for key, words in (WORDS | LENGTHS).items():
            if (value := getattr(rule, key, None)) is not None:
                text = words.format(f"{value:,}")
                said.append(f"{text} characters" if key in LENGTHS and is_text else text)
        if pattern := getattr(rule, "pattern", None):
            said.append(f"`{pattern}`")
    return ", ".join(said)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default
    if isinstance(value, BaseModel):
        return "as below"
    if value is None:
        return "none"
    if isinstance(value, tuple | dict):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`" if isinstance(value, tuple) else "none"
    return f'`"{value}"`' if isinstance(value, str) else f"`{str(value).lower()}`"


def part_table(part: type[BaseModel]) -> str:
    """The keys of one part; those that it shares with its other shapes stand in a table of their own."""
    own = inspect.get_annotations(part)
    said = _spoken(part)
    fields = {name: part.model_fields[name] for name in own if name in part.model_fields}
    rows = (
        (f"`{name}`", _type(field.annotation), _bounds(field), _default(field), said.get(name, ""))
        for name, field in fields.items()
    )
    return table(("key", "type", "bounds", "default", "meaning"), rows)


def _maker(part: type[BaseModel]) -> Callable[[], str]:
    return lambda: part_table(part)


TABLES: Final[dict[str, Callable[[], str]]] = {name: _maker(part) for name, part in PARTS.items()}
