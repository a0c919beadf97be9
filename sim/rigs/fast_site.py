"""Fast site: a hub sped up so that a few hundred parcels take about a minute, with the addresses of a rig's doors.

Comes in: a loaded site, ports, a place for serial links. Goes out: a copy of its folder: belts and loops of 5 m/s, a line's
PLC that scans every 4 ms, actuators as much quicker as the belt, so that every length on it stays what it was.
Why not the clock: a PLC whose time ran faster than the controller's would lie about its lease.
Never here: the feed, certificates.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sim.doors.ports import LOOPBACK, free_ports
from sim.rigs.site_copy import changed_column, copy_site
from sortctl.site.load import LoadedSite
from sortctl.site.model import Machine, Scanner

SPEED_MM_S: Final = 5_000
SCAN_MS: Final = 4
# What a scan, a bounce (4 ms) and two scans of steady level cost on a belt of this speed, in mm of its own.
WINDOW_MM: Final = 90
LENGTH_TOLERANCE_MM: Final = 100
BOUNCE_MM: Final = 40
READ_WINDOW_MM: Final = 140
"""28 ms of this belt. A busy machine may hand a telegram over later than that; it must then fit nobody, not the next."""

Tables = dict[str, dict[str, Any]]
"""Table of the site file ("plcs.main") -> key -> value."""


def write_fast_copy(source: Path, target: Path, loaded: LoadedSite, links: Path) -> None:
    """The copy. Serial links are made in the folder `links`, everything else is on a free port of the loopback."""
    changes = _addresses(loaded, links)
    files: dict[str, bytes] = {}
    for machine in loaded.machines:
        for table, keys in _pace(machine):
            changes.setdefault(table, {}).update(keys)
        files[machine.sorter.chutes] = _quicker(source.joinpath(machine.sorter.chutes).read_bytes(), machine)
    copy_site(source, target, changes, files)


def _addresses(loaded: LoadedSite, links: Path) -> Tables:
    site = loaded.site
    networked = [f"scanners.{name}" for name, scanner in site.scanners.items() if _is_tcp(scanner)]
    tables = [*(f"plcs.{name}" for name in site.plcs), *(f"readers.{name}" for name in site.readers)]
    ports = iter(free_ports(len(networked) + len(tables)))
    changes: Tables = {table: {"address": f"{LOOPBACK}:{next(ports)}"} for table in tables}
    changes |= {table: {"url": f"tcp://{LOOPBACK}:{next(ports)}"} for table in networked}
    for name, scanner in site.scanners.items():
        if not _is_tcp(scanner):
            changes[f"scanners.{name}"] = {"url": str(links / name)}
    return changes


def _is_tcp(scanner: Scanner) -> bool:
    return scanner.url.startswith("tcp://")


def _pace(machine: Machine) -> Iterator[tuple[str, Mapping[str, int]]]:
    yield f"sorters.{machine.sorter_id}", {"speed_mm_s": SPEED_MM_S}
    if machine.sorter.kind == "loop":
        return
    yield f"plcs.{machine.plc_id}", {"scan_ms": SCAN_MS}
    yield (
        f"sorters.{machine.sorter_id}",
        {"window_mm": WINDOW_MM, "length_tolerance_mm": LENGTH_TOLERANCE_MM, "bounce_mm": BOUNCE_MM},
    )
    for name in machine.scanners:
        yield f"scanners.{name}", {"window_mm": READ_WINDOW_MM}


def _quicker(chutes: bytes, machine: Machine) -> bytes:
    def as_quick(ms: int) -> int:
        return ms * machine.sorter.speed_mm_s // SPEED_MM_S

    for column in ("lead_ms", "travel_ms"):
        chutes = changed_column(chutes, column, as_quick)
    return chutes
