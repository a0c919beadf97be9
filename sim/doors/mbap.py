"""The envelope of Modbus TCP: a stream cut into requests, an answer put into its envelope. Pure.

Comes in: bytes in any pieces. Goes out: whole requests, several at once if they came so.
Never here: what a request means.
"""

import struct
from typing import Final, NamedTuple

HEAD: Final = struct.Struct(">HHHB")
# The length field counts the unit and a PDU of at most 253 bytes.
LENGTH_MAX: Final = 254


class Request(NamedTuple):
    """One request in its envelope."""

    transaction: int
    unit: int
    pdu: bytes


class NotModbus(Exception):
    """The stream can no longer be cut; a real server closes the connection."""


class Envelopes:
    """Cuts one connection's stream. Holds less than one request."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[Request]:
        """The requests that are whole now."""
        self._left += data
        found: list[Request] = []
        while len(self._left) >= HEAD.size:
            transaction, protocol, length, unit = HEAD.unpack_from(self._left)
            if protocol != 0 or not 2 <= length <= LENGTH_MAX:
                raise NotModbus(f"protocol {protocol}, length {length}")
            end = HEAD.size - 1 + length
            if len(self._left) < end:
                break
            found.append(Request(transaction, unit, self._left[HEAD.size : end]))
            self._left = self._left[end:]
        return found


def envelope(transaction: int, unit: int, pdu: bytes) -> bytes:
    """An answer as it goes over the wire."""
    return HEAD.pack(transaction & 0xFFFF, 0, len(pdu) + 1, unit) + pdu
