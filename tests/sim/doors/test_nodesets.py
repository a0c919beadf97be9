"""Our facts of the companion specifications against the published files, where these are at hand.

`SORTCTL_NODESETS` names a folder with Opc.Ua.Di.NodeSet2.xml, Opc.Ua.AutoID.NodeSet2.xml and Opc.Ua.PackML.NodeSet2.xml;
`make nodesets` fetches them.
"""

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sim.doors.nodesets import facts
from sim.doors.nodesets.autoid import AUTOID, DI
from sim.doors.nodesets.facts import Id, Nodeset
from sim.doors.nodesets.packml import BASE_STATES, EXECUTE_STATES, MACHINE_STATES, PACKML

FOLDER = os.environ.get("SORTCTL_NODESETS", "")
TAG = "{http://opcfoundation.org/UA/2011/03/UANodeSet.xsd}"
FILES = {"Di": DI, "AutoID": AUTOID, "PackML": PACKML}
MANDATORY = "i=78"

published = pytest.mark.skipif(not FOLDER, reason="SORTCTL_NODESETS names no folder with the published nodesets")


class Published:
    """One file."""

    def __init__(self, name: str) -> None:
        root = ET.parse(Path(FOLDER) / f"Opc.Ua.{name}.NodeSet2.xml").getroot()  # noqa: S314 a file of our own choice
        self._uris = [facts.UA, *(uri.text or "" for uri in root.iter(f"{TAG}Uri"))]
        self._aliases = {alias.get("Alias", ""): alias.text or "" for alias in root.iter(f"{TAG}Alias")}
        self._nodes = {node.get("NodeId"): node for node in root if node.get("NodeId")}

    def node(self, number: int) -> ET.Element:
        return self._nodes[f"ns=1;i={number}"]

    def name(self, number: int) -> str:
        return (self.node(number).get("BrowseName") or "").removeprefix("1:")

    def id(self, text: str) -> Id:
        text = self._aliases.get(text, text)
        index, _, number = text.rpartition("i=")
        return Id(int(number), self._uris[int(index[3:-1]) if index else 0])

    def refers(self, number: int, kind: str, *, forward: bool = True) -> list[str]:
        return [
            reference.text or ""
            for reference in self.node(number).iter(f"{TAG}Reference")
            if reference.get("ReferenceType") == kind and (reference.get("IsForward") != "false") is forward
        ]

    def parent(self, number: int) -> Id:
        (parent,) = self.refers(number, "HasSubtype", forward=False)
        return self.id(parent)

    def fields(self, number: int) -> list[tuple[str, Id, bool]]:
        found = self.node(number).find(f"{TAG}Definition")
        assert found is not None
        return [
            (field.get("Name", ""), self.id(field.get("DataType", "i=24")), field.get("IsOptional") == "true")
            for field in found
        ]

    def values(self, number: int) -> list[tuple[str, int]]:
        found = self.node(number).find(f"{TAG}Definition")
        assert found is not None
        return [(field.get("Name", ""), int(field.get("Value", "-1"))) for field in found]


@pytest.fixture(params=FILES)
def pair(request: pytest.FixtureRequest) -> tuple[Published, Nodeset]:
    return Published(request.param), FILES[request.param]


@published
def test_data_types(pair: tuple[Published, Nodeset]) -> None:
    theirs, ours = pair
    for kind in ours.data_types:
        assert (theirs.name(kind.number), theirs.parent(kind.number)) == (kind.name, kind.parent)
        assert (theirs.node(kind.number).get("IsAbstract") == "true") is kind.abstract
        if kind.encoding:
            assert f"ns=1;i={kind.encoding}" in theirs.refers(kind.number, "HasEncoding")
            assert theirs.name(kind.encoding) == "Default Binary"
            expected = [(field.name, field.type, field.optional) for field in kind.fields]
            assert theirs.fields(kind.number) == expected
        if kind.values:
            assert theirs.values(kind.number) == [(name, number) for number, name in enumerate(kind.values)]


@published
def test_object_types(pair: tuple[Published, Nodeset]) -> None:
    theirs, ours = pair
    for kind in ours.object_types:
        assert (theirs.name(kind.number), theirs.parent(kind.number)) == (kind.name, kind.parent)
        assert (theirs.node(kind.number).get("IsAbstract") == "true") is kind.abstract
        for member in kind.members:
            node = theirs.node(member.number)
            assert theirs.name(member.number) == member.name
            assert theirs.id(node.get("DataType", "i=24")) == member.type
            assert (node.get("ValueRank") == "1") is member.array
            assert (MANDATORY in theirs.refers(member.number, "HasModellingRule")) is member.mandatory
            held = theirs.refers(member.number, "HasProperty" if member.prop else "HasComponent", forward=False)
            assert held == [f"ns=1;i={kind.number}"]


@published
def test_objects(pair: tuple[Published, Nodeset]) -> None:
    theirs, ours = pair
    assert {number: theirs.name(number) for number in ours.objects} == dict(ours.objects)


@published
def test_state_numbers() -> None:
    theirs = Published("PackML")
    for state in (*BASE_STATES, *MACHINE_STATES, *EXECUTE_STATES):
        assert theirs.refers(state.node, "HasProperty") == [f"ns=1;i={state.property}"]
        value = theirs.node(state.property).find(f"{TAG}Value")
        assert value is not None
        assert "".join(value.itertext()).strip() == str(state.number)


def test_every_type_comes_after_what_it_needs() -> None:
    """The order in which a server can build them."""
    known = {Id(number) for number in (1, 5, 6, 7, 10, 11, 12, 15, 17, 21, 22, 24, 29, 58, 61, 290, 294, 2041, 2307)}
    known |= {facts.UNION, facts.STATE_MACHINE}
    for nodeset in (DI, AUTOID, PACKML):
        for kind in nodeset.data_types:
            assert kind.parent in known
            assert {field.type for field in kind.fields} <= known
            known.add(Id(kind.number, nodeset.uri))
        for described in nodeset.object_types:
            assert described.parent in known
            assert {member.type for member in described.members} <= known
            known.add(Id(described.number, nodeset.uri))
