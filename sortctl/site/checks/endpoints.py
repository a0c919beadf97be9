"""Checks of addresses: what two links would share although they cannot.

Comes in: a draft. Goes out: its problems. Several exchange images on one PLC are meant: same wire, same protection.
"""

from typing import NamedTuple

from sortctl.site.draft import Draft
from sortctl.site.locate import Path
from sortctl.site.wires import ModbusPlc, OpcUaPlc, Security


class _End(NamedTuple):
    """One link: where it is written, who it is for people, what it speaks, how an OPC UA server is to prove itself."""

    path: Path
    who: str
    speaks: str
    security: Security | None = None


def check(draft: Draft) -> None:
    """All links together."""
    first: dict[str, _End] = {}
    for address, end in _ends(draft):
        other = first.setdefault(address.lower(), end)
        if other.speaks != end.speaks:
            what = f"{other.who} has this address and speaks {other.speaks} there, not {end.speaks}"
            draft.error(end.path, what, "one port speaks one protocol")
        elif other.security is not None and end.security is not None:
            _same_server(draft, other, end, other.security, end.security)
    _same_device(draft)


def _ends(draft: Draft) -> list[tuple[str, _End]]:
    ends: list[tuple[str, _End]] = []
    for name, plc in draft.plcs.items():
        path, who = ("plcs", name, "address"), f'PLC "{name}"'
        if isinstance(plc, OpcUaPlc):
            ends.append((plc.address, _End(path, who, "OPC UA", plc.security)))
        elif isinstance(plc, ModbusPlc):
            ends.append((plc.address, _End(path, who, "Modbus TCP" if plc.tls is None else "Modbus TCP Security")))
    for name, reader in draft.readers.items():
        end = _End(("readers", name, "address"), f'reader "{name}"', "OPC UA", reader.security)
        ends.append((reader.address, end))
    for name, scanner in draft.scanners.items():
        scheme, _, address = scanner.url.partition("://")
        if scheme in {"tcp", "rfc2217"}:
            end = _End(("scanners", name, "url"), f'scanner "{name}"', "telegrams of a scanner")
            ends.append((address.partition("?")[0], end))
    return ends


def _same_server(draft: Draft, other: _End, end: _End, one: Security, two: Security) -> None:
    """One server has one certificate."""
    for key in ("server_uri", "thumbprint"):
        first, second = str(getattr(one, key)), str(getattr(two, key))
        if first and second and first.lower() != second.lower():
            what = f"{second[:60]} differs from that of {other.who} ({first[:60]}) at the same address"
            draft.error((*end.path[:-1], "security", key), what, "one server has one certificate")


def _same_device(draft: Draft) -> None:
    owners: dict[tuple[str, str, str, str], str] = {}
    for name, reader in draft.readers.items():
        place = (reader.address.lower(), reader.path, reader.namespace, reader.device)
        if owners.setdefault(place, name) != name:
            what = f'reader "{owners[place]}" is this device already'
            draft.error(("readers", name, "device"), what, "every reader has its own")
