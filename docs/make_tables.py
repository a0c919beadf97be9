"""Make tables: writes what the manuals hold twice, from the one place where it is defined.

Run it as `.venv/bin/python docs/make_tables.py` after a change of `sortctl/words/exchange.py` or `sortctl/site/model.py` or `wires.py`.
It fills the tables between `<!-- table: NAME -->` and `<!-- end -->` in the pages below, and writes `docs/plc/tags.csv`.
`--tags` prints a tag list for another PLC instead. A test in `tests/house` fails while a page is out of date.
"""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from docs.tables import example, exchange, site_file
from docs.tables.tags import Layout, tags

DOCS: Final = Path(__file__).resolve().parent
PAGES: Final[dict[str, Mapping[str, Callable[[], str]]]] = {
    "plc-interface.md": exchange.TABLES | example.TABLES,
    "reference/site-file.md": site_file.TABLES,
}
TAGS: Final = "plc/tags.csv"
MARKED: Final = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, text: str) -> str:
    """`text` of `page` with every table made anew. A table that no marker asks for, or a marker without one, is an error."""
    tables = PAGES[page]
    asked = {found["name"] for found in MARKED.finditer(text)}
    if asked != set(tables):
        raise LookupError(f"{page}: markers and tables differ: {sorted(asked ^ set(tables))}")
    return MARKED.sub(lambda found: f"{found[1]}{tables[found['name']]()}\n{found[3]}", text)


def write_all() -> None:
    """Write every page and the tag list."""
    for page in PAGES:
        path = DOCS / page
        path.write_text(filled(page, path.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / TAGS).write_text(tags(Layout()), encoding="utf-8")


def main() -> None:
    """Write everything, or print a tag list."""
    parser = argparse.ArgumentParser(description="write the generated tables of the manuals")
    parser.add_argument("--tags", action="store_true", help="print a tag list instead, for these numbers:")
    for name, default in Layout()._asdict().items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    given = vars(parser.parse_args())
    if given.pop("tags"):
        sys.stdout.write(tags(Layout(**given)))
    else:
        write_all()


if __name__ == "__main__":
    main()
