"""What holds for every test.

No task is left running, warnings are errors (pyproject.toml), sockets reach loopback only, chance is seeded and
the seed is printed. Never here: fixtures of a single room; those stand in that room's own conftest.
"""

import asyncio
import inspect
import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

DEFAULT_SEED = 1
# Turns of the loop that finished tasks need to run their callbacks before what is left counts as left behind.
SETTLING_TURNS = 3

QUICK_EXAMPLES = 60
SOAK_EXAMPLES = 5_000

# No deadline: a shared machine stalls for longer than any sensible one.
settings.register_profile(
    "desk", max_examples=QUICK_EXAMPLES, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True, database=None)
settings.register_profile(
    "soak", settings.get_profile("desk"), max_examples=SOAK_EXAMPLES, phases=[Phase.generate, Phase.shrink]
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "desk")
settings.load_profile(PROFILE)


def _seed() -> int:
    return int(os.environ.get("SEED") or DEFAULT_SEED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.stats.keys() & {"failed", "error"}:
        terminalreporter.write_line(
            f"seed {_seed()} (SEED=...), hypothesis {PROFILE} (HYPOTHESIS_PROFILE=desk|ci|soak)"
        )


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run; a failing test shows the command that repeats it."""
    value = _seed()
    print(f"repeat: SEED={value} make test ARGS='{request.node.nodeid}'")
    return value


@pytest.fixture(autouse=True)
def _async_tests_clean_up(request: pytest.FixtureRequest) -> None:
    # Asked for only by async tests: an async fixture would give every plain test an event loop. Being first in, it
    # is last out, after the test's own fixtures have stopped their servers.
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("_no_task_left_behind")


@pytest.fixture
async def _no_task_left_behind() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    for _ in range(SETTLING_TURNS):
        await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() - before - {asyncio.current_task()} if not task.done()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    if left:
        pytest.fail("left running: " + ", ".join(sorted(f"{task.get_name()} {task.get_coro()}" for task in left)))


class OutsideLoopbackError(BaseException):
    """Not an Exception, so that no driver takes it for a lost link."""


def _is_inside(address: object) -> bool:
    if not isinstance(address, tuple):  # UNIX sockets, netlink
        return True
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guarded(name: str, position: int) -> Callable[..., Any]:
    original = getattr(socket.socket, name)

    def guarded(self: socket.socket, *args: Any) -> Any:
        if not _is_inside(args[position]):
            raise OutsideLoopbackError(f"{name} {args[position]}: tests speak to loopback only")
        return original(self, *args)

    return guarded


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, position in (("connect", 0), ("connect_ex", 0), ("bind", 0), ("sendto", -1)):
            patch.setattr(socket.socket, name, _guarded(name, position))
        yield
