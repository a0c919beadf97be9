"""Site copy: a site folder written anew for one rig, with the addresses of the rig's doors in it.

Comes in: the folder of a site, what is to be another value, files to replace. Goes out: a folder that the daemon reads
like any other. Only lines that change are touched, so that a kept copy still reads like the original.
Never here: whether the site is right (the daemon checks it), what the values should be.
"""

import csv
import io
import json
import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

SITE_FILE = "site.toml"
_TABLE = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")

Changes = Mapping[str, Mapping[str, str | int]]
"""Table ("plcs.main") -> key -> value."""


def copy_site(source: Path, target: Path, changes: Changes, files: Mapping[str, bytes]) -> None:
    """Write `target`: the site of `source` with `changes` in its site file and `files` in the place of others."""
    shutil.copytree(source, target)
    text = changed(target.joinpath(SITE_FILE).read_text(encoding="utf-8"), changes)
    target.joinpath(SITE_FILE).write_text(text, encoding="utf-8")
    for name, content in files.items():
        target.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        target.joinpath(name).write_bytes(content)


def changed(text: str, changes: Changes) -> str:
    """`text` of a site file with other values; a key that is not there is added to its table."""
    left = {table: dict(keys) for table, keys in changes.items()}
    out: list[str] = []
    table = ""
    for line in text.splitlines():
        key = line.partition("=")[0].strip()
        if header := _TABLE.match(line):
            out += [_line(name, value) for name, value in left.pop(table, {}).items()]
            table = header[1].strip()
        elif key in left.get(table, {}):
            line = _line(key, left[table].pop(key))  # noqa: PLW2901 the line as it will stand
        out.append(line)
    out += [_line(name, value) for name, value in left.pop(table, {}).items()]
    written = "\n".join(out) + "\n"
    _prove(tomllib.loads(written), changes)
    return written


def changed_column(table: bytes, column: str, change: Callable[[int], int]) -> bytes:
    """A CSV file with another number in each row of `column`."""
    rows = list(csv.reader(io.StringIO(table.decode("utf-8"))))
    at = next((row for row in rows if column in row), []).index(column)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        if at < len(row) and re.fullmatch(r"\s*\d+\s*", row[at]):
            row[at] = str(change(int(row[at])))
        writer.writerow(row)
    return out.getvalue().encode("utf-8")


def _line(key: str, value: str | int) -> str:
    return f"{key} = {json.dumps(value)}"


def _prove(written: dict[str, Any], changes: Changes) -> None:
    # A value inside an inline table or a multi-line string would have been missed silently.
    for table, keys in changes.items():
        at: Any = written
        for part in table.split("."):
            at = at[part]
        for key, value in keys.items():
            if at[key] != value:
                raise ValueError(f"[{table}] {key} could not be changed to {value!r}")
