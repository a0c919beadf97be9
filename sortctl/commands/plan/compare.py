"""sortctl plan diff: what another plan changes, for destinations, rules and the parcels of a list or a journal.

Comes in: a site folder, two plans, parcels. Goes out: the differences, as text or JSON. Changes nothing.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from sortctl.commands.options import Exit, json_option
from sortctl.commands.plan.parcels import arrivals, list_of, site_list, watched
from sortctl.commands.plan.sources import CURRENT, Hub, hub_state_option, load_hub, load_named, site_argument
from sortctl.commands.screen import escaped, print_json, screen
from sortctl.plan import Asked, asked_of
from sortctl.plan.model import Group
from sortctl.plan.study.diff import Diff, Names, Parcels, diff
from sortctl.site.problem import Problem

SHOWN: Final = 20


@click.command("diff", short_help="What does another plan change?")
@site_argument
@click.argument("new", metavar="NEW")
@click.option("--from", "old", metavar="PLAN", default=CURRENT, show_default=True,
              help="The plan that NEW is compared with; named as NEW is.")  # fmt: skip
@click.option("--parcels", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="A list of parcels, CSV or JSON lines. Default: the list beside the site, if there is one.")  # fmt: skip
@click.option("--journal", is_flag=True, help="The parcels that were read, of the journal in the state folder.")
@hub_state_option
@json_option
def diff_command(
    site: Path, new: str, old: str, parcels: Path | None, journal: bool, state: Path | None, as_json: bool
) -> None:
    """Say what the plan NEW changes against the one in force.

    \b
    Example:
      sortctl plan diff config/lgg next-week
      sortctl plan diff config/lgg site --from 3fa91c --journal

    NEW is a folder with a plan, the first characters of a checksum in the state folder, site (the plan of SITE) or current (the one in
    force; without one that of SITE). Exit codes: 0 nothing goes anywhere else, 1 there are differences, 3 no such folder, plan or
    list, 5 not sound.
    """  # noqa: D301 - \b keeps the lines apart
    if journal and parcels:
        raise click.UsageError("--parcels and --journal: choose one")
    hub = load_hub(site, state)
    before, after = load_named(hub, old), load_named(hub, new)
    sorters = [machine.sorter_id for machine in hub.loaded.machines]
    problems: list[Problem] = []
    found = diff(before, after, sorters, _parcels(hub, parcels, journal, problems))
    if as_json:
        print_json(found)
    else:
        _show(found)
        if problems:
            click.echo(f"{len(problems):,} lines of {parcels} were left out; first: {problems[0]}", err=True)
    if not found.is_same:
        raise SystemExit(Exit.NEGATIVE)


def _parcels(hub: Hub, path: Path | None, journal: bool, problems: list[Problem]) -> Iterator[Asked]:
    if journal:
        found = arrivals(hub)
        return (asked_of(arrival.record) for arrival in watched(found, "Comparing", len(found)))
    records = list(site_list(hub)) if path is None else list_of(path, problems)
    return (asked_of(record) for record in watched(records, "Comparing", len(records)))


def _show(found: Diff) -> None:
    out = screen()
    one, other = found.before, found.after
    out.print(f"from {one.id} version {one.version} ({one.checksum[:12]}) to {other.id} version {other.version} "
              f"({other.checksum[:12]})")  # fmt: skip
    if found.is_same:
        out.print("Nothing goes anywhere else.")
        return
    for what, names in (("new destinations", found.added), ("destinations that are gone", found.removed)):
        if names:
            out.print(escaped(f"{len(names):,} {what}: {_first(names)}"))
    for moved in found.moved[:SHOWN]:
        out.print(
            escaped(f"{moved.destination} on {moved.sorter}: {_chutes(moved.before)} becomes {_chutes(moved.after)}")
        )
    if len(found.moved) > SHOWN:
        out.print(f"and {len(found.moved) - SHOWN:,} more destinations with other chutes")
    for what, rules in (("added", found.rules_added), ("gone", found.rules_removed), ("changed", found.rules_changed)):
        if rules.count:
            out.print(escaped(f"{rules.count:,} rules {what}: {_first(rules.first, rules)}"))
    if found.parcels is not None and found.parcels.parcels:
        _show_parcels(found.parcels)


def _show_parcels(found: Parcels) -> None:
    out = screen()
    out.print(
        f"\nOf {found.parcels:,} parcels {found.destination_changes:,} go to another destination, "
        f"{found.chute_changes:,} have another planned chute"
    )
    for sorter, count in found.chutes.items():
        out.print(f"  on {sorter}: {count:,}")
    if found.no_rule_before or found.no_rule_after:
        out.print(f"  without a rule: {found.no_rule_before:,} before, {found.no_rule_after:,} after")
    for flow in found.flows[:SHOWN]:
        out.print(f"  {flow.parcels:>9,}  {flow.before or 'no rule'} to {flow.after or 'no rule'}")
    if len(found.flows) > SHOWN:
        out.print(f"  and {len(found.flows) - SHOWN:,} more pairs")


def _first(names: tuple[str, ...], of: Names | None = None) -> str:
    left = (of.count if of else len(names)) - min(len(names), SHOWN)
    return ", ".join(names[:SHOWN]) + (f" and {left:,} more" if left else "")


def _chutes(group: Group) -> str:
    return f"{';'.join(map(str, group.every)) or 'none'} {group.balance.value}" if group.chutes else "none"
