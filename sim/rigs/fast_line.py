"""Fast line: the site of the demonstration, sped up so that a few hundred parcels take about a minute.

Comes in: a site folder, ports, a place for the serial link. Goes out: a copy of it with a belt of 5 m/s, a PLC that scans
every 4 ms, and pushers as much quicker as the belt, so that every length on the belt stays what it was.
Why not the clock: a PLC whose time ran faster than the controller's would lie about its lease.
Never here: the feed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sim.doors.ports import LOOPBACK
from sim.rigs.site_copy import changed_column, copy_site
from sortctl.site.model import Machine

SPEED_MM_S: Final = 5_000
SCAN_MS: Final = 4
# What a scan, a bounce (4 ms) and two scans of steady level cost on a belt of this speed, in mm of its own.
WINDOW_MM: Final = 90
LENGTH_TOLERANCE_MM: Final = 100
BOUNCE_MM: Final = 40
READ_WINDOW_MM: Final = 140
"""28 ms of this belt. A busy machine may hand a telegram over later than that; it must then fit nobody, not the next."""


def addresses(machine: Machine, ports: list[int], links: Path) -> dict[str, dict[str, str | int]]:
    """Where the doors of `machine` stand in this rig: loopback ports, and links in the folder `links`."""
    left = list(ports)
    changes: dict[str, dict[str, str | int]] = {f"plcs.{machine.plc_id}": {"address": f"{LOOPBACK}:{left.pop(0)}"}}
    for name, scanner in machine.scanners.items():
        url = f"tcp://{LOOPBACK}:{left.pop(0)}" if scanner.url.startswith("tcp://") else str(links / name)
        changes[f"scanners.{name}"] = {"url": url}
    return changes


def ports_wanted(machine: Machine) -> int:
    """How many ports `addresses` needs."""
    return 1 + sum(scanner.url.startswith("tcp://") for scanner in machine.scanners.values())


def write_fast_copy(source: Path, target: Path, machine: Machine, doors: Mapping[str, Mapping[str, str | int]]) -> None:
    """The copy, with the doors of this rig."""
    before = machine.sorter.speed_mm_s
    changes: dict[str, dict[str, Any]] = {table: dict(keys) for table, keys in doors.items()}
    changes[f"plcs.{machine.plc_id}"]["scan_ms"] = SCAN_MS
    changes[f"sorters.{machine.sorter_id}"] = {
        "speed_mm_s": SPEED_MM_S,
        "window_mm": WINDOW_MM,
        "length_tolerance_mm": LENGTH_TOLERANCE_MM,
        "bounce_mm": BOUNCE_MM,
    }

    for name in machine.scanners:
        changes[f"scanners.{name}"]["window_mm"] = READ_WINDOW_MM

    def as_quick(ms: int) -> int:
        return ms * before // SPEED_MM_S

    chutes = source.joinpath(machine.sorter.chutes).read_bytes()
    for column in ("lead_ms", "travel_ms"):
        chutes = changed_column(chutes, column, as_quick)
    copy_site(source, target, changes, {machine.sorter.chutes: chutes})
