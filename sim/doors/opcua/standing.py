"""Standing: an asyncua server without a socket of its own, ready in milliseconds.

Comes in: policies, keys and users. Goes out: an address space, endpoints, and policies for the connections of a door.
The standard address space takes a second or two to build: it is built once in a process, and each server copies the nodes
that it touches. Nothing runs: no clock task, no cleaning task; the time of day is computed when somebody asks.
Never here: connections and sessions (`connection.py`), what the nodes of the machine are.
"""

import asyncio
import copy
import gc
import logging
from datetime import UTC, datetime
from typing import Any, Final

from asyncua import Server, ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData, NodeManagementService
from asyncua.server.internal_server import InternalServer
from asyncua.server.standard_address_space import standard_address_space

from sim.doors.opcua.ids import node_id
from sim.doors.opcua.locks import Guard, Locks
from sim.doors.opcua.publishing import Publishing

QUIET: Final = logging.CRITICAL + 1
NOISY: Final = ("asyncua.server", "asyncua.common", "asyncua.crypto", "asyncua.uaprotocol")
"""Where a server tells every refused request and every lost connection; here they are made on purpose."""


class _Template:
    """The standard address space, as it is before any server has touched it."""

    def __init__(self) -> None:
        self.nodes: dict[ua.NodeId, NodeData] | None = None

    async def stand(self) -> "dict[ua.NodeId, NodeData]":
        if self.nodes is None:
            self.nodes = await asyncio.to_thread(_filled)
        return self.nodes


_TEMPLATE: Final = _Template()


def _filled() -> "dict[ua.NodeId, NodeData]":
    space = AddressSpace()
    # A hundred thousand small objects that all stay: collecting garbage among them doubles the time.
    collects = gc.isenabled()
    gc.disable()
    try:
        standard_address_space.fill_address_space(NodeManagementService(space))  # type: ignore[no-untyped-call]
    finally:
        if collects:
            gc.enable()
    return space._nodes  # noqa: SLF001 asyncua has no other way to take a filled address space


class _Touched(dict[ua.NodeId, NodeData]):
    """The nodes of one server: its own, and copies of those of the template that it has touched."""

    def __init__(self, template: "dict[ua.NodeId, NodeData]") -> None:
        super().__init__()
        self._template = template

    def __missing__(self, nodeid: ua.NodeId) -> NodeData:
        node = _copied(self._template[nodeid])
        self[nodeid] = node
        return node

    def __contains__(self, nodeid: object) -> bool:
        return super().__contains__(nodeid) or nodeid in self._template

    def get(self, nodeid: ua.NodeId, default: Any = None) -> Any:
        try:
            return self[nodeid]
        except KeyError:
            return default


def _copied(node: NodeData) -> NodeData:
    fresh = NodeData(node.nodeid)
    fresh.references = list(node.references)
    for attribute, value in node.attributes.items():
        # A Value is changed in place by asyncua (the namespace array, the server status); other attributes are replaced.
        shown = copy.deepcopy(value.value) if attribute == ua.AttributeIds.Value else value.value
        fresh.attributes[attribute] = AttributeValue(shown)  # type: ignore[arg-type]
    return fresh


class _Core(InternalServer):
    """asyncua's inner server on a shared standard address space."""

    def __init__(self) -> None:
        super().__init__()
        self.publishing = Publishing(self.aspace, self)
        self.subscription_service = self.isession.subscription_service = self.publishing

    async def load_standard_address_space(self, shelf_file: Any = None) -> None:  # noqa: ARG002
        self.aspace._nodes = _Touched(await _TEMPLATE.stand())  # noqa: SLF001 see above


class StandingServer(Server):
    """One server. `policies` are what a connection may be opened with."""

    def __init__(self, url: str) -> None:
        for name in NOISY:
            logging.getLogger(name).setLevel(QUIET)
        core = _Core()
        self.publishing = core.publishing
        super().__init__(core)
        self.set_endpoint(url)
        self.set_server_name("simulated PLC")
        self.disable_clock()
        self.set_match_discovery_client_ip(False)
        self.offers_none = True
        """A channel without security may do more than ask for the endpoints."""

    @property
    def policies(self) -> list[Any]:
        """Factories for asyncua's connections."""
        return self._policies

    async def stand(self, locks: Locks) -> None:
        """Ready for requests."""
        await self.init()
        self.set_attribute_value_callback(node_id(ua.ObjectIds.Server_ServerStatus_CurrentTime), _now)
        await self.lock(locks)
        await self.iserver.start()

    async def lock(self, locks: Locks) -> None:
        """Other keys and users from now on; connections that stand keep what they were opened with."""
        await self.set_application_uri(locks.application_uri)
        if locks.certificate is not None and locks.key is not None:
            await self.load_certificate(locks.certificate)
            await self.load_private_key(locks.key)
        self.set_security_policy(locks.policy_types())
        self.set_identity_tokens(locks.token_types())
        self.iserver.set_user_manager(Guard(locks))
        self.offers_none = ua.SecurityPolicyType.NoSecurity in locks.policy_types()
        self._policies = []
        self.iserver.endpoints.clear()
        await self._setup_server_nodes()

    async def end(self) -> None:
        """For good."""
        await self.iserver.stop()


def _now(nodeid: ua.NodeId, attribute: ua.AttributeIds) -> ua.DataValue:  # noqa: ARG001 asyncua's signature
    return ua.DataValue(ua.Variant(datetime.now(UTC), ua.VariantType.DateTime))
