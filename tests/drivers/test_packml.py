"""A PackML unit, beside an exchange and alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sim.doors.opcua.unit import Shown, UnitNodes
from sortctl.drivers import LinkError, UnitReading, unit_wire
from sortctl.drivers.opcua.packml import innermost
from tests.drivers.opcua_peer import INPUTS, NAMESPACE, ORDERS, Peer, running_peer

UNIT = {"unit": "s=Unit", "namespace": NAMESPACE, "period_ms": 1_000}


class Unit:
    state = 6
    mode = 1


@pytest.fixture
def unit() -> Unit:
    return Unit()


@pytest.fixture
async def peer(unit: Unit) -> AsyncIterator[Peer]:
    async with running_peer(more=[UnitNodes("s=Unit", NAMESPACE, lambda: Shown(unit.state, unit.mode))]) as peer:
        yield peer


@pytest.mark.wire
async def test_the_unit_is_read_between_the_cycles(peer: Peer, unit: Unit) -> None:
    wire = peer.wire(packml=UNIT)
    await wire.open()
    for state in range(1, 18):
        unit.state = state
        assert await wire.exchange(ORDERS) == INPUTS
        assert await wire.read_unit() == UnitReading(state, 1)
    assert peer.door.sessions == 1
    await wire.close()


@pytest.mark.wire
async def test_a_unit_alone(peer: Peer, unit: Unit) -> None:
    wire = unit_wire(peer.settings(packml=UNIT))
    await wire.open()
    unit.state, unit.mode = 11, 3
    assert await wire.read_unit() == UnitReading(11, 3)
    unit.state = 0
    assert (await wire.read_unit() or UnitReading(9, 9)).state == 0
    await wire.close()


@pytest.mark.wire
async def test_a_server_that_shows_no_numbers_is_read_by_its_nodes(peer: Peer, unit: Unit) -> None:
    wire = peer.wire(packml=UNIT)
    await wire.open()
    assert wire._unit is not None
    wire._unit._numbers = [None, None, None]
    for state in (9, 2, 6):
        unit.state = state
        assert await wire.read_unit() == UnitReading(state, 1)
    await wire.close()


@pytest.mark.wire
@pytest.mark.parametrize("packml", [None, UNIT | {"unit": "s=Nothing"}, UNIT | {"namespace": "urn:other"}])
async def test_what_is_no_unit_is_said(peer: Peer, packml: dict[str, Any] | None) -> None:
    wire = unit_wire(peer.settings(packml=packml))
    with pytest.raises(LinkError, match=r"names no unit|is no PackML unit|no namespace"):
        await wire.open()
    await wire.close()


@pytest.mark.wire
async def test_a_missing_unit_does_not_stop_the_exchange() -> None:
    async with running_peer() as peer:
        wire = peer.wire(packml=UNIT)
        await wire.open()
        assert await wire.exchange(ORDERS) == INPUTS
        assert await wire.read_unit() == UnitReading(0, 0)
        await wire.close()


@pytest.mark.parametrize(
    ("states", "counts"),
    [
        ([9, 0, 0], 9),
        ([19, 2, 0], 2),
        ([19, 18, 6], 6),
        ([0, 0, 6], 6),
        ([0, 18, 11], 11),
        ([6, 0, 0], 6),
        ([19, 0, 0], 0),
        ([0, 0, 0], 0),
    ],
)
def test_the_innermost_that_is_active_counts(states: list[int], counts: int) -> None:
    assert innermost(states) == counts
