"""sortctl chute: lock and unlock chutes of the controller that runs, and list them with their locks, bags and forecast.

Comes in: chute numbers, reasons. Goes out: what state the chute is in now, as text or JSON. Never here: what a lock means.
"""

from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from sortctl.commands.floor.telling import CHUTE, Answer, chute_in, lines, sorter_of, sorter_option, state_words, tell
from sortctl.commands.options import Exit, Stop, json_option, state_option
from sortctl.commands.screen import escaped, print_json, screen


@click.group("chute", short_help="Lock, unlock and list chutes.")
def command() -> None:
    """Lock, unlock and list the chutes of the controller that runs.

    \b
    Example:
      sortctl chute lock 3 --why "flap broken"
      sortctl chute unlock 3
      sortctl chute list

    Exit codes: 0 done, 2 usage, 3 no controller runs there, 4 refused: no such chute.
    """  # noqa: D301 - \b keeps the lines apart


@command.command("lock", short_help="Close a chute until it is unlocked.")
@click.argument("chute", type=CHUTE)
@click.option("--why", default="", help="Reason, for whoever finds it locked.")
@click.option(
    "--lock", type=click.Choice(["operator", "host"]), default="operator", help="Whose lock; operator if not said."
)
@sorter_option
@state_option
@json_option
def lock_command(chute: int, why: str, lock: str, sorter: str | None, state: Path, as_json: bool) -> None:
    """Close CHUTE until it is unlocked. Parcels that can still be turned away go elsewhere.

    \b
    Example:
      sortctl chute lock 3 --why "flap broken"

    Three locks hold a chute closed, each alone: the PLC's, the operator's, the host's. Exit codes: 0 locked, 3 no controller, 4 refused.
    """  # noqa: D301 - \b keeps the lines apart
    _turn(chute, lock, why, sorter, state, locked=True, as_json=as_json)


@command.command("unlock", short_help="Take a lock of a chute away.")
@click.argument("chute", type=CHUTE)
@click.option(
    "--lock", type=click.Choice(["operator", "host"]), default="operator", help="Whose lock; operator if not said."
)
@sorter_option
@state_option
@json_option
def unlock_command(chute: int, lock: str, sorter: str | None, state: Path, as_json: bool) -> None:
    """Take a lock of CHUTE away. It opens when no other holds it.

    \b
    Example:
      sortctl chute unlock 3

    The operator's also ends a recall: unlock only when the parcel was taken out. Exit codes: 0 done, 3 no controller, 4 refused.
    """  # noqa: D301 - \b keeps the lines apart
    _turn(chute, lock, "", sorter, state, locked=False, as_json=as_json)


def _turn(chute: int, lock: str, why: str, sorter: str | None, state: Path, *, locked: bool, as_json: bool) -> None:
    name = sorter_of(state, sorter, chute)
    told = tell(state, "ChuteLocked", sorter=name, chute=chute, lock=lock, locked=locked, why=why)
    if as_json:
        print_json(told)
        return
    verb = "locked" if locked else "unlocked"
    click.echo(escaped(f"chute {chute} of {name}: {verb} ({lock}); it is {state_words(chute_in(told, chute))}"))


@command.command("list", short_help="Show chutes with locks, bags and forecast.")
@sorter_option
@state_option
@json_option
def list_command(sorter: str | None, state: Path, as_json: bool) -> None:
    """Show all chutes: state, who holds them, which bag hangs there, when they will be full.

    \b
    Example:
      sortctl chute list --sorter line1

    Exit codes: 0 shown, 3 no controller runs there, or no such sorter.
    """  # noqa: D301 - \b keeps the lines apart
    found = [one for one in lines(state) if sorter in (None, one["sorter"])]
    if not found:
        raise Stop(Exit.NOT_FOUND, f"there is no sorter {sorter}", "`sortctl status` shows them")
    if as_json:
        print_json([{"sorter": one["sorter"], "chutes": one["chutes"]} for one in found])
        return
    for one in found:
        screen().print(_table(one))


def _table(line: Answer) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left", title=line["sorter"])
    for heading in ("chute", "name", "state", "heading", "bag", "full in"):
        table.add_column(heading, overflow="fold")
    for chute in line["chutes"]:
        full = f"{chute['full_in_s'] // 60} min" if chute["full_in_s"] >= 0 else "-"
        cells = (str(chute["chute"]), chute["name"], state_words(chute), str(chute["heading"]), bag_words(chute), full)
        table.add_row(*(Text(escaped(cell)) for cell in cells))
    return table


def bag_words(chute: Answer) -> str:
    """The bag of a chute."""
    bag = chute["bag"]
    if bag is None:
        return "MISSING" if chute["needs_bag"] else "-"
    return f"{bag['bag']}: {bag['parcels']} parcels, {bag['weight_g'] / 1000:.1f} kg"
