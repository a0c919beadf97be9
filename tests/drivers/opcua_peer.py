"""An OPC UA server on loopback for the tests of the driver, and keys that it and we have.

The server is the simulator's door: as strict as a PLC, and as wrong as it is told.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sim.doors.certificates import Bearer, Flaw, Pair, new_key, now, self_signed
from sim.doors.opcua.exchange import ExchangeNodes
from sim.doors.opcua.locks import Locks
from sim.doors.opcua_door import Entrance, Furnishing, OpcUaDoor
from sim.doors.ports import free_ports
from sim.faults.at_opcua import Manners, Mischief
from sortctl.drivers.keys import Keys, keys_in
from sortctl.drivers.opcua.exchange import OpcUaWire
from sortctl.site.model import Chute, Induct, LineSorter, Machine, ScanPoint
from sortctl.site.wires import OpcUaPlc
from sortctl.words.exchange import MAGIC, VERSION, inputs_words, orders_words

NAMESPACE = "urn:simulated:sorter"
SERVER_URI = "urn:simulated:plc"
OWN_URI = "urn:sortctl:test"
ORDERS_WORDS, INPUTS_WORDS = orders_words(2), inputs_words(1)
ORDERS = [1, MAGIC, VERSION, *range(3, ORDERS_WORDS - 1), 1]
NONE = {"policy": "none", "why": "a test"}
PROTECTED = {"policy": "Basic256Sha256", "server_uri": SERVER_URI}
CHUTES = 4


class Plc:
    """Stands behind the door: inputs show the first word of the orders; four chutes."""

    def __init__(self) -> None:
        self.orders = [0] * ORDERS_WORDS
        self.written: list[list[int]] = []

    def write_orders(self, words: Sequence[int], at: int) -> None:
        self.orders[at : at + len(words)] = words
        self.written.append(list(words))

    def read_orders(self) -> list[int]:
        return list(self.orders)

    def read_inputs(self) -> list[int]:
        return [7, *range(100, 100 + INPUTS_WORDS - 3), self.orders[0], 7]

    def read_chutes(self) -> list[int]:
        return [0x8000 + n for n in range(CHUTES)]


INPUTS = [7, *range(100, 100 + INPUTS_WORDS - 3), ORDERS[0], 7]


class Peer(NamedTuple):
    """The server and what is behind it."""

    door: OpcUaDoor
    plc: Plc
    nodes: ExchangeNodes

    def settings(self, **changes: Any) -> OpcUaPlc:
        return settings(self.door.port, **changes)

    def wire(self, keys: Keys | None = None, **changes: Any) -> OpcUaWire:
        return OpcUaWire(self.settings(**changes), keys)


def settings(port: int, **changes: Any) -> OpcUaPlc:
    given: dict[str, Any] = {
        "wire": "opcua",
        "address": f"127.0.0.1:{port}",
        "path": "/plc",
        "namespace": NAMESPACE,
        "scan_ms": 10,
        "order_slots": 2,
        "event_slots": 1,
        "request_timeout_ms": 5_000,
        "connect_timeout_ms": 5_000,
        "security": NONE,
    }
    return OpcUaPlc.model_validate(given | changes)


def machine(plc: OpcUaPlc) -> Machine:
    chutes = tuple(
        Chute(number=n, name=f"c{n}", position_mm=n * 1000, actuator=True, lead_ms=1, travel_ms=1, slide_ms=1, capacity=1)
        for n in range(1, CHUTES + 1)
    )  # fmt: skip
    sorter = LineSorter(
        kind="line", tracking="controller", plc="plc", counts_per_metre=1000, speed_mm_s=1000, chutes="c.csv", end_chute=4,
        length_min_mm=100, length_max_mm=600, gap_min_mm=200, window_mm=60, late_mm=250, length_tolerance_mm=60,
        bounce_mm=20, confirm_ms=600, inducts=(Induct(number=1, position_mm=0),),
        scan_points=(ScanPoint(number=1, position_mm=100),),
    )  # fmt: skip
    return Machine(sorter_id="line", sorter=sorter, plc_id="plc", plc=plc, chutes=chutes, scanners={})


@asynccontextmanager
async def running_peer(locks: Locks | None = None, more: Sequence[Furnishing] = ()) -> AsyncIterator[Peer]:
    (port,) = free_ports(1)
    plc = Plc()
    nodes = ExchangeNodes(machine(settings(port)), lambda: plc)
    door = OpcUaDoor(Entrance(port, "/plc", locks or Locks()), [nodes, *more], Mischief(1), Manners())
    await door.open()
    try:
        yield Peer(door, plc, nodes)
    finally:
        await door.end()


class Ring:
    """Keys and certificates of everybody; a key takes a while to make, so few."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server_key, self.own_key = new_key(), new_key()
        self.server = self.server_with(Flaw.NONE)
        self.own = self_signed(self.own_key, Bearer(OWN_URI, name="sortctl"))

    def server_with(self, flaw: Flaw) -> Pair:
        return self_signed(self.server_key, Bearer(SERVER_URI), flaw)

    def locks(self, server: Pair | None = None, **changes: Any) -> Locks:
        shown = server or self.server
        certificate, key = shown.save(self._folder, shown.thumbprint)
        given: dict[str, Any] = {
            "policies": (("Basic256Sha256", "SignAndEncrypt"),),
            "application_uri": SERVER_URI,
            "certificate": certificate,
            "key": key,
            "trusted": frozenset({self.own.der}),
        }
        return Locks(**(given | changes))


def keys_of(
    state: Path,
    ring: Ring,
    trusted: Sequence[Pair | bytes],
    at: Callable[[], datetime] | None = None,
    own: Pair | None = None,
) -> Keys:
    """A state folder as `sortctl pki` leaves it."""
    pair = own or ring.own
    folder = state / "pki" / "own"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate, key = pair.save(folder, "made")
    certificate.rename(folder / "cert.der")
    key.rename(folder / "key.pem")
    believed = state / "pki" / "trusted" / "certs"
    believed.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(trusted):
        (believed / f"{number}.der").write_bytes(each.der if isinstance(each, Pair) else each)
    return keys_in(state, at or _now)


def write_secret(state: Path, name: str, secret: bytes) -> None:
    folder = state / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    path.touch(mode=0o600)
    path.write_bytes(secret)


def _now() -> datetime:
    return now().astimezone(UTC)
