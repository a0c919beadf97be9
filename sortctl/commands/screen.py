"""Screen: how commands write to a terminal. Nothing that came from a label or a wire ever steers it.

Comes in: text of any origin. Goes out: printable text, times in the local zone, JSON in plain ASCII.
"""

import json
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from rich.console import Console

from sortctl.words.units import NS_PER_MS, NS_PER_S


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


def _local(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns // NS_PER_S, tz=UTC).astimezone()
