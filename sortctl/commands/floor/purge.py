"""sortctl purge: empty a chute or a sorter of the controller that runs.

Comes in: a sorter, perhaps a chute. Goes out: what follows, as text or JSON. Never here: when it is empty.
"""

from pathlib import Path

import click

from sortctl.commands.floor.telling import CHUTE, sorter_of, sorter_option, tell
from sortctl.commands.options import json_option, state_option
from sortctl.commands.screen import escaped, print_json


@click.command("purge", short_help="Empty a sorter or a chute.")
@click.option("--chute", type=CHUTE, help="Only this chute; else the whole sorter.")
@click.option("--back", is_flag=True, help="Take the purge back.")
@sorter_option
@state_option
@json_option
def command(chute: int | None, back: bool, sorter: str | None, state: Path, as_json: bool) -> None:
    """Empty a sorter: nothing more is inducted until nothing is booked on it. Or a chute: nothing new goes there until it is taken back.

    \b
    Example:
      sortctl purge --sorter line1
      sortctl purge --chute 3
      sortctl purge --chute 3 --back

    Exit codes: 0 done, 2 usage, 3 no controller runs there, 4 refused.
    """  # noqa: D301 - \b keeps the lines apart
    name = sorter_of(state, sorter, chute or 0)
    told = tell(state, "PurgeAsked", sorter=name, chute=chute or 0, purging=not back)
    if as_json:
        print_json(told)
        return
    what = f"chute {chute} of {name}" if chute else name
    said = [one["why"] for one in told["followed"] if one["type"] == "Disturbed"]
    click.echo(escaped(f"{what}: {'; '.join(said) or 'nothing changes'}"))
