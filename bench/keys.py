"""Keys: certificates for both sides of the secured links of a measurement, made once in a process.

Comes in: nothing. Goes out: a folder: `pki` for a state folder of the controller, which trusts the one certificate that all
PLCs show; `machines` for the machine side, which trusts the controller. Our key is as long as `sortctl pki init` makes it.
Never here: judging a certificate.
"""

import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from bench.fast_lines import SERVER_URI, Door, Shape, Wire, write_site
from sim.doors.certificates import Bearer, new_key, self_signed
from sim.doors.opcua.locks import Locks
from sim.rigs.keys import CLIENT, OWN, locks_of
from sortctl.site.load import load_site

PLC: Final = "p1"
"""Whose certificate stands for all."""
_ONE_LINE: Final = Shape(lines=1, per_line=20, cycle_ms=10, scan_ms=5)
_ANY_DOOR: Final = Door(4840, "/dev/null", Wire.SECURED)


@cache
def _made() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory(prefix="bench-keys-")
    folder = Path(made.name)
    write_site(folder / "site", _ONE_LINE, [_ANY_DOOR], 1)
    state, machines = folder / "state", folder / "machines"
    _pki("init", str(folder / "site"), "--state", str(state))
    shown, _ = self_signed(new_key(), Bearer(SERVER_URI)).save(machines, PLC)
    _pki("trust", str(shown), "--state", str(state))
    shutil.copyfile(state / OWN, machines / CLIENT)
    return made


def _pki(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "sortctl", "pki", *arguments], check=True, stdout=subprocess.DEVNULL)


def give_keys(folder: Path) -> Path:
    """A state folder in `folder` gets its keys, and beside it `plc.der` is put; the folder of all keys, to read only."""
    made = Path(_made().name)
    shutil.copytree(made / "state" / "pki", folder / "state" / "pki")
    shutil.copyfile(made / "machines" / f"{PLC}.der", folder / "plc.der")
    return made


def locks(wire: Wire, made: Path) -> Locks:
    """How the PLCs on this wire are locked; `made` is what `give_keys` gave."""
    if wire is not Wire.SECURED:
        return Locks()
    return locks_of(load_site(made / "site"), made / "machines")[PLC]


def strange(folder: Path) -> tuple[Path, Path]:
    """Certificate and key of a server that nobody here trusts."""
    return self_signed(new_key(), Bearer(SERVER_URI)).save(folder, "strange")
