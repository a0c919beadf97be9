"""The Modbus door and a client that is not of this house: two readings of the standard agree."""

import asyncio

import pytest
from pymodbus.client import AsyncModbusTcpClient

from sim.doors.modbus_door import ModbusDoor
from sim.doors.registers import Registers
from sim.faults.at_modbus import Mischief
from sortctl.words.exchange import inputs_words, orders_words
from tests.sim.doors.conftest import Words, machine_at

pytestmark = pytest.mark.wire

ORDERS = [1, *range(2, orders_words(2)), 1]


async def test_the_client_of_pymodbus_understands_the_door(words: Words, port: int) -> None:
    door = ModbusDoor(Registers(machine_at(port), lambda: words), 1, Mischief(1), port)
    await door.open()
    client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0, reconnect_delay=0)
    try:
        assert await client.connect()
        both = await client.readwrite_registers(
            read_address=200, read_count=inputs_words(1), write_address=0, values=ORDERS
        )
        assert both.registers == words.read_inputs()
        assert words.written == [(0, ORDERS)]
        assert (await client.read_holding_registers(400, count=4)).registers == words.read_chutes()
        assert not (await client.write_registers(0, ORDERS)).isError()
        assert (await client.read_holding_registers(9_000, count=1)).exception_code == 2
    finally:
        client.close()
        door.close()
        await asyncio.sleep(0)
