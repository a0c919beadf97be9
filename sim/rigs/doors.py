"""Doors: everything of one machine that the controller connects to, on the addresses of its site file.

Comes in: a plant, a seed, how OPC UA doors are locked. Goes out: doors to open and close, telegrams and codes let out, and
three kinds of mischief that both wires know. Never here: when a fault begins, the machine's time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sim.doors.modbus_door import ModbusDoor
from sim.doors.opcua.exchange import ExchangeNodes
from sim.doors.opcua.locks import Locks
from sim.doors.opcua.reader import ReaderNodes
from sim.doors.opcua.unit import Shown, UnitNodes, as_plc
from sim.doors.opcua_door import Entrance, Furnishing, OpcUaDoor
from sim.doors.registers import Registers
from sim.doors.scanner_pty import PtyScanner
from sim.doors.scanner_tcp import TcpScanner
from sim.faults import at_modbus, at_opcua
from sim.faults.on_line import LineMischief
from sim.plant import Plant
from sortctl.site.load import LoadedSite
from sortctl.site.model import Machine, ModbusPlc, OpcUaPlc
from sortctl.words.exchange import PackML

ScannerDoor = PtyScanner | TcpScanner
ExchangeDoor = ModbusDoor | OpcUaDoor

MODBUS_MISCHIEF: Final = {
    "busy": at_modbus.refused(),
    "unanswered": at_modbus.UNANSWERED,
    "dropped": at_modbus.DROPPED,
}
OPCUA_MISCHIEF: Final = {
    "busy": at_opcua.refused(),
    "unanswered": at_opcua.UNANSWERED,
    "dropped": at_opcua.DROPPED,
}
IN_A_CYCLE: Final = frozenset({"Read", "Write"})
"""A PLC that is busy still keeps sessions and channels."""


@dataclass(frozen=True)
class ReaderDoor:
    """An AutoID reader and the server it stands in."""

    server: OpcUaDoor
    nodes: ReaderNodes

    @property
    def plugged(self) -> bool:
        """It is on the network."""
        return self.server.listens

    async def plug(self) -> None:
        """It can be reached."""
        await self.server.open()

    def close(self) -> None:
        """Off the network: nobody listens, every connection is gone."""
        self.server.close()

    async def end(self) -> None:
        """For good."""
        await self.server.end()


@dataclass(frozen=True)
class Doors:
    """One machine's doors."""

    exchange: ExchangeDoor
    scanners: Mapping[str, ScannerDoor]
    readers: Mapping[str, ReaderDoor]

    async def open(self) -> None:
        """Everybody can come."""
        for head in self.heads.values():
            await plug(head)
        await self.exchange.open()

    async def end(self) -> None:
        """Closed for good."""
        for head in self.heads.values():
            head.close()
        for reader in self.readers.values():
            await reader.end()
        if isinstance(self.exchange, OpcUaDoor):
            await self.exchange.end()
        else:
            self.exchange.close()

    @property
    def heads(self) -> dict[str, ScannerDoor | ReaderDoor]:
        """Scanners and readers by their names."""
        return {**self.scanners, **self.readers}

    def lay(self, what: str) -> Callable[[], None]:
        """Requests of the exchange are "busy" (refused), "unanswered" (but carried out) or "dropped"; call what is returned to end it."""
        door = self.exchange
        if isinstance(door, ModbusDoor):
            return partial(door.mischief.lift, door.mischief.lay(MODBUS_MISCHIEF[what]))
        return partial(door.mischief.lift, door.mischief.lay(OPCUA_MISCHIEF[what], services=IN_A_CYCLE))


def doors_of(plant: Plant, seed: int, locks: Mapping[str, Locks]) -> Doors:
    """Doors where the site file says that the controller will look for them."""
    machine = plant.machine
    return Doors(_exchange_door(plant, seed, locks), _scanner_doors(machine, seed), _reader_doors(machine, seed, locks))


def bystanders(loaded: LoadedSite, seed: int, locks: Mapping[str, Locks]) -> list[OpcUaDoor]:
    """Servers of PLCs that belong to no sorter: units that run and are only looked at."""
    used = {machine.plc_id for machine in loaded.machines}
    doors = []
    for name, plc in loaded.site.plcs.items():
        if name not in used and isinstance(plc, OpcUaPlc) and plc.packml is not None:
            nodes = UnitNodes(plc.packml.unit, plc.packml.namespace, lambda: Shown(PackML.EXECUTE))
            entrance = Entrance(_port(plc.address), plc.path, locks.get(name, Locks()))
            doors.append(OpcUaDoor(entrance, [nodes], at_opcua.Mischief(seed)))
    return doors


def _exchange_door(plant: Plant, seed: int, locks: Mapping[str, Locks]) -> ExchangeDoor:
    machine = plant.machine
    plc = machine.plc
    if isinstance(plc, ModbusPlc):
        registers = Registers(machine, lambda: plant.plc)
        return ModbusDoor(registers, plc.unit, at_modbus.Mischief(seed), _port(plc.address))
    furnishings: list[Furnishing] = [ExchangeNodes(machine, lambda: plant.plc)]
    if plc.packml is not None:
        speed = machine.sorter.speed_mm_s / 1000
        furnishings.append(UnitNodes(plc.packml.unit, plc.packml.namespace, as_plc(lambda: plant.plc, speed)))
    entrance = Entrance(_port(plc.address), plc.path, locks.get(machine.plc_id, Locks()))
    return OpcUaDoor(entrance, furnishings, at_opcua.Mischief(seed))


def _scanner_doors(machine: Machine, seed: int) -> dict[str, ScannerDoor]:
    doors: dict[str, ScannerDoor] = {}
    for number, (name, scanner) in enumerate(sorted(machine.scanners.items())):
        mischief = LineMischief(seed + number)
        if scanner.url.startswith("tcp://"):
            doors[name] = TcpScanner(_port(scanner.url), mischief)
        else:
            doors[name] = PtyScanner(Path(scanner.url), mischief)
    return doors


def _reader_doors(machine: Machine, seed: int, locks: Mapping[str, Locks]) -> dict[str, ReaderDoor]:
    doors: dict[str, ReaderDoor] = {}
    for name, reader in sorted(machine.readers.items()):
        nodes = ReaderNodes(reader.device, reader.namespace, name, by_itself=not reader.start)
        entrance = Entrance(_port(reader.address), reader.path, locks.get(name, Locks()))
        doors[name] = ReaderDoor(OpcUaDoor(entrance, [nodes], at_opcua.Mischief(seed)), nodes)
    return doors


async def plug(head: ScannerDoor | ReaderDoor) -> None:
    """The scanner or reader is there, whatever kind it is."""
    if isinstance(head, PtyScanner):
        head.plug()
    else:
        await head.plug()


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])
