"""Look: what is known of one parcel, how many are known, and the end of old ones.

Comes in: a code, a number of days. Goes out: tables for people, or JSON. Never here: changes of one parcel (`changes.py`).
"""

from pathlib import Path
from typing import Final

import click
import msgspec

from sortctl.commands.options import Exit, Stop, json_option, state_option
from sortctl.commands.parcels.store import by_option, code_argument, named, reading, writing
from sortctl.commands.progress import row_progress
from sortctl.commands.screen import day_time, escaped, print_json
from sortctl.parcels import FILE_NAME
from sortctl.parcels.reader import Change
from sortctl.words.parcels import ParcelRecord
from sortctl.words.units import NS_PER_S

DAY_S: Final = 86_400
_MOMENTS: Final = frozenset({"customs_at_s", "due_s"})


@click.command("show", short_help="Show what is known of a parcel.")
@code_argument
@state_option
@json_option
def show(code: str, state: Path, as_json: bool) -> None:
    """Show what is known of the parcel with this CODE, its waybill or another code, and who changed it when.

    \b
    Example:
      sortctl parcels show LP390768049CN

    Exit codes: 0 shown, 1 nothing is known of it, 3 no parcel store, 6 the store is damaged.
    """  # noqa: D301 - \b keeps the lines apart
    with reading(state) as reader:
        record = reader.find(code)
        story = reader.story(record.waybill) if record is not None else []
    if record is None:
        raise Stop(Exit.NEGATIVE, f"no parcel has the code {code}", "sortctl parcels import FILE takes a list in")
    if as_json:
        print_json({"record": msgspec.structs.asdict(record), "changes": [change._asdict() for change in story]})
        return
    _print(record, story)


@click.command("count", short_help="How many parcels are known.")
@state_option
@json_option
def count(state: Path, as_json: bool) -> None:
    """Say how many parcels are known, and how large the store is.

    \b
    Example:
      sortctl parcels count

    Exit codes: 0 counted, 3 no parcel store.
    """  # noqa: D301 - \b keeps the lines apart
    with reading(state) as reader:
        records, changes = reader.count(), reader.newest()
    size = (state / FILE_NAME).stat().st_size
    if as_json:
        print_json({"records": records, "changes": changes, "bytes": size})
    else:
        click.echo(f"{records:,} parcels, {changes:,} changes so far, {size / 1e6:,.1f} MB")


@click.command("purge", short_help="Forget old parcels.")
@click.option("--older-than", "days", metavar="DAYS", type=click.IntRange(1, 10_000), required=True,
              help="Nothing was said of them for so many days.")  # fmt: skip
@by_option
@state_option
@json_option
def purge(days: int, by: str, state: Path, as_json: bool) -> None:
    """Forget parcels of which nothing was said for so many DAYS, and their changes. Parcels that are held stay.

    \b
    Example:
      sortctl parcels purge --older-than 60

    The space in the file is used again by the next list. Exit codes: 0 done, 3 no state folder, 4 the store cannot be written.
    """  # noqa: D301 - \b keeps the lines apart
    with reading(state) as reader:
        records = reader.count()
    with writing(state, by) as writer, row_progress("looking", 0, records, as_json) as watch:
        purged = writer.purge(days * DAY_S, watch)
    if as_json:
        print_json(purged._asdict() | {"left": records - purged.gone})
        return
    click.echo(f"{purged.gone:,} parcels forgotten, {records - purged.gone:,} left")
    if purged.kept_held:
        click.echo(f"  {purged.kept_held:,} old ones are held and stay")


def _print(record: ParcelRecord, story: list[Change]) -> None:
    click.echo(named(record))
    for name, value in msgspec.structs.asdict(record).items():
        if name == "waybill" or not value:
            continue
        if name in _MOMENTS:
            shown = day_time(value * NS_PER_S)
        elif isinstance(value, tuple):
            shown = ", ".join(value)
        else:
            shown = "yes" if value is True else str(value)
        click.echo(f"  {name.removesuffix('_s') if name in _MOMENTS else name:<16} {escaped(shown)}")
    if story:
        click.echo("changes")
    for change in story:
        detail = f": {change.detail}" if change.detail else ""
        click.echo(escaped(f"  {day_time(change.at_s * NS_PER_S)}  {change.by}  {change.what}{detail}"))
