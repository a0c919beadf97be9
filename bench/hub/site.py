"""The site of the full-size hub as it is measured: `config/lgg` with addresses on this machine, its belts at 5 m/s.

Comes in: a folder. Goes out: what stands ready for daemon and machines, keys on both sides. Left out of the original: TLS on the
line's Modbus link, which the simulator's door does not speak. Users with passwords and certificates stay.
Never here: what is fed.
"""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from sim.doors.opcua.locks import Locks
from sim.rigs.keys import CLIENT, locks_of
from sim.rigs.wire import Furnished, furnish
from sortctl.site.load import LoadedSite
from sortctl.site.model import OpcUaPlc

LGG: Final = Path(__file__).parents[2] / "config/lgg"
SITE_FILE: Final = "site.toml"
_TLS: Final = re.compile(r"^\[plcs\.\w+\.tls\].*$", re.MULTILINE)
_OWNER: Final = re.compile(r"^owner = \d+", re.MULTILINE)
PASSWORD: Final = "measured-not-kept"  # noqa: S105 nobody else has it
SECRET_MODE: Final = 0o600


def furnish_hub(folder: Path, owner: int) -> Furnished:
    """The hub in `folder`, ready to run."""
    original = folder / "original"
    shutil.copytree(LGG, original)
    text = original.joinpath(SITE_FILE).read_text(encoding="utf-8")
    original.joinpath(SITE_FILE).write_text(measured(text, owner), encoding="utf-8")
    ready = furnish(original, folder / "run")
    secrets = ready.places.state / "secrets"
    secrets.mkdir(mode=0o700)
    for plc in ready.loaded.site.plcs.values():
        if isinstance(plc, OpcUaPlc) and plc.user is not None and plc.user.password is not None:
            secret = secrets / plc.user.password
            secret.touch(mode=SECRET_MODE)
            secret.write_text(PASSWORD, encoding="utf-8")
    return ready


def measured(text: str, owner: int) -> str:
    """The site file without TLS, for another owner."""
    return _OWNER.sub(f"owner = {owner}", _TLS.sub("", text))


def hub_locks(loaded: LoadedSite, keys: Path) -> dict[str, Locks]:
    """How the doors are locked: with the users that the site names, and nobody else."""
    return {name: _with_user(loaded, name, locks, keys) for name, locks in locks_of(loaded, keys).items()}


def _with_user(loaded: LoadedSite, name: str, locks: Locks, keys: Path) -> Locks:
    link = loaded.site.plcs.get(name) or loaded.site.readers[name]
    user = getattr(link, "user", None)
    if user is None:
        return locks
    if user.certificate:
        return replace(locks, anonymous=False, user_certificates=frozenset({keys.joinpath(CLIENT).read_bytes()}))
    return replace(locks, anonymous=False, users={user.name: PASSWORD})
