"""Modbus/TCP Security: the usual frames inside TLS, certificates on both sides, and nothing asked of a server that was not judged."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sim.doors.certificates import Flaw, Pair
from sortctl.drivers import Keys, LinkError
from sortctl.drivers.modbus import ModbusWire
from tests.drivers.opcua_peer import Ring, keys_of
from tests.drivers.plc import INPUTS_AT, INPUTS_WORDS, ORDERS, FakePlc, settings, until

pytestmark = pytest.mark.wire
INPUTS = list(range(INPUTS_AT, INPUTS_AT + INPUTS_WORDS))


def context_of(pair: Pair, folder: Path, clients: Pair | None, newest: ssl.TLSVersion) -> ssl.SSLContext:
    folder.mkdir(exist_ok=True)
    certificate, key = pair.save(folder, pair.thumbprint)
    pem = folder / "server.pem"
    pem.write_text(ssl.DER_cert_to_PEM_cert(certificate.read_bytes()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    context.load_cert_chain(pem, key)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(clients.der))
    return context


@asynccontextmanager
async def running_tls_plc(
    pair: Pair, folder: Path, clients: Pair | None = None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> AsyncIterator[FakePlc]:
    plc = FakePlc()
    context = context_of(pair, folder / "server", clients, newest)
    server = await asyncio.start_server(plc.serve, "127.0.0.1", 0, ssl=context)
    plc.port = server.sockets[0].getsockname()[1]
    try:
        yield plc
    finally:
        server.close()
        plc.reset()
        await until(lambda: not plc.open)
        await server.wait_closed()


def wire_to(plc: FakePlc, keys: Keys | None, **changes: Any) -> ModbusWire:
    return ModbusWire(settings(plc.port, **({"tls": {}, "connect_timeout_ms": 5_000} | changes)), keys)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_cycles_with_certificates_on_both_sides(ring: Ring, tmp_path: Path, newest: ssl.TLSVersion) -> None:
    async with running_tls_plc(ring.server, tmp_path, ring.own, newest) as plc:
        wire = wire_to(plc, keys_of(tmp_path, ring, [ring.server]))
        await wire.open()
        assert await wire.exchange(ORDERS) == INPUTS
        assert len(await wire.read_chutes(130)) == 130
        plc.pieces = 1
        assert await wire.read_inputs() == INPUTS, "in crumbs as well"
        await wire.close()
        await until(lambda: not plc.open)


@pytest.mark.parametrize(
    ("flaw", "told"),
    [(Flaw.EXPIRED, "was valid until"), (Flaw.NOT_YET_VALID, "is valid only from"), (Flaw.WRONG_HOST, "is for")],
)
async def test_a_bad_certificate_is_refused_by_name(ring: Ring, tmp_path: Path, flaw: Flaw, told: str) -> None:
    shown = ring.server_with(flaw)
    async with running_tls_plc(shown, tmp_path) as plc:
        await refused(plc, wire_to(plc, keys_of(tmp_path, ring, [shown])), told)


async def test_an_unknown_one_is_refused_and_kept(ring: Ring, tmp_path: Path) -> None:
    async with running_tls_plc(ring.server, tmp_path) as plc:
        await refused(plc, wire_to(plc, keys_of(tmp_path, ring, [])), "not in the trust list")
        (kept,) = (tmp_path / "pki" / "rejected" / "certs").iterdir()
        assert kept.read_bytes() == ring.server.der


async def test_a_trusted_one_in_the_place_of_the_pinned_one_is_refused(ring: Ring, tmp_path: Path) -> None:
    async with running_tls_plc(ring.server, tmp_path) as plc:
        keys = keys_of(tmp_path, ring, [ring.server])
        await refused(plc, wire_to(plc, keys, tls={"thumbprint": "0" * 40}), "the site file pins")
        wire = wire_to(plc, keys, tls={"thumbprint": ring.server.thumbprint})
        await wire.open()
        await wire.close()


async def test_a_plc_that_does_not_trust_us_is_told_so(ring: Ring, tmp_path: Path) -> None:
    async with running_tls_plc(ring.server, tmp_path, ring.server, ssl.TLSVersion.TLSv1_2) as plc:
        keys = keys_of(tmp_path, ring, [ring.server])
        await refused(plc, wire_to(plc, keys), "trust our certificate")


async def test_with_the_newest_tls_it_is_told_at_the_first_request(ring: Ring, tmp_path: Path) -> None:
    """There the server judges us after our side of the handshake is done."""
    async with running_tls_plc(ring.server, tmp_path, ring.server) as plc:
        wire = wire_to(plc, keys_of(tmp_path, ring, [ring.server]))
        with pytest.raises(LinkError, match="does it trust our certificate"):
            await wire.open()
            await wire.read_inputs()
        await wire.close()
        assert not plc.requests


async def test_a_plc_without_tls_is_told_so(plc: FakePlc, ring: Ring, tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\0\0\0\0\0\x03\x01\x83\x01")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        wire = ModbusWire(settings(server.sockets[0].getsockname()[1], tls={}), keys_of(tmp_path, ring, []))
        with pytest.raises(LinkError, match="it does not speak TLS"):
            await wire.open()
        await wire.close()


async def test_a_plc_that_does_not_answer_the_handshake(ring: Ring, tmp_path: Path) -> None:
    open_now: list[int] = []

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.append(1)
        await reader.read()
        writer.close()
        open_now.pop()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        wire = ModbusWire(settings(port, tls={}, connect_timeout_ms=100), keys_of(tmp_path, ring, []))
        async with asyncio.timeout(1):
            with pytest.raises(LinkError, match="no answer within 100 ms"):
                await wire.open()
        await wire.close()
        await until(lambda: not open_now)


async def test_a_reset_fails_the_request_at_once(ring: Ring, tmp_path: Path) -> None:
    async with running_tls_plc(ring.server, tmp_path) as plc:
        wire = wire_to(plc, keys_of(tmp_path, ring, [ring.server]))
        await wire.open()
        plc.misbehave = lambda request, answer: None
        asking = asyncio.create_task(wire.read_inputs())
        await until(lambda: plc.requests)
        async with asyncio.timeout(1):
            plc.reset()
            with pytest.raises(LinkError, match=r"it cut|it closed|it ended"):
                await asking
        await wire.close()


async def test_fifty_reconnects_leave_nothing_open(ring: Ring, tmp_path: Path) -> None:
    async with running_tls_plc(ring.server, tmp_path) as plc:
        keys = keys_of(tmp_path, ring, [ring.server])
        for _ in range(50):
            wire = wire_to(plc, keys)
            await wire.open()
            await wire.exchange(ORDERS)
            await wire.close()
        await until(lambda: not plc.open)


def test_without_keys_there_is_no_protected_wire() -> None:
    with pytest.raises(ValueError, match="without keys there is no connection with security"):
        ModbusWire(settings(802, tls={}), None)


async def refused(plc: FakePlc, wire: ModbusWire, told: str) -> None:
    with pytest.raises(LinkError, match=told):
        await wire.open()
    await wire.close()
    assert not plc.requests
