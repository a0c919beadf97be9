"""sortctl plan: the sort plan: what is wrong with it, why a parcel goes where it goes, what another one changes, which is in force.

Comes in: a site folder, plans, parcels. Goes out: text or JSON, exit codes. One file for each kind of question; `sources.py` says where
plans and parcels come from. Never here: what the answers are (`plan/study`), where plans are kept (`plan/shelf.py`).
"""

import click

from sortctl.commands.plan.check import check_command
from sortctl.commands.plan.compare import diff_command
from sortctl.commands.plan.explain import explain_command
from sortctl.commands.plan.force import apply_command, history_command, rollback_command
from sortctl.commands.plan.simulate import simulate_command


@click.group("plan", short_help="The sort plan: check, explain, compare, try out, put in force.")
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


for _each in (
    check_command,
    explain_command,
    diff_command,
    simulate_command,
    apply_command,
    rollback_command,
    history_command,
):
    command.add_command(_each)
