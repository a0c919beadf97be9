"""House rules for modules: a door-plate, readable sizes, honest names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import CODE, modules, parsed, text

FILE_LINES = 400
FUNCTION_LINES = 50
CONSTRUCTOR_PARAMETERS = 7
FOLDER_MODULES = 15
# Below this a module's first line says it all.
SMALL_MODULE_LINES = 25
DOOR_PLATE_LINES = 2

# Spelled in parts, or this file would break its own rule.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
EMPTY_NAMES = re.compile(r"(Manager|Helper|Handler|Util|Utils|Processor|Info)$")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, Function):
            yield node


def _lines(function: Function) -> int:
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        whole -= (first.end_lineno or first.lineno) - first.lineno + 1
    return whole


def _parameters(function: Function) -> int:
    given = function.args
    return len([*given.posonlyargs, *given.args, *given.kwonlyargs]) - 1


def test_every_module_opens_with_a_door_plate() -> None:
    bare = []
    for path in modules("sortctl", "sim", "bench"):
        source = text(path) or ""
        plate = ast.get_docstring(parsed(path)) or ""
        wanted = DOOR_PLATE_LINES if len(source.splitlines()) > SMALL_MODULE_LINES else 1
        if source.strip() and len([line for line in plate.splitlines() if line.strip()]) < wanted:
            bare.append(str(path))
    assert not bare, "modules without a door-plate (what it is for, comes in, goes out, never here)"


def test_every_room_has_a_door_plate() -> None:
    bare = [
        str(path)
        for path in modules("sortctl", "sim")
        if path.name == "__init__.py" and not ast.get_docstring(parsed(path))
    ]
    assert not bare, "rooms without a door-plate"


def test_no_file_is_too_long() -> None:
    long = {str(path): len((text(path) or "").splitlines()) for path in modules(*CODE)}
    long = {path: lines for path, lines in long.items() if lines > FILE_LINES}
    assert not long, f"files over {FILE_LINES} lines"


def test_no_function_is_too_long() -> None:
    long = {
        f"{path}:{function.lineno} {function.name}": _lines(function)
        for path in modules("sortctl", "sim", "bench")
        for function in _functions(path)
        if _lines(function) > FUNCTION_LINES
    }
    assert not long, f"functions over {FUNCTION_LINES} lines"


def test_no_constructor_asks_for_too_much() -> None:
    greedy = {
        f"{path}:{function.lineno}": _parameters(function)
        for path in modules("sortctl", "sim", "bench")
        for function in _functions(path)
        if function.name == "__init__" and _parameters(function) > CONSTRUCTOR_PARAMETERS
    }
    assert not greedy, f"constructors with more than {CONSTRUCTOR_PARAMETERS} parameters"


def test_no_folder_is_too_full() -> None:
    count: dict[str, int] = {}
    for path in modules("sortctl", "sim"):
        count[str(path.parent)] = count.get(str(path.parent), 0) + 1
    full = {folder: modules_in for folder, modules_in in count.items() if modules_in > FOLDER_MODULES}
    assert not full, f"folders with more than {FOLDER_MODULES} modules"


def test_no_class_has_an_empty_name() -> None:
    empty = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules("sortctl", "sim", "bench")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef) and EMPTY_NAMES.search(node.name)
    ]
    assert not empty, "a name that says nothing: what does a sorting engineer call it?"


def test_nothing_is_left_unfinished() -> None:
    unfinished = [
        f"{path}:{number}"
        for path in modules(*CODE)
        for number, line in enumerate((text(path) or "").splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert not unfinished, "finish it, or write an issue"
