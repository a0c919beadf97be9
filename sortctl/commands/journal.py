"""sortctl journal: about the journal file itself. `verify` reads it all and says whether it is what was written.

Comes in: a journal. Goes out: counts, the balance struck from all outcomes, and what is wrong, the first damage first.
Exit 0 sound, 3 no journal, 6 damaged or a balance that does not hold.
"""

from pathlib import Path

import click
from msgspec import structs
from rich.console import Console
from rich.text import Text

from sortctl.commands.options import Exit, journal_path, json_option, state_option, stop_for
from sortctl.commands.progress import row_progress
from sortctl.commands.screen import escaped, print_json, screen
from sortctl.journal.read import JournalReader
from sortctl.journal.schema import JournalUnusable
from sortctl.journal.verify import Verified, verify
from sortctl.watch.balance import SorterBalance
from sortctl.watch.watch import Watch


@click.group("journal", short_help="About the journal file.")
def command() -> None:
    """About the journal file.

    \b
    Example:
      sortctl journal verify
    """  # noqa: D301 - \b keeps the lines apart


@command.command("verify")
@state_option
@json_option
def verify_command(state: Path, as_json: bool) -> None:
    """Read the whole journal: is every row what was written, and does the balance hold?

    \b
    Example:
      sortctl journal verify --state var/demo

    Names the first row that was damaged, altered or taken out. Works beside a running controller. Mends nothing.
    Exit codes: 0 sound, 3 no journal, 6 not sound.
    """  # noqa: D301 - \b keeps the lines apart
    watch = Watch()
    try:
        with JournalReader(journal_path(state)) as reader:
            last = reader.last()
            with row_progress("verifying", reader.base()[0], last.seq if last else 0, as_json) as on_row:
                told = verify(reader, watch.see, on_row)
    except JournalUnusable as error:
        raise stop_for(error) from None
    balances = tuple(_over_the_whole(balance, told.pruned_to) for balance in watch.view(0).balance)
    sound = told.sound and all(balance.holds for balance in balances)
    if as_json:
        print_json({"sound": sound, **structs.asdict(told), "balance": balances})
    else:
        _show(told, balances, screen())
    if not sound:
        raise SystemExit(Exit.INTEGRITY)


def _over_the_whole(balance: SorterBalance, pruned_to: int) -> SorterBalance:
    """Where old rows were deleted after their time, parcels that were on the sorter then close without having been opened."""
    if not pruned_to:
        return balance
    inducted = balance.inducted + balance.unopened
    ended = balance.sorted + balance.rejected + balance.lost + balance.removed
    return structs.replace(balance, inducted=inducted, holds=inducted == ended + balance.on_sorter)


def _show(told: Verified, balances: tuple[SorterBalance, ...], console: Console) -> None:
    for finding in told.findings:
        console.print(Text(escaped(finding.text), style="red"))
    if told.more_findings:
        console.print(f"and {told.more_findings} more")
    if told.sound:
        console.print(Text("every row is what was written", style="green"))
    console.print(
        f"{told.rows} rows ({told.first_seq} to {told.last_seq}): {told.facts} facts, {told.orders} orders,"
        f" {told.outcomes} outcomes; runs: {told.runs}, snapshots: {told.snapshots}"
    )
    if told.pruned_to:
        console.print(f"rows up to {told.pruned_to} were deleted after their time")
    for balance in balances:
        _show_balance(balance, console)


def _show_balance(balance: SorterBalance, console: Console) -> None:
    text = (
        f"{escaped(balance.sorter)}: {balance.inducted} inducted = {balance.sorted} sorted + {balance.rejected} rejected"
        f" + {balance.lost} lost + {balance.removed} removed + {balance.on_sorter} on the sorter"
    )
    console.print(Text(text, style="" if balance.holds else "red"))
    if not balance.holds:
        console.print(Text("  the balance does not hold", style="red"))
