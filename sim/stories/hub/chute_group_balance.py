"""Destinations with several chutes fill them evenly, in turn or by load, and never one on top of what is full."""

from sim.hub.staging import balanced
from sim.scenario import Draft, Expectation, Script

SITE = balanced


def write(draft: Draft) -> Script:
    setup = draft.setup()._replace(operators_s=(1, 2))
    return Script(setup, judged=("spread",), expect=Expectation(sorted_least=900))
