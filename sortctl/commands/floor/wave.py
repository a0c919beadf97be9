"""sortctl wave: the end of a wave, and its balance on every sorter.

Comes in: its name. Goes out: the balance of each sorter, as text or JSON. Never here: what belongs to a wave.
"""

from pathlib import Path

import click

from sortctl.commands.floor.telling import lines, tell
from sortctl.commands.options import json_option, state_option
from sortctl.commands.screen import escaped, print_json


@click.group("wave", short_help="End a wave.")
def command() -> None:
    """Waves of the controller that runs.

    \b
    Example:
      sortctl wave end morning

    Exit codes: 0 done, 3 no controller runs there.
    """  # noqa: D301 - \b keeps the lines apart


@command.command("end", short_help="End a wave and draw its balance.")
@click.argument("name")
@click.option("--purge", is_flag=True, help="Induct nothing more until the sorters are empty.")
@state_option
@json_option
def end_command(name: str, purge: bool, state: Path, as_json: bool) -> None:
    """End the wave of this NAME on every sorter: what came in, and how it ended. What is still on a sorter belongs to the next.

    \b
    Example:
      sortctl wave end morning --purge

    Exit codes: 0 done, 3 no controller runs there, 4 refused.
    """  # noqa: D301 - \b keeps the lines apart
    told = tell(state, "WaveEnded", wave=name)
    if purge:
        for line in lines(state):
            tell(state, "PurgeAsked", sorter=line["sorter"], chute=0, purging=True)
    if as_json:
        print_json(told)
        return
    for one in told["followed"]:
        if one["type"] == "WaveBalanced":
            click.echo(
                escaped(
                    f"{one['sorter']}: wave {one['wave']}: {one['inducted']} in = {one['sorted_']} sorted + {one['rejected']} rejected"
                    f" + {one['lost']} lost + {one['removed']} removed; {one['on_sorter']} still on it"
                )
            )
