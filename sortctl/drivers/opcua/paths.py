"""Paths: from a node along names to other nodes, in one request, as browsing a large server takes minutes.

Comes in: a node and the names below it. Goes out: nodes. Never here: what they are for.
"""

from typing import Any

from sortctl.drivers.opcua import faults
from sortctl.drivers.opcua.session import Session
from sortctl.drivers.opcua.stack import ua


async def find(session: Session, start: Any, paths: list[list[Any]]) -> list[Any]:
    """The nodes at the ends of these paths; None where there is none."""
    request = ua.TranslateBrowsePathsToNodeIdsRequest()
    request.Parameters.BrowsePaths = [_path(start, names) for names in paths]
    results = (await session.ask(request, ua.TranslateBrowsePathsToNodeIdsResponse)).Results or []
    if len(results) != len(paths):
        session.channel.drop(f"{len(paths)} paths were asked for, {len(results)} came")
    return [
        each.Targets[0].TargetId if faults.is_good(int(each.StatusCode.value)) and each.Targets else None
        for each in results
    ]


def _path(start: Any, names: list[Any]) -> Any:
    path = ua.BrowsePath(StartingNode=start)
    path.RelativePath.Elements = [
        ua.RelativePathElement(
            ReferenceTypeId=ua.NodeId(ua.ObjectIds.HierarchicalReferences),
            IsInverse=False,
            IncludeSubtypes=True,
            TargetName=name,
        )
        for name in names
    ]
    return path
