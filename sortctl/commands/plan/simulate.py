"""sortctl plan simulate: a day of parcels through a plan before it is in force.

Comes in: a site folder, a plan, parcels of a list or a journal, how fast chutes are emptied. Goes out: load of each chute and hour, what
rides a further lap, which cut-offs are missed. Changes nothing. Never here: the model (`plan/study/simulate.py`).
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from sortctl.commands.options import Exit, Stop, json_option
from sortctl.commands.plan.forecast import show_forecast
from sortctl.commands.plan.parcels import arrivals, list_of, site_list, watched
from sortctl.commands.plan.sources import Hub, hub_state_option, load_hub, load_named, plan_option, site_argument
from sortctl.commands.screen import day_time, print_json, screen
from sortctl.commands.tables import Sheet, print_table
from sortctl.departures import Departures
from sortctl.departures.load import DeparturesInvalid, load_departures
from sortctl.plan import Plan, asked_of
from sortctl.plan.study.simulate import HOUR_S, Belt, ChuteLoad, ChuteRoom, Coming, CutOff, Outlook, Simulation
from sortctl.site.model import LoopSorter, Machine
from sortctl.site.problem import Problem
from sortctl.site.wording import did_you_mean
from sortctl.words.causes import Cause
from sortctl.words.units import NS_PER_S

PER_HOUR: Final = 20_000
CLEARED_PER_HOUR: Final = 400
"""Parcels that a person takes out of one chute in an hour, beside others."""
CHUTES_SHOWN: Final = 30


@click.command("simulate", short_help="What would a day be like under this plan?")
@site_argument
@plan_option
@click.option("--parcels", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="A list of parcels, CSV or JSON lines. Default: the list beside the site.")  # fmt: skip
@click.option(
    "--journal", is_flag=True, help="The parcels that were read, at their moments, of the journal in the state folder."
)
@click.option(
    "--forecast", is_flag=True, help="No parcels at all: the load of each chute by the forecasts of the plan."
)
@click.option("--per-hour", type=click.IntRange(1, 1_000_000), default=PER_HOUR, show_default=True,
              help="Parcels of a list come so many an hour, evenly.")  # fmt: skip
@click.option(
    "--start",
    metavar="MOMENT",
    default=None,
    help="The first parcel of a list comes then, as 2026-03-01T18:00Z. Default: now.",
)
@click.option("--cleared", type=click.IntRange(1, 100_000), default=CLEARED_PER_HOUR, show_default=True,
              help="So many parcels an hour are taken out of each chute.")  # fmt: skip
@click.option(
    "--sorter", "sorters", metavar="NAME", multiple=True, help="Only this sorter; may be given several times."
)
@hub_state_option
@json_option
def simulate_command(
    site: Path, which: str, parcels: Path | None, journal: bool, state: Path | None, as_json: bool, **how: object
) -> None:
    """Let parcels go through a plan and say how full the chutes get, what rides on and which cut-offs are missed.

    \b
    Example:
      sortctl plan simulate config/lgg --plan next-week --parcels yesterday.csv --per-hour 40000 --start 2026-03-01T18:00Z
      sortctl plan simulate config/lgg --journal --cleared 250
      sortctl plan simulate config/lgg --plan next-week --forecast

    The parcels of a list are dealt out in turn to the sorters that have chutes for them. A chute holds as many parcels as its capacity in the site says and is emptied evenly; belts and reads are not played. With --json
    every chute and hour. Exit codes: 0 done, 3 no such folder, plan, list or journal, 5 not sound.
    """  # noqa: D301 - \b keeps the lines apart
    if bool(journal) + bool(parcels) + bool(how["forecast"]) > 1:
        raise click.UsageError("--parcels, --journal and --forecast: choose one")
    hub = load_hub(site, state)
    plan = load_named(hub, which)
    if how["forecast"]:
        show_forecast(hub, plan, tuple(_belts(hub, how["sorters"], 1)), as_json=as_json)
        return
    problems: list[Problem] = []
    start_s, per_hour = _moment(how["start"]), int(str(how["per_hour"]))
    if journal:
        coming = _of_journal(hub)
    else:
        coming = _of_list(hub, parcels, (start_s, per_hour), problems)
    belts = _belts(hub, how["sorters"], int(str(how["cleared"])))
    simulation = Simulation(plan, belts, _cut_off(plan, _departures(hub, plan)))
    outlook = simulation.run(watched(coming, "Sorting", len(coming)))
    if as_json:
        print_json({"plan": plan.document, "recirculating": outlook.recirculating, "outlook": outlook})
    else:
        _show(outlook)
        if problems:
            click.echo(f"{len(problems):,} lines of {parcels} were left out; first: {problems[0]}", err=True)


def _of_journal(hub: Hub) -> list[Coming]:
    return [Coming(at_s, asked_of(record), sorter, record.departure) for at_s, sorter, record in arrivals(hub)]


def _of_list(hub: Hub, path: Path | None, pace: tuple[int, int], problems: list[Problem]) -> list[Coming]:
    records = list(site_list(hub)) if path is None else list_of(path, problems)
    if not records:
        raise Stop(Exit.NOT_FOUND, "there are no parcels to let through", "name a list with --parcels, or --journal")
    start_s, per_hour = pace
    return [
        Coming(start_s + number * HOUR_S // per_hour, asked_of(record), "", record.departure)
        for number, record in enumerate(records)
    ]


def _moment(text: object) -> int:
    if text is None:
        return int(datetime.now(UTC).timestamp())  # noqa: TID251 - the moment in which a person asks
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError:
        raise click.UsageError(f'"{text}" is no moment; write it as 2026-03-01T18:00Z') from None
    return int((told if told.tzinfo else told.astimezone()).timestamp())


def _belts(hub: Hub, wanted: object, cleared: int) -> dict[str, Belt]:
    belts = {machine.sorter_id: _belt(machine, cleared) for machine in hub.loaded.machines}
    names = tuple(wanted) if isinstance(wanted, tuple) else ()
    for name in names:
        if name not in belts:
            raise Stop(Exit.NOT_FOUND, f"there is no sorter {name}", did_you_mean(name, belts))
    return {name: belt for name, belt in belts.items() if not names or name in names}


def _belt(machine: Machine, cleared: int) -> Belt:
    exits = {chute.number: ChuteRoom(chute.capacity, cleared) for chute in machine.chutes}
    sorter = machine.sorter
    if not isinstance(sorter, LoopSorter):
        return Belt(exits)
    laps = sorter.laps.get(Cause.CHUTES_UNAVAILABLE, sorter.laps_max)
    return Belt(exits, max(sorter.length_mm // sorter.speed_mm_s, 1), laps)


def _departures(hub: Hub, plan: Plan) -> Departures:
    try:
        return load_departures(hub.loaded.files, plan.destinations)
    except DeparturesInvalid as invalid:
        hint = f"sortctl check {hub.loaded.folder} shows all that is wrong"
        raise Stop(Exit.CONFIG, str(invalid.problems[0]), hint) from None


def _cut_off(plan: Plan, departures: Departures) -> CutOff:
    """The departure on which it is booked; else the first of those that the plan names; else the next of the destination."""

    def found(coming: Coming, destination: str) -> tuple[str, int] | None:
        names = (coming.departure,) if coming.departure else plan.departures(destination)
        leavings = [departures.named(name, coming.at_s) for name in names]
        known = [leaving for leaving in leavings if leaving is not None]
        leaving = min(known, key=lambda each: each.cut_off_s) if known else None
        leaving = leaving or departures.in_time_of(destination, coming.at_s)
        # with slack 0 it is in time
        return (leaving.departure, leaving.cut_off_s - leaving.transit_s + 1) if leaving is not None else None

    return found


def _show(outlook: Outlook) -> None:
    out = screen()
    rows = (
        ("parcels", f"{outlook.parcels:,}", ""),
        ("sorted", f"{outlook.sorted:,}", f"{outlook.not_planned:,} of them not into the first chute asked"),
        ("on a further lap", f"{outlook.rode_on:,}",
         f"{outlook.recirculating:.2%} of all, {outlook.laps:,} laps, at most {outlook.riding_max:,} at once"),
        ("turned away", f"{outlook.turned_away:,}", "no chute of their group had room, and no lap was left"),
        ("no rule", f"{outlook.no_rule:,}", "of the sort plan"),
        ("no chute", f"{outlook.nowhere:,}", "for their destination on their sorter"),
        ("cut-offs missed", f"{outlook.missed:,}", _judged(outlook)),
    )  # fmt: skip
    print_table(out, Sheet("outlook", ("what", "parcels", "of it"), rows, frozenset({1})))
    busiest = sorted(outlook.chutes, key=lambda load: (-load.turned_away, -load.parcels))
    title = "chutes, those that were full most often first"
    if len(busiest) > CHUTES_SHOWN:
        title += f"; {len(busiest) - CHUTES_SHOWN:,} more with --json"
    headings = ("sorter", "chute", "parcels", "busiest hour", "in it", "times full")
    shown = tuple(_row(load) for load in busiest[:CHUTES_SHOWN])
    print_table(out, Sheet(title, headings, shown, frozenset({1, 2, 4, 5})))


def _row(load: ChuteLoad) -> tuple[str, ...]:
    hour = day_time(load.busiest_hour * HOUR_S * NS_PER_S) if load.parcels else ""
    return (
        load.sorter,
        str(load.chute),
        f"{load.parcels:,}",
        hour,
        f"{load.busiest:,}",
        f"{load.turned_away:,}",
    )


def _judged(outlook: Outlook) -> str:
    if not outlook.judged:
        return "no parcel has a departure"
    worst = sorted(outlook.missed_by.items(), key=lambda each: (-each[1], each[0]))[:3]
    named = ": " + ", ".join(f"{name} {count:,}" for name, count in worst) if worst else ""
    return f"of {outlook.judged:,} with a departure{named}"
