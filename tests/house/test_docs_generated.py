"""What the manuals hold twice is what the code says: tables, tag list, and the worked example down to its bytes."""

import csv
import io
import re

import pytest
from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadWriteMultipleRegistersRequest,
    ReadWriteMultipleRegistersResponse,
    WriteMultipleRegistersRequest,
)

from docs import make_tables
from docs.tables import example, tags
from sortctl.words import exchange

# As the contract was agreed; not computed.
ORDERS_WORDS = """
0007 5358 0100 0000 0003 0001 CCDD 0000 0029 0000 0001
0000 0005 0001 000C 0000 03E9 0000 0000
0007
"""
INPUTS_WORDS = """
0100 5358 0100 AABB CCDD 0007 0006 0001 1170 0001 E240 0000 0003 0001 03B6 0000 002A 0000 0029 0000 0005 0000 0000
0000 002A 0003 000C 0000 03E9 0001 1166 0000 E230
0100
"""


def _words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def _dump(page: str, name: str) -> bytes:
    found = re.search(rf"<!-- table: {name} -->\n```text\n(.*?)\n```", page, re.DOTALL)
    assert found, name
    return bytes.fromhex("".join(line.partition("  ")[2] for line in found[1].splitlines()))


@pytest.fixture(scope="module")
def page() -> str:
    return (make_tables.DOCS / "plc-interface.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", make_tables.PAGES)
def test_the_tables_are_those_of_the_code(name: str) -> None:
    text = (make_tables.DOCS / name).read_text(encoding="utf-8")
    assert make_tables.filled(name, text) == text, "run .venv/bin/python docs/make_tables.py"


def test_the_tag_list_is_that_of_the_code() -> None:
    text = (make_tables.DOCS / make_tables.TAGS).read_text(encoding="utf-8")
    assert text == tags.tags(tags.Layout()), "run .venv/bin/python docs/make_tables.py"


def test_the_tag_list_covers_every_word_once() -> None:
    layout = tags.Layout(order_slots=4, event_slots=2, chutes=30, orders_at=1000, inputs_at=2000, chutes_at=3000)
    rows = list(csv.DictReader(io.StringIO(tags.tags(layout))))
    taken = [int(row["register"]) + at for row in rows for at in range(1 + (row["type"] == "UDINT"))]
    areas = ((1000, exchange.orders_words(4)), (2000, exchange.inputs_words(2)), (3000, 30))
    assert taken == [at for base, size in areas for at in range(base, base + size)]
    assert len({row["tag"] for row in rows}) == len(rows)


def test_the_worked_example_is_the_one_that_was_agreed() -> None:
    assert example.words(example.orders()) == _words(ORDERS_WORDS)
    assert example.words(example.inputs()) == _words(INPUTS_WORDS)


def test_the_request_on_the_page_is_one_that_a_modbus_server_understands(page: str) -> None:
    _, device, transaction, pdu = _framer(is_server=True).decode(_dump(page, "example-request"))
    got = DecodePDU(True).decode(pdu)
    assert isinstance(got, ReadWriteMultipleRegistersRequest)
    assert (device, transaction) == (1, 1)
    assert (got.read_address, got.read_count, got.write_address) == (200, 34, 0)
    assert got.write_registers == _words(ORDERS_WORDS)


def test_the_response_on_the_page_is_one_that_a_modbus_client_understands(page: str) -> None:
    _, device, transaction, pdu = _framer(is_server=False).decode(_dump(page, "example-response"))
    got = DecodePDU(False).decode(pdu)
    assert isinstance(got, ReadWriteMultipleRegistersResponse)
    assert (device, transaction) == (1, 1)
    assert got.registers == _words(INPUTS_WORDS)
    both = ModbusClientMixin.convert_from_registers(got.registers[7:9], ModbusClientMixin.DATATYPE.UINT32)
    assert both == 70_000


def test_the_ways_of_a_plc_without_fc_23_are_understood_too(page: str) -> None:
    read = DecodePDU(True).decode(_framer(is_server=True).decode(_dump(page, "example-read"))[3])
    assert isinstance(read, ReadHoldingRegistersRequest)
    assert (read.address, read.count) == (200, 34)
    written = DecodePDU(True).decode(_framer(is_server=True).decode(_dump(page, "example-write"))[3])
    assert isinstance(written, WriteMultipleRegistersRequest)
    assert (written.address, written.registers) == (0, _words(ORDERS_WORDS))
    refused = DecodePDU(False).decode(_framer(is_server=False).decode(_dump(page, "example-no-function"))[3])
    assert refused is not None
    assert refused.isError()


def _framer(*, is_server: bool) -> FramerSocket:
    return FramerSocket(DecodePDU(is_server))
