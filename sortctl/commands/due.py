"""sortctl due: what leaves when, how long there is until then, and which parcels may miss it.

Comes in: the departures of a site, the journal of its controller, whether that runs or not. Goes out: two tables, or JSON. Never here:
a judgement of its own; a parcel is at risk when the controller said so, and until it said that this is over or the parcel has ended.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click
from msgspec import Struct

from sortctl.commands.options import VAR, Exit, Stop, journal_path, json_option, stop_for
from sortctl.commands.screen import escaped, print_json, screen
from sortctl.commands.tables import Sheet, print_table
from sortctl.departures import Departures, Leaving
from sortctl.departures.load import DeparturesInvalid, load_departures
from sortctl.journal.read import JournalReader
from sortctl.journal.row import Row, thing_of
from sortctl.journal.schema import JournalMissing, JournalUnusable
from sortctl.site.load import LoadedSite, SiteInvalid, SiteMissing, load_site
from sortctl.words.outcomes import AtRisk, PassageClosed
from sortctl.words.units import NS_PER_S

LOOK_BACK_ROWS: Final = 1_000_000
"""Some hours of a large hub: a parcel on a sorter came onto it minutes ago."""
SHOWN_MAX: Final = 200
"""Lines of each table for people; JSON has all."""
WITHIN_MIN: Final = 1_440


class Due(Struct, frozen=True):
    """One departure. Moments in seconds of UTC; `cut_off` on the clock of its zone."""

    departure: str
    kind: str
    premium: bool
    destinations: tuple[str, ...]
    state: str
    cut_off: str
    zone: str
    cut_off_s: int
    left_s: int
    open_s: int
    warn_s: int
    transit_s: int
    note: str


class Risk(Struct, frozen=True):
    """A parcel on a sorter that may miss its departure; `slack_s` as it is now, below 0: too late."""

    sorter: str
    passage: int
    waybill: str
    departure: str
    slack_s: int
    late_s: int
    """At the door so many seconds after the promise; 0: in time, or nothing was promised."""


@click.command("due", short_help="Show what leaves when, and which parcels may miss it.")
@click.argument("site", type=click.Path(path_type=Path))
@click.option("--within", metavar="MIN", type=click.IntRange(1, 44_640), default=WITHIN_MIN, show_default=True,
              help="Departures with a cut-off within so many minutes, parcels with no more slack than that.")  # fmt: skip
@click.option("--state", metavar="DIR", type=click.Path(path_type=Path),
              help="State folder. Default: $STATE_DIRECTORY, else ./var/<name of the hub>.")  # fmt: skip
@json_option
def command(site: Path, within: int, state: Path | None, as_json: bool) -> None:
    """Show what leaves when, how long there is until then, and which parcels on the sorters may miss it.

    \b
    Examples:
      sortctl due config/demo
      sortctl due config/lgg --within 60 --json

    Departures come from departures.csv of the site, parcels from the journal in the state folder; without one there are none.
    Exit codes: 0 shown, 3 no such folder, 5 the departures are invalid, 6 the journal is damaged.
    """  # noqa: D301 - \b keeps the lines apart
    loaded, departures = _loaded(site)
    now_ns = _now_ns()
    now_s = now_ns // NS_PER_S
    leaving = sorted(_due(departures, now_s, within * 60), key=lambda due: (due.cut_off_s, due.departure))
    risks = _risks(state or _told_folder() or VAR / loaded.site.hub.name, now_ns)
    near = None if risks is None else [risk for risk in risks if risk.late_s or risk.slack_s <= within * 60]
    if as_json:
        print_json({"now_s": now_s, "departures": leaving, "journal": near is not None, "at_risk": near or []})
    else:
        _print(leaving, near, len(departures.names), within)


def _loaded(folder: Path) -> tuple[LoadedSite, Departures]:
    hint = f"sortctl check {folder} shows all that is wrong"
    try:
        loaded = load_site(folder)
        return loaded, load_departures(loaded.files)
    except SiteMissing:
        raise Stop(Exit.NOT_FOUND, f"there is no folder {folder}", "name the folder that holds site.toml") from None
    except SiteInvalid as invalid:
        raise Stop(Exit.CONFIG, f"the site is invalid: {invalid.problems[0]}", hint) from None
    except DeparturesInvalid as invalid:
        raise Stop(Exit.CONFIG, f"the departures are invalid: {invalid.problems[0]}", hint) from None


def _told_folder() -> Path | None:
    # systemd gives a list when a unit has several; ours has one.
    told = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(told) if told else None


def _now_ns() -> int:
    return int(datetime.now(UTC).timestamp() * NS_PER_S)  # noqa: TID251 - the moment in which a person asks


def _due(departures: Departures, now_s: int, within_s: int) -> Iterator[Due]:
    destinations: dict[str, dict[str, None]] = {}
    for row in departures.rows:
        destinations.setdefault(row.departure, {}).update(dict.fromkeys(row.destinations))
    for name, state in departures.states(now_s).items():
        # The one that is open, or else opens next, is the one that people work for.
        leaving = state.leaving
        if leaving.cut_off_s - now_s <= within_s:
            yield _told(leaving, state.phase.value, tuple(destinations[name]), now_s)


def _told(leaving: Leaving, state: str, destinations: tuple[str, ...], now_s: int) -> Due:
    local = datetime.fromtimestamp(leaving.cut_off_s, ZoneInfo(leaving.zone))
    return Due(
        leaving.departure,
        leaving.kind.value,
        leaving.premium,
        destinations,
        state,
        f"{local:%a %Y-%m-%d %H:%M %Z}",
        leaving.zone,
        leaving.cut_off_s,
        leaving.cut_off_s - now_s,
        leaving.open_s,
        leaving.warn_s,
        leaving.transit_s,
        leaving.note,
    )


def _risks(state: Path, now_ns: int) -> list[Risk] | None:
    """Parcels at risk now, least slack first. None: there is no journal."""
    try:
        with JournalReader(journal_path(state)) as reader:
            last = reader.last()
            after = max(last.seq - LOOK_BACK_ROWS, 0) if last else 0
            found = _standing(reader.of_types((AtRisk.__name__, PassageClosed.__name__), after), now_ns)
    except JournalMissing:
        return None
    except JournalUnusable as unusable:
        raise stop_for(unusable) from None
    return sorted(found, key=lambda risk: (risk.slack_s, risk.sorter, risk.passage))


def _standing(rows: Iterable[Row], now_ns: int) -> list[Risk]:
    """Those that were called at risk and have not ended since; the slack that was told has run on."""
    open_ones: dict[int, Risk] = {}
    for row in rows:
        outcome = thing_of(row)
        if isinstance(outcome, AtRisk) and outcome.at_risk:
            slack_s = outcome.slack_s - (now_ns - row.wall_ns) // NS_PER_S
            open_ones[row.passage] = Risk(
                outcome.sorter, row.passage, outcome.waybill, outcome.departure, slack_s, outcome.late_s
            )
        else:
            open_ones.pop(row.passage, None)
    return list(open_ones.values())


def _print(leaving: list[Due], risks: list[Risk] | None, known: int, within: int) -> None:
    console = screen()
    if not known:
        click.echo("this site has no departures.csv: nothing is ever late")
    elif not leaving:
        click.echo(f"nothing leaves within {within:,} minutes; {known:,} departures are known")
    else:
        print_table(console, _departures_sheet(leaving, within))
    if risks is None:
        click.echo("\nno journal: which parcels are at risk is not known (--state DIR names it)")
    elif not risks:
        click.echo("\nno parcel on a sorter is at risk")
    else:
        print_table(console, _risks_sheet(risks))


def _departures_sheet(leaving: list[Due], within: int) -> Sheet:
    rows = tuple(
        (
            due.departure + (" (premium)" if due.premium else ""),
            due.kind,
            _some(due.destinations),
            due.cut_off,
            _span(due.left_s),
            due.state,
            due.note,
        )
        for due in leaving[:SHOWN_MAX]
    )
    headings = ("departure", "kind", "destinations", "cut-off", "left", "chutes", "note")
    return Sheet(f"{len(leaving):,} departures within {within:,} minutes", headings, rows, frozenset({4}))


def _risks_sheet(risks: list[Risk]) -> Sheet:
    rows = tuple(
        (risk.waybill, risk.departure, _span(risk.slack_s), risk.sorter, str(risk.passage), _promise(risk.late_s))
        for risk in risks[:SHOWN_MAX]
    )
    headings = ("waybill", "departure", "slack", "sorter", "passage", "promise")
    return Sheet(f"{len(risks):,} parcels at risk", headings, rows, frozenset({2, 4}))


def _promise(late_s: int) -> str:
    return f"broken by {_span(late_s)}" if late_s else ""


def _some(names: tuple[str, ...]) -> str:
    shown = 4
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return escaped(", ".join(names[:shown])) + more


def _span(seconds: int) -> str:
    """2:05 h, 12 min, -40 s: with a minus it is too late."""
    sign, amount = ("-" if seconds < 0 else ""), abs(seconds)
    if amount < 60:
        return f"{sign}{amount} s"
    return f"{sign}{amount // 60} min" if amount < 3_600 else f"{sign}{amount // 3_600}:{amount // 60 % 60:02} h"
