"""Waves end in mid-flow: each is told with its balance, and what is still on a sorter belongs to the next."""

from sim.hub.calls import EndWave, When
from sim.scenario import Draft, Expectation, Script

TIMES = 3
AFTER_NS = 60 * 10**9
"""When everything has come."""


def write(draft: Draft) -> Script:
    moments = [*draft.moments(TIMES, 2_000), draft.span_ns + AFTER_NS]
    calls = tuple(EndWave(When(at_ns), f"wave-{number}") for number, at_ns in enumerate(moments, start=1))
    return Script(draft.setup(), calls=calls, expect=Expectation(sorted_least=900))
