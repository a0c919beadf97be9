"""sortctl replay: steps a journal through the logic of this version and compares every order and outcome, bit for bit.

Comes in: a journal, which carries its configuration. Goes out: counts, or the first row at which the two part.
Exit 0 the same, 1 they part, 3 no journal, 6 journal damaged.
"""

from pathlib import Path

import click
from rich.text import Text

from sortctl.commands.options import Exit, Stop, journal_path, json_option, state_option, stop_for
from sortctl.commands.progress import row_progress
from sortctl.commands.screen import escaped, print_json, screen
from sortctl.journal.read import JournalReader
from sortctl.journal.replay import Build, Divergence, Replayed, ReplayImpossible, replay
from sortctl.journal.schema import JournalUnusable


@click.command("replay", short_help="Step a journal again and compare.")
@click.option("--until", type=click.IntRange(min=1), metavar="ROW", help="Stop after this row.")
@state_option
@json_option
def command(state: Path, until: int | None, as_json: bool) -> None:
    """Step the journal again through fresh logic and compare every order and outcome, bit for bit.

    \b
    Examples:
      sortctl replay
      sortctl replay --state var/demo --until 120000

    The configuration is taken from the journal. A difference means: another version of sortctl, another configuration
    than the journal says, or a fault worth reporting. Exit codes: 0 the same, 1 different, 3 no journal, 6 damaged.
    """  # noqa: D301 - \b keeps the lines apart
    try:
        told = _replayed(journal_path(state), until, as_json)
    except JournalUnusable as error:
        raise stop_for(error) from None
    except ReplayImpossible as error:
        raise Stop(Exit.INTEGRITY, str(error), "see `sortctl journal verify`") from None
    if as_json:
        print_json({"same": told.divergence is None, **_fields(told)})
    else:
        _show(told)
    if told.divergence is not None or not told.first_seq:
        raise SystemExit(Exit.NEGATIVE)


def _replayed(path: Path, until: int | None, quiet: bool) -> Replayed:
    with JournalReader(path) as reader:
        last = reader.last()
        total = min(last.seq if last else 0, until or (1 << 62))
        with row_progress("replaying", reader.base()[0], total, quiet) as on_row:
            return replay(reader, _logic_of_this_version(), until, on_row)


def _logic_of_this_version() -> Build:
    from sortctl.app import replay_logic

    build: Build = replay_logic
    return build


def _fields(told: Replayed) -> dict[str, object]:
    return {name: getattr(told, name) for name in told.__struct_fields__}


def _show(told: Replayed) -> None:
    console = screen()
    if told.divergence is not None:
        _show_divergence(told.divergence)
    if not told.first_seq:
        console.print("nothing could be stepped: neither the start of the journal nor a snapshot is there")
        return
    if told.divergence is None:
        console.print(Text("the same, bit for bit", style="green"))
    console.print(
        f"rows {told.first_seq} to {told.last_seq}: {told.facts} facts stepped, {told.orders} orders and"
        f" {told.outcomes} outcomes compared; runs: {told.runs}"
    )
    if told.skipped:
        console.print(f"{told.skipped} rows not stepped: what came before them is not in the journal")


def _show_divergence(divergence: Divergence) -> None:
    console = screen()
    console.print(Text(f"different at row {divergence.seq}", style="red"))
    console.print(f"  fact (row {divergence.fact_seq})  {escaped(divergence.fact)}")
    console.print(f"  the journal says    {escaped(divergence.journal)}")
    console.print(f"  the logic says now  {escaped(divergence.logic)}")
