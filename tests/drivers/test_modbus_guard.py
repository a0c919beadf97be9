"""The Modbus write guard: random requests; of what passes, all are the contract's own."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.drivers.modbus_guard import READ_HOLDING, READ_INPUT, WRITE, WRITE_AND_READ, Asked, Guard
from sortctl.words.exchange import MAGIC, VERSION
from tests.drivers.plc import (
    CHUTES_AT,
    INPUTS_AT,
    INPUTS_WORDS,
    ORDERS,
    ORDERS_AT,
    ORDERS_WORDS,
    FakePlc,
    settings,
    wire_to,
)

PLACES = st.sampled_from(
    [0, 1, 19, 20, 199, INPUTS_AT, INPUTS_AT + 1, CHUTES_AT, CHUTES_AT + 119, 65_535]
) | st.integers(-1, 65_536)
COUNTS = st.sampled_from([0, 1, ORDERS_WORDS, INPUTS_WORDS, 120, 121, 125]) | st.integers(0, 200)
AREAS = st.none() | st.tuples(PLACES, COUNTS)
WRITTEN = (
    st.none()
    | st.tuples(PLACES, st.lists(st.integers(-1, 0x10000), max_size=ORDERS_WORDS + 1))
    | st.tuples(st.just(ORDERS_AT), st.just(ORDERS))
    | st.tuples(st.just(ORDERS_AT), st.permutations(ORDERS))
)
FUNCTIONS = st.sampled_from([READ_HOLDING, READ_INPUT, 5, 6, 15, WRITE, 21, 22, WRITE_AND_READ]) | st.integers(0, 255)


@given(
    st.builds(Asked, st.sampled_from([0, 1, 2, 255]), FUNCTIONS, AREAS, WRITTEN), st.sampled_from(["holding", "input"])
)
def test_only_the_contracts_own_words_pass(asked: Asked, read: str) -> None:
    try:
        Guard(settings(502, read=read)).check(asked)
    except RuntimeError:
        return
    assert asked.unit == 1
    assert asked.function in {READ_INPUT if read == "input" else READ_HOLDING, WRITE, WRITE_AND_READ}
    if asked.write is not None:
        address, words = asked.write
        assert (address, len(words)) == (ORDERS_AT, ORDERS_WORDS)
        assert (words[1], words[2]) == (MAGIC, VERSION)
        assert all(0 <= word <= 0xFFFF for word in words)
    if asked.read is not None:
        address, count = asked.read
        assert (address, count) == (INPUTS_AT, INPUTS_WORDS) or (address >= CHUTES_AT and count <= 120)


def some_call(chance: Random, client: Any) -> Callable[[], Any]:
    """One random call of the library's own client; now and then one that is right."""
    place = chance.choice([chance.randrange(450), ORDERS_AT, INPUTS_AT, CHUTES_AT])
    unit = chance.choice([1, 1, 1, 2])
    words = chance.choice([ORDERS, ORDERS, ORDERS[:-1], [0, *ORDERS[1:]], [ORDERS[0], 0, *ORDERS[2:]]])
    count = chance.choice([1, INPUTS_WORDS, 120, 121])
    return chance.choice(
        [
            lambda: client.write_register(place, 1, device_id=unit),
            lambda: client.write_coil(place, True, device_id=unit),
            lambda: client.write_coils(place, [True], device_id=unit),
            lambda: client.mask_write_register(address=place, device_id=unit),
            lambda: client.write_registers(place, words, device_id=unit),
            lambda: client.write_registers(ORDERS_AT, words, device_id=unit),
            lambda: client.read_holding_registers(place, count=count, device_id=unit),
            lambda: client.read_input_registers(place, count=count, device_id=unit),
            lambda: client.read_coils(place, count=count, device_id=unit),
            lambda: client.readwrite_registers(
                read_address=INPUTS_AT, read_count=INPUTS_WORDS, write_address=place, values=words, device_id=unit
            ),
            lambda: client.readwrite_registers(
                read_address=place, read_count=count, write_address=ORDERS_AT, values=words, device_id=unit
            ),
        ]
    )


@pytest.mark.wire
async def test_nothing_else_reaches_the_wire(plc: FakePlc, seed: int) -> None:
    """Random calls past our own methods."""
    async with wire_to(plc) as wire:
        client: Any = wire._client
        chance = Random(seed)
        for _ in range(2_000):
            before = len(plc.requests)
            try:
                await asyncio.wait_for(some_call(chance, client)(), 5)
            except RuntimeError:
                assert len(plc.requests) == before
    for request in plc.requests:
        assert request.unit == 1
        assert request.function in {READ_HOLDING, WRITE, WRITE_AND_READ}
        if request.write is not None:
            assert request.write == (ORDERS_AT, ORDERS_WORDS)
            assert request.values[1:3] == (MAGIC, VERSION)
    assert {request.function for request in plc.requests} == {READ_HOLDING, WRITE, WRITE_AND_READ}
