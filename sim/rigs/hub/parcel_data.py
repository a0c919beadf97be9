"""Parcel data: what the hub knows of its parcels, brought into the controller's state folder as people do it.

Comes in: a site folder whose `parcels.csv` lists the parcels, a state folder. Goes out: a parcel store, made by `sortctl parcels import`.
Never here: what a list may say.
"""

import csv
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from sim.hub.staging import table
from sim.scenario import Script

LIST: Final = "parcels.csv"
NAMES: Final = {"customs_at_s": "customs_at"}
"""Columns of a list that are called otherwise than in the story."""


def furnish_parcels(site: Path, state: Path) -> None:
    """Import the list of `site`; nothing if it has none. RuntimeError: a line was refused."""
    if (site / LIST).is_file():
        import_list(site / LIST, state)


def furnish_told(files: Mapping[str, bytes], scripts: Collection[Script], path: Path, state: Path) -> None:
    """Write to `path` the list of a site as the scripts have it, and import it."""
    changes = {waybill: dict(said) for script in scripts for waybill, said in script.records}
    withheld = {waybill for script in scripts for waybill in script.withheld}
    lines = [line for line in files[LIST].decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    rows = [row for row in csv.DictReader(lines) if row["waybill"] not in withheld]
    for row in rows:
        row.update((NAMES.get(field, field), value) for field, value in changes.get(row["waybill"], {}).items())
    path.write_bytes(table(rows))
    import_list(path, state)


def import_list(found: Path, state: Path) -> None:
    """As people type it. RuntimeError: a line was refused."""
    command = [sys.executable, "-m", "sortctl", "parcels", "import", str(found), "--state", str(state)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
