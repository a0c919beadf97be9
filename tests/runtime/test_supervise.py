"""A task that fails is started again, a few times; a wire that hangs is left behind."""

import asyncio

import pytest

from sortctl.runtime import supervise
from sortctl.runtime.engine import EngineBroken
from sortctl.runtime.supervise import CRASHES_MAX, TaskGivenUp, close_within, keep_running


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "RESTART_PAUSE_S", 0)
    monkeypatch.setattr(supervise, "CLOSE_WAIT_S", 0.02)


async def test_a_task_that_fails_once_is_set_down_and_started_again() -> None:
    runs: list[int] = []
    causes: list[str] = []

    async def run() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise KeyError("mistake")

    await keep_running("plc main", run, causes.append)
    assert len(runs) == 2
    assert causes == ["internal error: KeyError"]


async def test_a_task_that_fails_again_and_again_ends_the_process() -> None:
    causes: list[str] = []

    async def run() -> None:
        raise KeyError("mistake")

    with pytest.raises(TaskGivenUp, match="plc main failed 3 times"):
        await keep_running("plc main", run, causes.append)
    assert len(causes) == CRASHES_MAX - 1


async def test_a_broken_engine_is_not_restarted() -> None:
    async def run() -> None:
        raise EngineBroken("a rule")

    with pytest.raises(EngineBroken):
        await keep_running("plc main", run, pytest.fail)


async def test_a_wire_that_hangs_or_fails_while_closing_stops_nobody() -> None:
    async def hang() -> None:
        await asyncio.get_running_loop().create_future()

    async def fail() -> None:
        raise RuntimeError("twice closed")

    await close_within(hang)
    await close_within(fail)
