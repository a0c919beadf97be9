"""Play: what is the same on every rig: which scripts and runs a story needs, and how its result is told.

Comes in: a site, a story, a seed, a rig's way to run one script for each machine. Goes out: the verdict, and the result ready
for JSON. Machines that a story does not fit, or that are not meant, run undisturbed. Stories that compare are run twice, the
first time left alone; those that disturb machines one after the other once more for each. Never here: how a rig runs.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from sim.draft import Draft, Share
from sim.hub.calls import OF_THE_HUB
from sim.referee import Verdict
from sim.scenario import Expectation, KillController, Script, Story
from sim.sheets import Sheets
from sortctl.site.load import LoadedSite, load_files
from sortctl.site.model import Machine
from sortctl.words.units import NS_PER_S

PARCELS = 150
SEEDS_APART: Final = 1_000_000
"""Machines of one run have other seeds, and no other run has them."""
MINUTE_NS: Final = 60 * NS_PER_S
UNDISTURBED: Final = Expectation(sorted_least=900)

Runs = Mapping[str, Script]
"""A script for each sorter."""
Exits = Mapping[str, Mapping[int, int]]
"""Where parcels left, by sorter and number."""
Judge = Callable[[Runs, Exits], dict[str, Verdict]]
"""Runs the scripts and judges each machine; with the exits of the run without faults where they are to be the same."""


class StoryUnfit(Exception):
    """No machine of the site can play this story; str() says why."""


class Asked(NamedTuple):
    """What is to be played. `sorter`: only this one is disturbed; empty: every one that the story fits."""

    seed: int
    parcels: int
    sorter: str = ""
    wall_s: int = 0
    """The second on the wall when the run begins."""


class Opening(NamedTuple):
    """When a run begins on the wall, and the moment for which the site is staged: the same, or the minute of the story."""

    begins_ns: int
    staged_s: int


def play(loaded: LoadedSite, story: Story, asked: Asked, judged: Judge) -> Verdict:
    """The verdict on a story."""
    stage = Stage(loaded, story, asked)
    if story.apart:
        return _one_after_the_other(stage, judged)
    scripts = stage.scripts(stage.disturbed)
    compared = {name for name, script in scripts.items() if script.expect.same_exits}
    without: Exits = {}
    if compared:
        alone = {name: script.without_faults() for name, script in stage.scripts(stage.disturbed).items()}
        without = {name: verdict.exits for name, verdict in judged(alone, {}).items() if name in compared}
    return together(judged(scripts, without))


def _one_after_the_other(stage: "Stage", judged: Judge) -> Verdict:
    alone = {name: script.without_faults() for name, script in stage.scripts(stage.disturbed).items()}
    exits = {name: verdict.exits for name, verdict in judged(alone, {}).items()}
    verdicts: dict[str, Verdict] = {}
    for name in stage.disturbed:
        scripts = {other: script if other == name else script.without_faults()
                   for other, script in stage.scripts(stage.disturbed).items()}  # fmt: skip
        others = {other: left for other, left in exits.items() if other != name}
        for other, verdict in judged(scripts, others).items():
            verdicts[other if other == name else f"{other}, {name} disturbed"] = verdict
    return together(verdicts)


def seed_of(seed: int, number: int) -> int:
    """The seed of the `number`-th machine of a site, from 0."""
    return seed + SEEDS_APART * number


def fitting(loaded: LoadedSite, story: Story) -> list[str]:
    """Sorters that can play this story."""
    return [machine.sorter_id for machine in loaded.machines if _fits(machine, story)]


def _fits(machine: Machine, story: Story) -> bool:
    wire = "opcua" if machine.plc.wire == "opcua" else "modbus"
    return machine.sorter.kind in story.kinds and wire in story.wires


class Stage:
    """Who is disturbed, and everybody's script. Scripts hold what a run changes: each run has its own."""

    def __init__(self, loaded: LoadedSite, story: Story, asked: Asked) -> None:
        self._machines = loaded.machines
        self._sheets = Sheets(loaded.files)
        self._story = story
        self._asked = asked
        fit = fitting(loaded, story)
        if asked.sorter and asked.sorter not in {machine.sorter_id for machine in loaded.machines}:
            there = ", ".join(machine.sorter_id for machine in loaded.machines)
            raise StoryUnfit(f"there is no sorter {asked.sorter}; there are {there}")
        self.disturbed = [name for name in fit if asked.sorter in ("", name)]
        if not self.disturbed:
            raise StoryUnfit(f"{story.name} makes no sense on {asked.sorter or 'any sorter of this site'}")

    def scripts(self, disturbed: Iterable[str]) -> dict[str, Script]:
        """One for each machine; the same at every call."""
        disturbed = set(disturbed)
        scripts: dict[str, Script] = {}
        for number, machine in enumerate(self._machines):
            share = Share(number, len(self._machines))
            seed, parcels = seed_of(self._asked.seed, number), self._asked.parcels
            draft = Draft(machine, self._sheets, seed, parcels, share, self._asked.wall_s)
            name = machine.sorter_id
            scripts[name] = self._story.write(draft) if name in disturbed else left_alone(draft)
        return _one_hub(_all_killed(scripts))


def left_alone(draft: Draft) -> Script:
    """Nothing befalls this machine."""
    return Script(draft.setup(), expect=UNDISTURBED)


def _all_killed(scripts: dict[str, Script]) -> dict[str, Script]:
    """There is one controller: the first machine's script says when it is killed, and all of them may expect as little."""
    killing = [
        name for name, script in scripts.items() if any(isinstance(upset, KillController) for upset in script.upsets)
    ]
    if not killing:
        return scripts
    least = min(scripts[name].expect.sorted_least for name in killing)
    kills = tuple(upset for upset in scripts[killing[0]].upsets if isinstance(upset, KillController))
    killed: dict[str, Script] = {}
    for name, script in scripts.items():
        upsets = tuple(upset for upset in script.upsets if name == killing[0] or not isinstance(upset, KillController))
        expect = script.expect._replace(sorted_least=min(script.expect.sorted_least, least))
        killed[name] = script._replace(upsets=upsets, expect=expect, kills=kills)
    return killed


def _one_hub(scripts: dict[str, Script]) -> dict[str, Script]:
    """There is one sort plan and one host: the first machine whose script has to do with them says what befalls them."""
    calling = [name for name, script in scripts.items() if any(isinstance(call, OF_THE_HUB) for call in script.calls)]
    alone: dict[str, Script] = {}
    for name, script in scripts.items():
        own = (
            tuple(call for call in script.calls if name == calling[0] or not isinstance(call, OF_THE_HUB))
            if calling
            else script.calls
        )
        alone[name] = script._replace(calls=own)
    return alone


def opening(loaded: LoadedSite, story: Story, asked: Asked, earliest_ns: int) -> Opening:
    """The first moment from `earliest_ns` on at which this story may begin."""
    if not story.minute_at:
        return Opening(earliest_ns, earliest_ns // NS_PER_S)
    sheets, of = Sheets(loaded.files), len(loaded.machines)
    spans_ns = [
        Draft(machine, sheets, seed_of(asked.seed, number), asked.parcels, Share(number, of)).span_ns
        for number, machine in enumerate(loaded.machines)
    ]
    part_ns = min(spans_ns) * story.minute_at // 1_000
    minute_ns = -(-(earliest_ns + part_ns) // MINUTE_NS) * MINUTE_NS
    return Opening(minute_ns - part_ns, minute_ns // NS_PER_S)


def staged(loaded: LoadedSite, story: Story, wall_s: int) -> LoadedSite:
    """The site as the story needs it, with the machines that there were."""
    files = story.site(loaded.files, wall_s)
    if files is loaded.files:
        return loaded
    names = {machine.sorter_id for machine in loaded.machines}
    whole = load_files(files)
    return whole._replace(machines=tuple(machine for machine in whole.machines if machine.sorter_id in names))


def together(verdicts: Mapping[str, Verdict]) -> Verdict:
    """One verdict on a hub: sums, and what was found at each machine. Of one machine alone, its own."""
    if len(verdicts) == 1:
        return next(iter(verdicts.values()))
    figures: dict[str, Any] = {}
    for told in (verdict.figures for verdict in verdicts.values()):
        for name, value in told.items():
            if isinstance(value, int):
                figures[name] = (
                    max(value, figures.get(name, 0)) if name == "duration_s" else value + figures.get(name, 0)
                )
    holds = all(verdict.holds for verdict in verdicts.values())
    figures["verdict"] = "holds" if holds else "fails"
    figures["reasons"] = [f"{name}: {why}" for name, verdict in verdicts.items() for why in verdict.figures["reasons"]]
    figures["digest"] = "-".join(verdict.figures["digest"][:16] for verdict in verdicts.values())
    figures["sorters"] = {name: verdict.figures for name, verdict in verdicts.items()}
    return Verdict(holds, figures, {})


def result(story: Story, rig: str, asked: Asked, verdict: Verdict) -> dict[str, Any]:
    """The result of a run, ready for JSON."""
    told = {"story": story.name, "rig": rig, "seed": asked.seed, "parcels": asked.parcels}
    only = f" --sorter {asked.sorter}" if asked.sorter else ""
    repeat = f"python -m sim story {story.name} --rig {rig} --seed {asked.seed} --parcels {asked.parcels}{only} --json"
    return {**told, **verdict.figures, "repeat": repeat}
