"""Keys for the next connection: as the files are now, read by a thread, and never in the way of another link."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sortctl.drivers import Keys, LinkError, keys_in
from sortctl.pki.make import make_own
from sortctl.pki.refusal import KeysMissing, KeysUnusable
from sortctl.pki.store import pki_folder
from sortctl.runtime.links import keyring as room
from sortctl.runtime.links.keyring import Keyring, is_secured, secrets_of, with_keys
from sortctl.site.wires import ModbusPlc, OpcUaPlc, Security, Tls, User

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return keys_in(tmp_path, lambda: NOW)


@pytest.fixture
def keyring(keys: Keys) -> Iterator[Keyring]:
    made = Keyring(keys)
    yield made
    made.close()


def _opcua(user: User | None = None, policy: str = "Basic256Sha256") -> OpcUaPlc:
    security = Security.model_validate({"policy": policy, "server_uri": "urn:x", "why": "in a test"})
    return OpcUaPlc(wire="opcua", address="plc:4840", scan_ms=10, namespace="urn:x", security=security, user=user)


async def test_without_a_pair_of_our_own_the_wire_that_asks_is_told_so(keyring: Keyring) -> None:
    fresh = await keyring.fresh(())
    with pytest.raises(KeysMissing, match="sortctl pki init"):
        fresh.own()
    assert fresh.trust().trusted == ()
    assert fresh.now() == NOW


async def test_a_pair_made_meanwhile_counts_at_the_next_connection(keyring: Keyring, tmp_path: Path) -> None:
    before = await keyring.fresh(())
    await asyncio.to_thread(make_own, pki_folder(tmp_path), "urn:test:hub", ("hub",), 30, NOW)
    with pytest.raises(KeysMissing):
        before.own()
    assert (await keyring.fresh(())).own().application_uri == "urn:test:hub"


async def test_a_secret_is_read_with_the_rest(keyring: Keyring, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "plc.password").write_bytes(b"geheim\n")
    (tmp_path / "secrets" / "plc.password").chmod(0o600)
    fresh = await keyring.fresh(["plc.password", "other"])
    (tmp_path / "secrets" / "plc.password").unlink()
    assert fresh.secret("plc.password") == b"geheim"
    with pytest.raises(KeysUnusable, match="other"):
        fresh.secret("other")


async def test_a_disk_that_hangs_costs_this_connection_and_not_the_loop(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "READ_WAIT_S", 0.05)
    answers = threading.Event()

    def hang() -> None:
        answers.wait()
        raise KeysMissing("nothing", "there")

    keyring = Keyring(keys._replace(own=hang))  # type: ignore[arg-type]
    began_s = asyncio.get_running_loop().time()
    with pytest.raises(LinkError, match="not read within"):
        await keyring.fresh(())
    assert asyncio.get_running_loop().time() - began_s < 1
    answers.set()
    keyring.close()


async def test_what_will_soon_be_out_of_date_is_found(keyring: Keyring, tmp_path: Path) -> None:
    assert await keyring.ages() == []
    await asyncio.to_thread(make_own, pki_folder(tmp_path), "urn:test:hub", ("hub",), 20, NOW)
    (age,) = await keyring.ages()
    assert age.days_left in {19, 20}


async def test_only_a_link_that_needs_keys_waits_for_them(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Keys | None] = []
    keyring = Keyring(keys)

    def build(_: OpcUaPlc, some: Keys | None) -> None:
        given.append(some)

    built = with_keys(build, lambda plc: plc, keyring)
    await built(_opcua(policy="none"))
    await built(_opcua())
    keyring.close()
    assert given[0] is None
    assert given[1] is not None


def test_what_a_link_needs_stands_in_the_site_file() -> None:
    plain = ModbusPlc(wire="modbus", address="plc:502", unit=1, scan_ms=10)
    assert not is_secured(plain)
    assert is_secured(plain.model_copy(update={"tls": Tls()}))
    assert is_secured(_opcua())
    named = _opcua(User(name="sortctl", password="plc.password"))
    assert secrets_of(named) == ("plc.password",)
    assert secrets_of(_opcua(User(certificate=True))) == ()
