"""The five functions on the site's address map, with the limits and exceptions of the standard."""

import struct

import pytest

from sim.doors.mbap import Envelopes, NotModbus, envelope
from sim.doors.registers import ALL_FUNCTIONS, WRITE_AND_READ, Registers
from sortctl.words.exchange import inputs_words, orders_words
from tests.sim.doors.conftest import Words, machine_at

ORDERS = orders_words(2)
INPUTS = inputs_words(1)


def memory(words: Words, read: str = "holding", functions: frozenset[int] = ALL_FUNCTIONS) -> Registers:
    return Registers(machine_at(5020, read), lambda: words, functions)


def read(function: int, at: int, count: int) -> bytes:
    return struct.pack(">BHH", function, at, count)


def write(at: int, *words: int) -> bytes:
    return struct.pack(f">BHHB{len(words)}H", 16, at, len(words), 2 * len(words), *words)


def both(read_at: int, count: int, at: int, *words: int) -> bytes:
    return struct.pack(f">BHHHHB{len(words)}H", 23, read_at, count, at, len(words), 2 * len(words), *words)


def shown(answer: bytes) -> list[int]:
    assert answer[1] == len(answer) - 2
    return list(struct.unpack(f">{answer[1] // 2}H", answer[2:]))


def test_a_whole_block_reaches_the_machine_in_one_piece(words: Words) -> None:
    assert memory(words).answer(write(0, *range(1, ORDERS + 1))) == struct.pack(">BHH", 16, 0, ORDERS)
    assert words.written == [(0, list(range(1, ORDERS + 1)))]


def test_write_and_read_writes_first(words: Words) -> None:
    """FC 23 as the standard has it: the read shows what the write did to the memory."""
    assert shown(memory(words).answer(both(200, INPUTS, 0, 4711)))[-2:] == [4711, 7]


def test_one_register_is_a_write_of_its_area(words: Words) -> None:
    pdu = struct.pack(">BHH", 6, 3, 99)
    assert memory(words).answer(pdu) == pdu
    assert words.written == [(3, [99])]


def test_the_orders_area_can_be_read_back(words: Words) -> None:
    door = memory(words)
    door.answer(write(0, 5))
    assert shown(door.answer(read(3, 0, 1))) == [5]


def test_parts_of_an_area_are_read_at_their_place(words: Words) -> None:
    assert shown(memory(words).answer(read(3, 402, 2))) == [0x8002, 0x8003]


def test_input_registers_hold_the_rest_of_a_machine_that_has_them_there(words: Words) -> None:
    door = memory(words, read="input")
    assert shown(door.answer(read(4, 200, INPUTS)))[0] == 7
    assert shown(door.answer(read(3, 0, 1))) == [0]
    assert door.answer(read(3, 200, INPUTS)) == bytes((0x83, 2))
    assert door.answer(both(200, INPUTS, 0, 1)) == bytes((0x97, 2))


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        (read(1, 0, 1), 1),
        (read(3, 199, 2), 2),
        (read(3, 200, INPUTS + 1), 2),
        (read(3, 404, 1), 2),
        (read(3, 200, 0), 3),
        (read(3, 200, 126), 3),
        (write(ORDERS - 1, 1, 2), 2),
        (write(200, 1), 2),
        (write(0), 3),
        (struct.pack(">BHHB", 16, 0, 1, 4) + b"\0\0", 3),
        (b"\x10\0\0", 3),
        (both(900, 1, 0, 1), 2),
        (struct.pack(">BHHHHB", 23, 200, 1, 0, 122, 244) + bytes(244), 3),
    ],
)  # fmt: skip
def test_what_cannot_be_is_answered_by_the_standards_exception(words: Words, pdu: bytes, code: int) -> None:
    assert memory(words).answer(pdu) == bytes((pdu[0] | 0x80, code))
    assert words.written == []


def test_a_plc_without_the_double_function_says_so(words: Words) -> None:
    door = memory(words, functions=ALL_FUNCTIONS - {WRITE_AND_READ})
    assert door.answer(both(200, INPUTS, 0, 1)) == bytes((0x97, 1))


def test_a_torn_read_ends_in_another_stamp(words: Words) -> None:
    door = memory(words)
    assert shown(door.answer(read(3, 200, INPUTS), tear=True))[-1] != 7
    assert shown(door.answer(read(3, 400, 4), tear=True)) == [0x8000, 0x8001, 0x8002, 0x8003]


def test_requests_are_cut_however_they_come() -> None:
    """Two requests in one segment, then one byte by byte."""
    stream = envelope(1, 1, b"\x03\0\0\0\1") + envelope(2, 9, b"\x03\0\0\0\2")
    assert [(r.transaction, r.unit) for r in Envelopes().feed(stream)] == [(1, 1), (2, 9)]
    slow = Envelopes()
    assert [r.pdu for byte in stream for r in slow.feed(bytes([byte]))] == [b"\x03\0\0\0\1", b"\x03\0\0\0\2"]


@pytest.mark.parametrize("junk", [b"\0\1\0\7\0\6\1\3\0\0\0\1", b"\0\1\0\0\0\1\1", b"\0\1\0\0\1\0\1\3"])
def test_what_is_not_modbus_ends_the_connection(junk: bytes) -> None:
    with pytest.raises(NotModbus):
        Envelopes().feed(junk)
