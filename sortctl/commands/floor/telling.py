"""Telling: one fact to the controller that runs, and what followed from it.

Comes in: the state folder, the fields of a fact. Goes out: the controller's answer, or `Stop`. Who says so is the user of the operating
system, and who that is for when it was changed with sudo. Never here: what an answer looks like.
"""

import os
import pwd
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from sortctl.commands.options import Exit, Stop
from sortctl.runtime.process.ask import NotRunning, Refused, ask

Answer = dict[str, Any]


class ChuteType(click.IntRange):
    """A chute is said by its number; whoever types its name is told where the numbers are."""

    def fail(self, message: str, param: click.Parameter | None = None, ctx: click.Context | None = None) -> NoReturn:
        super().fail(
            f"{message.partition(' is ')[0]} is no number of a chute: `sortctl chute list` shows them", param, ctx
        )


CHUTE: Final = ChuteType(min=1)
START: Final = "start it with `sortctl run SITE`, or say where it is: --state DIR"


def who() -> str:
    """The user of the operating system."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"user {os.getuid()}"
    asked = os.environ.get("SUDO_USER", "")
    told = f"{name} for {asked}" if asked and asked != name else name
    return "".join(letter for letter in told if letter.isprintable())[:64]


def lines(state: Path) -> list[Answer]:
    """Status of every sorter."""
    try:
        found: list[Answer] = ask(state, "status")["status"]["controller"]["lines"]
    except NotRunning as nobody:
        raise Stop(Exit.NOT_FOUND, str(nobody), START) from None
    return found


def sorter_of(state: Path, given: str | None, chute: int) -> str:
    """The sorter that is meant: the one given, else the only one that has this chute (0: the only one)."""
    if given:
        return given
    has = [one["sorter"] for one in lines(state) if not chute or any(c["chute"] == chute for c in one["chutes"])]
    if len(has) == 1:
        return str(has[0])
    if not has:
        raise Stop(Exit.NOT_FOUND, f"no sorter has a chute {chute}", "`sortctl chute list` shows them")
    raise Stop(Exit.USAGE, f"several sorters are meant: {', '.join(has)}", f"choose one: --sorter {has[0]}")


def tell(state: Path, kind: str, **fields: object) -> Answer:
    """Tell it; what followed. `by` is added."""
    try:
        told: Answer = ask(state, "tell", fact={"type": kind, **fields, "by": who()})["told"]
    except Refused as refused:
        raise Stop(Exit.REFUSED, str(refused), "`sortctl chute list` shows chutes and bags") from None
    except NotRunning as nobody:
        raise Stop(Exit.NOT_FOUND, str(nobody), START) from None
    return told


def chute_in(told: Answer, chute: int) -> Answer:
    """Status of one chute in what was answered."""
    found: Answer = next(one for line in told["sorters"] for one in line["chutes"] if one["chute"] == chute)
    return found


def state_words(chute: Answer) -> str:
    """Its state, and why."""
    state, why = chute["state"].replace("_", " "), chute["why"]
    return state if not why or why == state else f"{state} ({why})"


def sorter_option(command: Any) -> Any:
    """`--sorter NAME`, given to the command as `sorter: str | None`."""
    return click.option("--sorter", metavar="NAME", help="Of several sorters with this chute, this one.")(command)
