"""Keys: certificates for the machines of a rig, and for the controller that is to talk to them.

Comes in: a loaded site with secured links, a folder for the machines, the state folder of the controller. Goes out: files, and
how each door is locked. The controller's side is done as people do it, by `sortctl pki`; the machines' side by the simulator.
Never here: judging a certificate.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from sim.doors.certificates import Bearer, new_key, self_signed
from sim.doors.opcua.locks import NONE, Locks
from sortctl.site.load import LoadedSite
from sortctl.site.model import OpcUaPlc, Security

OWN: Final = Path("pki", "own", "cert.der")
CLIENT: Final = "client.der"
KEY_BITS: Final = 2_048
"""The controller's own: as long as policy Basic256Sha256 asks for, and quickly made."""


def secured_links(loaded: LoadedSite) -> dict[str, Security]:
    """Name of a PLC or reader on OPC UA -> its security."""
    site = loaded.site
    plcs = {name: plc.security for name, plc in site.plcs.items() if isinstance(plc, OpcUaPlc)}
    return plcs | {name: reader.security for name, reader in site.readers.items()}


def furnish_keys(loaded: LoadedSite, site: Path, state: Path, machines: Path) -> None:
    """Certificates on both sides, each trusting the other; nothing if no link of the site is secured.

    `machines` gets NAME.der and NAME.pem for each PLC or reader, and client.der, whom they trust.
    """
    secured = {name: link for name, link in secured_links(loaded).items() if link.policy != NONE}
    if not secured:
        return
    _pki("init", str(site), "--state", str(state), "--bits", str(KEY_BITS))
    key = new_key()
    for name, security in secured.items():
        certificate, _ = self_signed(key, Bearer(security.server_uri, name=name)).save(machines, name)
        _pki("trust", str(certificate), "--state", str(state))
    machines.joinpath(CLIENT).write_bytes(state.joinpath(OWN).read_bytes())


def locks_of(loaded: LoadedSite, machines: Path | None) -> dict[str, Locks]:
    """Name of a PLC or reader on OPC UA -> the locks of its door, from the keys in this folder."""
    return {name: _locks(name, security, machines) for name, security in secured_links(loaded).items()}


def _locks(name: str, security: Security, machines: Path | None) -> Locks:
    if security.policy == NONE or machines is None:
        return Locks()
    return Locks(
        policies=((security.policy, security.mode),),
        application_uri=security.server_uri,
        certificate=machines / f"{name}.der",
        key=machines / f"{name}.pem",
        trusted=frozenset({machines.joinpath(CLIENT).read_bytes()}),
    )


def _pki(*arguments: Any) -> None:
    command = [sys.executable, "-m", "sortctl", "pki", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"sortctl pki {' '.join(arguments)}: {done.stderr or done.stdout}")
