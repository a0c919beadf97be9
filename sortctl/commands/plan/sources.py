"""Sources: where the plan commands get what they look at: the site, a plan, lists of parcels, the moments of a journal.

Comes in: what was typed. Goes out: sound plans, records, or `Stop`. A plan is named by its folder, by the beginning of the checksum of
one that was kept, by `current` (the one in force) or by `site` (the one of the site folder).
Never here: what is done with them.
"""

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from sortctl.commands.options import VAR, Exit, Stop, journal_path, stop_for
from sortctl.commands.screen import escaped
from sortctl.departures.load import DeparturesInvalid, load_departures
from sortctl.journal.read import JournalReader
from sortctl.journal.row import thing_of
from sortctl.journal.schema import JournalUnusable
from sortctl.parcels import ParcelReader, StoreMissing, StoreUnusable
from sortctl.parcels.records import Wrong, read_csv, read_header, read_json
from sortctl.parcels.store import FILE_NAME as PARCEL_FILE
from sortctl.plan import Plan, shelf
from sortctl.plan.document import FILES, plan_files, with_plan
from sortctl.plan.load import PlanInvalid, load_plan
from sortctl.plan.shelf import ShelfUnusable
from sortctl.site.load import LoadedSite, SiteInvalid, SiteMissing, load_site
from sortctl.site.problem import Problem
from sortctl.site.spreadsheet import foreign, says_something, told_separator
from sortctl.words.hub import ParcelTold
from sortctl.words.outcomes import ReadClassed
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_S

CURRENT: Final = "current"
SITE: Final = "site"
LISTS: Final = ("parcels.csv", "plan/parcels.csv")
"""Where a list of parcels may lie beside a site, for demonstrations and trials."""
TELL_EVERY: Final = 2_000

T = TypeVar("T")
Command = TypeVar("Command", bound=Any)


class Hub(NamedTuple):
    """A sound site and its state folder, which need not be there."""

    loaded: LoadedSite
    state: Path


class Arrival(NamedTuple):
    """A parcel that was read on a sorter."""

    at_s: int
    sorter: str
    record: ParcelRecord


def site_argument(command: Command) -> Command:
    """The folder of the site, given to the command as `site: Path`."""
    return click.argument("site", type=click.Path(path_type=Path))(command)


def hub_state_option(command: Command) -> Command:
    """`--state DIR`, given as `state: Path | None`; need not exist."""
    text = "State folder. Default: $STATE_DIRECTORY, else ./var/<name of the hub>."
    return click.option("--state", metavar="DIR", type=click.Path(path_type=Path), help=text)(command)


def plan_option(command: Command) -> Command:
    """`--plan PLAN`, given as `which: str`."""
    text = (
        "Another plan than that of SITE: a folder, the first characters of a checksum in the state folder, or current."
    )
    return click.option("--plan", "which", metavar="PLAN", default=SITE, help=text)(command)


def load_hub(site: Path, state: Path | None) -> Hub:
    """The site, which must be sound; its plan is not looked at."""
    gc.disable()  # a command that reads a large plan ends before collecting would pay
    click.get_current_context().call_on_close(gc.enable)
    try:
        loaded = load_site(site)
    except SiteMissing:
        raise Stop(Exit.NOT_FOUND, f"there is no folder {site}", "name the folder that holds site.toml") from None
    except SiteInvalid as invalid:
        raise Stop(Exit.CONFIG, str(invalid.problems[0]), f"sortctl check {site} shows all that is wrong") from None
    told = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Hub(loaded, state or (Path(told) if told else VAR / loaded.site.hub.name))


def files_of(hub: Hub, which: str) -> dict[str, bytes]:
    """The files of the plan that is named."""
    if which == SITE:
        return hub.loaded.files
    if which == CURRENT:
        with shelf_stops():
            return shelf.in_force(hub.state) or hub.loaded.files
    folder = Path(which)
    if folder.is_dir():
        return _folder_files(folder)
    with shelf_stops():
        found = shelf.find(hub.state, which) if which.isalnum() else []
        if len(found) == 1:
            return shelf.kept(hub.state, found[0])
    if found:
        raise Stop(Exit.USAGE, f"{len(found)} kept plans begin with {which}", "write more of the checksum")
    hint = (
        "name a folder with rules.csv, the beginning of a checksum that `sortctl plan history` shows, current or site"
    )
    raise Stop(Exit.NOT_FOUND, f"there is no plan {which}", hint)


def load_named(hub: Hub, which: str) -> Plan:
    """That plan for the machines of the site. What is wrong with it ends the command."""
    try:
        return load_here(hub, files_of(hub, which), doubts=False)
    except PlanInvalid as invalid:
        for problem in invalid.problems[:20]:
            click.echo(escaped(str(problem)), err=True)
        hint = f"sortctl plan check {hub.loaded.folder} --plan {which} shows all of it"
        raise Stop(Exit.CONFIG, f"the plan {which} is not sound: {len(invalid.problems)} problems", hint) from None


def checked(hub: Hub, which: str) -> Plan:
    """The same; raises PlanInvalid."""
    return load_here(hub, files_of(hub, which))


def load_here(hub: Hub, plan: Mapping[str, bytes], *, doubts: bool = True) -> Plan:
    """A plan of these files for the machines of the site. Raises PlanInvalid."""
    try:
        departures = load_departures(hub.loaded.files).names
    except DeparturesInvalid:
        departures = None  # `sortctl check` says what is wrong with them
    return load_plan(with_plan(hub.loaded.files, plan), hub.loaded.machines, departures, doubts=doubts)


def _folder_files(folder: Path) -> dict[str, bytes]:
    """A folder `plan` itself, or one that has such a folder in it."""
    inside = folder / "plan" if (folder / "plan").is_dir() else folder
    found = {name: inside / Path(name).name for name in FILES}
    try:
        files = {name: path.read_bytes() for name, path in found.items() if path.is_file()}
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{folder} cannot be read: {error.strerror}", "") from None
    if not plan_files(files):
        raise Stop(Exit.NOT_FOUND, f"there is no sort plan in {folder}", "it needs rules.csv and destinations.csv")
    return files


@contextmanager
def shelf_stops() -> Iterator[None]:
    """What is wrong with `<state>/plans` ends the command."""
    try:
        yield
    except ShelfUnusable as unusable:
        hint = "see to the folder plans in the state folder; `sortctl plan apply` puts a plan in force anew"
        raise Stop(Exit.INTEGRITY, str(unusable), hint) from None


# ------------------------------------------------------------------------------------------- parcels


def parcel_of(hub: Hub, code: str) -> ParcelRecord | None:
    """What the hub knows of the parcel with this code: its store, else a list beside the site."""
    try:
        reader = ParcelReader(hub.state / PARCEL_FILE)
    except StoreMissing:
        return next((record for record in site_list(hub) if record.waybill == code), None)
    except StoreUnusable as unusable:
        raise Stop(Exit.INTEGRITY, str(unusable), unusable.mend) from None
    try:
        return reader.find(code)
    except StoreUnusable as unusable:
        raise Stop(Exit.INTEGRITY, str(unusable), unusable.mend) from None
    finally:
        reader.close()


def site_list(hub: Hub) -> Iterator[ParcelRecord]:
    """The parcels of a list beside the site."""
    file = next((name for name in LISTS if name in hub.loaded.files), None)
    return read_list(file, hub.loaded.files[file], []) if file else iter(())


def list_of(path: Path, problems: list[Problem]) -> Sequence[ParcelRecord]:
    """The parcels of a file; lines that cannot be taken go to `problems`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Stop(
            Exit.NOT_FOUND, f"{path} cannot be read: {error.strerror}", "name a CSV or JSON-lines file"
        ) from None
    total = data.count(b"\n")
    return list(watched(read_list(path.name, data, problems), "Reading parcels", total))


def read_list(name: str, data: bytes, problems: list[Problem]) -> Iterator[ParcelRecord]:
    """The same from memory, one by one. A header that is none ends the command."""
    other = foreign(data[:64])
    if other is not None:
        raise Stop(Exit.CONFIG, f"{name}:1: {other.what}", other.mend)
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = ((number, line) for number, line in enumerate(text.split("\n"), start=1) if says_something(line))
    layout, separator = None, ""
    for number, line in lines:
        try:
            if line.startswith("{"):
                yield read_json(line, skip_unknown=True).record
            elif layout is None:
                told = "" if separator else told_separator(line)
                separator = separator or told
                layout = None if told else read_header(line, skip_unknown=True, separator=separator)
            else:
                yield read_csv(layout, line).record
        except Wrong as wrong:
            problem = Problem(name, number, wrong.key, str(wrong), wrong.mend)
            if layout is None and not line.startswith("{"):
                raise Stop(Exit.CONFIG, str(problem), "the columns are those of `sortctl parcels import`") from None
            problems.append(problem)


def arrivals(hub: Hub) -> list[Arrival]:
    """The parcels of the journal, each once for every passage, with what was known of them; in order."""
    known: dict[str, ParcelRecord] = {}
    read: dict[int, tuple[int, str, str]] = {}
    try:
        with JournalReader(journal_path(hub.state)) as reader:
            last = reader.last()
            with progress("Reading the journal", last.seq if last else 0) as tell:
                for row in reader.rows():
                    if row.type == "ParcelTold":
                        told = thing_of(row)
                        if isinstance(told, ParcelTold) and told.record is not None:
                            known[told.code] = told.record
                    elif row.type == "ReadClassed":
                        classed = thing_of(row)
                        if isinstance(classed, ReadClassed) and classed.waybill:
                            at = (row.wall_ns // NS_PER_S, classed.sorter, classed.waybill)
                            read.setdefault(int(classed.passage), at)
                    if row.seq % TELL_EVERY == 0:
                        tell(row.seq)
            files = reader.site() or {}
    except JournalUnusable as error:
        raise stop_for(error) from None
    for name in LISTS:
        for record in read_list(name, files[name], []) if name in files else ():
            known.setdefault(record.waybill, record)
    found = [Arrival(at_s, sorter, known[code]) for at_s, sorter, code in read.values() if code in known]
    return sorted(found, key=lambda arrival: arrival.at_s)


# ------------------------------------------------------------------------------------------- progress


def watched(things: Iterable[T], what: str, total: int) -> Iterator[T]:
    """The same things, with a bar on standard error where somebody watches."""
    with progress(what, total) as tell:
        for number, thing in enumerate(things, start=1):
            if number % TELL_EVERY == 0:
                tell(number)
            yield thing


@contextmanager
def progress(what: str, total: int) -> Iterator[Any]:
    """Yields what is to be told how far it is."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=max(total, 1))
        yield lambda done: bar.update(task, completed=done)
