"""The known traps of pymodbus, each with its test. Trap, and where it is closed:

P1   half-open link noticed after 96 s           test_a_frozen_plc_costs_one_time_out_and_a_new_wire_goes_on
P2   writes sent again                           test_a_mute_plc_gets_every_request_once
P3   exception answers returned, not raised      test_an_exception_answer_is_raised_and_the_connection_goes_on
P4   a lost connection does not fail the request test_a_connection_lost_in_flight_fails_the_request_at_once
P5   one lock for all units behind a client      test_a_dead_plc_does_not_slow_another; one wire is one PLC
P6   no pipelining                               none is needed: one request per cycle, and one owner (test_modbus)
P7   first connect refused, no retry             test_a_plc_that_comes_later_is_found_by_the_next_wire
P8   connect twice leaks a connection            test_a_hundred_reconnects_leave_nothing_open
P9   calls raise before they are awaited         test_calls_fail_when_awaited_not_when_made
P10  a cancel swallowed, a late answer taken     test_a_cancelled_request_ends_the_connection,
                                                 test_a_cancel_that_meets_the_answer_is_not_lost
P11  an answer taken for another request         test_a_wrong_answer_ends_the_connection,
                                                 test_a_late_answer_is_never_taken
P12  word order of the library                   test_words_come_as_they_are_on_the_wire; 32-bit values belong to the codec
P13  names change at minor versions              test_the_library_is_the_one_this_was_written_for
P14  reconnect delay grows to 300 s              test_the_library_never_reconnects_by_itself
P15  a silent unit closes a serial bus           no Modbus over serial lines here
P16  polling faster than answers piles up tasks  test_a_slow_plc_piles_nothing_up
P17  server leaks file descriptors               the simulator's door, not the driver
P18  counts above 125 raise                      chutes in pieces (test_modbus); areas are limited by the site model
P19  the library logs every failed request       test_faults_write_no_lines_of_the_library
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from sortctl.drivers import LinkError, ReplyRefused
from sortctl.drivers.modbus import EXCEPTIONS, ModbusWire
from tests.drivers.plc import (
    INPUTS_AT,
    INPUTS_WORDS,
    ORDERS,
    FakePlc,
    Request,
    refuse,
    reply,
    right,
    settings,
    until,
    wire_to,
)

INPUTS = list(range(INPUTS_AT, INPUTS_AT + INPUTS_WORDS))
GENEROUS_S = 1.0
"""The time-out of a request in these tests is 5 s: what is over within this did not wait for it."""


def mute(request: Request, answer: bytes) -> None:
    """Says nothing."""


async def test_a_frozen_plc_costs_one_time_out_and_a_new_wire_goes_on(plc: FakePlc) -> None:
    plc.misbehave = mute
    async with asyncio.timeout(GENEROUS_S):
        async with wire_to(plc, request_timeout_ms=100) as wire:
            with pytest.raises(LinkError, match="no right answer within 100 ms"):
                await wire.exchange(ORDERS)
            with pytest.raises(LinkError):
                await wire.exchange(ORDERS)
        plc.misbehave = lambda _, answer: answer
        async with wire_to(plc) as wire:
            assert await wire.exchange(ORDERS) == INPUTS


async def test_a_mute_plc_gets_every_request_once(plc: FakePlc) -> None:
    plc.misbehave = mute
    async with wire_to(plc, request_timeout_ms=50) as wire:
        with pytest.raises(LinkError):
            await wire.exchange(ORDERS)
        await asyncio.sleep(0.3)
    assert len(plc.requests) == 1


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 99])
async def test_an_exception_answer_is_raised_and_the_connection_goes_on(plc: FakePlc, code: int) -> None:
    async with wire_to(plc) as wire:
        plc.misbehave = lambda request, _: refuse(request, code)
        with pytest.raises(ReplyRefused) as refused:
            await wire.read_inputs()
        assert refused.value.code == code
        assert refused.value.name == EXCEPTIONS.get(code, "unknown exception")
        with pytest.raises(ReplyRefused):
            await wire.exchange(ORDERS)
        plc.misbehave = lambda _, answer: answer
        assert await wire.exchange(ORDERS) == INPUTS
    assert len(plc.connections) == 1


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_connection_lost_in_flight_fails_the_request_at_once(plc: FakePlc, how: str) -> None:
    def lose(request: Request, answer: bytes) -> None:
        if how == "reset":
            sock = plc.connections[0].get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plc.connections[0].close()

    plc.misbehave = lose
    async with asyncio.timeout(GENEROUS_S), wire_to(plc) as wire:
        with pytest.raises(LinkError, match="it cut the connection" if how == "reset" else "it closed the connection"):
            await wire.exchange(ORDERS)
    await asyncio.sleep(0.1)
    assert len(plc.requests) == 1
    assert len(plc.connections) == 1


async def test_a_connection_lost_between_requests_fails_the_next_one_at_once(plc: FakePlc) -> None:
    async with asyncio.timeout(GENEROUS_S), wire_to(plc) as wire:
        await wire.read_inputs()
        plc.reset()
        await asyncio.sleep(0.05)
        with pytest.raises(LinkError, match="closed the connection"):
            await wire.exchange(ORDERS)
    assert len(plc.requests) == 1


async def test_a_dead_plc_does_not_slow_another(plc: FakePlc) -> None:
    other = FakePlc()
    server = await asyncio.start_server(other.serve, "127.0.0.1", 0)
    other.port = server.sockets[0].getsockname()[1]
    plc.misbehave = mute
    async with asyncio.timeout(GENEROUS_S), server, wire_to(plc) as dead, wire_to(other) as good:
        waiting = asyncio.create_task(dead.exchange(ORDERS))
        for _ in range(20):
            assert await good.exchange(ORDERS) == INPUTS
        waiting.cancel()
        await asyncio.wait([waiting])
        other.reset()
    await until(lambda: not other.open)


async def test_a_plc_that_comes_later_is_found_by_the_next_wire() -> None:
    plc = FakePlc()
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        plc.port = place.getsockname()[1]
        with pytest.raises(LinkError):
            await ModbusWire(settings(plc.port), None).open()
    server = await asyncio.start_server(plc.serve, "127.0.0.1", plc.port)
    async with server:
        async with wire_to(plc) as wire:
            assert await wire.read_inputs() == INPUTS
        await until(lambda: not plc.open)


async def test_a_hundred_reconnects_leave_nothing_open(plc: FakePlc) -> None:
    for turn in range(100):
        plc.misbehave = mute if turn % 3 == 0 else lambda _, answer: answer
        async with wire_to(plc, request_timeout_ms=50 if turn % 3 == 0 else 5_000) as wire:
            if turn % 3 == 0 and turn < 12:
                with pytest.raises(LinkError):
                    await wire.exchange(ORDERS)
            elif turn % 3:
                await wire.exchange(ORDERS)
            assert plc.open <= 2
    await until(lambda: not plc.open)
    assert len(plc.connections) == 100


async def test_calls_fail_when_awaited_not_when_made(plc: FakePlc) -> None:
    wire = ModbusWire(settings(plc.port), None)
    calls = [wire.read_inputs(), wire.exchange(ORDERS), wire.read_chutes(1)]
    for call in calls:
        with pytest.raises(LinkError):
            await call


async def test_a_cancelled_request_ends_the_connection(plc: FakePlc) -> None:
    """The answer may still come; nobody may take it for the next one."""
    plc.misbehave = mute
    async with asyncio.timeout(GENEROUS_S), wire_to(plc) as wire:
        task = asyncio.create_task(wire.read_inputs())
        await until(lambda: plc.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(LinkError, match="given up"):
            await wire.read_inputs()
    assert len(plc.requests) == 1


async def test_a_cancel_that_meets_the_answer_is_not_lost(plc: FakePlc) -> None:
    """Python 3.11 forgets a cancel that comes in the same turn of the loop as the answer; a shutdown would hang."""
    async with wire_to(plc) as wire:
        assert wire._line
        hear = wire._line.data_received
        task = asyncio.create_task(wire.read_inputs())

        def hear_and_cancel(data: bytes) -> None:
            hear(data)
            task.cancel()

        wire._line.data_received = hear_and_cancel  # type: ignore[method-assign]
        await asyncio.wait([task])
        assert task.cancelled()
        with pytest.raises(LinkError, match="given up"):
            await wire.read_inputs()


async def test_a_cancel_before_the_request_does_not_end_it(plc: FakePlc) -> None:
    """A link that is being shut down still releases its epoch."""

    async def stubborn(wire: ModbusWire) -> list[int]:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return await wire.exchange(ORDERS)
        return []

    async with wire_to(plc) as wire:
        task = asyncio.create_task(stubborn(wire))
        await asyncio.sleep(0)
        task.cancel()
        assert await task == INPUTS


def words(count: int) -> bytes:
    return struct.pack(f">{count}H", *range(count))


WRONG: dict[str, Callable[[Request, bytes], bytes]] = {
    "another function": lambda request, _: reply(request, bytes([4, 68]) + words(34)),
    "an unknown function": lambda request, _: reply(request, bytes([77, 68]) + words(34)),
    "an exception to another function": lambda request, _: reply(request, bytes([0x84, 2])),
    "an exception without a code": lambda request, _: reply(request, bytes([request.function | 0x80])),
    "too few words": lambda request, _: reply(request, bytes([request.function, 66]) + words(33)),
    "too many words": lambda request, _: reply(request, bytes([request.function, 70]) + words(35)),
    "fewer words than announced": lambda request, _: reply(request, bytes([request.function, 68]) + words(20)),
    "no words": lambda request, _: reply(request, bytes([request.function, 0])),
    "nothing but a function": lambda request, _: reply(request, bytes([request.function])),
    "transaction number 0": lambda request, answer: b"\0\0" + answer[2:],
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_answer_ends_the_connection(plc: FakePlc, wrong: str) -> None:
    plc.misbehave = WRONG[wrong]
    async with asyncio.timeout(GENEROUS_S), wire_to(plc) as wire:
        with pytest.raises(LinkError):
            await wire.exchange(ORDERS)
        plc.misbehave = lambda _, answer: answer
        with pytest.raises(LinkError):
            await wire.exchange(ORDERS)
    assert len(plc.requests) == 1


SKIPPED: dict[str, Callable[[Request, bytes], bytes]] = {
    "another transaction": lambda request, answer: struct.pack(">H", request.transaction + 1) + answer[2:],
    "another unit": lambda _, answer: answer[:6] + b"\x09" + answer[7:],
    "another protocol": lambda _, answer: answer[:2] + b"\0\1" + answer[4:],
    "half an answer": lambda _, answer: answer[:20],
    "noise": lambda _, answer: b"\xff" * 300,
}


@pytest.mark.parametrize("skipped", SKIPPED)
async def test_what_is_no_answer_ends_in_the_time_out(plc: FakePlc, skipped: str) -> None:
    plc.misbehave = SKIPPED[skipped]
    async with asyncio.timeout(GENEROUS_S), wire_to(plc, request_timeout_ms=100) as wire:
        with pytest.raises(LinkError, match="no right answer within 100 ms"):
            await wire.exchange(ORDERS)
    assert len(plc.requests) == 1


@pytest.mark.parametrize("echo", [(1, 20), (0, 19)])
async def test_a_write_that_is_not_echoed_ends_the_connection(plc: FakePlc, echo: tuple[int, int]) -> None:
    plc.misbehave = lambda request, _: reply(request, struct.pack(">BHH", 16, *echo))
    async with asyncio.timeout(GENEROUS_S), wire_to(plc, read="input") as wire:
        with pytest.raises(LinkError, match="not about the request"):
            await wire.exchange(ORDERS)
    assert len(plc.requests) == 1


async def test_a_late_answer_is_never_taken(plc: FakePlc) -> None:
    """After the time-out the connection is gone, and with it the answer that is still on its way."""
    held: list[Request] = []
    plc.misbehave = lambda request, _: held.append(request)
    async with wire_to(plc, request_timeout_ms=50) as wire:
        with pytest.raises(LinkError):
            await wire.read_inputs()
        plc.connections[0].write(right(held[0]))
        with pytest.raises(LinkError):
            await wire.read_chutes(3)
    plc.misbehave = lambda _, answer: answer
    async with wire_to(plc) as wire:
        assert await wire.read_chutes(3) == [400, 401, 402]


async def test_an_answer_sent_twice_does_no_harm(plc: FakePlc) -> None:
    plc.misbehave = lambda _, answer: answer + answer
    async with wire_to(plc) as wire:
        for count in range(1, 20):
            assert await wire.read_chutes(count) == list(range(400, 400 + count))


async def test_an_answer_in_pieces_is_one_answer(plc: FakePlc) -> None:
    plc.pieces = 1
    async with wire_to(plc) as wire:
        assert await wire.exchange(ORDERS) == INPUTS


async def test_words_come_as_they_are_on_the_wire(plc: FakePlc) -> None:
    body = bytes([3, 68]) + bytes(range(68))
    plc.misbehave = lambda request, _: reply(request, body)
    async with wire_to(plc) as wire:
        assert (await wire.read_inputs())[:3] == [0x0001, 0x0203, 0x0405]


def test_the_library_is_the_one_this_was_written_for() -> None:
    assert version("pymodbus").startswith("3.16.")


async def test_the_library_never_reconnects_by_itself(plc: FakePlc) -> None:
    async with wire_to(plc) as wire:
        assert wire._client
        assert wire._client.comm_params.reconnect_delay == 0
        assert wire._client.ctx.retries == 0
        plc.reset()
        await asyncio.sleep(0.3)
        assert len(plc.connections) == 1
        assert wire._client.ctx.reconnect_task is None


async def test_a_slow_plc_piles_nothing_up(plc: FakePlc) -> None:
    serve = plc.answer

    async def slowly(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.005)
        await serve(request, writer)

    plc.answer = slowly  # type: ignore[method-assign]
    async with wire_to(plc) as wire:
        await wire.exchange(ORDERS)
        tasks = len(asyncio.all_tasks())
        for _ in range(100):
            await wire.exchange(ORDERS)
            assert len(asyncio.all_tasks()) == tasks


async def test_faults_write_no_lines_of_the_library(plc: FakePlc, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    for misbehave in [mute, *WRONG.values(), *SKIPPED.values()]:
        plc.misbehave = misbehave
        async with wire_to(plc, request_timeout_ms=50) as wire:
            with pytest.raises(LinkError):
                await wire.exchange(ORDERS)
    assert caplog.records == []
    assert complaints == []
