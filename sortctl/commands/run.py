"""sortctl run: the controller of one site, in the foreground, until SIGTERM or Ctrl-C.

Comes in: the site folder. Goes out: log lines on standard error; the control socket in the state folder. Never here: how the
parts are put together (`app.py`).
"""

import os
from pathlib import Path

import click

from sortctl.commands.options import Exit, Stop
from sortctl.commands.screen import escaped


@click.command("run", short_help="Run the controller of a site.")
@click.argument("site", type=click.Path(path_type=Path))
@click.option(
    "--state",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="State folder: journal, lock, control socket. Default: $STATE_DIRECTORY, else ./var/<name of the hub>.",
)
def command(site: Path, state: Path | None) -> None:
    """Run the controller of the site in the folder SITE.

    \b
    Example:
      sortctl run config/demo --state var/demo

    Links are tried for ever: PLCs and scanners may be off when it starts. SIGTERM or Ctrl-C ends it: each PLC gets its
    epoch back, and the journal is written to its end. Ask it with `sortctl status` and `sortctl tail`.

    Exit codes: 0 stopped, 3 no such folder, 4 another controller has this state folder or owner number, 5 the configuration is invalid,
    6 the journal cannot be used, 70 a mistake in the program (start it again; it goes on where the journal ends).
    """  # noqa: D301 - \b keeps the lines apart
    raise SystemExit(_serve(site, state or _told_folder()))


def _told_folder() -> Path | None:
    # systemd gives a list when a unit has several; ours has one.
    told = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(told) if told else None


def _serve(site: Path, state: Path | None) -> int:
    from sortctl.app import StateFolderUnusable, serve
    from sortctl.journal.schema import JournalHeld, JournalUnusable
    from sortctl.runtime.process.claim import NumberTaken
    from sortctl.site.files import SiteMissing
    from sortctl.site.problem import Invalid

    try:
        return serve(site, state)
    except SiteMissing:
        raise Stop(Exit.NOT_FOUND, f"there is no folder {site}", "name the folder that holds site.toml") from None
    except Invalid as invalid:
        for problem in invalid.problems:
            click.echo(escaped(str(problem)), err=True)
        raise Stop(Exit.CONFIG, "not started: the configuration is invalid", f"sortctl check {site} shows it") from None
    except (JournalHeld, NumberTaken) as held:
        mend = getattr(held, "mend", "stop it first, or give this installation its own owner number in site.toml")
        raise Stop(Exit.REFUSED, f"not started: {held}", mend) from None
    except JournalUnusable as unusable:
        raise Stop(Exit.INTEGRITY, f"not started: {unusable}", unusable.mend) from None
    except PermissionError as forbidden:
        hint = "give it to the user that runs sortctl, or name another folder with --state DIR"
        raise Stop(Exit.REFUSED, f"not started: {forbidden}", hint) from None
    except StateFolderUnusable as unusable:
        hint = "name a folder on a disk that can be written with --state DIR"
        raise Stop(Exit.REFUSED, f"not started: {unusable}", hint) from None
