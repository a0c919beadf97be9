"""The machine side on OPC UA: the lean PLC behind the simulator's server is one that our wire can work with."""

import struct
from pathlib import Path
from time import monotonic_ns

import pytest

from bench.fast_lines import Door, Shape, Wire, write_site
from bench.machine.judge import Judge, Parcel
from bench.machine.manners import Manner, stand_in
from bench.machine.opcua import Areas, opcua_door
from bench.machine.plc import Plc
from bench.neighbours import cases
from sim.doors.opcua.locks import Locks
from sim.doors.ports import free_ports
from sortctl.drivers import LinkError, exchange_wire
from sortctl.site.load import load_site
from sortctl.site.model import Machine
from sortctl.words.exchange import MAGIC, VERSION, orders_words

SHAPE = Shape(lines=1, per_line=20, cycle_ms=10, scan_ms=5, wire=Wire.BARE)


def _machine(folder: Path, wire: Wire = Wire.BARE) -> Machine:
    write_site(folder, SHAPE, [Door(free_ports(1)[0], "/dev/null", wire)], 7)
    return load_site(folder).machines[0]


async def test_words_reach_the_lean_plc_and_come_back(tmp_path: Path) -> None:
    machine, judge = _machine(tmp_path), Judge()
    plc = Plc(0, SHAPE.scan_ms, monotonic_ns(), judge)
    door = opcua_door(machine, Locks(), Areas(0, plc, judge, by_label=False))
    await door.open()
    wire = exchange_wire(machine)
    try:
        await wire.open()
        orders = [0] * orders_words(machine.plc.order_slots)
        orders[:3] = 1, MAGIC, VERSION
        image = await wire.exchange(orders)
        assert image[1] == MAGIC
        assert image[0] == image[-1]
        assert len(await wire.read_chutes(machine.chute_words)) == len(machine.chutes)
    finally:
        await wire.close()
        await door.end()


async def test_an_order_by_label_is_timed_when_its_request_came(tmp_path: Path) -> None:
    machine, judge = _machine(tmp_path), Judge()
    areas = Areas(0, Plc(0, SHAPE.scan_ms, monotonic_ns(), judge), judge, by_label=True)
    door = opcua_door(machine, Locks(), areas)
    await door.open()
    wire = exchange_wire(machine)
    try:
        await wire.open()
        parcel = Parcel(0, 70_001, 0, 100, 0, counts=True, sent_ns=1)
        judge.expect([parcel])
        orders = [0] * orders_words(machine.plc.order_slots)
        orders[:3] = 1, MAGIC, VERSION
        orders[14:17] = 70_001 % 8 + 1, *struct.unpack(">HH", (70_001).to_bytes(4, "big"))
        before_ns = monotonic_ns()
        await wire.exchange(orders)
        assert before_ns <= parcel.ordered_ns + 1_000 <= monotonic_ns() + 1_000
    finally:
        await wire.close()
        await door.end()


async def test_a_stand_in_that_is_dead_refuses(tmp_path: Path) -> None:
    machine = _machine(tmp_path, Wire.MODBUS)
    kept = await stand_in(int(machine.plc.address.rpartition(":")[2]), Manner.DEAD)
    wire = exchange_wire(machine)
    try:
        with pytest.raises(LinkError, match="nothing listens"):
            await wire.open()
    finally:
        await wire.close()
        kept.close()  # type: ignore[attr-defined]


def test_certificates_are_refused_only_where_there_are_any() -> None:
    assert {case.manner for case in cases(Wire.MODBUS)} == {Manner.WELL, Manner.DEAD, Manner.SILENT, Manner.SLOW}
    assert {case.manner for case in cases(Wire.SECURED)} == set(Manner)
