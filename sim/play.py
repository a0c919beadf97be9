"""Play: one story with one seed on the virtual rig, judged. The stories that compare are played twice.

Comes in: a site, a story, a seed. Goes out: the referee's verdict with the command that repeats it.
"""

from typing import Any

from sim.claims import read_claims
from sim.referee import Referee, Verdict
from sim.rigs.virtual import VirtualRig
from sim.scenario import Draft, Script, Story
from sim.sheets import Sheets
from sortctl.site.load import LoadedSite

PARCELS = 150


def play(loaded: LoadedSite, story: Story, seed: int, parcels: int = PARCELS) -> dict[str, Any]:
    """The verdict, ready for JSON."""
    sheets = Sheets(loaded.files)

    def script() -> Script:
        return story.write(Draft(loaded.machines[0], sheets, seed, parcels))

    without: dict[int, int] | None = None
    if script().expect.same_exits:
        without = _judged(loaded, script().without_faults(), seed, sheets).exits
    verdict = _judged(loaded, script(), seed, sheets, without)
    repeat = f"python -m sim story {story.name} --rig virtual --seed {seed} --parcels {parcels}"
    return {"story": story.name, "rig": "virtual", "seed": seed, **verdict.figures, "repeat": repeat}


def _judged(
    loaded: LoadedSite, script: Script, seed: int, sheets: Sheets, without: dict[int, int] | None = None
) -> Verdict:
    rig = VirtualRig(loaded, script, seed)
    rig.run()
    return Referee(rig.plant, read_claims(rig.disk.rows), script, sheets).judge(without)
