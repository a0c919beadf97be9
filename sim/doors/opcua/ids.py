"""Ids: node ids and status codes in asyncua's own types, whose annotations are narrower than what they take.

Comes in: plain numbers and texts. Goes out: `ua` objects. Never here: which ids a machine has.
"""

from typing import Any

from asyncua import ua


def node_id(identifier: Any, index: int = 0) -> ua.NodeId:
    """A number or a text in the namespace of this index; 0 is the standard's own."""
    return ua.NodeId(identifier, ua.Int16(index))


def parsed_id(text: str, index: int) -> ua.NodeId:
    """From the site file's spelling ("s=...", "i=...")."""
    return ua.NodeId.from_string(f"ns={index};{text}")


def status(code: int) -> ua.StatusCode:
    return ua.StatusCode(ua.UInt32(code))
