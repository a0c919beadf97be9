"""Options: what several commands share. The state folder, the exit codes, and how a command says that it cannot.

Comes in: what was typed, the environment. Goes out: a folder that exists, or `Stop`: one sentence, the next thing to do, an
exit code that scripts may rely on. Never here: what a command does.
"""

import os
from enum import IntEnum
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import click

from sortctl.commands.screen import escaped
from sortctl.journal.schema import FILE_NAME, JournalDamaged, JournalUnusable

VAR: Final = Path("var")
"""Where state folders are when nobody says otherwise: one folder per hub."""


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    NEGATIVE = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    CONFIG = 5
    INTEGRITY = 6
    INTERNAL = 70


class Stop(click.ClickException):
    """The end of a command: `what` went wrong, the `hint` what to do next."""

    def __init__(self, code: Exit, what: str, hint: str) -> None:
        super().__init__(what)
        self.exit_code = code  # type: ignore[misc]  # click reads it from the instance as well
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(escaped(self.message), err=True, file=file)
        if self.hint:
            click.echo(f"  {escaped(self.hint)}", err=True, file=file)


def stop_for(error: JournalUnusable) -> Stop:
    """The end of a command that cannot read its journal."""
    code = Exit.INTEGRITY if isinstance(error, JournalDamaged) else Exit.NOT_FOUND
    return Stop(code, str(error), error.mend)


def journal_path(state: Path) -> Path:
    """The journal in a state folder."""
    return state / FILE_NAME


Command = TypeVar("Command", bound=Any)


def state_option(command: Command) -> Command:
    """`--state DIR`, given to the command as `state: Path`; the folder exists."""
    option = click.option(
        "--state",
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=_state_folder,
        help="State folder. Default: $STATE_DIRECTORY, else the only folder in ./var.",
    )
    return option(command)


def json_option(command: Command) -> Command:
    """`--json`, given to the command as `as_json: bool`."""
    option = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
    return option(command)


def _state_folder(context: click.Context, _: click.Parameter, given: Path | None) -> Path:
    if context.resilient_parsing:
        return given or VAR
    if given is not None:
        return _existing(given, "see the folder with `ls`, or start sortctl with this --state")
    # systemd gives a list when a unit has several; ours has one.
    told = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if told:
        return _existing(Path(told), "$STATE_DIRECTORY names it; say another with --state DIR")
    folders = sorted(path for path in VAR.iterdir() if path.is_dir()) if VAR.is_dir() else []
    if len(folders) == 1:
        return folders[0]
    if not folders:
        raise Stop(
            Exit.NOT_FOUND,
            "no state folder here: $STATE_DIRECTORY is not set and ./var is empty",
            "--state DIR names it",
        )
    names = ", ".join(str(path) for path in folders[:8])
    raise Stop(Exit.USAGE, f"several state folders here: {names}", f"choose one: --state {folders[0]}")


def _existing(folder: Path, hint: str) -> Path:
    if not folder.is_dir():
        raise Stop(Exit.NOT_FOUND, f"there is no state folder {folder}", hint)
    return folder
