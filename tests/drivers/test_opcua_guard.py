"""The OPC UA write guard: of all requests that there are, those of the contract pass."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.drivers.opcua import words
from sortctl.drivers.opcua.guard import CONNECTING, LISTENING, READING, Guard
from sortctl.drivers.opcua.stack import ua
from sortctl.words.exchange import MAGIC, VERSION
from tests.drivers.opcua_peer import INPUTS, ORDERS, ORDERS_WORDS, Peer

ORDERS_NODE = ua.NodeId("Exchange.Orders", 2)
REQUESTS = [kind for name, kind in vars(ua).items() if name.endswith("Request") and hasattr(kind, "TypeId")]


def write(orders: list[int] | None = None) -> Any:
    return ua.WriteRequest(Parameters=words.write_of(ORDERS_NODE, orders or list(ORDERS)))


def test_nothing_unknown_passes_the_guard() -> None:
    """Every request that asyncua knows, empty: of what passes, all are on the list."""
    guard = Guard(CONNECTING | READING, ORDERS_NODE, ORDERS_WORDS)
    assert len(REQUESTS) > 30
    for kind in REQUESTS:
        if kind in CONNECTING | READING:
            guard.check(kind())
        else:
            with pytest.raises(RuntimeError, match="may not leave"):
                guard.check(kind())


def put(at: str, value: Any) -> Callable[[Any], None]:
    """Change one field of the one item of a Write."""

    def change(item: Any) -> None:
        *way, last = at.split(".")
        for name in way:
            item = getattr(item, name)
        setattr(item, last, value)

    return change


@pytest.mark.parametrize(
    "change",
    [
        put("NodeId", ua.NodeId("Exchange.Orders", 3)),
        put("NodeId", ua.NodeId("Exchange.Inputs", 2)),
        put("AttributeId", ua.AttributeIds.DisplayName),
        put("IndexRange", "0:1"),
        put("Value.StatusCode", ua.StatusCode()),
        put("Value.SourceTimestamp", datetime(2026, 1, 1, tzinfo=UTC)),
        put("Value.ServerTimestamp", datetime(2026, 1, 1, tzinfo=UTC)),
        put("Value.SourcePicoseconds", 1),
        put("Value.ServerPicoseconds", 1),
        put("Value.Value.VariantType", ua.VariantType.Int16),
        put("Value.Value.Dimensions", [2, ORDERS_WORDS // 2]),
        put("Value.Value.is_array", False),
        put("Value.Value.Value", ORDERS[0]),
        put("Value.Value.Value", None),
        put("Value.Value.Value", ORDERS[:-1]),
        put("Value.Value.Value", [*ORDERS, 0]),
        put("Value.Value.Value", [-1, *ORDERS[1:]]),
        put("Value.Value.Value", [0x10000, *ORDERS[1:]]),
    ],
)
def test_the_one_write_passes_and_none_that_differs(change: Callable[[Any], None]) -> None:
    guard = Guard(CONNECTING | READING, ORDERS_NODE, ORDERS_WORDS)
    request = write()
    guard.check(request)
    change(request.Parameters.NodesToWrite[0])
    with pytest.raises(RuntimeError, match="may not leave"):
        guard.check(request)


@given(st.lists(st.integers(0, 0xFFFF), min_size=ORDERS_WORDS, max_size=ORDERS_WORDS), st.integers(0, 3))
def test_only_words_of_this_contract_pass(written: list[int], items: int) -> None:
    guard = Guard(CONNECTING | READING, ORDERS_NODE, ORDERS_WORDS)
    for head in ((MAGIC, VERSION), (written[1], written[2])):
        request = write([written[0], *head, *written[3:]])
        request.Parameters.NodesToWrite *= items
        if head == (MAGIC, VERSION) and items == 1:
            guard.check(request)
        else:
            with pytest.raises(RuntimeError, match="may not leave"):
                guard.check(request)


@pytest.mark.wire
async def test_nothing_else_passes_the_guard_of_a_wire(peer: Peer) -> None:
    """Even a request made past our own methods does not reach the wire."""
    wire = peer.wire()
    await wire.open()
    before = peer.door.requests
    client = wire._session.connection.client
    services, chutes = client.uaclient, ua.NodeId("Exchange.Chutes", 2)
    call = ua.CallMethodRequest(ObjectId=ORDERS_NODE, MethodId=chutes)
    forbidden: list[Callable[[], Awaitable[Any]]] = [
        lambda: services.write(words.write_of(chutes, ORDERS)),
        lambda: services.write(words.write_of(ORDERS_NODE, [0] * ORDERS_WORDS)),
        lambda: services.write(words.write_of(ORDERS_NODE, ORDERS[:-1])),
        lambda: client.get_node(ORDERS_NODE).write_value(ORDERS, ua.VariantType.UInt16),
        lambda: services.call([call]),
        lambda: services.add_nodes([]),
        lambda: services.delete_nodes(ua.DeleteNodesParameters()),
        lambda: services.history_update(ua.HistoryUpdateParameters()),
        lambda: services.register_nodes([chutes]),
        lambda: client.create_subscription(ua.CreateSubscriptionParameters()),
    ]
    for request in forbidden:
        with pytest.raises(RuntimeError, match="may not leave"):
            await request()
        with pytest.raises(RuntimeError, match="may not leave"):
            await wire._session.ask(lambda _, request=request: request())  # type: ignore[misc]
    assert await wire.exchange(ORDERS) == INPUTS
    assert peer.door.requests - before == 2
    assert not LISTENING & (CONNECTING | READING)
    await wire.close()
