"""Walks in virtual time: every story with the whole controller on a line and a loop side by side, judged by the referee.

Few parcels and seeds: `tests/soak` plays many. A run lasts as long as a loop turns, however few parcels there are.
"""

from pathlib import Path
from typing import Any

import pytest

from sim.play import Asked, fitting, result
from sim.rigs.virtual import play_loaded
from sim.stories import stories
from sortctl.site.load import LoadedSite, load_site

CONFIG = Path(__file__).resolve().parents[2] / "config"
DEMO = load_site(CONFIG / "demo")
PARCELS = 30
FEWER = {"two-sorters": 12}
"""Of a story that is run once for each machine, and once more."""
RULES = ("missorted", "double_diverted", "unaccounted", "stale_orders", "misreported", "unreleased_domestic")


def alone(sorter: str) -> LoadedSite:
    """The demonstration hub with only this machine."""
    return DEMO._replace(machines=tuple(machine for machine in DEMO.machines if machine.sorter_id == sorter))


def told(loaded: LoadedSite, name: str, asked: Asked) -> dict[str, Any]:
    return result(stories()[name], "virtual", asked, play_loaded(loaded, stories()[name], asked))


ABOUT = {
    "loop-recirculation": "laps",
    "loop-identity-changed": "laps",
    "loop-double-load": "rejected",
    "loop-hand-removal": "lost",
    "plc-restart": "found",
    "customs-hold-in-flight": "rejected",
    "customs-stale": "rejected",
    "intercept": "rejected",
    "unknown-parcel": "rejected",
    "host-silent": "rejected",
    "cut-off-passed": "rejected",
    "bag-limits": "bags_closed",
    "bag-button": "bags_closed",
    "customs-lots": "kept",
    "customs-turns-to-and-fro": "kept",
    "clock-set": "kept",
    "late-word": "rejected",
    "unknown-parcel-label": "unknown",
}
"""Figures that are not 0 where a story does what it says."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(stories()))
def test_the_story_holds(name: str, seed: int) -> None:
    """On both machines, if it is for both."""
    fit = fitting(DEMO, stories()[name])
    loaded = DEMO if len(fit) > 1 else alone(fit[0])
    parcels = FEWER.get(name, PARCELS)
    figures = told(loaded, name, Asked(seed, parcels))
    assert figures["verdict"] == "holds", (figures["reasons"], figures["repeat"])
    assert not any(figures[rule] for rule in RULES)
    assert figures["inducted"] + figures["unheard"] >= len(loaded.machines) * parcels
    assert sum(figures[end] for end in ("sorted", "rejected", "lost", "removed", "unheard")) >= figures["inducted"]
    assert name not in ABOUT or figures[ABOUT[name]]


@pytest.mark.slow
def test_one_sorter_may_be_disturbed_and_the_other_is_not(seed: int) -> None:
    figures = told(DEMO, "scanner-unplugged", Asked(seed, PARCELS, "loop1"))["sorters"]
    assert figures["line1"]["sorted"] == PARCELS
    assert figures["loop1"]["sorted"] + figures["loop1"]["rejected"] == PARCELS


@pytest.mark.slow
def test_one_seed_is_one_run(seed: int) -> None:
    first, again = (told(alone("loop1"), "everything", Asked(seed, 12))["digest"] for _ in range(2))
    assert first == again
    line, other = (told(alone("line1"), "everything", Asked(seed + turn, 12))["digest"] for turn in (0, 1))
    assert line != other


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
def test_what_went_wrong_once_on_a_line_stays_right(name: str, seed: int) -> None:
    figures = told(alone("line1"), name, Asked(seed, 150))
    assert figures["verdict"] == "holds", (figures["reasons"], figures["repeat"])
