"""sortctl schema: every key that a site file may hold.

Goes out: the JSON schema that editors check site.toml against, or with --keys a list for people. Reads nothing.
"""

import click

from sortctl.commands.options import json_option
from sortctl.commands.screen import print_json, screen
from sortctl.commands.tables import Sheet, print_table
from sortctl.departures.load import COLUMNS as DEPARTURE_COLUMNS
from sortctl.labels.load import COLUMNS as LABEL_COLUMNS
from sortctl.plan.load import COLUMNS
from sortctl.site.files import DEPARTURES_FILE
from sortctl.site.schema import Key, chute_columns, site_keys, site_schema


@click.command("schema", short_help="Print the JSON schema of site.toml.")
@click.option("--keys", "as_list", is_flag=True, help="A list of all keys and columns, with what they mean.")
@json_option
def command(as_list: bool, as_json: bool) -> None:
    """Print the JSON schema of site.toml, for an editor; one row of chutes.csv is $defs/Chute in it.

    \b
    Example:
      sortctl schema > site.schema.json
      sortctl schema --keys | grep _ms
    """  # noqa: D301 - \b keeps the lines apart
    if as_list and as_json:
        raise click.UsageError("--keys is a list for people, --json is the schema: choose one")
    if not as_list:
        print_json(site_schema())
        return
    console = screen()
    print_table(console, _sheet("site.toml", "key", site_keys()))
    print_table(console, _sheet("chutes.csv", "column", chute_columns()))
    for file, columns in {**COLUMNS, DEPARTURES_FILE: DEPARTURE_COLUMNS, **LABEL_COLUMNS}.items():
        rows = tuple((name, meaning) for name, meaning in columns.items())
        print_table(console, Sheet(file, ("column", "meaning"), rows))


def _sheet(title: str, first: str, keys: list[Key]) -> Sheet:
    rows = tuple((key.path, key.allowed, key.default, key.meaning) for key in keys)
    return Sheet(title, (first, "allowed", "if left out", "meaning"), rows)
