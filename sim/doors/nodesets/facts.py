"""Facts: the words in which a companion specification is written down here.

Comes in: nothing. Goes out: types of facts and the ids of the standard's own namespace. Never here: a specification.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

UA: Final = "http://opcfoundation.org/UA/"


class Id(NamedTuple):
    """A numeric node id with the URI of its namespace."""

    number: int
    uri: str = UA


BOOLEAN, INT32, UINT16, UINT32, FLOAT, DOUBLE = Id(1), Id(6), Id(5), Id(7), Id(10), Id(11)
STRING, BYTE_STRING, NODE_ID, LOCALIZED_TEXT = Id(12), Id(15), Id(17), Id(21)
ANY, ENUMERATION, STRUCTURE, UNION = Id(24), Id(29), Id(22), Id(12756)
UTC_TIME, DURATION = Id(294), Id(290)
BASE_OBJECT, FOLDER, BASE_EVENT, STATE_MACHINE, STATE = Id(58), Id(61), Id(2041), Id(2771), Id(2307)


class Field(NamedTuple):
    """One field of a structure, or one member of a union."""

    name: str
    type: Id
    optional: bool = False


class DataType(NamedTuple):
    """A data type. `fields` are its own; those of its parent come before them."""

    number: int
    name: str
    parent: Id
    fields: tuple[Field, ...] = ()
    encoding: int = 0
    """Id of "Default Binary"; 0: not a structure."""
    values: tuple[str, ...] = ()
    """Of an enumeration, from 0."""
    abstract: bool = False


class Member(NamedTuple):
    """A variable of an object type."""

    number: int
    name: str
    type: Id
    mandatory: bool = True
    prop: bool = False
    """A property; otherwise a component."""
    array: bool = False


class ObjectType(NamedTuple):
    """A type of objects or events."""

    number: int
    name: str
    parent: Id
    abstract: bool = False
    members: tuple[Member, ...] = ()


class Nodeset(NamedTuple):
    """What is used of one specification."""

    uri: str
    data_types: tuple[DataType, ...] = ()
    object_types: tuple[ObjectType, ...] = ()
    objects: Mapping[int, str] = {}
    """Well-known instances and states, by id."""
