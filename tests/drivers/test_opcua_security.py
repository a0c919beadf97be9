"""Security of OPC UA links: who is refused, with which words, and that nothing leaves before."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from asyncua.client.ua_client import UaClient

from sim.doors.certificates import Bearer, Flaw, Pair, authority, issued, new_key, revocation_list
from sim.doors.opcua.locks import Locks
from sim.faults import at_opcua
from sortctl.drivers import LinkError
from sortctl.drivers.opcua import identity
from sortctl.drivers.opcua.exchange import OpcUaWire
from tests.drivers.opcua_peer import (
    INPUTS,
    ORDERS,
    PROTECTED,
    SERVER_URI,
    Peer,
    Ring,
    keys_of,
    running_peer,
    write_secret,
)
from tests.drivers.plc import until

pytestmark = pytest.mark.wire

POLICIES = ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
async def test_each_policy_in_each_mode(ring: Ring, tmp_path: Path, policy: str, mode: str) -> None:
    async with running_peer(ring.locks(policies=((policy, mode),))) as peer:
        wire = peer.wire(keys_of(tmp_path, ring, [ring.server]), security=PROTECTED | {"policy": policy, "mode": mode})
        await wire.open()
        assert await wire.exchange(ORDERS) == INPUTS
        assert await wire.read_chutes(2) == [0x8000, 0x8001]
        await wire.close()


async def test_what_travels_is_not_readable(ring: Ring, tmp_path: Path) -> None:
    seen = b""
    async with running_peer(ring.locks()) as peer, tapped(peer) as tap:
        wire = OpcUaWire(
            peer.settings(security=PROTECTED, address=f"127.0.0.1:{tap.port}"),
            keys_of(tmp_path, ring, [ring.server]),
        )
        await wire.open()
        orders = [*ORDERS[:3], *[0x4242] * (len(ORDERS) - 4), ORDERS[-1]]
        await wire.exchange(orders)
        await wire.close()
        seen = tap.seen
    assert len(seen) > 1_000
    assert b"\x42\x42\x42\x42" not in seen
    assert b"Exchange" not in seen


async def test_a_wrong_mode_is_told_with_what_is_offered(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks(policies=(("Basic256Sha256", "Sign"),))) as peer:
        wire = peer.wire(keys_of(tmp_path, ring, [ring.server]), security=PROTECTED)
        await refused(peer, wire, "it does not offer Basic256Sha256 SignAndEncrypt, but Basic256Sha256 Sign")


# ------------------------------------------------------------------------------------------- whom we do not believe

NIGHT = timedelta(days=400)


@pytest.mark.parametrize(
    ("flaw", "told"),
    [
        (Flaw.EXPIRED, "was valid until"),
        (Flaw.NOT_YET_VALID, "is valid only from"),
        (Flaw.WRONG_URI, f'not of "{SERVER_URI}"'),
        (Flaw.WRONG_HOST, 'not for "127.0.0.1"'),
    ],
)
async def test_a_bad_certificate_is_refused_by_name(ring: Ring, tmp_path: Path, flaw: Flaw, told: str) -> None:
    shown = ring.server_with(flaw)
    async with running_peer(ring.locks(shown)) as peer:
        keys = keys_of(tmp_path, ring, [shown])
        await refused(peer, peer.wire(keys, security=PROTECTED), told)
        kept = list((tmp_path / "pki" / "rejected" / "certs").iterdir())
        assert [each.read_bytes() for each in kept] == [shown.der]


async def test_an_unknown_one_is_refused_and_kept_and_then_trusted(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks()) as peer:
        keys = keys_of(tmp_path, ring, [])
        await refused(peer, peer.wire(keys, security=PROTECTED), "self-signed and not in the trust list.*pki trust")
        # What `sortctl pki trust` does; the next connection believes it, without a restart.
        (kept,) = (tmp_path / "pki" / "rejected" / "certs").iterdir()
        kept.rename(tmp_path / "pki" / "trusted" / "certs" / kept.name)
        wire = peer.wire(keys, security=PROTECTED)
        await wire.open()
        await wire.close()


async def test_a_trusted_one_in_the_place_of_the_pinned_one_is_refused(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks()) as peer:
        pinned = PROTECTED | {"thumbprint": "0" * 40}
        keys = keys_of(tmp_path, ring, [ring.server])
        await refused(peer, peer.wire(keys, security=pinned), "is trusted, but the site file pins")
        pinned = PROTECTED | {"thumbprint": ring.server.thumbprint.upper()}
        wire = peer.wire(keys, security=pinned)
        await wire.open()
        await wire.close()


async def test_issued_and_then_revoked(ring: Ring, tmp_path: Path) -> None:
    root = authority(ring.own_key)
    server = issued(root, ring.server_key, Bearer(SERVER_URI))
    async with running_peer(ring.locks(server)) as peer:
        keys = keys_of(tmp_path, ring, [root])
        lists = tmp_path / "pki" / "trusted" / "crl"
        lists.mkdir(parents=True)
        await refused(peer, peer.wire(keys, security=PROTECTED), "there is no revocation list")
        (lists / "root.crl").write_bytes(revocation_list(root))
        wire = peer.wire(keys, security=PROTECTED)
        await wire.open()
        await wire.close()
        (lists / "root.crl").write_bytes(revocation_list(root, [server]))
        await refused(peer, peer.wire(keys, security=PROTECTED), "was revoked by its CA")


async def test_the_clock_that_counts_is_given(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks()) as peer:
        keys = keys_of(tmp_path, ring, [ring.server], lambda: datetime.now(UTC) + NIGHT)
        await refused(peer, peer.wire(keys, security=PROTECTED), "was valid until")


async def test_without_own_keys_it_says_how_to_make_them(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks()) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        (tmp_path / "pki" / "own" / "cert.der").unlink()
        await refused(peer, peer.wire(keys, security=PROTECTED), "sortctl pki init")


async def test_a_server_that_does_not_trust_us_is_told_so(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks(trusted=frozenset())) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        await refused(peer, peer.wire(keys, security=PROTECTED), "it does not trust our certificate")


# ------------------------------------------------------------------------------------------- who lies on the way


async def test_who_shows_a_trusted_certificate_without_its_key_gets_no_channel(ring: Ring, tmp_path: Path) -> None:
    """The list of endpoints is not protected: anybody can show a certificate there. Only its owner can go on."""
    impostor = Pair(ring.server.certificate, new_key())
    async with running_peer(ring.locks(impostor)) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        await refused(peer, peer.wire(keys, security=PROTECTED), "BadSecurityChecksFailed|cut the connection")
        assert not peer.plc.written


@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (lambda made, ring: setattr(made, "ServerCertificate", ring.own.der), "did not prove .*certificate mismatch"),
        (lambda made, ring: setattr(made, "ServerCertificate", None), "did not prove .*certificate mismatch"),
        (
            lambda made, ring: setattr(made.ServerSignature, "Signature", b"\0" * 256),
            "did not prove .*InvalidSignature",
        ),
        (lambda made, ring: setattr(made.ServerSignature, "Signature", None), "did not prove"),
        (lambda made, ring: setattr(made, "ServerNonce", b"short"), "random number is too short"),
        (lambda made, ring: setattr(made, "ServerEndpoints", []), "did not prove .*No matching endpoints"),
    ],
)
async def test_a_session_that_is_not_proven_is_not_activated(
    ring: Ring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forge: Callable[[Any, Ring], None], told: str
) -> None:
    """What asyncua looks at, and what we do: the answer is forged before either."""
    whole, activated = UaClient.create_session, []

    async def forged(client: UaClient, parameters: Any) -> Any:
        made = await whole(client, parameters)
        forge(made, ring)
        return made

    monkeypatch.setattr(UaClient, "create_session", forged)
    monkeypatch.setattr(UaClient, "activate_session", lambda *_: activated.append(1))
    async with running_peer(ring.locks()) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        await refused(peer, peer.wire(keys, security=PROTECTED), told)
        assert not activated
        await until(lambda: not peer.door.sessions)


# ------------------------------------------------------------------------------------------- users


async def test_a_user_with_a_password(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks(anonymous=False, users={"sorter": "pass word ü"})) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        user = {"name": "sorter", "password": "plc-a.password"}
        await refused(peer, peer.wire(keys, security=PROTECTED, user=user), 'there is no secret "plc-a.password"')
        write_secret(tmp_path, "plc-a.password", b"wrong\n")
        await refused(peer, peer.wire(keys, security=PROTECTED, user=user), "the password is wrong")
        write_secret(tmp_path, "plc-a.password", "pass word ü\n".encode())
        wire = peer.wire(keys, security=PROTECTED, user=user)
        await wire.open()
        await wire.close()
        await refused(peer, peer.wire(keys, security=PROTECTED), "it takes no users without a name")


async def test_our_certificate_as_the_user(ring: Ring, tmp_path: Path) -> None:
    locks = ring.locks(anonymous=False, user_certificates=frozenset({ring.own.der}))
    async with running_peer(locks) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        wire = peer.wire(keys, security=PROTECTED, user={"certificate": True})
        await wire.open()
        await wire.close()
        write_secret(tmp_path, "p", b"x")
        user = {"name": "sorter", "password": "p"}
        await refused(peer, peer.wire(keys, security=PROTECTED, user=user), "it takes no users with a password")


async def test_a_password_is_not_sent_over_a_link_without_security() -> None:
    async with running_peer(Locks(anonymous=False, users={"sorter": "x"})) as peer:
        wire = peer.wire(user={"name": "sorter", "password": "p"})
        await refused(peer, wire, "a user needs a protected link")
        assert not peer.door.requests


async def test_a_password_is_not_sent_over_a_link_that_only_signs(
    ring: Ring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that asks for the password as it is, on a channel that anybody can read."""
    whole = identity.proven_endpoint

    def careless(*args: Any) -> Any:
        endpoint = whole(*args)
        for rule in endpoint.UserIdentityTokens:
            rule.SecurityPolicyUri = identity.NONE_URI
        return endpoint

    monkeypatch.setattr(identity, "proven_endpoint", careless)
    locks = ring.locks(policies=(("Basic256Sha256", "Sign"),), anonymous=False, users={"sorter": "x"})
    async with running_peer(locks) as peer:
        keys = keys_of(tmp_path, ring, [ring.server])
        write_secret(tmp_path, "p", b"x")
        wire = peer.wire(keys, security=PROTECTED | {"mode": "Sign"}, user={"name": "sorter", "password": "p"})
        await refused(peer, wire, "the password would travel readable")


# ------------------------------------------------------------------------------------------- as time goes by


async def test_the_channel_is_renewed_while_cycles_go_on(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks()) as peer:
        peer.door.manners.channel_lifetime_max_ms = 1_000
        opened: list[int] = []
        wire = peer.wire(keys_of(tmp_path, ring, [ring.server]), security=PROTECTED)
        await wire.open()
        secure = wire._session.connection.client.uaclient.protocol._connection
        async with asyncio.timeout(20):
            while len(set(opened)) < 4:
                assert await wire.exchange(ORDERS) == INPUTS
                opened.append(secure.security_token.TokenId)
        await wire.close()
        await until(lambda: not peer.door.sessions)


async def test_a_channel_that_is_not_renewed_ends(ring: Ring, tmp_path: Path) -> None:
    async with running_peer(ring.locks()) as peer:
        peer.door.manners.channel_lifetime_max_ms = 1_000
        wire = peer.wire(keys_of(tmp_path, ring, [ring.server]), security=PROTECTED)
        await wire.open()
        peer.door.mischief.lay(at_opcua.refused(), services=frozenset({"OpenSecureChannel"}))
        with pytest.raises(LinkError):
            async with asyncio.timeout(10):
                while True:
                    await wire.exchange(ORDERS)
        await wire.close()


async def test_faults_write_no_lines_of_the_library(
    ring: Ring, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="sortctl"):
        async with running_peer(ring.locks()) as peer:
            wire = peer.wire(keys_of(tmp_path, ring, [ring.server]), security=PROTECTED)
            await wire.open()
            peer.door.reset()
            with pytest.raises(LinkError):
                await wire.exchange(ORDERS)
            await wire.close()
    assert not [line for line in caplog.records if line.name.startswith("asyncua")]


# ------------------------------------------------------------------------------------------- tools


async def refused(peer: Peer, wire: OpcUaWire, told: str) -> None:
    with pytest.raises(LinkError, match=told):
        await wire.open()
    await wire.close()
    await until(lambda: not peer.door.connections)


class Tap:
    """Between us and the server: copies what we send."""

    def __init__(self, port: int) -> None:
        self.seen = b""
        self.port = 0
        self._to = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            await asyncio.gather(self._copy(reader, far_writer, True), self._copy(far_reader, writer, False))
        finally:
            far_writer.close()
            writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ours: bool) -> None:
        while data := await reader.read(65_536):
            # The beginning is readable by design: addresses, and certificates, which are public.
            if ours and data.startswith(b"MSG"):
                self.seen += data
            writer.write(data)
        writer.close()


def tapped(peer: Peer) -> Tap:
    return Tap(peer.door.port)
