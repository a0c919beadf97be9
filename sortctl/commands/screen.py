"""Screen: how commands write to a terminal. Nothing that came from a label or a wire ever steers it.

Comes in: text of any origin. Goes out: printable text, times in the local zone, JSON in plain ASCII.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final

import click
import msgspec
from rich.console import Console

from sortctl.words.exchange import PackML
from sortctl.words.units import NS_PER_MS, NS_PER_S

MODES: Final = {0: "mode not told", 1: "produce", 2: "maintenance", 3: "manual"}
"""Unit modes of PackML (OPC 30050); makers have further ones."""


def escaped(text: str) -> str:
    """Control and direction characters by their numbers, everything printable as it is."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def screen() -> Console:
    """Standard output. Colour on a terminal only; no markup and no guessing in what is printed."""
    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)


def print_json(thing: Any) -> None:
    """One document. ASCII only, as JSON lets control characters above 0x7f through."""
    click.echo(json.dumps(msgspec.to_builtins(thing, str_keys=True), ensure_ascii=True, indent=2))


def clock_time(wall_ns: int) -> str:
    """14:03:22.101, in the local zone."""
    return f"{_local(wall_ns):%H:%M:%S}.{wall_ns % NS_PER_S // NS_PER_MS:03d}"


def day_time(wall_ns: int) -> str:
    """2026-02-03 14:03:22 CET"""
    return f"{_local(wall_ns):%Y-%m-%d %H:%M:%S %Z}"


def state_name(number: int) -> str:
    """A PackML state, as "execute" or "state 42"."""
    return PackML(number).name.lower() if number in set(PackML) else f"state {number}"


def mode_name(number: int) -> str:
    """A PackML mode, as "produce" or "mode 42"."""
    return MODES.get(number, f"mode {number}")


def _local(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns // NS_PER_S, tz=UTC).astimezone()
