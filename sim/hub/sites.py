"""Sites: further stagings: bags with limits, labels that say where, lots of customs, a clock that is set.

Comes in: the files of a site, the second on the wall. Goes out: files. Never here: zones and releases (`staging.py`).
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable
from typing import Final

from sim.hub.staging import Files, bonded, leaving, stale, table

COUNT_MAX: Final = 2
WEIGHT_MAX_G: Final = 1_500
AGE_MAX_MIN: Final = 30
LEFT_S: Final = 1_800
"""From the beginning of a run to the last minute of the trucks."""
LOTS: Final = b"""[customs]
seed = "a seed that only auditors know"
selections = [
  { name = "textiles", goods = "6", per_mille = 250 },
  { name = "one-in-ten", per_mille = 100 },
]
"""

Row = dict[str, str]


def bagged(files: Files, wall_s: int) -> Files:
    """Every domestic chute needs a bag: some are full by count, some by weight."""

    def limit(row: Row) -> None:
        needs, by_count = row["zone"] == "domestic", bool(int(row["number"]) % 2)
        row["needs_bag"] = "yes" if needs else "no"
        row["bag_count_max"] = str(COUNT_MAX if needs and by_count else 0)
        row["bag_weight_max_g"] = str(WEIGHT_MAX_G if needs and not by_count else 0)

    return _chutes(bonded(files, wall_s), limit)


def labelled(files: Files, wall_s: int) -> Files:
    """A parcel of which nothing is known goes by its label; the first sorter is not under customs."""
    changed = dict(bonded(files, wall_s))
    first = next(iter(tomllib.loads(files["site.toml"].decode("utf-8-sig"))["sorters"].values()))["chutes"]
    rows = list(csv.DictReader(io.StringIO(changed[first].decode())))
    changed[first] = table([row | {"zone": ""} for row in rows])
    changed["site.toml"] = re.sub(rb'(?m)^unknown = "\w+"', b'unknown = "label"', changed["site.toml"])
    return changed


def drawn(files: Files, wall_s: int) -> Files:
    """Customs draws parcels for inspection, by lot."""
    changed = dict(bonded(files, wall_s))
    changed["site.toml"] = re.sub(rb"(?m)^\[customs\].*\n", lambda _: LOTS, changed["site.toml"])
    return changed


def dated(files: Files, wall_s: int) -> Files:
    """What goes by the clock: releases of two hours, trucks that leave within the hour, bags of half an hour."""

    def limit(row: Row) -> None:
        row["bag_age_max_min"] = str(AGE_MAX_MIN)

    return _chutes(leaving(stale(files, wall_s), wall_s + LEFT_S), limit)


def _chutes(files: Files, change: Callable[[Row], None]) -> Files:
    changed = dict(files)
    site = tomllib.loads(files["site.toml"].decode("utf-8-sig"))
    for sorter in site["sorters"].values():
        rows = list(csv.DictReader(io.StringIO(files[sorter["chutes"]].decode())))
        for row in rows:
            change(row)
        changed[sorter["chutes"]] = table(rows)
    return changed
