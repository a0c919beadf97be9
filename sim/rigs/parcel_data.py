"""Parcel data: what the hub knows of its parcels, brought into the controller's state folder as people do it.

Comes in: a site folder whose `parcels.csv` lists the parcels, a state folder. Goes out: a parcel store, made by `sortctl parcels import`.
Never here: what a list may say.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

LISTS: Final = ("parcels.csv", "plan/parcels.csv")
"""Where a site may keep its list of parcels, the first that is there."""


def furnish_parcels(site: Path, state: Path) -> None:
    """Import the list of `site`; nothing if it has none. RuntimeError: a line was refused."""
    found = next((path for name in LISTS if (path := site / name).is_file()), None)
    if found is None:
        return
    command = [sys.executable, "-m", "sortctl", "parcels", "import", str(found), "--state", str(state)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
