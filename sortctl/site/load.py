"""Load: a site folder to a `LoadedSite`, or every mistake in it at once.

Comes in: a folder, or the same files from memory (a journal carries them). Goes out: the typed site, its machines, the
bytes it was read from and their checksum. What raises: `SiteInvalid` with all problems, nothing else.
Never here: the sort plan (`plan/load.py`, which reads the same files), what follows from the values (`derive`).
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from sortctl.site.check import check
from sortctl.site.draft import Draft, draft
from sortctl.site.files import SITE_FILE, SiteInvalid, SiteMissing, checksum, is_inside, read_folder
from sortctl.site.locate import Lines
from sortctl.site.model import Chute, Machine, Site
from sortctl.site.problem import Problem, bounded, errors
from sortctl.site.table import Row, read_table, whole_number
from sortctl.site.wording import findings, in_table, schema_of

__all__ = ["LoadedSite", "Problem", "SiteInvalid", "SiteMissing", "load_files", "load_site"]

_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class LoadedSite(NamedTuple):
    """A site without errors. `files` is what it was read from; `folder` is nothing for a site from memory."""

    site: Site
    machines: tuple[Machine, ...]
    files: dict[str, bytes]
    checksum: str
    folder: Path | None
    warnings: tuple[Problem, ...]


def load_site(folder: Path) -> LoadedSite:
    """The site in `folder`. Raises SiteMissing, SiteInvalid."""
    files, unread = read_folder(folder)
    return _load(files, unread)._replace(folder=folder)


def load_files(files: Mapping[str, bytes]) -> LoadedSite:
    """The site in these files, by their names relative to the site folder. Raises SiteInvalid."""
    return _load(dict(files), [])


def _load(files: dict[str, bytes], problems: list[Problem]) -> LoadedSite:
    text, parsed = _read_site_file(files, problems)
    if parsed is None:
        raise SiteInvalid(problems)
    found = draft(parsed, Lines(text))
    unread = {problem.file for problem in problems}
    for sorter_id in found.sorters:
        _read_chutes(found, sorter_id, files, unread)
    check(found)
    problems += found.problems
    if errors(problems):
        raise SiteInvalid(problems)
    machines = tuple(machine for name in sorted(found.sorters) if (machine := found.machine(name)) is not None)
    return LoadedSite(Site.model_validate(parsed), machines, files, checksum(files), None, bounded(problems))


def _read_site_file(files: Mapping[str, bytes], problems: list[Problem]) -> tuple[str, dict[str, Any] | None]:
    if SITE_FILE not in files:
        if not problems:
            problems.append(Problem(SITE_FILE, 0, "", "is missing", "a site is a folder with a site.toml in it"))
        return "", None
    data, text = files[SITE_FILE], ""
    try:
        text = data.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(Problem(SITE_FILE, line, "", "is not UTF-8 text", "save it as UTF-8"))
    except RecursionError:
        problems.append(Problem(SITE_FILE, 0, "", "is nested too deeply", "no value here needs more than three levels"))
    except ValueError as error:
        problems.append(_toml_problem(text, str(error)))
    return "", None


def _toml_problem(text: str, message: str) -> Problem:
    place = _TOML_PLACE.search(message)
    what = (message[: place.start()] if place else message).rstrip(".")
    last = text.rstrip().count("\n") + 1
    line = int(place[1]) if place and place[1] else last
    mend = "mend this line first; what follows it could not be read"
    return Problem(SITE_FILE, line, "", f"is not TOML: {what[:1].lower()}{what[1:]}", mend)


def _read_chutes(found: Draft, sorter_id: str, files: Mapping[str, bytes], unread: set[str]) -> None:
    file = found.sorters[sorter_id].chutes
    path = ("sorters", sorter_id, "chutes")
    if not is_inside(file):
        found.error(path, f'"{file}" leads out of the site folder', 'name a file in the folder, as "chutes.csv"')
        return
    if file not in files:
        if file not in unread:
            found.error(path, f'there is no file "{file}"', "put it beside site.toml, or mend the name")
        return
    optional = {name for name, field in Chute.model_fields.items() if not field.is_required()}
    table = read_table(file, files[file], tuple(Chute.model_fields), optional)
    problems, chutes = list(table.problems), []
    for row in table.rows:
        try:
            chute = Chute.model_validate(_typed(row))
        except ValidationError as error:
            for key, what, mend in findings(error, Chute):
                problems.append(Problem(file, row.line, str(key[-1]), what, in_table(mend)))
            continue
        chutes.append(chute)
        found.chute_lines.setdefault((sorter_id, chute.number), row.line)
        if found.chute_lines[sorter_id, chute.number] != row.line:
            first = found.chute_lines[sorter_id, chute.number]
            what = f"chute {chute.number} stands in line {first} already"
            problems.append(Problem(file, row.line, "number", what, "give every chute its own number"))
    if not table.rows and not problems:
        problems.append(Problem(file, 0, "", "has no chutes", "write one row for each exit"))
    found.problems.extend(problems)
    if not problems:
        found.chutes[sorter_id] = tuple(chutes)


def _typed(row: Row) -> dict[str, object]:
    """The fields as the types their columns ask for; what does not convert stays text and is refused by name."""
    yes_no = {"yes": True, "no": False, "true": True, "false": False}
    typed: dict[str, object] = {}
    for name, text in row.fields.items():
        kind = schema_of(Chute)["properties"][name]["type"]
        if kind == "integer":
            number = whole_number(text)
            typed[name] = text if number is None else number
        elif kind == "boolean":
            typed[name] = yes_no.get(text.lower(), text)
        else:
            typed[name] = text
    return typed
