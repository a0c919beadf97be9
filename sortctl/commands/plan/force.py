"""sortctl plan apply, rollback, history: which plan is in force.

Comes in: a site folder, a plan. Goes out: the plan kept in `<state>/plans`, a running controller told of it, what was done.
A controller that runs and does not take the plan keeps the one it has, and nothing is written that says otherwise.
Never here: how the plan takes effect between two parcels (the controller).
"""

import getpass
import time
from pathlib import Path
from typing import Final, Literal

import click

from sortctl.commands.options import Exit, Stop, journal_path, json_option, stop_for
from sortctl.commands.plan.sources import (
    Hub,
    files_of,
    hub_state_option,
    load_here,
    load_hub,
    load_named,
    plan_option,
    shelf_stops,
    site_argument,
)
from sortctl.commands.screen import day_time, escaped, print_json, screen
from sortctl.commands.tables import Sheet, print_table
from sortctl.journal.read import JournalReader
from sortctl.journal.schema import JournalMissing, JournalUnusable
from sortctl.plan import Plan, shelf
from sortctl.plan.document import plan_files
from sortctl.plan.load import PlanInvalid
from sortctl.plan.shelf import SITE, Entry
from sortctl.runtime.process.ask import NotRunning, ask
from sortctl.words.units import NS_PER_S

SHOWN: Final = 30
PLAN_WAIT_S: Final = 180.0
"""A controller takes half a minute for a million rules beside its work."""
_BY: Final = click.option("--by", metavar="NAME", default=None, help="Who does it. Default: the user.")
_KEEP: Final = click.option(
    "--keep", is_flag=True, help="Parcels that are decided keep their decision. Without it they are decided anew."
)


@click.command("apply", short_help="Put a plan in force.")
@site_argument
@plan_option
@_KEEP
@_BY
@click.option("--anyway", is_flag=True, help="Although it is not valid now by its own dates.")
@hub_state_option
@json_option
def apply_command(
    site: Path, which: str, keep: bool, by: str | None, anyway: bool, state: Path | None, as_json: bool
) -> None:
    """Put the plan of SITE, or another one, in force: at once if the controller runs, between two parcels; else at its next start.

    \b
    Example:
      sortctl plan apply config/lgg
      sortctl plan apply config/lgg --plan next-week --keep

    Compare it first with `sortctl plan diff`. The plan is copied into the state folder: later changes of the files do not count until
    they are applied. Exit codes: 0 in force, 3 no such folder or plan, 4 it is not valid now, or the controller did not take it, 5 not
    sound.
    """  # noqa: D301 - \b keeps the lines apart
    hub = load_hub(site, state)
    plan = load_named(hub, which)
    outdated = plan.document.validity(_now_s())
    if outdated and not anyway:
        raise Stop(
            Exit.REFUSED, f"{plan.document.id} version {plan.document.version}: {outdated}", "--anyway applies it"
        )
    with shelf_stops():
        before = _known_before(hub)
        own = shelf.keep(hub.state, plan_files(files_of(hub, which)))
    if own == before and shelf.current(hub.state) == own:
        _tell(plan, "is in force already", as_json, entry=None)
        return
    _force(hub, plan, before, "apply", keep=keep, by=by, as_json=as_json)


@click.command("rollback", short_help="Put the plan in force that was before.")
@site_argument
@_KEEP
@_BY
@hub_state_option
@json_option
def rollback_command(site: Path, keep: bool, by: str | None, state: Path | None, as_json: bool) -> None:
    """Take back the last apply: the plan that was in force before it is in force again. Once more: the one before that.

    \b
    Example:
      sortctl plan rollback config/lgg

    Exit codes: 0 in force, 3 there is nothing to go back to, 4 the controller did not take it, 5 the plan no longer fits the
    machines, 6 the kept plan is damaged.
    """  # noqa: D301 - \b keeps the lines apart
    hub = load_hub(site, state)
    with shelf_stops():
        target = _target(shelf.history(hub.state))
        before = shelf.current(hub.state)
        files = shelf.kept(hub.state, target) if target else plan_files(hub.loaded.files)
    try:
        plan = load_here(hub, files)
    except PlanInvalid as invalid:
        hint = "the site has changed since; mend the plan and apply it"
        raise Stop(Exit.CONFIG, f"the plan from before is not sound: {invalid.problems[0]}", hint) from None
    with shelf_stops():
        shelf.keep(hub.state, files)
    _force(hub, plan, before, "rollback", keep=keep, by=by, as_json=as_json)


@click.command("history", short_help="Which plan was put in force when, and by whom.")
@site_argument
@hub_state_option
@json_option
def history_command(site: Path, state: Path | None, as_json: bool) -> None:
    """Show when which plan was put in force and by whom, the newest first.

    \b
    Example:
      sortctl plan history config/lgg

    Exit codes: 0 shown, 3 no such folder, 6 the history cannot be read.
    """  # noqa: D301 - \b keeps the lines apart
    hub = load_hub(site, state)
    with shelf_stops():
        entries = shelf.history(hub.state)[::-1]
        current = shelf.current(hub.state)
    if as_json:
        print_json({"current": current, "history": entries})
        return
    if not entries:
        click.echo(f"no plan was ever applied; the plan of {site} counts")
        return
    rows = tuple(
        (
            "*" if number == 0 and entry.checksum == current else "",
            day_time(entry.at_s * NS_PER_S),
            entry.action,
            entry.plan,
            str(entry.version),
            entry.checksum[:12],
            entry.before[:12] or "the site's",
            entry.by,
        )
        for number, entry in enumerate(entries[:SHOWN])
    )
    headings = ("", "when", "what", "plan", "version", "checksum", "before", "by")
    print_table(screen(), Sheet("plans put in force; * counts now", headings, rows, frozenset({4})))
    if len(entries) > SHOWN:
        click.echo(f"  and {len(entries) - SHOWN:,} before, see --json")


def _force(
    hub: Hub,
    plan: Plan,
    before: str,
    action: Literal["apply", "rollback"],
    *,
    keep: bool,
    by: str | None,
    as_json: bool,
) -> None:
    document = plan.document
    who = by or _user()
    entry = Entry(_now_s(), action, document.checksum, document.id, document.version, before, who, keep)
    rerouted = _told(hub, entry)
    with shelf_stops():
        shelf.put_in_force(hub.state, entry)
    when = "will be in force when the controller starts"
    if rerouted is not None:
        when = f"is in force, from the next parcel on; {rerouted:,} parcels on the sorters are decided anew"
    _tell(plan, when, as_json, entry=entry)


def _told(hub: Hub, entry: Entry) -> int | None:
    """How many parcels a running controller has decided anew; None: none runs. One that does not take the plan ends the command."""
    try:
        ask(hub.state, "ping")
    except (NotRunning, OSError):
        return None
    try:
        answer = ask(hub.state, "plan", PLAN_WAIT_S, checksum=entry.checksum, keep=entry.keep, by=entry.by)
    except NotRunning as refused:
        hint = "it goes on with the plan that it has; see `sortctl status` and its log"
        raise Stop(Exit.REFUSED, f"the controller did not take the plan: {refused}", hint) from None
    return int(answer["plan"].get("rerouted", 0))


def _known_before(hub: Hub) -> str:
    """The checksum of what counts until now, kept so that it can come back. Before the first apply it is what the controller ran with."""
    counts = shelf.current(hub.state)
    if counts:
        return counts
    try:
        with JournalReader(journal_path(hub.state)) as reader:
            ran = plan_files(reader.site() or {})
    except JournalMissing:
        return SITE
    except JournalUnusable as error:
        raise stop_for(error) from None
    return shelf.keep(hub.state, ran) if ran else SITE


def _target(history: list[Entry]) -> str:
    """What the last apply that is not taken back has displaced."""
    displaced: list[str] = []
    for entry in history:
        if entry.action == "apply":
            displaced.append(entry.before)
        elif displaced:
            displaced.pop()
    if not displaced:
        raise Stop(Exit.NOT_FOUND, "there is nothing to go back to", "no plan was applied, or all are taken back")
    return displaced[-1]


def _tell(plan: Plan, what: str, as_json: bool, *, entry: Entry | None) -> None:
    document = plan.document
    if as_json:
        print_json({"plan": document, "entry": entry, "told": what})
    else:
        click.echo(escaped(f"{document.id} version {document.version} ({document.checksum[:12]}) {what}"))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _now_s() -> int:
    return int(time.time())  # noqa: TID251 - the moment in which a person asks
