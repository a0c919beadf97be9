"""Staging: a site's files as a story needs them: customs zones, what customs said, departures, bags, balances.

Comes in: the files of a site, the second on the wall. Goes out: files; what was there stays but for what is named here.
The chutes of the rejects, the ends and the overflows are in custody, all others domestic; every parcel on the list is released or
domestic goods, for what else a parcel may be is written by the story. Never here: which parcels are fed.
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

Files = Mapping[str, bytes]
Staging = Callable[[Files, int], Files]

HOLD: Final = "hold"
DOMESTIC_ONE_IN: Final = 7
RELEASED_BEFORE_S: Final = 3_600
AT_CUSTOMS: Final = ("customs_hold", "customs_inspect", "customs_refused", "security_hold")
LAST_HOUR: Final = 23
_CLOCKS: Final = (("UTC", 10), ("", 70), ("Asia/Kuala_Lumpur", 10), ("", 10))
"""Whose clock it is by, and minutes from the chute to the truck. At any hour one of them leaves after a midnight that its last
parcel does not see."""
OPEN_MIN: Final = 120
WARN_MIN: Final = 30


def as_it_is(files: Files, wall_s: int) -> Files:
    """Nothing is changed, but a word of customs without a moment is as old as if the list had been imported just before."""
    listed = "parcels.csv"
    if listed not in files:
        return files
    rows = _rows(files[listed])
    for row in rows:
        if row.get("customs") and not row.get("customs_at"):
            row["customs_at"] = str(wall_s - RELEASED_BEFORE_S)
    return {**files, listed: table(rows)}


def bonded(files: Files, wall_s: int) -> Files:
    """A hub under customs: zones, releases, a chute for what customs or security keeps, one for what is intercepted."""
    changed = dict(files)
    site = tomllib.loads(files["site.toml"].decode("utf-8-sig"))
    rows = [row for row in _rows(files["plan/destinations.csv"]) if not row["destination"].startswith("!")]
    for name, sorter in site["sorters"].items():
        held, intercepted = _lend(rows, name)
        custody = {held, intercepted, *sorter.get("rejects", {}).values(), *sorter.get("overflow", ())}
        custody.add(sorter.get("end_chute", 0))
        changed[sorter["chutes"]] = _with_zones(files[sorter["chutes"]], custody)
        rows += [{"destination": f"!{cause}", "chutes": str(held), "sorter": name} for cause in AT_CUSTOMS]
        rows.append({"destination": "!intercepted", "chutes": str(intercepted), "sorter": name})
    changed["plan/destinations.csv"] = table(rows)
    listed = "parcels.csv"
    changed[listed] = _released(files[listed], wall_s - RELEASED_BEFORE_S)
    return changed


def _lend(rows: list[dict[str, str]], sorter: str) -> tuple[int, int]:
    """The two last chutes of the plan on `sorter`, which lead nowhere else from now on."""
    own = [row for row in rows if row["sorter"] == sorter and not row["destination"].startswith("!")]
    used = sorted({int(number) for row in own for number in row["chutes"].split(";")})
    lent, instead = used[-2:], used[-3]
    for row in own:
        left = [number for number in row["chutes"].split(";") if int(number) not in lent]
        row["chutes"] = ";".join(left or [str(instead)])
        row["balance"] = row.get("balance", "") if len(left) > 1 else ""
    return lent[1], lent[0]


def _with_zones(chutes: bytes, custody: set[int]) -> bytes:
    rows = _rows(chutes)
    for row in rows:
        row["zone"] = "custody" if int(row["number"]) in custody else "domestic"
    return table(rows)


def _released(parcels: bytes, at_s: int) -> bytes:
    rows = _rows(parcels)
    for number, row in enumerate(rows):
        domestic = number % DOMESTIC_ONE_IN == 0
        said = ("domestic", "", "") if domestic else ("h7", "released", str(at_s))
        row.update(zip(("declaration", "customs", "customs_at"), said, strict=True))
    return table(rows)


def stale(files: Files, wall_s: int) -> Files:
    """The same, and a release holds for two hours; one by an hour ago ends in the middle of a run if its record says so."""
    changed = dict(bonded(files, wall_s))
    text = files["site.toml"]
    set_here, times = re.subn(rb"(?m)^released_stale_min = \d+", b"released_stale_min = 120", text)
    changed["site.toml"] = set_here if times else text + b"\n[customs]\nreleased_stale_min = 120\n"
    return changed


def leaving(files: Files, wall_s: int) -> Files:
    """Trucks for half of the destinations take their last parcels at this moment, which is the beginning of a minute."""
    changed = dict(files)
    rows = _rows(files["plan/destinations.csv"])
    names = list(dict.fromkeys(row["destination"] for row in rows if not row["destination"].startswith("!")))
    trucks = [_truck(name, wall_s, *_CLOCKS[number % len(_CLOCKS)]) for number, name in enumerate(names[::2])]
    site = tomllib.loads(files["site.toml"].decode("utf-8-sig"))
    for name in site["sorters"]:
        late = _lend(rows, name)[0]
        rows.append({"destination": "!cut_off_passed", "chutes": str(late), "sorter": name})
    changed["plan/destinations.csv"] = table(rows)
    changed["departures.csv"] = table(trucks)
    listed = "parcels.csv"
    changed[listed] = table([row | {"departure": ""} for row in _rows(files[listed])])
    return changed


def _truck(destination: str, last_s: int, zone: str, minutes_left: int) -> dict[str, str]:
    """One that takes its last parcel at this moment. Where no zone is named it is the one in which the hour before midnight runs."""
    if not zone:
        ahead = (LAST_HOUR - last_s // 3_600 + 12) % 24 - 12
        zone = f"Etc/GMT{-ahead:+}"
    cut_off = datetime.fromtimestamp(last_s + 60 * minutes_left, ZoneInfo(zone))
    return {
        "departure": f"T-{destination}",
        "destination": destination,
        "kind": "truck",
        "weekdays": "",
        "cut_off": f"{cut_off:%H:%M}",
        "zone": zone,
        "transit_min": str(minutes_left),
        "open_min": str(OPEN_MIN),
        "warn_min": str(WARN_MIN),
    }


def balanced(files: Files, wall_s: int) -> Files:
    """Every destination with two chutes or more spreads its parcels over them, in turn or by load."""
    del wall_s
    rows = _rows(files["plan/destinations.csv"])
    for number, row in enumerate(rows):
        if ";" in row["chutes"]:
            row["balance"] = ("round_robin", "least_loaded")[number % 2]
    return {**files, "plan/destinations.csv": table(rows)}


def rotated(destinations: bytes) -> bytes:
    """Every destination has the chutes that the one before it had on the same sorter."""
    rows = _rows(destinations)
    for sorter in {row["sorter"] for row in rows}:
        own = [row for row in rows if row["sorter"] == sorter and not row["destination"].startswith("!")]
        groups = [(row["chutes"], row.get("balance", "")) for row in own]
        for row, (chutes, balance) in zip(own, [groups[-1], *groups[:-1]], strict=True):
            row.update(chutes=chutes, balance=balance)
    return table(rows)


def table(rows: list[dict[str, str]]) -> bytes:
    """Rows as a CSV file; what a row does not say is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _rows(data: bytes) -> list[dict[str, str]]:
    lines = [line for line in data.decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(lines)]
