"""Drivers: where wires end. Bytes and words, sockets and ports; the only room that knows device libraries.

Comes in: the site's addresses and settings. Goes out: wires, each good for one connection and never used again.
Never here: a decision, a retry, a reconnect (`runtime` does those), a meaning of the words and bytes carried.
"""

from sortctl.drivers.ports import ExchangeWire, LinkError, ReplyRefused, ScannerWire
from sortctl.site.model import Machine, Scanner

__all__ = ["ExchangeWire", "LinkError", "ReplyRefused", "ScannerWire", "exchange_wire", "scanner_wire"]


def exchange_wire(machine: Machine) -> ExchangeWire:
    """A new wire to the PLC of `machine`, not yet open."""
    # Imported when the first wire is built: commands that need no wire start quickly.
    from sortctl.drivers.modbus import ModbusWire

    return ModbusWire(machine.modbus)


def scanner_wire(scanner: Scanner) -> ScannerWire:
    """A new wire to `scanner`, not yet open."""
    if scanner.url.startswith("tcp://"):
        from sortctl.drivers.tcp_stream import TcpStreamWire

        return TcpStreamWire(scanner.url)
    from sortctl.drivers.serial_port import Rfc2217Wire, SerialWire

    if scanner.url.startswith("rfc2217://"):
        return Rfc2217Wire(scanner.url, scanner.line)
    return SerialWire(scanner.url, scanner.line)
