"""sortctl status: how the running controller is, in one screen: links, epoch, balance, chutes, alarms, rates, journal.

Comes in: the answer of the control socket. Goes out: tables for people, or the answer itself as JSON. Never here: a
judgement of its own; what is wrong is what the controller says is wrong.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sortctl.commands.options import Exit, Stop, json_option, state_option
from sortctl.commands.screen import clock_time, day_time, escaped, mode_name, print_json, screen, state_name
from sortctl.runtime.process.ask import NotRunning, ask, follow
from sortctl.words.units import NS_PER_S

GOOD: Final = "green"
BAD: Final = "bold red"
ODD: Final = "yellow"
CHUTE_STYLES: Final = {"open": GOOD, "half_full": ODD}
CHUTE_COLUMNS: Final = 2
CHUTES_MAX: Final = 40
"""A sorter with more shows only those that somebody may have to go to."""
FULL_SOON_S: Final = 300
"""A chute that will be full sooner is named so."""
CARRIERS_MAX: Final = 10
"""Carriers out of use that are named; further ones are counted."""

Answer = dict[str, Any]


@click.command("status", short_help="Show how the running controller is.")
@state_option
@json_option
@click.option("--watch", is_flag=True, help="Show it anew each second until Ctrl-C.")
def command(state: Path, as_json: bool, watch: bool) -> None:
    """Show how the running controller is.

    \b
    Example:
      sortctl status --watch

    Links and since when they are as they are, who holds the PLC's epoch, whether the balance holds, chutes, alarms, rates
    and the journal. With --json the controller's own answer; with --watch and --json one line each second.
    Exit codes: 0 shown, 3 no controller runs there.
    """  # noqa: D301 - \b keeps the lines apart
    try:
        if watch:
            _watch(state, as_json)
        elif as_json:
            print_json(ask(state, "status")["status"])
        else:
            screen().print(page(ask(state, "status")["status"]))
    except NotRunning as nobody:
        raise Stop(
            Exit.NOT_FOUND, str(nobody), "start it with `sortctl run SITE`, or say where it is: --state DIR"
        ) from None
    except KeyboardInterrupt:
        return


def _watch(state: Path, as_json: bool) -> None:
    if as_json:
        import json

        for answer in _statuses(state):
            click.echo(json.dumps(answer))
        return
    console = screen()
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        for answer in _statuses(state):
            live.update(page(answer), refresh=True)
    raise NotRunning("the controller has ended")


def _statuses(state: Path) -> Iterator[Answer]:
    for line in follow(state, None):
        if "status" in line:
            yield line["status"]


def page(answer: Answer) -> Group:
    """The whole screen."""
    parts: list[RenderableType] = [_headline(answer), *_bare(answer), _links(answer), _balance(answer)]
    for sorter in answer["controller"]["lines"]:
        parts += _sorter(sorter, len(answer["controller"]["lines"]) > 1)
    return Group(*parts, _alarms(answer), *_certificates(answer), *_parcels(answer), _journal(answer))


def _headline(answer: Answer) -> Text:
    about = answer["about"]
    up_s = (answer["wall_ns"] - about["started_wall_ns"]) // NS_PER_S
    text = Text(f"{escaped(about['title'] or about['hub'])} ", "bold")
    text.append(
        f"({about['hub']}), sortctl {about['version']}, process {about['process']}, up {_span(up_s)}, ", "default"
    )
    text.append(f"configuration {about['site'][:12]}, {day_time(answer['wall_ns'])}", "default")
    return text


def _bare(answer: Answer) -> list[Text]:
    """Links without security are told for as long as there are any."""
    bare = {name: how for name, how in answer.get("protection", {}).items() if how.startswith("none")}
    return [Text(f"{name} is WITHOUT SECURITY: {escaped(how.partition(': ')[2])}", BAD) for name, how in bare.items()]


def _links(answer: Answer) -> Table:
    table = _table("link", "state", "since", "of it")
    since, protection = answer["since_wall_ns"], answer.get("protection", {})
    for plc in answer["controller"]["plcs"]:
        figures = answer["plc_links"].get(plc["plc"], {})
        details = f"{state_name(plc['state'])}, " if plc["linked"] else f"{escaped(plc['why'])}; "
        details += f"epoch {plc['epoch']} held" if plc["holds_epoch"] else "no epoch"
        details += f", {plc['orders_waiting']} orders wait, {_figures(figures)}{_guarded(protection, plc['plc'])}"
        table.add_row(f"PLC {plc['plc']}", _up(plc["linked"]), _since(since, plc["plc"]), Text(details))
    for unit in answer["controller"].get("units", []):
        name = f"PLC {unit['plc']}" if unit["observed_only"] else f"unit {unit['plc']}"
        details = f"{state_name(unit['state'])}, {mode_name(unit['mode'])}" if unit["read"] else escaped(unit["why"])
        guarded = _guarded(protection, unit["plc"]) if unit["observed_only"] else ""
        table.add_row(name, _up(unit["read"]), _since(since, f"unit {unit['plc']}"), Text(f"{details}{guarded}"))
    for scanner in answer["controller"]["scanners"]:
        details = "" if scanner["linked"] else f"{escaped(scanner['why'])}; "
        details += (
            f"{scanner['reads']} reads, {scanner['no_reads']} without a code, {scanner['refused']} frames refused"
            f"{_guarded(protection, scanner['scanner'])}"
        )
        up = Text("silent", BAD) if scanner["linked"] and scanner["silent"] else _up(scanner["linked"])
        name = f"{scanner.get('kind', 'scanner')} {scanner['scanner']}"
        table.add_row(name, up, _since(since, scanner["scanner"]), Text(details))
    return table


def _balance(answer: Answer) -> Table:
    table = _table("sorter", "balance", "inducted", "sorted", "rejected", "lost", "removed", "on it", "/min", "read")
    rates = {figures["sorter"]: figures for figures in answer["controller"]["watch"]["figures"]}
    for line in answer["controller"]["lines"]:
        rate = rates.get(line["sorter"], {})
        read = rate.get("read_rate")
        table.add_row(
            line["sorter"],
            Text("holds", GOOD) if line["holds"] else Text("DOES NOT HOLD", BAD),
            *(str(line[what]) for what in ("inducted", "sorted", "rejected", "lost", "removed", "on_sorter")),
            str(rate.get("inducted_per_min", 0)),
            "-" if read is None else f"{read:.1f} %",
        )
    return table


def _sorter(sorter: Answer, is_one_of_several: bool) -> list[RenderableType]:
    """What is known of one sorter beside its balance."""
    parts: list[RenderableType] = []
    loop, chutes = sorter.get("loop"), sorter["chutes"]
    if loop is not None:
        parts.append(_loop(sorter["sorter"], loop))
    elif is_one_of_several:
        parts.append(Text(f"{sorter['sorter']}: {sorter.get('kind', 'line')}", "bold"))
    if sorter.get("purged_by"):
        parts.append(Text(f"{sorter['sorter']} is being emptied for {escaped(sorter['purged_by'])}", ODD))
    if len(chutes) > CHUTES_MAX:
        count = Counter(chute["state"] for chute in chutes)
        told = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in count.most_common())
        parts.append(Text(f"{len(chutes)} chutes: {told}"))
        chutes = [chute for chute in chutes if chute["state"] != "open"]
    if chutes:
        parts.append(_chutes(chutes))
    return parts


def _loop(name: str, loop: Answer) -> Text:
    text = Text(f"{name}: loop", "bold")
    share = 100 * loop["recirculating"] / loop["carriers"]
    text.append(f" of {loop['carriers']} carriers, {loop['recirculating']} recirculate ({share:.1f} %)", "not bold")
    if loop["stopped"]:
        text.append(", INDUCTION IS STOPPED", BAD)
    if loop["missing"]:
        text.append(f", {loop['missing']} parcels missing", ODD)
    if loop["strangers"]:
        text.append(f", {loop['strangers']} loads that nobody knows yet", ODD)
    out = loop["carriers_out"]
    if out:
        named = ", ".join(str(carrier) for carrier in out[:CARRIERS_MAX])
        more = f" and {len(out) - CARRIERS_MAX} more" if len(out) > CARRIERS_MAX else ""
        text.append(f", carriers out of use: {named}{more}", ODD)
    return text


def _chutes(chutes: list[Answer]) -> Table:
    """Side by side, as a sorter has more chutes than a screen has lines."""
    height = -(-len(chutes) // CHUTE_COLUMNS)
    columns = Table.grid(padding=(0, 3))
    columns.add_row(*(_some_chutes(chutes[at : at + height]) for at in range(0, len(chutes), height)))
    return columns


def _some_chutes(chutes: list[Answer]) -> Table:
    table = _table("chute", "name", "state", "heading", "entered")
    for chute in chutes:
        state = Text(chute["state"].replace("_", " "), CHUTE_STYLES.get(chute["state"], BAD))
        if chute.get("bag") is not None:
            state.append(f", bag {escaped(chute['bag']['bag'])}: {chute['bag']['parcels']}", "default")
        if chute.get("full_in_s", -1) in range(FULL_SOON_S):
            state.append(f", full in {chute['full_in_s'] // 60} min", ODD)
        if chute.get("given"):
            state.append(f", given to {escaped(chute['given'])}", "default")
        # Most chutes are as they are for a reason that their state says already.
        if chute["why"] and chute["state"] not in CHUTE_STYLES:
            state.append(f" ({escaped(chute['why'])})", "default")
        table.add_row(str(chute["chute"]), escaped(chute["name"]), state, str(chute["heading"]), str(chute["entries"]))
    return table


def _alarms(answer: Answer) -> Table | Text:
    watch = answer["controller"]["watch"]
    if not watch["alarms"]:
        return Text("no alarms", GOOD)
    table = _table("alarm", "where", "since", "what")
    # Alarms carry the controller's own time; people read the wall's.
    shift_ns = answer["wall_ns"] - answer["controller"]["at_ns"]
    for alarm in watch["alarms"]:
        since = clock_time(alarm["since_ns"] + shift_ns)
        text = escaped(alarm["text"]) + (f" ({alarm['times']} times)" if alarm["times"] > 1 else "")
        table.add_row(Text(alarm["code"], BAD), escaped(alarm["where"]), since, Text(text))
    return table


def _certificates(answer: Answer) -> list[Text]:
    told = []
    for each in answer["controller"].get("certificates", []):
        days = each["days_left"]
        left = "is OVER" if days < 0 else f"ends in {days} days" if days else "ends within a day"
        told.append(Text(f"{escaped(each['name'])} ({each['thumbprint']}) {left}", BAD if days <= 0 else ODD))
    return told


def _parcels(answer: Answer) -> list[Text]:
    parcels = answer.get("parcels")
    if parcels is None:
        return []
    text = Text(f"parcel data: {parcels['records']:,} records, {parcels['answers']:,} questions answered")
    if parcels["unknown"]:
        text.append(f" ({parcels['unknown']:,} without a record)")
    text.append(f", slowest {parcels['slowest_us'] / 1000:.1f} ms, {parcels['watched']:,} codes watched")
    if parcels["silent"]:
        text.append(f", SILENT: {escaped(parcels['silent'])}", BAD)
    if parcels["waiting"]:
        text.append(f", {parcels['waiting']:,} questions wait", ODD)
    if parcels["dropped"]:
        text.append(f", {parcels['dropped']:,} questions dropped", BAD)
    return [text]


def _journal(answer: Answer) -> Text:
    journal = answer["journal"]
    text = Text(f"journal: row {journal['committed_row']} on disk, {journal['waiting']} waiting, ")
    text.append(f"slowest commit {journal['slowest_commit_us'] / 1000:.1f} ms")
    if journal["late"]:
        text.append(", LATE: orders leave before they are on disk", BAD)
    if journal["trouble"]:
        text.append(f", {escaped(journal['trouble'])}", BAD)
    if journal["dropped"]:
        text.append(f", {journal['dropped']} rows lost", BAD)
    return text


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _up(linked: bool) -> Text:
    return Text("up", GOOD) if linked else Text("DOWN", BAD)


def _since(since: Answer, name: str) -> str:
    return clock_time(since[name])[:8] if name in since else "-"


def _guarded(protection: Answer, name: str) -> str:
    how = protection.get(name, "")
    return f", {escaped(how)}" if how and not how.startswith("none") else ""


def _figures(figures: Answer) -> str:
    slowest = figures.get("slowest_us", 0) / 1000
    return f"{figures.get('cycles', 0)} cycles, slowest {slowest:.1f} ms, {figures.get('losses', 0)} losses"


def _span(seconds: int) -> str:
    days, rest = divmod(max(seconds, 0), 86_400)
    hours, rest = divmod(rest, 3_600)
    clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{days} d {clock}" if days else clock
