"""sortctl trace: what became of a parcel. Reads the journal only, beside a running controller or after a dead one.

Comes in: a barcode or passage number. Goes out: one screen for the newest passage, a line for each older one; or JSON with
all of them. Exit 0 found, 1 unknown, 3 no journal, 6 journal damaged.
"""

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from sortctl.commands.options import Exit, Stop, journal_path, json_option, state_option, stop_for
from sortctl.commands.screen import clock_time, day_time, escaped, print_json, screen
from sortctl.journal.life import Life, Orphan, Step, Trace, trace
from sortctl.journal.read import JournalReader
from sortctl.journal.schema import JournalUnusable

_COLOURS = {
    "sorted": "green",
    "seen": "green",
    "rejected": "yellow",
    "failed": "red",
    "doubted": "red",
    "lost": "red",
    "removed": "yellow",
}
OLDER_SHOWN = 20
ORPHANS_SHOWN = 5


@click.command("trace", short_help="What became of a parcel, and why.")
@click.argument("barcode", metavar="BARCODE|PASSAGE")
@state_option
@json_option
def command(barcode: str, state: Path, as_json: bool) -> None:
    """What was read, which rule won, why not the planned chute, when the PLC took it, what the sensor saw.

    \b
    Examples:
      sortctl trace RR123456785NL
      sortctl trace 1042 --state var/demo --json

    BARCODE is any code that was read on the parcel; PASSAGE the number of one ride. Works beside a running
    controller and on the journal of one that is dead. Exit codes: 0 found, 1 never seen, 3 no journal, 6 damaged.
    """  # noqa: D301 - \b keeps the lines apart
    try:
        with JournalReader(journal_path(state)) as reader:
            found = trace(reader, barcode)
            last = reader.last()
    except JournalUnusable as error:
        raise stop_for(error) from None
    if not found.lives and not found.orphans:
        until = f"; the journal goes to {day_time(last.wall_ns)}" if last else "; the journal is empty"
        raise Stop(
            Exit.NEGATIVE,
            f"{barcode} was not read on any parcel in {journal_path(state)}{until}",
            "see what was read last with `sortctl tail`, or name another journal with --state DIR",
        )
    if as_json:
        print_json(found)
    else:
        _show(found, screen())


def _show(found: Trace, console: Console) -> None:
    if found.lives:
        _show_life(found.lives[0], console)
    if len(found.lives) > 1:
        console.print(Text("\nEarlier passages", style="bold"))
        for life in found.lives[1 : 1 + OLDER_SHOWN]:
            console.print(f"  {life.passage:>8}  {day_time(life.steps[0].wall_ns)}  {escaped(life.end)}")
        hidden = len(found.lives) - 1 - OLDER_SHOWN
        if hidden > 0:
            console.print(f"  and {hidden}{' or more' if found.more else ''} before, see --json")
        console.print(f"  `sortctl trace {found.lives[1].passage}` shows one of them")
    if found.orphans:
        _show_orphans(found.orphans, console)


def _show_life(life: Life, console: Console) -> None:
    head = Text(f"Passage {life.passage}", style="bold")
    head.append(f" on {escaped(life.sorter)}, {day_time(life.steps[0].wall_ns)}", style="not bold")
    console.print(head)
    console.print(f"  waybill  {escaped(life.waybill) or 'none'}")
    colour = _COLOURS.get(life.end.split()[0].rstrip(":"), "cyan")
    console.print(Text("  outcome  ").append(escaped(life.end), style=colour))
    console.print()
    for step in life.steps:
        _show_step(step, console)


def _show_step(step: Step, console: Console) -> None:
    line = Text(f"  {clock_time(step.wall_ns)}", style="dim")
    line.append(f" {step.since_ms:>+7} ms  ")
    line.append(f"{step.what:<9}", style=f"not dim {_COLOURS.get(step.what, 'default')}")
    line.append(f" {escaped(step.text)}", style="not dim")
    console.print(line)
    for detail in step.details:
        console.print(f"{'':37}{escaped(detail)}")


def _show_orphans(orphans: tuple[Orphan, ...], console: Console) -> None:
    console.print(Text("\nReads that fit no parcel", style="bold"))
    for orphan in orphans[:ORPHANS_SHOWN]:
        codes = ", ".join(orphan.codes)
        console.print(
            f"  {day_time(orphan.wall_ns)}  {escaped(orphan.scanner)}: {escaped(codes)}; {escaped(orphan.why)}"
        )
    if len(orphans) > ORPHANS_SHOWN:
        console.print(f"  and {len(orphans) - ORPHANS_SHOWN} more, see --json")
