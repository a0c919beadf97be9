"""Sources: where the plan commands get the site and the plan that they look at.

Comes in: what was typed. Goes out: sound plans, or `Stop`. A plan is named by its folder, by the beginning of the checksum of
one that was kept, by `current` (the one in force) or by `site` (the one of the site folder).
Never here: parcels (`parcels.py`), what is done with them.
"""

import gc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click
from rich.console import Console

from sortctl.commands.options import VAR, Exit, Stop
from sortctl.commands.screen import escaped
from sortctl.departures.load import DeparturesInvalid, load_departures
from sortctl.plan import Plan, shelf
from sortctl.plan.document import FILES, plan_files, with_plan
from sortctl.plan.load import PlanInvalid, load_plan
from sortctl.plan.shelf import ShelfUnusable
from sortctl.site.load import LoadedSite, SiteInvalid, SiteMissing, load_site

CURRENT: Final = "current"
SITE: Final = "site"
Command = TypeVar("Command", bound=Any)


class Hub(NamedTuple):
    """A sound site and its state folder, which need not be there."""

    loaded: LoadedSite
    state: Path


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
    click.get_current_context().call_on_close(_collect_again)
    try:
        loaded = load_site(site)
    except SiteMissing:
        raise Stop(Exit.NOT_FOUND, f"there is no folder {site}", "name the folder that holds site.toml") from None
    except SiteInvalid as invalid:
        raise Stop(Exit.CONFIG, str(invalid.problems[0]), f"sortctl check {site} shows all that is wrong") from None
    told = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Hub(loaded, state or (Path(told) if told else VAR / loaded.site.hub.name))


def _collect_again() -> None:
    """Without a look at what is there: at its end the program would go through the whole plan once more, for nothing."""
    gc.freeze()
    gc.enable()


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


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Says on standard error, where somebody watches, that it goes on: a plan of a million rules takes a minute."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"{what} …"):
        yield
