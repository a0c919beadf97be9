"""The known traps of asyncua, each with its test. Trap, and where it is closed:

A1   no reconnect, subscriptions just stop       a wire is one connection and ends with an error: test_a_reset_fails_the_request_at_once,
                                                 test_a_frozen_plc_costs_one_time_out_and_a_new_wire_goes_on
A2   reconnect delay grows to 30 s               the library never connects by itself: test_a_lost_wire_stays_lost
A3   requests wait for a reconnect               test_a_lost_wire_stays_lost
A4   a second connect of one client can hang     test_a_hundred_reconnects_leave_nothing_open, test_frozen_connects_leave_nothing
A5   a slow handler stops the loop               no handlers: results are taken by the one who waits; life signs are watched
                                                 (test_autoid.test_a_mute_reader_is_given_up)
A6   types by guess                              test_opcua.test_a_node_of_another_type_is_named; one typed value (test_the_write_on_the_wire)
A7   writes with moments are refused             test_the_write_on_the_wire
A8   a session for each operation                test_one_session_for_all_cycles, test_all_sessions_taken_is_said
A9   ghost sessions                              test_a_ghost_ends_by_itself, test_a_wire_that_timed_out_leaves_no_ghost
A10  values lost over a restart                  test_a_restart_needs_a_new_wire; what is read then belongs to the logic
A11  a queue of one                              the hot path has no subscription; queue and overflow of a reader in test_autoid
A12  one bad node goes unnoticed                 test_opcua.test_what_does_not_fit_the_site_file_is_said,
                                                 test_autoid.test_a_device_without_events_is_refused
A13  the server's memory grows                   the simulator's door, not the driver
A14  methods that block                          one method, called once at the connect, with the same time-out: test_autoid
A15  certificates                                test_opcua_security, test_twenty_protected_reconnects
A16  browsing is slow                            nothing is browsed: test_a_connect_takes_few_requests
A17  the channel renews under load               test_opcua_security.test_the_channel_is_renewed_while_cycles_go_on
"""

import asyncio
import gc
import struct
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.faults import at_opcua
from sortctl.drivers import LinkError
from sortctl.drivers.opcua import words
from sortctl.drivers.opcua.exchange import OpcUaWire
from sortctl.drivers.opcua.line import ANSWER_BYTES_MAX, Line
from sortctl.drivers.opcua.stack import Buffer, binary, ua
from tests.drivers.opcua_peer import INPUTS, ORDERS, PROTECTED, Peer, Ring, keys_of, running_peer
from tests.drivers.plc import until

pytestmark = pytest.mark.wire
GENEROUS_S = 1.0
"""The time-out of a request in these tests is 5 s: what is over within this did not wait for it."""


def test_the_library_is_the_one_this_was_written_for() -> None:
    assert version("asyncua") == "2.1.0"


async def opened(peer: Peer, **changes: Any) -> OpcUaWire:
    wire = peer.wire(**changes)
    await wire.open()
    return wire


async def test_a_reset_fails_the_request_at_once(peer: Peer) -> None:
    wire = await opened(peer)
    peer.door.mischief.lay(at_opcua.DROPPED, services=frozenset({"Read"}))
    asking = asyncio.create_task(wire.read_inputs())
    await until(lambda: peer.door.mischief.struck)
    async with asyncio.timeout(GENEROUS_S):
        peer.door.reset()
        with pytest.raises(LinkError, match="it cut the connection"):
            await asking
        await wire.close()


async def test_a_frozen_plc_costs_one_time_out_and_a_new_wire_goes_on(peer: Peer) -> None:
    wire = await opened(peer, request_timeout_ms=100)
    peer.door.freeze()
    async with asyncio.timeout(GENEROUS_S):
        with pytest.raises(LinkError, match="no answer within 100 ms"):
            await wire.exchange(ORDERS)
        await wire.close()
        wire = await opened(peer)
        assert await wire.exchange(ORDERS) == INPUTS
        await wire.close()


async def test_a_lost_wire_stays_lost(peer: Peer) -> None:
    wire = await opened(peer)
    peer.door.reset()
    await until(lambda: not peer.door.connections)
    for _ in range(3):
        with pytest.raises(LinkError, match="it cut the connection"):
            await wire.exchange(ORDERS)
    await asyncio.sleep(0.05)
    assert not peer.door.connections, "nobody connects by himself"
    assert not peer.plc.written
    await wire.close()


async def test_a_cancelled_request_ends_the_connection(peer: Peer) -> None:
    """Its answer may still come; what it was about is not known any more."""
    wire = await opened(peer)
    peer.door.mischief.lay(at_opcua.delayed(50), services=frozenset({"Read"}))
    asking = asyncio.create_task(wire.read_inputs())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(LinkError, match="given up"):
        await wire.read_inputs()
    await wire.close()
    # Its session is closed all the same.
    await until(lambda: not peer.door.sessions)


async def test_a_hundred_reconnects_leave_nothing_open(peer: Peer) -> None:
    for _ in range(100):
        wire = await opened(peer)
        await wire.exchange(ORDERS)
        await wire.close()
    await until(lambda: not peer.door.connections)
    assert not peer.door.sessions
    assert len(peer.plc.written) == 100
    gc.collect()


async def test_frozen_connects_leave_nothing(peer: Peer) -> None:
    peer.door.freeze(new_as_well=True)
    for _ in range(20):
        wire = peer.wire(connect_timeout_ms=50)
        with pytest.raises(LinkError, match="no answer within 50 ms"):
            await wire.open()
        await wire.close()
    peer.door.thaw()
    await until(lambda: not peer.door.connections)
    await until(lambda: not peer.door.sessions)
    gc.collect()


class CancelledWithResult(asyncio.CancelledError):
    """As wait_for2 raises it, which asyncua waits with, when a cancel meets the answer. asyncio.timeout does not know it."""


async def test_a_limit_of_time_that_meets_the_answer_ends_the_request_only(peer: Peer) -> None:
    async def meets() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            raise CancelledWithResult from None

    connection = (await opened(peer))._session.connection
    with pytest.raises(LinkError, match="no answer within 10 ms"):
        await connection.ask(meets, 0.01)
    await connection.close()


async def test_twenty_protected_reconnects(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks()) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        for _ in range(20):
            wire = peer.wire(keys, security=PROTECTED)
            await wire.open()
            assert await wire.exchange(ORDERS) == INPUTS
            await wire.close()
        await until(lambda: not peer.door.connections)
        assert not peer.door.sessions


# ------------------------------------------------------------------------------------------- sessions


async def test_one_session_for_all_cycles(peer: Peer) -> None:
    peer.door.manners.sessions_max = 1
    wire = await opened(peer)
    before = peer.door.requests
    for _ in range(50):
        await wire.exchange(ORDERS)
    assert peer.door.requests - before == 100, "one Write and one Read a cycle, and nothing else"
    await wire.close()


async def test_all_sessions_taken_is_said(peer: Peer) -> None:
    peer.door.manners.sessions_max = 1
    first, second = await opened(peer), peer.wire()
    with pytest.raises(LinkError, match=r"all its sessions are taken.*BadTooManySessions"):
        await second.open()
    await second.close()
    await first.close()
    await (await opened(peer)).close()


async def test_a_ghost_ends_by_itself(peer: Peer) -> None:
    """As after `kill -9`: the connection is gone and nobody has closed the session. It does not lock us out for long."""
    peer.door.manners.sessions_max = 1
    ghost = await opened(peer, session_timeout_ms=1_000)
    peer.door.reset()
    second = peer.wire()
    with pytest.raises(LinkError, match="one that a crash left behind ends by itself"):
        await second.open()
    await second.close()
    await ghost.close()
    await until(lambda: not peer.door.sessions)
    await (await opened(peer)).close()


async def test_a_wire_that_timed_out_leaves_no_ghost(peer: Peer) -> None:
    """The farewell waits at the PLC until it thaws."""
    peer.door.manners.sessions_max = 1
    wire = await opened(peer, request_timeout_ms=100)
    peer.door.freeze()
    with pytest.raises(LinkError):
        await wire.exchange(ORDERS)
    await wire.close()
    peer.door.thaw()
    await until(lambda: not peer.door.sessions)


async def test_closing_a_frozen_wire_takes_no_longer_than_it_may(peer: Peer) -> None:
    wire = await opened(peer)
    peer.door.freeze()
    async with asyncio.timeout(0.8):
        await wire.close()
    peer.door.thaw()


async def test_a_restart_needs_a_new_wire(peer: Peer) -> None:
    wire = await opened(peer)
    peer.door.close()
    with pytest.raises(LinkError):
        await wire.exchange(ORDERS)
    await wire.close()
    with pytest.raises(LinkError, match="nothing listens there"):
        await opened(peer)
    await peer.door.open()
    async with asyncio.timeout(GENEROUS_S):
        wire = await opened(peer)
        assert await wire.exchange(ORDERS) == INPUTS
    await wire.close()


async def test_a_connect_takes_few_requests(peer: Peer) -> None:
    wire = await opened(peer)
    assert peer.door.requests <= 4
    await wire.close()


# ------------------------------------------------------------------------------------------- on the wire


def test_the_write_on_the_wire() -> None:
    """Value only: after the attribute comes no range, then mask 01, array of UInt16, length, words, and nothing more."""
    request = ua.WriteRequest(Parameters=words.write_of(ua.NodeId("Exchange.Orders", 2), [1, 0x5358, 0x0100]))
    node = struct.pack("<BHi", 3, 2, 15) + b"Exchange.Orders"
    item = node + struct.pack("<Ii", 13, -1) + b"\x01\x85" + struct.pack("<i3H", 3, 1, 0x5358, 0x0100)
    assert binary.struct_to_binary(request).endswith(struct.pack("<i", 1) + item)


@given(
    st.lists(st.integers(0, 0xFFFF), max_size=130), st.sampled_from([None, 0, 0x40900000, 0x808C0000]), st.booleans()
)
def test_words_are_read_with_and_without_status_and_moments(
    shown: list[int], status: int | None, stamped: bool
) -> None:
    value = ua.DataValue(ua.Variant(shown, ua.VariantType.UInt16, is_array=True), StatusCode=None)
    if status is not None:
        value.StatusCode = ua.StatusCode(status)
    if stamped:
        value.ServerTimestamp = ua.RequestHeader().Timestamp
    response = ua.ReadResponse(Results=[value])
    decoded = binary.struct_from_binary(ua.ReadResponse, Buffer(binary.struct_to_binary(response))).Results[0]
    assert words.read_value(decoded) == (status or 0, shown, "")


class Library(asyncio.Protocol):
    """Stands for asyncua's protocol: takes what comes."""

    def __init__(self) -> None:
        self.transport: asyncio.BaseTransport | None = None
        self.receive_buffer = b""
        self.taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.taken += len(data)


async def test_an_answer_without_end_is_cut_off() -> None:
    async def talks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while True:
                writer.write(b"MSGC" + b"\0" * 60_000)
                await writer.drain()

    server = await asyncio.start_server(talks, "127.0.0.1", 0)
    async with server:
        library = Library()
        await asyncio.get_running_loop().create_connection(lambda: library, *server.sockets[0].getsockname())
        ended: list[int] = []
        line = Line(library, lambda: ended.append(1))
        await until(lambda: line.cause)
        assert f"an answer of more than {ANSWER_BYTES_MAX} bytes" in line.cause
        assert library.taken <= ANSWER_BYTES_MAX
        await line.gone()
        assert ended == [1]
    await server.wait_closed()
