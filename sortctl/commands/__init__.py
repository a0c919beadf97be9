"""Commands: what a person types. One file each; a file is imported only when its command is called, so that help is quick.

Comes in: the command line. Goes out: text for people, or JSON; an exit code that scripts may rely on:
0 ok, 1 negative answer, 2 usage, 3 not there, 4 refused, 5 invalid configuration, 6 integrity, 70 internal error.
Never here: what the controller does.
"""

import os
from typing import Any, Final

import click

from sortctl.commands.lazy import LazyGroup, Place

COMMANDS: Final = {
    "run": "Run the controller of a site.",
    "check": "Say all that is wrong with a site, and what follows from it.",
    "schema": "Print the JSON schema of site.toml.",
    "status": "Show how the running controller is.",
    "trace": "Tell the whole story of one parcel.",
    "due": "Show what leaves when, and which parcels may miss it.",
    "tail": "Show what happens, as it happens.",
    "chute": "Lock, unlock and list chutes.",
    "bag": "Hang up, close and show bags.",
    "wave": "End a wave.",
    "purge": "Empty a sorter or a chute.",
    "replay": "Step a journal again and compare.",
    "journal": "About the journal file.",
    "plan": "The sort plan: check, explain, compare, try out, put in force.",
    "parcels": "What the hub knows of parcels.",
    "pki": "Our certificate, and whom we believe.",
}
"""Name -> what the help says; the command is `command` in the file of that name."""
FLOOR: Final = frozenset({"chute", "bag", "wave", "purge"})
"""Those whose file is in the room of that name."""
INTERNAL: Final = 70


def _place(name: str, text: str) -> Place:
    room = "floor." if name in FLOOR else ""
    return Place(f"sortctl.commands.{room}{name}:command", text)


class Commands(LazyGroup):
    """All of them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A mistake of ours is one sentence, not a page; SORTCTL_TRACEBACK=1 shows the page."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            raise
        except Exception as mistake:
            if os.environ.get("SORTCTL_TRACEBACK"):
                raise
            click.echo(f"internal error: {type(mistake).__name__}: {ascii(str(mistake))[1:-1]}", err=True)
            click.echo("  SORTCTL_TRACEBACK=1 shows where; please report it", err=True)
            raise click.exceptions.Exit(INTERNAL) from mistake


@click.group(
    cls=Commands,
    places={name: _place(name, text) for name, text in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="sortctl", message="sortctl %(version)s")
def main() -> None:
    """Control software for sorting lines.

    \b
    Example:
      sortctl check config/demo
      sortctl run config/demo
      sortctl status

    Exit codes: 0 ok, 1 negative answer, 2 usage, 3 not there, 4 refused, 5 invalid configuration, 6 integrity,
    70 internal error.
    """  # noqa: D301 - \b keeps the lines apart
