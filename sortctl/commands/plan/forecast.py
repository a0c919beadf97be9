"""Forecast: what `sortctl plan simulate --forecast` shows: the load of each chute by the forecasts of the plan.

Comes in: a hub, a plan, the sorters. Goes out: a table, or JSON. Never here: how a forecast is dealt out (`plan/study/forecast.py`).
"""

from collections.abc import Sequence

import click

from sortctl.commands.options import Exit, Stop
from sortctl.commands.plan.sources import Hub
from sortctl.commands.screen import print_json, screen
from sortctl.commands.tables import Sheet, print_table
from sortctl.plan import Plan
from sortctl.plan.study.forecast import expect

NAMES_SHOWN = 4


def show_forecast(hub: Hub, plan: Plan, sorters: Sequence[str], *, as_json: bool) -> None:
    """All of it."""
    found = expect(plan, sorters)
    if not found.chutes and not found.nowhere:
        raise Stop(
            Exit.NOT_FOUND, "no destination has a forecast", "fill in the column forecast of plan/destinations.csv"
        )
    if as_json:
        print_json({"plan": plan.document, "chutes": found.chutes, "silent": found.silent, "nowhere": found.nowhere})
        return
    capacity = {
        (machine.sorter_id, chute.number): chute.capacity for machine in hub.loaded.machines for chute in machine.chutes
    }
    rows = []
    for one in sorted(found.chutes, key=lambda one: -one.parcels):
        room = capacity[one.sorter, one.chute]
        more = f" and {len(one.destinations) - NAMES_SHOWN} more" if len(one.destinations) > NAMES_SHOWN else ""
        names = ", ".join(one.destinations[:NAMES_SHOWN]) + more
        rows.append((one.sorter, str(one.chute), f"{one.parcels:,}", f"{-(-one.parcels // room):,}", names))
    headings = ("sorter", "chute", "parcels", "times filled", "destinations")
    print_table(screen(), Sheet("by the forecasts of the plan", headings, tuple(rows), frozenset({1, 2, 3})))
    if found.silent:
        click.echo(f"{len(found.silent):,} destinations have no forecast", err=True)
    if found.nowhere:
        click.echo(f"{found.nowhere:,} parcels are expected for destinations without a chute here", err=True)
