"""A locked OPC UA door: policies, certificates and users, with asyncua's own client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from asyncua import Client, ua
from asyncua.crypto import security_policies

from sim.doors.certificates import Bearer, Pair, new_key, self_signed
from sim.doors.opcua.exchange import ExchangeNodes
from sim.doors.opcua.locks import Locks
from sim.doors.opcua_door import Entrance, OpcUaDoor
from sim.faults.at_opcua import Manners, Mischief
from tests.sim.doors.conftest import Words, opcua_machine_at
from tests.sim.doors.test_opcua_door import leave, node, until

pytestmark = pytest.mark.wire

POLICIES = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
MODES = ("Sign", "SignAndEncrypt")
PLC, ASKER = Bearer("urn:simulated:plc"), Bearer("urn:asker")

Connect = Callable[..., "asyncio.Future[Client]"]


@pytest.fixture(scope="module")
def pairs() -> dict[str, Pair]:
    """Of the PLC, of somebody it knows, of somebody it does not."""
    return {
        "plc": self_signed(new_key(), PLC),
        "friend": self_signed(new_key(), ASKER),
        "stranger": self_signed(new_key(), ASKER),
    }


@pytest.fixture
def locks(pairs: dict[str, Pair], tmp_path: Path) -> Locks:
    certificate, key = pairs["plc"].save(tmp_path, "plc")
    return Locks(
        policies=tuple((policy, mode) for policy in POLICIES for mode in MODES),
        certificate=certificate,
        key=key,
        trusted=frozenset({pairs["friend"].der}),
    )


@pytest.fixture
async def door(words: Words, port: int, locks: Locks) -> AsyncIterator[OpcUaDoor]:
    door = OpcUaDoor(
        Entrance(port, "/plc", locks), [ExchangeNodes(opcua_machine_at(port), lambda: words)], Mischief(1), Manners()
    )
    await door.open()
    yield door
    await door.end()


@pytest.fixture
async def clients(door: OpcUaDoor) -> AsyncIterator[list[Client]]:
    opened: list[Client] = []
    yield opened
    for client in opened:
        await leave(client)


async def knock(
    door: OpcUaDoor, clients: list[Client], pair: Pair, policy: str = POLICIES[0], mode: str = MODES[1]
) -> Client:
    """A client that is ready to connect."""
    client = Client(door.url, timeout=2)
    client.session_timeout = 2_000
    client.application_uri = ASKER.uri
    clients.append(client)
    folder = door.locks.certificate.parent if door.locks.certificate else Path()
    certificate, key = pair.save(folder, f"client{len(clients)}")
    await client.set_security(
        getattr(security_policies, f"SecurityPolicy{policy}"),
        certificate,
        key,
        mode=ua.MessageSecurityMode[mode],
    )
    return client


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("mode", MODES)
async def test_every_policy_opens(
    door: OpcUaDoor, clients: list[Client], pairs: dict[str, Pair], words: Words, policy: str, mode: str
) -> None:
    client = await knock(door, clients, pairs["friend"], policy, mode)
    await client.connect()
    assert await node(client, "Inputs").read_value() == words.read_inputs()


async def test_a_stranger_gets_no_channel(door: OpcUaDoor, clients: list[Client], pairs: dict[str, Pair]) -> None:
    client = await knock(door, clients, pairs["stranger"])
    with pytest.raises((ua.UaError, ConnectionError)):
        await client.connect()
    assert door.sessions == 0
    await until(lambda: not door.connections)


async def test_without_security_there_are_endpoints_and_nothing_else(door: OpcUaDoor, clients: list[Client]) -> None:
    client = Client(door.url, timeout=2)
    clients.append(client)
    offered = await client.connect_and_get_server_endpoints()
    assert {endpoint.SecurityMode.name for endpoint in offered} == set(MODES)
    with pytest.raises((ua.UaError, ConnectionError)):
        await client.connect()
    assert door.sessions == 0


async def test_name_and_password(door: OpcUaDoor, clients: list[Client], locks: Locks, pairs: dict[str, Pair]) -> None:
    await door.lock(Locks(**{**vars(locks), "anonymous": False, "users": {"sorter": "right"}}))
    for name, password, error in (
        ("sorter", "wrong", ua.uaerrors.BadUserAccessDenied),
        ("nobody", "right", ua.uaerrors.BadUserAccessDenied),
        ("", "", ua.uaerrors.BadIdentityTokenRejected),
    ):
        client = await knock(door, clients, pairs["friend"])
        if name:
            client.set_user(name)
            client.set_password(password)
        with pytest.raises((error, ua.UaError)):
            await client.connect()
    client = await knock(door, clients, pairs["friend"], mode="Sign")
    client.set_user("sorter")
    client.set_password("right")
    await client.connect()
    assert await node(client, "Chutes").read_value()


async def test_a_certificate_as_user(
    door: OpcUaDoor, clients: list[Client], locks: Locks, pairs: dict[str, Pair]
) -> None:
    known = frozenset({pairs["friend"].der})
    await door.lock(Locks(**{**vars(locks), "anonymous": False, "user_certificates": known}))
    client = await knock(door, clients, pairs["friend"])
    folder = door.locks.certificate.parent if door.locks.certificate else Path()
    await client.load_client_certificate(str(folder / "client1.der"))
    await client.load_private_key(folder / "client1.pem")
    await client.connect()
    assert await node(client, "Chutes").read_value()


async def test_the_channel_is_renewed_when_its_life_is_short(
    door: OpcUaDoor, clients: list[Client], pairs: dict[str, Pair], words: Words
) -> None:
    door.manners.channel_lifetime_max_ms = 200
    client = await knock(door, clients, pairs["friend"])
    await client.connect()
    renewed = 0
    for _ in range(100):
        assert await node(client, "Inputs").read_value() == words.read_inputs()
        await asyncio.sleep(0.01)
        renewed = door.renewals
    assert renewed >= 3
