"""A small machine behind the doors: an orders area, an inputs area that shows it, four chute words."""

from collections.abc import Sequence

import pytest

from sim.doors.ports import free_ports
from sortctl.site.model import Chute, Induct, LineSorter, Machine, ModbusPlc, OpcUaPlc, ScanPoint
from sortctl.words.exchange import inputs_words, orders_words


class Words:
    """Stands for a PLC: the first word of the orders comes back as the last but one of the inputs."""

    def __init__(self) -> None:
        self.orders = [0] * orders_words(2)
        self.written: list[tuple[int, list[int]]] = []

    def write_orders(self, words: Sequence[int], at: int) -> None:
        self.orders[at : at + len(words)] = words
        self.written.append((at, list(words)))

    def read_orders(self) -> list[int]:
        return list(self.orders)

    def read_inputs(self) -> list[int]:
        size = inputs_words(1)
        return [7, *range(100, 100 + size - 3), self.orders[0], 7]

    def read_chutes(self) -> list[int]:
        return [0x8000, 0x8001, 0x8002, 0x8003]


def machine_at(port: int, read: str = "holding") -> Machine:
    chutes = tuple(
        Chute(
            number=n, name=f"c{n}", position_mm=n * 1000, actuator=True, lead_ms=1, travel_ms=1, slide_ms=1, capacity=1
        )
        for n in range(1, 5)
    )
    plc = ModbusPlc.model_validate(
        {"wire": "modbus", "address": f"127.0.0.1:{port}", "unit": 1, "scan_ms": 10, "read": read, "order_slots": 2,
         "event_slots": 1, "request_timeout_ms": 300}
    )  # fmt: skip
    sorter = LineSorter(
        kind="line", tracking="controller", plc="plc", counts_per_metre=1000, speed_mm_s=1000, chutes="c.csv", end_chute=4,
        length_min_mm=100, length_max_mm=600, gap_min_mm=200, window_mm=60, late_mm=250, length_tolerance_mm=60,
        bounce_mm=20, confirm_ms=600, inducts=(Induct(number=1, position_mm=0),),
        scan_points=(ScanPoint(number=1, position_mm=100),),
    )  # fmt: skip
    return Machine(sorter_id="line", sorter=sorter, plc_id="plc", plc=plc, chutes=chutes, scanners={})


NAMESPACE = "urn:simulated:sorter"


def opcua_machine_at(port: int) -> Machine:
    plc = OpcUaPlc.model_validate(
        {"wire": "opcua", "address": f"127.0.0.1:{port}", "path": "/plc", "namespace": NAMESPACE, "scan_ms": 10,
         "order_slots": 2, "event_slots": 1, "request_timeout_ms": 300, "security": {"policy": "none", "why": "a test"}}
    )  # fmt: skip
    return machine_at(port).model_copy(update={"plc": plc})


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]
