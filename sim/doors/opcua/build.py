"""Build: facts of a companion specification become nodes of a server.

Comes in: nodesets (`sim/doors/nodesets`), a server. Goes out: types with their published ids, and objects with ids of our
own whose type is one of those. Never here: which instances there are, what their values are.
"""

from typing import Any

from asyncua import Node, Server, ua

from sim.doors.nodesets import facts
from sim.doors.nodesets.facts import DataType, Id, Nodeset, ObjectType
from sim.doors.opcua.ids import node_id


class Builder:
    """Builds in one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._index: dict[str, int] = {facts.UA: 0}
        self._fields: dict[Id, list[ua.StructureField]] = {}

    async def register(self, uri: str) -> int:
        """Index of this namespace."""
        if uri not in self._index:
            self._index[uri] = await self.server.register_namespace(uri)
        return self._index[uri]

    def id(self, fact: Id) -> ua.NodeId:
        return node_id(fact.number, self._index[fact.uri])

    def node(self, fact: Id) -> Node:
        return self.server.get_node(self.id(fact))

    # ------------------------------------------------------------------------------------ types

    async def add_types(self, nodeset: Nodeset) -> None:
        """Parents first, as they stand in the nodeset."""
        index = await self.register(nodeset.uri)
        for kind in nodeset.data_types:
            await self._add_data_type(nodeset.uri, index, kind)
        for described in nodeset.object_types:
            await self._add_object_type(nodeset.uri, index, described)

    async def _add_data_type(self, uri: str, index: int, kind: DataType) -> None:
        own = Id(kind.number, uri)
        node = await self.node(kind.parent).add_data_type(self.id(own), f"{index}:{kind.name}")
        if kind.abstract:
            await node.write_attribute(ua.AttributeIds.IsAbstract, _plain(True, ua.VariantType.Boolean))
        if kind.values:
            await node.write_data_type_definition(_enumeration(kind.values))
            texts = [ua.LocalizedText(text) for text in kind.values]
            await node.add_property(node_id(0, index), "0:EnumStrings", texts)
        elif kind.encoding:
            encoding = node_id(kind.encoding, index)
            await self._add_encoding(node, encoding)
            await node.write_data_type_definition(self._structure(own, kind, encoding))

    async def _add_encoding(self, kind: Node, nodeid: ua.NodeId) -> None:
        item = ua.AddNodesItem()
        item.RequestedNewNodeId = nodeid
        item.BrowseName = ua.QualifiedName("Default Binary", 0)
        item.NodeClass = ua.NodeClass.Object
        item.ParentNodeId = kind.nodeid
        item.ReferenceTypeId = node_id(ua.ObjectIds.HasEncoding)
        item.TypeDefinition = node_id(ua.ObjectIds.DataTypeEncodingType)
        await self._add(item, ua.ObjectAttributes(DisplayName=ua.LocalizedText("Default Binary")))

    def _structure(self, own: Id, kind: DataType, encoding: ua.NodeId) -> ua.StructureDefinition:
        # A definition holds all fields, those of the parents first (OPC 10000-3, 8.48).
        fields = list(self._fields.get(kind.parent, []))
        for described in kind.fields:
            field = ua.StructureField()
            field.Name = described.name
            field.DataType = self.id(described.type)
            field.ValueRank = ua.ValueRank.Scalar
            field.IsOptional = described.optional
            fields.append(field)
        self._fields[own] = fields
        definition = ua.StructureDefinition()
        definition.DefaultEncodingId = encoding
        definition.BaseDataType = self.id(kind.parent)
        definition.Fields = fields
        if kind.parent == facts.UNION:
            definition.StructureType = ua.StructureType.Union
        elif any(field.IsOptional for field in fields):
            definition.StructureType = ua.StructureType.StructureWithOptionalFields
        else:
            definition.StructureType = ua.StructureType.Structure
        return definition

    async def _add_object_type(self, uri: str, index: int, described: ObjectType) -> None:
        own = self.id(Id(described.number, uri))
        node = await self.node(described.parent).add_object_type(own, f"{index}:{described.name}")
        if described.abstract:
            await node.write_attribute(ua.AttributeIds.IsAbstract, _plain(True, ua.VariantType.Boolean))
        for member in described.members:
            name, nodeid = f"{index}:{member.name}", node_id(member.number, index)
            add = node.add_property if member.prop else node.add_variable
            child = await add(nodeid, name, None, datatype=self.id(member.type))
            if member.array:
                await child.write_value_rank(ua.ValueRank.OneDimension)
            await child.set_modelling_rule(member.mandatory)

    # ------------------------------------------------------------------------------------ objects

    async def add_object(
        self, parent: Node, nodeid: ua.NodeId, name: str, kind: Id, reference: int = ua.ObjectIds.HasComponent
    ) -> Node:
        """An object of this type, without children."""
        item = ua.AddNodesItem()
        item.RequestedNewNodeId = nodeid
        item.BrowseName = ua.QualifiedName.from_string(name)
        item.NodeClass = ua.NodeClass.Object
        item.ParentNodeId = parent.nodeid
        item.ReferenceTypeId = node_id(reference)
        item.TypeDefinition = self.id(kind)
        shown = ua.LocalizedText(item.BrowseName.Name)
        await self._add(item, ua.ObjectAttributes(DisplayName=shown, EventNotifier=ua.Byte(0)))
        return self.server.get_node(nodeid)

    async def _add(self, item: Any, attributes: Any) -> None:
        item.NodeAttributes = attributes
        (result,) = await self.server.iserver.isession.add_nodes([item])
        result.StatusCode.check()


def _enumeration(values: tuple[str, ...]) -> ua.EnumDefinition:
    definition = ua.EnumDefinition()
    for number, name in enumerate(values):
        field = ua.EnumField()
        field.Name = name
        field.DisplayName = ua.LocalizedText(name)
        field.Value = ua.Int64(number)
        definition.Fields.append(field)
    return definition


def _plain(value: Any, kind: ua.VariantType) -> ua.DataValue:
    return ua.DataValue(ua.Variant(value, kind))
