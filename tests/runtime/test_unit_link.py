"""The link to a PackML unit, alone and beside an exchange: it steers nothing, so it holds up nothing."""

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from sortctl.drivers import LinkError, ReplyRefused, UnitReading
from sortctl.runtime.links.plc_link import PlcLink
from sortctl.runtime.links.reconnect import PausePolicy
from sortctl.runtime.links.unit_link import UnitLink, UnitWatch
from sortctl.runtime.status import UnitStatus
from sortctl.site.wires import OpcUaPlc, PackMl, Security
from sortctl.words.ids import PlcId
from tests.runtime.bench import LOADED, MACHINE, PLC, Bench, DeskWire, PlcOnDesk, ended, until

LOOP = PlcId("loop")
SETTINGS = OpcUaPlc(
    wire="opcua",
    address="127.0.0.1:1",
    scan_ms=10,
    namespace="urn:x",
    security=Security(policy="none", why="in a test"),
    packml=PackMl(unit="s=Unit", namespace="urn:x", period_ms=100),
)


class Unit:
    """An OPC UA server with a PackML unit, in the test's hand."""

    def __init__(self) -> None:
        self.answer: UnitReading | Exception = UnitReading(6, 1)
        self.is_off = False
        self.reads = 0
        self.opens = 0
        self.closed = 0
        self.hang = False

    async def wire(self, _: object) -> "Unit":
        return self

    async def open(self) -> None:
        self.opens += 1
        if self.is_off:
            raise LinkError("it is off")

    async def read_unit(self) -> UnitReading:
        self.reads += 1
        if self.hang:
            await asyncio.get_running_loop().create_future()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        self.closed += 1


def _status(bench: Bench) -> UnitStatus:
    return next(unit for unit in bench.engine.status().units if unit.plc == LOOP)


async def test_an_observed_unit_is_read_again_and_again_and_connected_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = Unit()
    link = UnitLink(LOOP, SETTINGS, unit.wire, bench.engine, PausePolicy(Random(1)))
    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: unit.reads >= 3)
    assert (_status(bench).read, _status(bench).state, _status(bench).mode) == (True, 6, 1)
    unit.answer = UnitReading(9, 3)
    await until(lambda: _status(bench).state == 9)
    unit.is_off, unit.answer = True, LinkError("cut")
    await until(lambda: not _status(bench).read and unit.opens >= 3)
    assert _status(bench).why == "it is off"
    unit.is_off, unit.answer = False, UnitReading(6, 1)
    await until(lambda: _status(bench).read)
    await ended([task])
    assert unit.closed == unit.opens


async def test_a_unit_that_refuses_costs_no_connection(bench: Bench) -> None:
    unit = Unit()
    unit.answer = ReplyRefused(0x80340000, "no such node")
    link = UnitLink(LOOP, SETTINGS, unit.wire, bench.engine, PausePolicy(Random(1)))
    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: unit.reads >= 3)
    assert "no such node" in _status(bench).why
    assert unit.opens == 1
    await ended([task])


@pytest.mark.parametrize("trouble", [LinkError("late"), ReplyRefused(1, "no"), ValueError("a mistake in the driver")])
async def test_a_unit_beside_an_exchange_costs_no_cycle(
    bench: Bench, plc: PlcOnDesk, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = Unit()
    unit.answer = trouble
    await _beside(bench, plc, unit, monkeypatch, lambda: unit.reads >= 2)


async def test_a_unit_that_never_answers_holds_up_no_cycle(
    bench: Bench, plc: PlcOnDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = Unit()
    unit.hang = True
    await _beside(bench, plc, unit, monkeypatch, lambda: unit.reads == 1)


async def _beside(
    bench: Bench, plc: PlcOnDesk, unit: Unit, monkeypatch: pytest.MonkeyPatch, enough: Callable[[], bool]
) -> None:
    monkeypatch.setattr(DeskWire, "read_unit", lambda _: unit.read_unit())
    link = PlcLink(MACHINE, plc.wire, bench.engine, PausePolicy(Random(1)))
    monkeypatch.setattr(bench.controller, "unit_lost", lambda *_: None)
    link._unit = UnitWatch(PLC, 0.05, bench.engine)
    task = asyncio.get_running_loop().create_task(link.run())
    await until(enough)
    cycles = link.figures.cycles
    await until(lambda: link.figures.cycles > cycles + 5)
    assert link.figures.losses == 0
    await ended([task])
    assert LOADED.machines
