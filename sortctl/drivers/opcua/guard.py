"""Guard: what may leave towards one server. Compiled from the site file; the last place before the wire.

Comes in: every encoded request. Goes out: nothing; a request that is not on the list is a broken rule and ends the process.
The theory: a service that only reads or keeps the session alive passes by its number. A Write passes only if it is, byte by
byte, the one Write of the exchange, but for the words; and the words must be those of this version of the contract. A Call
passes only if it is one of those named when the guard was made. Everything that is not named does not pass.
Never here: encoding (`words.py`), what an answer says.
"""

import struct
from collections.abc import Iterable
from typing import Final

from sortctl.drivers.opcua.stack import ua
from sortctl.words.exchange import MAGIC, VERSION

_IDS: Final = ua.ObjectIds
CONNECTING: Final = frozenset(
    {
        int(_IDS.OpenSecureChannelRequest_Encoding_DefaultBinary),
        int(_IDS.CloseSecureChannelRequest_Encoding_DefaultBinary),
        int(_IDS.GetEndpointsRequest_Encoding_DefaultBinary),
        int(_IDS.CreateSessionRequest_Encoding_DefaultBinary),
        int(_IDS.ActivateSessionRequest_Encoding_DefaultBinary),
        int(_IDS.CloseSessionRequest_Encoding_DefaultBinary),
    }
)
READING: Final = frozenset(
    {
        int(_IDS.ReadRequest_Encoding_DefaultBinary),
        int(_IDS.BrowseRequest_Encoding_DefaultBinary),
        int(_IDS.TranslateBrowsePathsToNodeIdsRequest_Encoding_DefaultBinary),
    }
)
LISTENING: Final = frozenset(
    {
        int(_IDS.CreateSubscriptionRequest_Encoding_DefaultBinary),
        int(_IDS.CreateMonitoredItemsRequest_Encoding_DefaultBinary),
        int(_IDS.PublishRequest_Encoding_DefaultBinary),
    }
)
WRITE: Final = int(_IDS.WriteRequest_Encoding_DefaultBinary)
CALL: Final = int(_IDS.CallRequest_Encoding_DefaultBinary)
FOUR_BYTE: Final = 1
"""First byte of the only form in which a request names itself here: namespace 0, a number of two bytes."""


class Guard:
    """What may leave on one connection. `write` and `calls`: what stands behind the request header, a write without words."""

    def __init__(
        self, services: Iterable[int], write: bytes | None = None, words: int = 0, calls: Iterable[bytes] = ()
    ) -> None:
        self._services = frozenset(services)
        self._write = write
        self._words = words
        self._calls = frozenset(calls)

    def check(self, request: bytes, header_bytes: int) -> None:
        """Return if it may pass. RuntimeError: it may not. `header_bytes`: service number and request header."""
        form, namespace, service = struct.unpack_from("<BBH", request)
        if form != FOUR_BYTE or namespace:
            raise RuntimeError("a request that does not name itself as ours do")
        if service in self._services:
            return
        if service == WRITE and self._is_exchange(request[header_bytes:]):
            return
        if service == CALL and request[header_bytes:] in self._calls:
            return
        raise RuntimeError(f"service {service} may not leave like this")

    def _is_exchange(self, written: bytes) -> bool:
        if self._write is None or len(written) != len(self._write) + 2 * self._words:
            return False
        magic, version = struct.unpack_from("<HH", written, len(self._write) + 2)
        return written.startswith(self._write) and magic == MAGIC and version == VERSION
