"""sortctl status: how the running controller is, in one screen: links, epoch, balance, chutes, alarms, rates, journal.

Comes in: the answer of the control socket. Goes out: tables for people, or the answer itself as JSON. Never here: a
judgement of its own; what is wrong is what the controller says is wrong.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sortctl.commands.options import Exit, Stop, json_option, state_option
from sortctl.commands.screen import clock_time, day_time, escaped, print_json, screen
from sortctl.runtime.process.ask import NotRunning, ask, follow
from sortctl.words.exchange import PackML
from sortctl.words.units import NS_PER_S

GOOD: Final = "green"
BAD: Final = "bold red"
ODD: Final = "yellow"
CHUTE_STYLES: Final = {"open": GOOD, "half_full": ODD}
CHUTE_COLUMNS: Final = 2

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
    parts: list[RenderableType] = [_headline(answer), _links(answer), _balance(answer)]
    parts += [_chutes(line) for line in answer["controller"]["lines"]]
    return Group(*parts, _alarms(answer), _journal(answer))


def _headline(answer: Answer) -> Text:
    about = answer["about"]
    up_s = (answer["wall_ns"] - about["started_wall_ns"]) // NS_PER_S
    text = Text(f"{escaped(about['title'] or about['hub'])} ", "bold")
    text.append(
        f"({about['hub']}), sortctl {about['version']}, process {about['process']}, up {_span(up_s)}, ", "default"
    )
    text.append(f"configuration {about['site'][:12]}, {day_time(answer['wall_ns'])}", "default")
    return text


def _links(answer: Answer) -> Table:
    table = _table("link", "state", "since", "of it")
    since = answer["since_wall_ns"]
    for plc in answer["controller"]["plcs"]:
        figures = answer["plc_links"].get(plc["plc"], {})
        details = f"{_machine_state(plc['state'])}, " if plc["linked"] else f"{escaped(plc['why'])}; "
        details += f"epoch {plc['epoch']} held" if plc["holds_epoch"] else "no epoch"
        details += f", {plc['orders_waiting']} orders wait, {_figures(figures)}"
        table.add_row(f"PLC {plc['plc']}", _up(plc["linked"]), _since(since, plc["plc"]), Text(details))
    for scanner in answer["controller"]["scanners"]:
        details = "" if scanner["linked"] else f"{escaped(scanner['why'])}; "
        details += (
            f"{scanner['reads']} reads, {scanner['no_reads']} without a code, {scanner['refused']} frames refused"
        )
        up = Text("silent", BAD) if scanner["linked"] and scanner["silent"] else _up(scanner["linked"])
        table.add_row(f"scanner {scanner['scanner']}", up, _since(since, scanner["scanner"]), Text(details))
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


def _chutes(line: Answer) -> Table:
    """Side by side, as a line has more chutes than a screen has lines."""
    chutes = line["chutes"]
    height = -(-len(chutes) // CHUTE_COLUMNS)
    columns = Table.grid(padding=(0, 3))
    columns.add_row(*(_some_chutes(chutes[at : at + height]) for at in range(0, len(chutes), max(height, 1))))
    return columns


def _some_chutes(chutes: list[Answer]) -> Table:
    table = _table("chute", "name", "state", "heading", "entered")
    for chute in chutes:
        state = Text(chute["state"].replace("_", " "), CHUTE_STYLES.get(chute["state"], BAD))
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


def _machine_state(number: int) -> str:
    return PackML(number).name.lower() if number in set(PackML) else f"state {number}"


def _figures(figures: Answer) -> str:
    slowest = figures.get("slowest_us", 0) / 1000
    return f"{figures.get('cycles', 0)} cycles, slowest {slowest:.1f} ms, {figures.get('losses', 0)} losses"


def _span(seconds: int) -> str:
    days, rest = divmod(max(seconds, 0), 86_400)
    hours, rest = divmod(rest, 3_600)
    clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{days} d {clock}" if days else clock
