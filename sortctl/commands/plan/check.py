"""sortctl plan check: all that is wrong with a plan, and what a planner should look at.

Comes in: a site folder, perhaps another plan. Goes out: problems with file and line, a summary. Changes nothing.
"""

from pathlib import Path

import click

from sortctl.commands.options import Exit, json_option
from sortctl.commands.plan.sources import busy, checked, hub_state_option, load_hub, plan_option, site_argument
from sortctl.commands.screen import escaped, print_json
from sortctl.plan import Plan
from sortctl.plan.load import PlanInvalid
from sortctl.plan.study.lint import lint
from sortctl.site.problem import Problem, bounded, errors


@click.command("check", short_help="Say all that is wrong with a plan.")
@site_argument
@plan_option
@hub_state_option
@json_option
def check_command(site: Path, which: str, state: Path | None, as_json: bool) -> None:
    """Check a sort plan against the machines of SITE.

    \b
    Example:
      sortctl plan check config/lgg
      sortctl plan check config/lgg --plan next-week

    Errors: what forbids the plan. Warnings: ranges that cross, rules that never win and by which others, postcodes between two rules and
    countries of a region that were forgotten, destinations without a rule or without a chute, zeros that a spreadsheet dropped.
    Exit codes: 0 sound (warnings allowed), 3 no such folder or plan, 5 not sound.
    """  # noqa: D301 - \b keeps the lines apart
    hub = load_hub(site, state)
    plan: Plan | None = None
    problems: tuple[Problem, ...]
    try:
        with busy("Checking the plan"):
            plan = checked(hub, which)
            problems = bounded([*plan.warnings, *lint(plan)])
    except PlanInvalid as invalid:
        problems = invalid.problems
    wrong = len(errors(problems))
    if as_json:
        print_json({"sound": plan is not None, "document": plan.document if plan else None, "problems": problems})
    else:
        for problem in problems:
            click.echo(escaped(str(problem)))
        click.echo(_summary(plan, wrong, len(problems) - wrong), err=plan is None)
    if plan is None:
        raise SystemExit(Exit.CONFIG)


def _summary(plan: Plan | None, wrong: int, warned: int) -> str:
    told = f"{wrong:,} errors, {warned:,} warnings"
    if plan is None:
        return f"not sound: {told}"
    document = plan.document
    return (
        f"{document.id} version {document.version}: sound, {told}; {len(plan.rules):,} rules, {len(plan.destinations):,} "
        f"destinations, {len(plan.functions):,} for causes; checksum {document.checksum[:12]}"
    )
