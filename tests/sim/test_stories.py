"""Every story tells itself, and tells the same for the same seed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.__main__ import main
from sim.play import PARCELS, Asked, Stage, StoryUnfit, fitting, staged
from sim.scenario import Draft, Script
from sim.sheets import Sheets
from sim.stories import stories
from sortctl.site.load import load_site
from sortctl.site.model import Machine

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
LOADED = load_site(DEMO)
SHEETS = Sheets(LOADED.files)
MACHINES: dict[str, Machine] = {machine.sorter.kind: machine for machine in LOADED.machines}
BOTH = {
    "steady", "lost-parcel", "added-parcel", "no-reads", "chute-full", "plc-restart", "plc-half-open", "plc-busy",
    "scanner-unplugged", "scanner-garbage", "controller-killed", "everything", "two-sorters", "customs-hold-in-flight",
    "customs-stale", "intercept", "unknown-parcel", "host-silent", "cut-off-passed", "chute-group-balance",
    "bag-close-in-flight", "plan-swap-in-flight", "plan-swap-killed", "purge", "wave-end", "bag-limits", "bag-button", "clock-set",
    "dynamic-allocation", "unknown-parcel-label", "customs-turns-to-and-fro", "late-word", "customs-lots",
}  # fmt: skip
LINE = {"swapped-close-pair", "pusher-stuck"}
LOOP = {
    "loop-recirculation", "loop-double-load", "loop-hand-removal", "loop-carrier-fault", "loop-slipped-parcel",
    "loop-missed-induct", "loop-dirty-window", "loop-identity-changed",
}  # fmt: skip
OPCUA = {"opcua-restart", "opcua-half-open", "opcua-session-limit"}
TOLD = BOTH | LINE | LOOP | OPCUA
PLAYED = sorted([(name, "line") for name in BOTH | LINE] + [(name, "loop") for name in BOTH | LOOP | OPCUA])


QUIET = {"steady", "no-reads", "cut-off-passed", "chute-group-balance", "customs-lots"}
"""Nothing is done to the machine: its habits, its plan or the clock do it."""
WALL_S = 1_800_000_000


def written(name: str, seed: int, kind: str) -> Script:
    loaded = staged(LOADED, stories()[name], WALL_S)
    machine = next(machine for machine in loaded.machines if machine.sorter.kind == kind)
    sheets = SHEETS if loaded is LOADED else Sheets(loaded.files)
    return stories()[name].write(Draft(machine, sheets, seed, PARCELS))


def test_all_stories_are_there_with_a_sentence() -> None:
    assert set(stories()) == TOLD
    assert all(len(story.sentence) > 20 for story in stories().values())


def test_a_story_is_for_the_machines_that_it_fits() -> None:
    names = {"line": "line1", "loop": "loop1"}
    for name, story in stories().items():
        assert fitting(LOADED, story) == [names[kind] for kind in sorted(names) if (name, kind) in PLAYED], name


@pytest.mark.parametrize(("name", "kind"), PLAYED)
def test_the_same_seed_writes_the_same_script(name: str, kind: str) -> None:
    assert written(name, 5, kind) == written(name, 5, kind)
    assert written(name, 5, kind) != written(name, 6, kind)


@pytest.mark.parametrize(("name", "kind"), [play for play in PLAYED if play[0] not in QUIET])
def test_every_story_but_the_quiet_ones_does_something(name: str, kind: str) -> None:
    script = written(name, 4, kind)
    assert script.setup.deeds or script.upsets or script.calls or script.records


@pytest.mark.parametrize(("name", "kind"), PLAYED)
def test_parcels_are_legal_but_for_what_the_story_does(name: str, kind: str) -> None:
    sorter = MACHINES[kind].sorter
    feed = written(name, 3, kind).setup.feed
    assert len(feed) == PARCELS >= 100
    assert len({fed.parcel.waybill for fed in feed}) == PARCELS
    least_mm = MACHINES[kind].line.gap_min_mm + 60 if kind == "line" else MACHINES[kind].loop.pitch_mm
    for fed in feed[1:]:
        assert fed.gap_um >= least_mm * 1_000
        assert sorter.length_min_mm * 1_000 <= fed.parcel.length_um <= sorter.length_max_mm * 1_000


def test_machines_of_a_hub_have_parcels_of_their_own_and_those_not_meant_are_left_alone() -> None:
    stage = Stage(LOADED, stories()["scanner-garbage"], Asked(3, 40, "loop1"))
    scripts = stage.scripts(stage.disturbed)
    assert [bool(script.upsets) for script in scripts.values()] == [False, True]
    line, loop = ({fed.parcel.waybill for fed in script.setup.feed} for script in scripts.values())
    assert not line & loop


def test_a_controller_killed_for_one_machine_is_dead_for_the_other() -> None:
    stage = Stage(LOADED, stories()["controller-killed"], Asked(3, 40, "loop1"))
    least = {script.expect.sorted_least for script in stage.scripts(["loop1"]).values()}
    assert len(least) == 1


@pytest.mark.parametrize(
    ("name", "sorter"), [("pusher-stuck", "loop1"), ("loop-double-load", "line1"), ("steady", "x")]
)
def test_a_story_that_fits_no_machine_says_so(name: str, sorter: str) -> None:
    with pytest.raises(StoryUnfit, match=sorter):
        Stage(LOADED, stories()[name], Asked(1, 10, sorter))
    done = CliRunner().invoke(main, ["story", name, "--sorter", sorter])
    assert done.exit_code == 2


def test_a_story_is_typed_and_told_in_json() -> None:
    typed = ["story", "steady", "--rig", "virtual", "--seed", "2", "--parcels", "12", "--json"]
    done = CliRunner().invoke(main, typed)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    wanted = {
        "inducted",
        "sorted",
        "rejected",
        "lost",
        "missorted",
        "double_diverted",
        "unaccounted",
        "stale_orders",
        "digest",
    }
    assert wanted <= told.keys()
    assert (told["inducted"], told["verdict"], told["seed"], told["rig"]) == (24, "holds", 2, "virtual")
    assert {name: one["inducted"] for name, one in told["sorters"].items()} == {"line1": 12, "loop1": 12}


def test_a_story_that_does_not_hold_ends_with_one_and_says_how_to_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sim.stories.steady.Expectation", lambda **_: __import__("sim.scenario").scenario.Expectation(1_001)
    )
    done = CliRunner().invoke(main, ["story", "steady", "--seed", "2", "--parcels", "5"])
    assert done.exit_code == 1
    assert "repeat: python -m sim story steady --rig virtual --seed 2 --parcels 5" in done.output


def test_an_unknown_story_is_refused_with_the_known_ones() -> None:
    done = CliRunner().invoke(main, ["story", "fairy-tale"])
    assert done.exit_code == 2
    assert "lost-parcel" in done.output


def test_stories_are_listed() -> None:
    done = CliRunner().invoke(main, ["stories", "--json"])
    assert set(json.loads(done.output)) == TOLD
