"""sortctl check: is this site sound, and what follows from it?

Comes in: a site folder. Goes out: every problem of the site, its plan, departures and labels at once, then, if it is sound,
the tables of what follows. Exit 0 sound (warnings allowed), 2 usage, 3 no such folder, 5 not sound. Changes nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from msgspec import Struct

from sortctl.commands.options import Exit, Stop, json_option
from sortctl.commands.screen import escaped, print_json, screen
from sortctl.commands.tables import derived_tables, print_table
from sortctl.departures import Departures
from sortctl.departures.load import DeparturesInvalid, load_departures
from sortctl.labels.load import LabelsInvalid, load_labels
from sortctl.plan import Plan
from sortctl.plan.load import PlanInvalid, load_plan
from sortctl.site.derive import Derived, derive
from sortctl.site.files import PARCEL_LIST, read_folder
from sortctl.site.load import LoadedSite, SiteInvalid, SiteMissing, load_site
from sortctl.site.model import Machine
from sortctl.site.problem import Problem, bounded, errors


class Checked(Struct, frozen=True):
    """All that is to be said about a folder. No `site`, no `plan` or no `departures`: not sound."""

    problems: tuple[Problem, ...]
    site: LoadedSite | None
    plan: Plan | None
    departures: Departures | None

    @property
    def derived(self) -> tuple[Derived, ...]:
        """What follows, for each machine of a sound site."""
        if self.site is None or self.plan is None:
            return ()
        return tuple(derive(machine, self.site.site.limits) for machine in self.site.machines)


@click.command("check", short_help="Check a site folder and show what follows from it.")
@click.argument("site", type=click.Path(path_type=Path))
@json_option
def command(site: Path, as_json: bool) -> None:
    """Check a site folder and show what follows from it.

    \b
    Example:
      sortctl check config/demo

    Prints every mistake at once with file, line and what to do, then deadlines, recovery times, registers and nodes.
    Exit codes: 0 sound (warnings allowed), 3 no such folder, 5 not sound.
    """  # noqa: D301 - \b keeps the lines apart
    checked = checked_folder(site)
    if as_json:
        _print_json(checked)
    else:
        _print(site, checked)
    if errors(checked.problems):
        raise SystemExit(Exit.CONFIG)


def checked_folder(folder: Path) -> Checked:
    """The site and its plan, both looked at whether or not the other is sound."""
    try:
        site = load_site(folder)
    except SiteMissing:
        raise Stop(Exit.NOT_FOUND, f"there is no folder {folder}", "name the folder that holds site.toml") from None
    except SiteInvalid as invalid:
        files, unread = read_folder(folder)
        plan, problems = _plan_alone(files, unread)
        departures, more = _departures(files, plan)
        return Checked(bounded([*invalid.problems, *problems, *more, *_labels(files)]), None, plan, departures)
    plan, problems = _plan(site.files, site.machines)
    departures, more = _departures(site.files, plan)
    return Checked(bounded([*site.warnings, *problems, *more, *_labels(site.files)]), site, plan, departures)


Files = Mapping[str, bytes]
Problems = tuple[Problem, ...]


def _plan(files: Files, machines: Sequence[Machine]) -> tuple[Plan | None, Problems]:
    try:
        plan = load_plan(files, machines)
    except PlanInvalid as invalid:
        return None, invalid.problems
    return plan, plan.warnings


def _plan_alone(files: Files, unread: Sequence[Problem]) -> tuple[Plan | None, Problems]:
    if "site.toml" not in files:
        return None, ()  # not a site: its plan is not missed
    plan, problems = _plan(files, ())
    # A file that could not be read has been told already, with the reason.
    unreadable = {problem.file for problem in unread}
    return plan, tuple(problem for problem in problems if problem.file not in unreadable)


def _departures(files: Files, plan: Plan | None) -> tuple[Departures | None, Problems]:
    """Of a plan that is not sound the destinations are not known: then those of the departures are not looked up."""
    try:
        departures = load_departures(files, plan.destinations if plan else ())
    except DeparturesInvalid as invalid:
        return None, invalid.problems
    return departures, departures.warnings


def _labels(files: Files) -> Problems:
    try:
        return load_labels(files).warnings
    except LabelsInvalid as invalid:
        return invalid.problems


def _print(folder: Path, checked: Checked) -> None:
    for problem in checked.problems:
        click.echo(escaped(str(problem)))
    wrong = len(errors(checked.problems))
    warned = len(checked.problems) - wrong
    if wrong or checked.site is None or checked.plan is None or checked.departures is None:
        click.echo(f"{escaped(str(folder))}: {_counted(wrong, 'error')}, {_counted(warned, 'warning')}", err=True)
        return
    names = ", ".join(machine.sorter_id for machine in checked.site.machines)
    click.echo(
        f"{checked.site.site.hub.name}: sound, {_counted(warned, 'warning')}; sorter {names}; {_observed(checked.site)}"
        f"{_listed(checked.site.files)}{_leaving(checked.departures)}checksum {checked.site.checksum[:12]}"
    )
    console = screen()
    for derived in checked.derived:
        for table in derived_tables(derived):
            print_table(console, table)


def _listed(files: Files) -> str:
    """A list of parcels beside the site is for demonstrations; `sortctl parcels import` says what is wrong with it."""
    if PARCEL_LIST not in files:
        return ""
    rows = [line for line in files[PARCEL_LIST].splitlines() if line.strip() and not line.startswith(b"#")]
    return f"{_counted(max(len(rows) - 1, 0), 'expected parcel')}; "


def _leaving(departures: Departures) -> str:
    if not departures.names:
        return ""
    return (
        f"{_counted(len(departures.names), 'departure')} for {_counted(len(departures.destinations), 'destination')}; "
    )


def _observed(site: LoadedSite) -> str:
    """PLCs without a sorter, of which only the state is read."""
    used = {machine.plc_id for machine in site.machines}
    only = [name for name in sorted(site.site.plcs) if name not in used]
    return f"only observed {', '.join(only)}; " if only else ""


def _print_json(checked: Checked) -> None:
    print_json(
        {
            "sound": not errors(checked.problems),
            "checksum": checked.site.checksum if checked.site else "",
            "problems": checked.problems,
            "derived": checked.derived,
        }
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
