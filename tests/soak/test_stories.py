"""Many seeds of every story on the virtual rig, on both machines of the demonstration hub; every story on a full-size hub.

SEEDS sets how many, SEED the first one.
"""

import os
from pathlib import Path

import pytest

from sim.play import PARCELS, Asked, fitting, result
from sim.rigs.virtual import play_loaded
from sim.stories import stories
from sortctl.site.load import load_site

CONFIG = Path(__file__).resolve().parents[2] / "config"
SEEDS_USUAL = 20
FULL_SIZE_PARCELS = 60


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(stories()))
def test_the_story_holds_for_many_seeds(name: str, seed: int) -> None:
    failed, loaded = [], load_site(CONFIG / "demo")
    for turn in range(int(os.environ.get("SEEDS") or SEEDS_USUAL)):
        asked = Asked(seed + turn, PARCELS)
        told = result(stories()[name], "virtual", asked, play_loaded(loaded, stories()[name], asked))
        if told["verdict"] != "holds":
            failed.append((told["repeat"], told["reasons"][:3]))
    assert not failed


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(stories()))
def test_the_story_holds_on_a_full_size_hub(name: str, seed: int) -> None:
    loaded, asked = load_site(CONFIG / "lgg"), Asked(seed, FULL_SIZE_PARCELS)
    assert fitting(loaded, stories()[name])
    told = result(stories()[name], "virtual", asked, play_loaded(loaded, stories()[name], asked))
    assert told["verdict"] == "holds", (told["reasons"], told["repeat"])
