"""Fixtures of the runtime's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.runtime.bench import Bench, PlcOnDesk


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Controller, engine and journal of the demo site."""
    bench = Bench(tmp_path)
    yield bench
    bench.close()


@pytest.fixture
def plc() -> PlcOnDesk:
    """A simulated PLC that is on."""
    return PlcOnDesk()
