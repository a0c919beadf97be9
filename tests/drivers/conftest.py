"""Fixtures of the driver tests."""

from collections.abc import AsyncIterator

import pytest

from tests.drivers.plc import FakePlc, running_plc


@pytest.fixture
async def plc() -> AsyncIterator[FakePlc]:
    """A PLC on loopback that answers right until it is told otherwise."""
    async with running_plc() as plc:
        yield plc
