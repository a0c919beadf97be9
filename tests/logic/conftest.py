"""Desks for the tests of the logic: a line and a loop, linked and running."""

import pytest

from tests.logic.bench import Desk
from tests.logic.loop_bench import LoopDesk


@pytest.fixture
def desk() -> Desk:
    """A line whose belt has run for a metre."""
    made = Desk()
    made.start()
    made.run_belt_to(1_000)
    return made


@pytest.fixture
def loop_desk() -> LoopDesk:
    """A loop whose carriers are known."""
    made = LoopDesk()
    made.start()
    return made
