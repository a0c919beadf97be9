"""The simulator's own commands: play a story, list the stories, show the demonstration, run the plant alone.

`story` ends with 0 only if the story's expectation holds; a failing run prints its seed and the one command that repeats it.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import click

from sim.play import PARCELS, Asked, StoryUnfit, result
from sim.rigs.virtual import play as play_virtually
from sim.stories import stories

SITE = Path(__file__).resolve().parents[1] / "config" / "demo"
LATER = {"demo": ("sim.demo", "command"), "plant": ("sim.rigs.plant_process", "command")}
"""Commands that are imported only when they are typed: they need sockets and screens."""


class Commands(click.Group):
    """The commands of this file, and those of `LATER`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        return sorted([*super().list_commands(ctx), *LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import it now if it is one of the late ones."""
        if cmd_name in LATER:
            module, name = LATER[cmd_name]
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, help=(__doc__ or "").splitlines()[0])
def main() -> None:
    """Print what there is if nothing is asked for."""


@main.command("stories", short_help="What there is to play.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead.")
def list_stories(as_json: bool) -> None:
    """Every story with its sentence."""
    told = {story.name: story.sentence for story in stories().values()}
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for name, sentence in told.items():
        click.echo(f"{name:22} {sentence}")


@main.command("story", short_help="Play one story and judge it.")
@click.argument("name")
@click.option("--rig", type=click.Choice(["virtual", "wire"]), default="virtual", show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--parcels", type=click.IntRange(1, 1_000_000), default=PARCELS, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--sorter", default="", help="Disturb only this one; the others run undisturbed.")
@click.option(
    "--site", type=click.Path(exists=True, file_okay=False, path_type=Path), default=SITE, help="Another line."
)
def play_story(name: str, rig: str, seed: int, parcels: int, as_json: bool, sorter: str, site: Path) -> None:
    """Play story NAME: `stories` lists them."""
    known = stories()
    if name not in known:
        raise click.BadParameter(f"there is no story {name}; there are {', '.join(known)}", param_hint="NAME")
    try:
        if rig == "virtual":
            verdict = play_virtually(site, known[name], seed, parcels, sorter)
        else:
            verdict = importlib.import_module("sim.rigs.wire").play(site, known[name], seed, parcels, sorter)
    except StoryUnfit as unfit:
        raise click.BadParameter(str(unfit), param_hint="--sorter" if sorter else "NAME") from None
    told = result(known[name], rig, Asked(seed, parcels, sorter), verdict)
    if site != SITE:
        told["repeat"] += f" --site {site}"
    click.echo(json.dumps(told, indent=2) if as_json else _in_words(told))
    if not verdict.holds:
        if as_json:
            click.echo(f"fails with seed {seed}; repeat: {told['repeat']}", err=True)
        sys.exit(1)


def _in_words(told: dict[str, Any]) -> str:
    lines = [f"{told['story']} ({told['rig']}, seed {told['seed']}): {told['verdict']}"]
    lines += [f"  {name:18} {value}" for name, value in told.items() if isinstance(value, int) and name != "seed"]
    lines += [f"  ! {reason}" for reason in told["reasons"]]
    if told["reasons"]:
        lines.append(f"repeat: {told['repeat']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main(prog_name="python -m sim")
