"""Many seeds of every story on the virtual rig. SEEDS sets how many, SEED the first one."""

import os
from pathlib import Path

import pytest

from sim.play import PARCELS, result
from sim.rigs.virtual import play
from sim.stories import stories

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
SEEDS_USUAL = 20


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(stories()))
def test_the_story_holds_for_many_seeds(name: str, seed: int) -> None:
    failed = []
    for turn in range(int(os.environ.get("SEEDS") or SEEDS_USUAL)):
        told = result(
            stories()[name], "virtual", seed + turn, PARCELS, play(DEMO, stories()[name], seed + turn, PARCELS)
        )
        if told["verdict"] != "holds":
            failed.append((told["repeat"], told["reasons"][:3]))
    assert not failed
