"""sortctl schema: every key that a site file may hold.

Goes out: a list for people, or with --json the JSON schema that editors check site.toml against. Reads nothing.
"""

import click

from sortctl.commands.options import json_option
from sortctl.commands.screen import print_json, screen
from sortctl.commands.tables import Sheet, print_table
from sortctl.plan.load import COLUMNS
from sortctl.site.schema import Key, chute_columns, site_keys, site_schema


@click.command("schema", short_help="List every key of a site file.")
@json_option
def command(as_json: bool) -> None:
    """List every key of a site file.

    \b
    Example:
      sortctl schema | grep _ms
      sortctl schema --json > site.schema.json

    With --json: the JSON schema of site.toml, for an editor; one row of chutes.csv is $defs/Chute in it.
    """  # noqa: D301 - \b keeps the lines apart
    if as_json:
        print_json(site_schema())
        return
    console = screen()
    print_table(console, _sheet("site.toml", "key", site_keys()))
    print_table(console, _sheet("chutes.csv", "column", chute_columns()))
    for file, columns in COLUMNS.items():
        rows = tuple((name, meaning) for name, meaning in columns.items())
        print_table(console, Sheet(file, ("column", "meaning"), rows))


def _sheet(title: str, first: str, keys: list[Key]) -> Sheet:
    rows = tuple((key.path, key.allowed, key.default, key.meaning) for key in keys)
    return Sheet(title, (first, "allowed", "if left out", "meaning"), rows)
