"""Lazy: groups whose commands are imported when they are called, so that help is quick and a command pays for itself only.

Comes in: where each command is, and what the help says of it. Goes out: the command. Never here: what a command does.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click


class Place(NamedTuple):
    """Where a command is, as "sortctl.commands.run:command", and what the help of its group says of it."""

    where: str
    short_help: str


class LazyGroup(click.Group):
    """Imports a command when it is called."""

    def __init__(self, *args: Any, places: Mapping[str, Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one meets them."""
        del ctx
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself; None if there is none."""
        del ctx
        if cmd_name not in self._places:
            return None
        module, _, name = self._places[cmd_name].where.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, without an import."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.short_help) for name, place in self._places.items()])
