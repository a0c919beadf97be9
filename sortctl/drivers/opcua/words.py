"""Words: arrays of UInt16 to and from the wire, hundreds of times a second.

Comes in: words; encoded answers. Goes out: encoded requests; words with their status. The theory: all but a few bytes of a
request is the same in each cycle. asyncua encodes it once; here its moment, its number and its words are put in place. An
answer of the usual shape is taken apart here; any other is left to asyncua's own decoder, so the shape is an optimisation
and no second opinion. Never here: sending, what a status means.
"""

import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sortctl.drivers.opcua.stack import Buffer, binary, ua

STAMP: Final = struct.Struct("<qI")
"""Moment and number, behind service number and token."""
SERVICE_BYTES: Final = 4
HEADER_REST_BYTES: Final = 4 + 4 + 4 + 3
"""Behind the number: diagnostics, audit, patience, no more."""
MARK: Final = 0x4D41524B
FILETIME_PER_S: Final = 10_000_000
"""OPC UA counts time in 100 ns."""
# An answer: service number, moment, number, result; no diagnostics, no strings, nothing more; one result.
ANSWER_HEAD: Final = struct.Struct("<4s8x4xIB4s3s4s")
NO_MORE: Final = b"\0\0\0"
NO_STRINGS: Final = frozenset({b"\xff\xff\xff\xff", b"\0\0\0\0"})
ONE: Final = b"\1\0\0\0"
VALUE: Final = 0x01
STATUS: Final = 0x02
UINT16_ARRAY: Final = 0x85
"""Variant of type 5, with the bit of an array."""


class Read(NamedTuple):
    """One value that came. `words` is None if it is no array of UInt16; then `found` says what it is."""

    status: int
    words: list[int] | None
    found: str


class Template:
    """A request that is encoded once. `tail`: bytes at its end that change; `made_s`: the loop's time now."""

    def __init__(self, request: Any, header: Any, made_s: float, tail: int = 0) -> None:
        header.RequestHandle = ua.UInt32(MARK)
        request.RequestHeader = header
        whole = binary.struct_to_binary(request)
        at = SERVICE_BYTES + len(binary.nodeid_to_binary(header.AuthenticationToken))
        self._made, mark = STAMP.unpack_from(whole, at)
        if mark != MARK:
            raise RuntimeError("asyncua encodes request headers in another way than this was written for")
        self._made_s = made_s
        self._before = whole[:at]
        self._after = whole[at + STAMP.size : len(whole) - tail]
        self.behind_header = self._after[HEADER_REST_BYTES:]

    def fill(self, number: int, now_s: float, tail: bytes = b"") -> bytes:
        """The request, with this number, now."""
        moment = self._made + int((now_s - self._made_s) * FILETIME_PER_S)
        return b"".join((self._before, STAMP.pack(moment, number), self._after, tail))


def packed(words: Sequence[int]) -> bytes:
    """Words as they stand in an array. struct.error: not 16 bits."""
    return struct.pack(f"<{len(words)}H", *words)


def write_request(node: Any, count: int) -> Any:
    """One Write of `count` words: the value only, no status, no moments (many PLCs refuse both)."""
    request = ua.WriteRequest()
    value = ua.DataValue(ua.Variant([0] * count, ua.VariantType.UInt16), StatusCode=None)
    request.Parameters.NodesToWrite = [ua.WriteValue(NodeId=node, AttributeId=ua.AttributeIds.Value, Value=value)]
    return request


def read_request(node: Any) -> Any:
    """One Read of a value, without moments."""
    request = ua.ReadRequest()
    request.Parameters.TimestampsToReturn = ua.TimestampsToReturn.Neither
    request.Parameters.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value)]
    return request


def written_status(answer: Buffer) -> int | None:
    """The status of the one item of a Write. None: not of the usual shape."""
    data = bytes(answer)
    if len(data) < ANSWER_HEAD.size + 4 or not _is_usual(data, WRITE_ANSWER):
        return None
    return int.from_bytes(data[ANSWER_HEAD.size : ANSWER_HEAD.size + 4], "little")


def read_words(answer: Buffer) -> Read | None:
    """The value of a Read of one array. None: not of the usual shape."""
    data = bytes(answer)
    at = ANSWER_HEAD.size
    if len(data) < at + 6 or not _is_usual(data, READ_ANSWER):
        return None
    mask, kind, count = struct.unpack_from("<BBi", data, at)
    end = at + 6 + 2 * count
    # Behind the status there may be moments, which nobody asked for and nobody needs.
    if not mask & VALUE or kind != UINT16_ARRAY or count < 0 or len(data) < end + 2 * (mask & STATUS):
        return None
    status = int.from_bytes(data[end : end + 4], "little") if mask & STATUS else 0
    return Read(status, list(struct.unpack_from(f"<{count}H", data, at + 6)), "")


def read_value(value: Any) -> Read:
    """The same for a value that asyncua has decoded."""
    status = int(value.StatusCode.value) if value.StatusCode is not None else 0
    variant = value.Value
    if variant is None or (variant.Value is None and not variant.is_array):
        return Read(status, None, "nothing")
    is_words = variant.VariantType == ua.VariantType.UInt16 and variant.is_array and not variant.Dimensions
    if not is_words:
        kind = getattr(variant.VariantType, "name", str(variant.VariantType))
        shape = (
            "an array of several dimensions" if variant.Dimensions else "an array" if variant.is_array else "one value"
        )
        return Read(status, None, f"{kind}, {shape}")
    return Read(status, list(variant.Value or ()), "")


def _is_usual(data: bytes, service: bytes) -> bool:
    kind, result, diagnostics, strings, more, results = ANSWER_HEAD.unpack_from(data)
    return bool(
        kind == service
        and not result
        and not diagnostics
        and strings in NO_STRINGS
        and more == NO_MORE
        and results == ONE
    )


def _service(answer: Any) -> bytes:
    return bytes(binary.nodeid_to_binary(answer.TypeId))


WRITE_ANSWER: Final = _service(ua.WriteResponse())
READ_ANSWER: Final = _service(ua.ReadResponse())
