"""Every story tells itself, and tells the same for the same seed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.__main__ import main
from sim.play import PARCELS
from sim.scenario import Draft, Script
from sim.sheets import Sheets
from sim.stories import stories
from sortctl.site.load import load_site

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
LOADED = load_site(DEMO)
SHEETS = Sheets(LOADED.files)
TOLD = {
    "steady", "lost-parcel", "added-parcel", "swapped-close-pair", "no-reads", "chute-full", "pusher-stuck", "plc-restart",
    "plc-half-open", "plc-busy", "scanner-unplugged", "scanner-garbage", "controller-killed", "everything",
}  # fmt: skip


def written(name: str, seed: int) -> Script:
    return stories()[name].write(Draft(LOADED.machines[0], SHEETS, seed, PARCELS))


def test_all_stories_are_there_with_a_sentence() -> None:
    assert set(stories()) == TOLD
    assert all(len(story.sentence) > 20 for story in stories().values())


@pytest.mark.parametrize("name", sorted(TOLD))
def test_the_same_seed_writes_the_same_script(name: str) -> None:
    assert written(name, 5) == written(name, 5)
    assert written(name, 5) != written(name, 6)


@pytest.mark.parametrize("name", sorted(TOLD - {"steady", "no-reads"}))
def test_every_story_but_the_quiet_ones_does_something(name: str) -> None:
    script = written(name, 4)
    assert script.setup.deeds or script.upsets


@pytest.mark.parametrize("name", sorted(TOLD))
def test_parcels_are_legal_but_for_what_the_story_does(name: str) -> None:
    sorter = LOADED.machines[0].line
    feed = written(name, 3).setup.feed
    assert len(feed) == PARCELS >= 100
    assert len({fed.parcel.waybill for fed in feed}) == PARCELS
    for fed in feed[1:]:
        assert fed.gap_um >= (sorter.gap_min_mm + 60) * 1_000
        assert sorter.length_min_mm * 1_000 <= fed.parcel.length_um <= sorter.length_max_mm * 1_000


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
    assert (told["inducted"], told["verdict"], told["seed"], told["rig"]) == (12, "holds", 2, "virtual")


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
