"""Results: the codes in an event of an AutoID reader (OPC 30010), out of the bytes of its structures.

Comes in: extension objects. Goes out: codes. The theory: every result begins as ScanResult does, whatever its maker added
behind: a mask of the optional fields, CodeType, ScanData (a union), Timestamp, Location if the mask says so. An optical one
goes on with Grade, Position, Symbology, ImageId, each if the mask says so. That and the numbers of the types are fixed by
the standard; so the server is asked for nothing but the number of the namespace, and one that describes its structures
badly, or not at all, is understood all the same. Of a type of its maker's own the codes are understood, without symbology.
Never here: subscriptions, what a code means.
"""

from collections.abc import Iterable
from typing import Any, Final

from sortctl.drivers.opcua.stack import Buffer, binary, ua
from sortctl.drivers.ports import ScannedCode

BYTES, TEXT, EPC, CUSTOM = 1, 2, 3, 4
"""Members of the union ScanData."""
LOCATION, GRADE, POSITION, SYMBOLOGY = 1, 2, 4, 8
"""Bits of the mask, in the order of the optional fields."""
OPTICAL: Final = frozenset({5040, 5052})
"""Binary encodings of OpticalScanResult and of OpticalVerifierScanResult, which is derived from it."""
TIMESTAMP_BYTES: Final = 8
GRADE_BYTES: Final = 4
POSITION_BYTES: Final = 5 * 4
_TYPES: Final = binary.Primitives


class ResultUnreadable(Exception):
    """A result that is not as the standard says."""


def codes(value: Any, namespace: int) -> tuple[ScannedCode, ...]:
    """The codes in the field ScanResult of an event; none: nothing was read. `namespace`: of AutoID. ResultUnreadable."""
    if value is None:
        return ()
    results: Iterable[Any] = value if isinstance(value, list | tuple) else (value,)
    return tuple(_code(result, namespace) for result in results if result is not None)


def _code(result: Any, namespace: int) -> ScannedCode:
    if not isinstance(result, ua.ExtensionObject):
        return _decoded(result)
    try:
        body = Buffer(bytes(result.Body or b""))
        mask = int(_TYPES.UInt32.unpack(body))
        code_type = _text(_TYPES.Bytes.unpack(body))
        data = _data(body)
        symbology = _symbology(body, mask) if _is_optical(result.TypeId, namespace) else ""
    except ResultUnreadable:
        raise
    except Exception as error:
        raise ResultUnreadable(f"a result of type {result.TypeId.to_string()}: {error}") from error
    return ScannedCode(data, code_type, symbology)


def _is_optical(kind: Any, namespace: int) -> bool:
    return kind.NamespaceIndex == namespace and kind.Identifier in OPTICAL


def _data(body: Any) -> str | bytes:
    member = int(_TYPES.UInt32.unpack(body))
    if member == BYTES:
        return bytes(_TYPES.Bytes.unpack(body) or b"")
    if member == TEXT:
        return _text(_TYPES.Bytes.unpack(body))
    if member == EPC:
        # Mask, protocol control word, then the identifier.
        body.skip(4 + 2)
        return bytes(_TYPES.Bytes.unpack(body) or b"")
    if member == CUSTOM:
        held = binary.variant_from_binary(body).Value
        if isinstance(held, str | bytes):
            return held
        raise ResultUnreadable(f"data of its maker's own type ({type(held).__name__})")
    raise ResultUnreadable("a result without data" if not member else f"data of an unknown kind ({member})")


def _symbology(body: Any, mask: int) -> str:
    if not mask & SYMBOLOGY:
        return ""
    body.skip(TIMESTAMP_BYTES)
    if mask & LOCATION:
        _skip_location(body)
    body.skip(GRADE_BYTES * bool(mask & GRADE) + POSITION_BYTES * bool(mask & POSITION))
    return _text(_TYPES.Bytes.unpack(body))


def _skip_location(body: Any) -> None:
    """Union of a text (NMEA), LocalCoordinate, WGS84Coordinate and a name."""
    member = int(_TYPES.UInt32.unpack(body))
    if member in {1, 4}:
        _TYPES.Bytes.unpack(body)
    elif member == 2:  # the second member: three Doubles, a moment, a Double, an Int32
        body.skip(3 * 8 + 8 + 8 + 4)
    elif member == 3:  # the third: a text, a Double, a text, two Doubles, a moment, a Double, two Int32
        _TYPES.Bytes.unpack(body)
        body.skip(8)
        _TYPES.Bytes.unpack(body)
        body.skip(2 * 8 + 8 + 8 + 2 * 4)


def _text(data: bytes | None) -> str:
    """UTF-8; bytes that are none stay, as single surrogates."""
    return (data or b"").decode("utf-8", "surrogateescape")


def _decoded(result: Any) -> ScannedCode:
    """Somebody else in this process has taught asyncua the type."""
    held = getattr(getattr(result, "ScanData", None), "Value", None)
    if not isinstance(held, str | bytes):
        raise ResultUnreadable(f"a result of type {type(result).__name__}")
    return ScannedCode(held, result.CodeType or "", getattr(result, "Symbology", None) or "")
