"""sortctl parcels: what the hub knows of parcels: take lists in, show, hold, release, intercept, customs, purge, count.

Comes in: lists of parcels, codes, reasons, names. Goes out: what was done, as text or JSON. Everything is written to the parcel store in
the state folder; no controller is needed, and one that runs knows it within a tenth of a second.
Never here: what is decided about a parcel.
"""

import click

from sortctl.commands.parcels.changes import customs, hold, intercept, release
from sortctl.commands.parcels.look import count, purge, show
from sortctl.commands.parcels.taking import import_list


@click.group("parcels", short_help="What the hub knows of parcels.")
def command() -> None:
    """What the hub knows of parcels before they come, and what changes while they move.

    \b
    Example:
      sortctl parcels import parcels.csv
      sortctl parcels hold LP390768049CN "X-ray shows a battery"

    Exit codes: 0 done, 1 not all of it, or nothing is known of the parcel, 2 usage, 3 not there, 4 refused, 5 the list cannot be read.
    """  # noqa: D301 - \b keeps the lines apart


for each in (import_list, show, hold, release, intercept, customs, purge, count):
    command.add_command(each)
