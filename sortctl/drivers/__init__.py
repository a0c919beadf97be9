"""Drivers: where wires end. Bytes and words, sockets and ports; the only room that knows device libraries.

Comes in: the site's addresses and settings, the keys. Goes out: wires, each good for one connection and never used again.
Never here: a decision, a retry, a reconnect (`runtime` does those), a meaning of the words and bytes carried.
"""

from importlib import import_module

from sortctl.drivers.keys import Keys, keys_in
from sortctl.drivers.ports import (
    ExchangeWire,
    LinkError,
    ReaderWire,
    ReadTorn,
    ReplyRefused,
    ScannedCode,
    ScannerWire,
    UnitReading,
    UnitWire,
)
from sortctl.site.model import Machine, Reader, Scanner, Site
from sortctl.site.wires import ModbusPlc, OpcUaPlc

__all__ = [
    "ExchangeWire",
    "Keys",
    "LinkError",
    "ReadTorn",
    "ReaderWire",
    "ReplyRefused",
    "ScannedCode",
    "ScannerWire",
    "UnitReading",
    "UnitWire",
    "exchange_wire",
    "import_libraries",
    "keys_in",
    "reader_wire",
    "scanner_wire",
    "unit_wire",
]

# Each library is imported when the first wire on it is built: commands that need no wire start quickly.


def import_libraries(site: Site) -> None:
    """Import what the wires of this site need now, and not in the first turn of the loop."""
    names = ["modbus"] if any(isinstance(plc, ModbusPlc) for plc in site.plcs.values()) else []
    if any(isinstance(plc, OpcUaPlc) for plc in site.plcs.values()):
        names += ["opcua.exchange", "opcua.packml"]
    names += ["opcua.autoid"] if site.readers else []
    names += ["tcp_stream", "serial_port"] if site.scanners else []
    for name in names:
        import_module(f"{__name__}.{name}")


def exchange_wire(machine: Machine, keys: Keys | None = None) -> ExchangeWire:
    """A new wire to the PLC of `machine`, not yet open. Without keys, only a wire without security can be built."""
    plc = machine.plc
    if isinstance(plc, ModbusPlc):
        from sortctl.drivers.modbus import ModbusWire

        return ModbusWire(plc, keys)
    from sortctl.drivers.opcua.exchange import OpcUaWire

    return OpcUaWire(plc, keys)


def unit_wire(plc: OpcUaPlc, keys: Keys | None = None) -> UnitWire:
    """A new wire to the PackML unit of a PLC that is only observed, not yet open."""
    from sortctl.drivers.opcua.packml import PackMlWire

    return PackMlWire(plc, keys)


def reader_wire(reader: Reader, keys: Keys | None = None) -> ReaderWire:
    """A new wire to an AutoID reader, not yet open."""
    from sortctl.drivers.opcua.autoid import AutoIdWire

    return AutoIdWire(reader, keys)


def scanner_wire(scanner: Scanner) -> ScannerWire:
    """A new wire to `scanner`, not yet open."""
    if scanner.url.startswith("tcp://"):
        from sortctl.drivers.tcp_stream import TcpStreamWire

        return TcpStreamWire(scanner.url)
    from sortctl.drivers.serial_port import Rfc2217Wire, SerialWire

    if scanner.url.startswith("rfc2217://"):
        return Rfc2217Wire(scanner.url, scanner.line)
    return SerialWire(scanner.url, scanner.line)
