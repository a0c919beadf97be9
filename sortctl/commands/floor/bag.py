"""sortctl bag: hang up a bag, ask for it to be closed, show those that hang. Of the controller that runs.

Comes in: chutes and tags. Goes out: what happened, as text or JSON. Never here: which parcel is in which bag.
"""

import sys
import time
from pathlib import Path

import click

from sortctl.commands.floor.chute import bag_words
from sortctl.commands.floor.scan import LINE_MAX, Pairing, chutes_in
from sortctl.commands.floor.telling import CHUTE, chute_in, lines, sorter_of, sorter_option, state_words, tell
from sortctl.commands.options import Exit, Stop, json_option, state_option
from sortctl.commands.screen import escaped, print_json


@click.group("bag", short_help="Hang up, close and show bags.")
def command() -> None:
    """Hang up, close and show the bags of the controller that runs.

    \b
    Example:
      sortctl bag bind 3 BAG-0001
      sortctl bag close 3
      sortctl bag show

    Exit codes: 0 done, 1 no bag hangs anywhere, 2 usage, 3 no controller runs there, 4 refused.
    """  # noqa: D301 - \b keeps the lines apart


@command.command("bind", short_help="A bag hangs at a chute now.")
@click.argument("chute", type=CHUTE)
@click.argument("tag")
@sorter_option
@state_option
@json_option
def bind_command(chute: int, tag: str, sorter: str | None, state: Path, as_json: bool) -> None:
    """The bag with this TAG hangs at CHUTE from now on; the one before is closed.

    \b
    Example:
      sortctl bag bind 3 BAG-0001

    Say it at the moment of the change: what the chute's eye saw before is in the old bag. Exit codes: 0 done, 3 no controller, 4 refused.
    """  # noqa: D301 - \b keeps the lines apart
    name = sorter_of(state, sorter, chute)
    told = tell(state, "BagBound", sorter=name, chute=chute, bag=tag)
    if as_json:
        print_json(told)
        return
    click.echo(escaped(f"bag {tag} hangs at chute {chute} of {name}; it is {state_words(chute_in(told, chute))}"))


@command.command("scan", short_help="Hang up bags with a hand scanner.")
@sorter_option
@state_option
def scan_command(sorter: str | None, state: Path) -> None:
    """Hang up bags with a hand scanner: scan the tag and the label of the chute, in either order, again and again.

    \b
    Example:
      sortctl bag scan
      sortctl bag scan < /dev/ttyACM0

    A label of a chute holds its sorter and number, as loop1/12, or its name. The bag hangs there from the moment of the second scan; the one before is
    closed. What cannot be used is said, and scanning goes on until the end of the input. Exit codes: 0 ended, 3 no controller.
    """  # noqa: D301 - \b keeps the lines apart
    pairing = Pairing(chutes_in(lines(state), sorter), time.monotonic)  # noqa: TID251 - the moments of a person
    for line in iter(lambda: sys.stdin.buffer.readline(LINE_MAX), b""):
        taken = pairing.take(line.decode("utf-8", "replace"))
        if isinstance(taken, str):
            text = taken
        else:
            try:
                told = tell(state, "BagBound", sorter=taken.sorter, chute=taken.chute, bag=taken.tag)
                now = state_words(chute_in(told, taken.chute))
                text = f"bag {taken.tag} hangs at chute {taken.chute} of {taken.sorter}; it is {now}"
            except Stop as stop:
                text = f"refused: {stop}"
        if text:
            click.echo(escaped(text))


@command.command("close", short_help="Ask for the bag of a chute to be closed.")
@click.argument("chute", type=CHUTE)
@sorter_option
@state_option
@json_option
def close_command(chute: int, sorter: str | None, state: Path, as_json: bool) -> None:
    """The bag of CHUTE takes nothing new, and is closed when the last parcel that is under way to it has come.

    \b
    Example:
      sortctl bag close 3

    Exit codes: 0 asked, 3 no controller, 4 refused: no bag hangs there.
    """  # noqa: D301 - \b keeps the lines apart
    name = sorter_of(state, sorter, chute)
    told = tell(state, "BagAsked", sorter=name, chute=chute)
    if as_json:
        print_json(told)
        return
    now = chute_in(told, chute)
    waits = f"closes when {now['heading']} parcels under way have come" if now["bag"] is not None else "is closed"
    click.echo(escaped(f"the bag of chute {chute} of {name} {waits}; the chute is {state_words(now)}"))


@command.command("show", short_help="Show the bags that hang.")
@sorter_option
@state_option
@json_option
@click.pass_context
def show_command(context: click.Context, sorter: str | None, state: Path, as_json: bool) -> None:
    """Show every bag that hangs: parcels, weight, departure, and whether it is to be changed.

    \b
    Example:
      sortctl bag show

    Exit codes: 0 shown, 1 none hangs, 3 no controller.
    """  # noqa: D301 - \b keeps the lines apart
    hanging = [
        (line["sorter"], chute)
        for line in lines(state)
        if sorter in (None, line["sorter"])
        for chute in line["chutes"]
        if chute["bag"] is not None
    ]
    if as_json:
        print_json([{"sorter": name, "chute": chute["chute"], **chute["bag"]} for name, chute in hanging])
    elif not hanging:
        click.echo("no bag hangs")
    else:
        for name, chute in hanging:
            bag = chute["bag"]
            text = f"{name} chute {chute['chute']}  {bag_words(chute)}"
            text += f", for {bag['departure']}" if bag["departure"] else ""
            text += f", TO BE CHANGED: {bag['due']}" if bag["due"] else ""
            click.echo(escaped(text))
    context.exit(Exit.OK if hanging else Exit.NEGATIVE)
