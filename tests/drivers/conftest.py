"""Fixtures of the driver tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.drivers.opcua_peer import Peer, Ring, running_peer
from tests.drivers.plc import FakePlc, running_plc
from tests.drivers.scanners import PtyScanner, Rfc2217Server, TcpScanner, tcp_scanner


@pytest.fixture
async def plc() -> AsyncIterator[FakePlc]:
    """A PLC on loopback that answers right until it is told otherwise."""
    async with running_plc() as plc:
        yield plc


@pytest.fixture
def pty_scanner(tmp_path: Path) -> Iterator[PtyScanner]:
    """A scanner at a pseudo terminal, plugged in."""
    scanner = PtyScanner(tmp_path / "scanner")
    scanner.plug()
    yield scanner
    scanner.unplug()


@pytest.fixture
async def tcp() -> AsyncIterator[TcpScanner]:
    """A scanner behind a raw device server."""
    async with tcp_scanner() as scanner:
        yield scanner


@pytest.fixture
def rfc2217(pty_scanner: PtyScanner) -> Iterator[Rfc2217Server]:
    """A scanner behind an RFC 2217 server."""
    server = Rfc2217Server(pty_scanner)
    yield server
    server.close()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """An OPC UA server without security."""
    async with running_peer() as peer:
        yield peer


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Ring:
    """Keys and certificates."""
    return Ring(tmp_path_factory.mktemp("keys"))
