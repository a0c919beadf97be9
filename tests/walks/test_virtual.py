"""Walks in virtual time: every story with the whole controller, a hundred parcels and more, judged by the referee."""

from pathlib import Path

import pytest

from sim.play import result
from sim.rigs.virtual import play
from sim.stories import stories

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"
PARCELS = 110


@pytest.mark.slow
@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("name", sorted(stories()))
def test_the_story_holds(name: str, turn: int, seed: int) -> None:
    told = result(stories()[name], "virtual", seed + turn, PARCELS, play(DEMO, stories()[name], seed + turn, PARCELS))
    assert told["verdict"] == "holds", (told["reasons"], told["repeat"])
    for rule in ("missorted", "double_diverted", "unaccounted", "stale_orders", "misreported"):
        assert told[rule] == 0
    assert told["inducted"] + told["unheard"] >= PARCELS
    assert told["sorted"] + told["rejected"] + told["lost"] + told["unheard"] >= told["inducted"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["controller-killed", "everything"])
def test_one_seed_is_one_run(name: str, seed: int) -> None:
    digests = {play(DEMO, stories()[name], seed, 100).figures["digest"] for _ in range(2)}
    digests.add(play(DEMO, stories()[name], seed + 1, 100).figures["digest"])
    assert len(digests) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("plc-half-open", 1),  # ORDER_FAILED of an order that outlived its epoch
        ("plc-half-open", 6),  # a CANCEL that was lost with its epoch
        ("plc-half-open", 1026),  # a correction that came too late for the order it corrects
        ("added-parcel", 1009),  # a standing order given up for a parcel that was a little early
        ("plc-restart", 2),  # a parcel that slid into its chute while the PLC was dead
    ],
)
def test_what_went_wrong_once_stays_right(name: str, seed: int) -> None:
    verdict = play(DEMO, stories()[name], seed, 150)
    assert verdict.holds, verdict.figures["reasons"]
