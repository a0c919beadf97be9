"""sortctl plan: the sort plan: what is wrong with it, why a parcel goes where it goes, what another one changes, which is in force.

Comes in: a site folder, plans, parcels. Goes out: text or JSON, exit codes. One file for each kind of question; `sources.py` says where
plans and parcels come from. Never here: what the answers are (`plan/study`), where plans are kept (`plan/shelf.py`).
"""

from typing import Final

import click

from sortctl.commands.lazy import LazyGroup, Place

COMMANDS: Final = {
    "check": Place("sortctl.commands.plan.check:check_command", "Say all that is wrong with a plan."),
    "explain": Place("sortctl.commands.plan.explain:explain_command", "Why does this parcel go there?"),
    "diff": Place("sortctl.commands.plan.compare:diff_command", "What does another plan change?"),
    "simulate": Place("sortctl.commands.plan.simulate:simulate_command", "What would a day be like under this plan?"),
    "apply": Place("sortctl.commands.plan.force:apply_command", "Put a plan in force."),
    "rollback": Place("sortctl.commands.plan.force:rollback_command", "Put the plan in force that was before."),
    "history": Place("sortctl.commands.plan.force:history_command", "Which plan was put in force when, and by whom."),
}


@click.group(
    "plan", cls=LazyGroup, places=COMMANDS, short_help="The sort plan: check, explain, compare, try out, put in force."
)
def command() -> None:
    """The sort plan of a site.

    \b
    Example:
      sortctl plan check config/demo
      sortctl plan explain config/demo --country BE --postcode 1000
      sortctl plan apply config/demo

    Exit codes: 0 ok, 1 negative answer (explain: no rule fits; diff: there are differences), 2 usage, 3 not there, 4 refused,
    5 the site or the plan is not sound, 6 a kept plan or the journal is damaged.
    """  # noqa: D301 - \b keeps the lines apart
