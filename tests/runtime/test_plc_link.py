"""The link to a PLC, against the simulated PLC without sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from sortctl.drivers import LinkError
from sortctl.runtime.links.plc_link import PlcLink
from sortctl.runtime.links.reconnect import PausePolicy
from sortctl.site.model import Machine
from sortctl.words.exchange import TORN_REREADS_MAX
from tests.runtime.bench import MACHINE, PLC, Bench, PlcOnDesk, busy, torn, until

SLOW = MACHINE.plc.model_copy(update={"cycle_ms": 1_000})


@asynccontextmanager
async def _running(bench: Bench, plc: PlcOnDesk, machine: Machine = MACHINE) -> AsyncIterator[PlcLink]:
    link = PlcLink(machine, plc.wire, bench.engine, PausePolicy(Random(1)))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(link.run())
        yield link
        task.cancel()


def _holds(bench: Bench) -> bool:
    return bench.engine.status().plcs[0].holds_epoch


def _linked(bench: Bench) -> bool:
    return bench.engine.status().plcs[0].linked


async def test_a_connection_begins_with_plain_reads_and_gets_the_epoch(bench: Bench, plc: PlcOnDesk) -> None:
    async with _running(bench, plc):
        await until(lambda: _holds(bench))
    assert plc.requests[:2] == ["read", "chutes"]
    assert "exchange" in plc.requests
    assert plc.plant.plc.fence.owner == 1


async def test_exits_behind_a_gap_in_the_numbers_are_read_too(bench: Bench, plc: PlcOnDesk) -> None:
    last = MACHINE.chutes[-1].model_copy(update={"number": 30})
    machine = MACHINE.model_copy(update={"chutes": (*MACHINE.chutes[:-1], last)})
    async with _running(bench, plc, machine):
        await until(lambda: bool(plc.chute_words))
    assert plc.chute_words == [30]


async def test_starting_before_the_plc_is_a_normal_state(bench: Bench, plc: PlcOnDesk) -> None:
    plc.is_off = True
    async with _running(bench, plc):
        await until(lambda: len(plc.opens) == 4)
        assert not _linked(bench)
        assert bench.engine.status().plcs[0].why == "the PLC is off"
        assert plc.opens[1] - plc.opens[0] < 0.05 < plc.opens[2] - plc.opens[1]
        plc.is_off = False
        await until(lambda: _holds(bench))


async def test_a_torn_read_is_repeated_by_a_plain_read(bench: Bench, plc: PlcOnDesk) -> None:
    async with _running(bench, plc) as link:
        await until(lambda: _holds(bench))
        at = len(plc.requests)
        plc.answers = [torn] * TORN_REREADS_MAX
        await until(lambda: not plc.answers and len(plc.requests) > at + 1 + TORN_REREADS_MAX)
        assert plc.requests[at : at + 1 + TORN_REREADS_MAX] == ["exchange"] + ["read"] * TORN_REREADS_MAX
        assert link.figures.torn == TORN_REREADS_MAX
        assert link.figures.losses == 0


async def test_an_area_that_stays_torn_is_a_lost_link(bench: Bench, plc: PlcOnDesk) -> None:
    async with _running(bench, plc) as link:
        await until(lambda: _holds(bench))
        plc.answers = [torn] * (TORN_REREADS_MAX + 1)
        await until(lambda: link.figures.losses == 1)
        await until(lambda: _linked(bench))
        assert len(plc.opens) == 2


async def test_a_busy_plc_costs_cycles_and_not_the_connection(bench: Bench, plc: PlcOnDesk) -> None:
    async with _running(bench, plc) as link:
        await until(lambda: _holds(bench))
        plc.answers = [busy() for _ in range(5)]
        await until(lambda: link.figures.refused == 5)
        cycles = link.figures.cycles
        await until(lambda: link.figures.cycles > cycles + 2)
        assert link.figures.losses == 0


async def test_a_plc_that_only_refuses_is_a_lost_link(bench: Bench, plc: PlcOnDesk) -> None:
    async with _running(bench, plc) as link:
        await until(lambda: _holds(bench))
        plc.answers = [busy() for _ in range(400)]
        await until(lambda: link.figures.losses == 1)
        assert "server device busy" in bench.engine.status().plcs[0].why
        plc.answers = []
        await until(lambda: _linked(bench))


async def test_a_lost_connection_is_built_anew_at_once_and_the_epoch_is_kept(bench: Bench, plc: PlcOnDesk) -> None:
    async with _running(bench, plc):
        await until(lambda: _holds(bench))
        epoch = bench.engine.status().plcs[0].epoch
        plc.answers = [LinkError("reset")]
        await until(lambda: len(plc.opens) == 2 and _holds(bench))
        assert bench.engine.status().plcs[0].epoch == epoch


async def test_cycles_never_overlap_and_never_pile_up(bench: Bench, plc: PlcOnDesk) -> None:
    """A PLC that answers after two cycle times gets one request at a time, and no burst when it is quick again."""
    plc.pause_s = 2 * MACHINE.plc.cycle_ms / 1000
    async with _running(bench, plc) as link:
        await until(lambda: link.figures.cycles >= 10)
        assert plc.most_running == 1
        assert link.figures.missed >= 8
        plc.pause_s = 0.0
        before, began = link.figures.cycles, asyncio.get_running_loop().time()
        await until(lambda: link.figures.cycles >= before + 10)
        took = asyncio.get_running_loop().time() - began
        assert took > 5 * MACHINE.plc.cycle_ms / 1000 or link.figures.hurried


async def test_an_order_that_may_leave_does_not_wait_for_its_cycle(
    bench: Bench, plc: PlcOnDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the turn that makes it urgent and the request there is one turn of the loop, whatever the cycle time."""
    async with _running(bench, plc, MACHINE.model_copy(update={"plc": SLOW})):
        await until(lambda: "exchange" in plc.requests)
        await asyncio.sleep(0.05)
        at = len(plc.requests)
        urgent = [True]
        monkeypatch.setattr(bench.controller, "is_urgent", lambda _: urgent[0])
        bench.engine.probe()
        await asyncio.sleep(0)
        urgent[0] = False
        await asyncio.sleep(0)
        assert len(plc.requests) == at + 1


async def test_a_stop_releases_the_epoch_in_one_more_cycle(bench: Bench, plc: PlcOnDesk) -> None:
    link = PlcLink(MACHINE, plc.wire, bench.engine, PausePolicy(Random(1)))
    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: _holds(bench))
    bench.engine.begin_stop()
    link.stop()
    await task
    plc.plant.advance(plc.plant.now_ns + plc.scan_ns)
    assert plc.plant.plc.fence.owner == 0
    assert bench.engine.is_urgent(PLC) is False


async def test_a_stop_while_the_plc_is_off_ends_at_once(bench: Bench, plc: PlcOnDesk) -> None:
    plc.is_off = True
    link = PlcLink(MACHINE, plc.wire, bench.engine, PausePolicy(Random(1)))
    task = asyncio.get_running_loop().create_task(link.run())
    await until(lambda: len(plc.opens) >= 4)
    bench.engine.begin_stop()
    link.stop()
    async with asyncio.timeout(0.1):
        await task
