"""Play: what is the same on every rig: which runs a story needs, and how its result is told.

Comes in: a story, a seed, a rig's way to run one script. Goes out: the verdict, and the result ready for JSON. The stories
that compare are run twice, once left alone. Never here: how a rig runs.
"""

from collections.abc import Callable
from typing import Any

from sim.referee import Verdict
from sim.scenario import Draft, Script, Story
from sim.sheets import Sheets
from sortctl.site.load import LoadedSite

PARCELS = 150

Judge = Callable[[Script, dict[int, int] | None], Verdict]
"""Runs a script and judges it; with the exits of the run without faults, if there was one."""


def play(loaded: LoadedSite, story: Story, seed: int, parcels: int, judged: Judge) -> Verdict:
    """The verdict on a story."""
    sheets = Sheets(loaded.files)

    def script() -> Script:
        return story.write(Draft(loaded.machines[0], sheets, seed, parcels))

    without: dict[int, int] | None = None
    if script().expect.same_exits:
        without = judged(script().without_faults(), None).exits
    return judged(script(), without)


def result(story: Story, rig: str, seed: int, parcels: int, verdict: Verdict) -> dict[str, Any]:
    """The result of a run, ready for JSON."""
    repeat = f"python -m sim story {story.name} --rig {rig} --seed {seed} --parcels {parcels} --json"
    return {"story": story.name, "rig": rig, "seed": seed, "parcels": parcels, **verdict.figures, "repeat": repeat}
