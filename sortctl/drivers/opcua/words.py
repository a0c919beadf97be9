"""Words: arrays of UInt16 as values of OPC UA.

Comes in: words; values that came. Goes out: what is asked for in a Write and a Read; words with their status.
Never here: sending, what a status means.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sortctl.drivers.opcua.stack import ua


class Read(NamedTuple):
    """One value that came. `words` is None if it is no array of UInt16; then `found` says what it is."""

    status: int
    words: list[int] | None
    found: str


def write_of(node: Any, words: list[int]) -> Any:
    """One Write of words to a node: the value only, no status, no moments (many PLCs refuse both)."""
    value = ua.DataValue(ua.Variant(words, ua.VariantType.UInt16, is_array=True), StatusCode=None)
    item = ua.WriteValue(NodeId=node, AttributeId=ua.AttributeIds.Value, Value=value)
    return ua.WriteParameters(NodesToWrite=[item])


def read_of(wanted: Sequence[tuple[Any, int]]) -> Any:
    """One Read of nodes and attributes, without moments."""
    items = [ua.ReadValueId(NodeId=node, AttributeId=kind) for node, kind in wanted]
    return ua.ReadParameters(TimestampsToReturn=ua.TimestampsToReturn.Neither, NodesToRead=items)


def read_value(value: Any) -> Read:
    """What a data value holds."""
    status = int(value.StatusCode.value) if value.StatusCode is not None else 0
    variant = value.Value
    if variant is None or (variant.Value is None and not variant.is_array):
        return Read(status, None, "nothing")
    if variant.VariantType == ua.VariantType.UInt16 and variant.is_array and not variant.Dimensions:
        return Read(status, list(variant.Value or ()), "")
    kind = getattr(variant.VariantType, "name", str(variant.VariantType))
    shape = "an array of several dimensions" if variant.Dimensions else "an array" if variant.is_array else "one value"
    return Read(status, None, f"{kind}, {shape}")
