"""Guard: what may leave towards one server. Compiled from the site file; asyncua asks it before each request.

Comes in: every request, as it will be encoded. Goes out: nothing; a request that is not on the list is a broken rule and ends
the process. The theory: a service that only reads or keeps the session alive passes by its kind. A Write passes only if it is
the one Write of the exchange, with words of this version of the contract and nothing beside them. A Call passes only if it is
the one named when the guard was made. Everything that is not named does not pass. It stands where asyncua lets an observer
see requests; the channel itself is opened, renewed and closed below that.
Never here: an answer, a statistic.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from sortctl.drivers.opcua.stack import Observer, ua
from sortctl.words.exchange import MAGIC, VERSION
from sortctl.words.units import WORD_MASK

CONNECTING: Final = frozenset(
    {ua.GetEndpointsRequest, ua.CreateSessionRequest, ua.ActivateSessionRequest, ua.CloseSessionRequest}
)
READING: Final = frozenset({ua.ReadRequest, ua.TranslateBrowsePathsToNodeIdsRequest})
LISTENING: Final = frozenset({ua.CreateSubscriptionRequest, ua.CreateMonitoredItemsRequest, ua.PublishRequest})
PASSED: Final = nullcontext()


class Forbidden(RuntimeError):
    """A request that may not leave: a mistake of ours."""


class Guard(Observer):
    """What may leave on one connection: these kinds, the Write of `words` words to the node `orders`, these `calls`."""

    def __init__(self, kinds: Iterable[Any], orders: Any = None, words: int = 0, calls: Sequence[Any] = ()) -> None:
        self._kinds = frozenset(kinds)
        self._orders = orders
        self._words = words
        self._calls = list(calls)

    def observe_request(self, request: Any) -> AbstractContextManager[None]:
        """Called by asyncua in the last moment before a request is sent."""
        self.check(request)
        return PASSED

    def check(self, request: Any) -> None:
        """Return if it may pass. Forbidden: it may not."""
        kind = type(request)
        if kind in self._kinds:
            return
        if kind is ua.WriteRequest and self._is_exchange(request.Parameters.NodesToWrite):
            return
        if kind is ua.CallRequest and self._calls and request.Parameters.MethodsToCall == self._calls:
            return
        raise Forbidden(f"{kind.__name__} may not leave like this")

    def _is_exchange(self, items: Sequence[Any]) -> bool:
        if self._orders is None or len(items) != 1:
            return False
        (item,) = items
        aimed = (item.NodeId, item.AttributeId, item.IndexRange) == (self._orders, ua.AttributeIds.Value, None)
        return aimed and _is_bare(item.Value) and self._are_orders(item.Value.Value)

    def _are_orders(self, held: Any) -> bool:
        words = held.Value
        is_array = held.VariantType == ua.VariantType.UInt16 and held.is_array and not held.Dimensions
        return bool(
            is_array
            and isinstance(words, list)
            and len(words) == self._words
            and (words[1], words[2]) == (MAGIC, VERSION)
            and min(words) >= 0
            and max(words) <= WORD_MASK
        )


def _is_bare(value: Any) -> bool:
    """The value only: many PLCs refuse status and moments."""
    moments = value.SourceTimestamp, value.ServerTimestamp, value.SourcePicoseconds, value.ServerPicoseconds
    return value.StatusCode is None and moments == (None, None, None, None)
