"""Start, stop and end of the daemon: in one process with the simulated PLC, and as the real program."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from sim.rigs.site_copy import copy_site
from sortctl.drivers import keys_in
from sortctl.journal.read import JournalReader
from sortctl.journal.schema import FILE_NAME
from sortctl.runtime.daemon import Daemon
from sortctl.runtime.engine import EngineBroken
from sortctl.runtime.links.keyring import Keyring
from sortctl.runtime.links.links import Links
from sortctl.runtime.links.plc_link import PlcLink
from sortctl.runtime.links.reconnect import PausePolicy
from sortctl.runtime.process.ask import ask
from sortctl.runtime.process.control import Control
from sortctl.runtime.process.feed import Feed
from sortctl.runtime.process.notify import supervisor
from tests.runtime.bench import DEMO, MACHINE, Bench, PlcOnDesk, until

OWNER = 60_001
START_S = 40


async def _no_plan(checksum: str, keep: bool, by: str) -> bytes:
    raise NotImplementedError


def _daemon(bench: Bench, plc: PlcOnDesk, folder: Path) -> Daemon:
    link = PlcLink(MACHINE, plc.wire, bench.engine, PausePolicy(Random(1)))
    control = Control(folder, Feed(), lambda: b"{}", lambda: b"{}", lambda _: b"{}", _no_plan)
    keyring = Keyring(keys_in(folder, lambda: datetime.now(UTC)))
    return Daemon(bench.engine, bench.writer, Links([link], [], [], {}), keyring, control, supervisor({}), 0)


async def test_a_clean_stop_releases_the_epoch_and_leaves_a_snapshot(
    bench: Bench, plc: PlcOnDesk, tmp_path: Path
) -> None:
    daemon = _daemon(bench, plc, tmp_path)
    async with asyncio.TaskGroup() as group:
        run = group.create_task(daemon.run())
        await until(lambda: bench.engine.status().plcs[0].holds_epoch)
        daemon.stop()
    assert run.result() == 0
    plc.plant.advance(plc.plant.now_ns + plc.scan_ns)
    assert plc.plant.plc.fence.owner == 0
    with JournalReader(tmp_path / FILE_NAME) as reader:
        last = reader.last()
        assert last is not None
        assert [mark.seq for mark in reader.snapshots()] == [last.seq]


async def test_a_broken_rule_ends_the_process_and_nothing_more_is_written_to_the_plc(
    bench: Bench, plc: PlcOnDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = _daemon(bench, plc, tmp_path)
    async with asyncio.TaskGroup() as group:
        run = group.create_task(daemon.run())
        await until(lambda: bench.engine.status().plcs[0].holds_epoch)

        def broken(_: object) -> object:
            raise ValueError("two parcels in one place")

        monkeypatch.setattr(bench.controller._logic, "step", broken)
        with pytest.raises(EngineBroken):
            bench.engine.probe()
        stamp = plc.plant.plc.read_orders()[0]
    assert run.result() == 70
    assert plc.plant.plc.read_orders()[0] == stamp


async def test_a_task_that_always_fails_ends_the_process(
    bench: Bench, plc: PlcOnDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plc, "wire", lambda _: 1 // 0)
    assert await _daemon(bench, plc, tmp_path).run() == 70


# ------------------------------------------------------------------------------------------- the real program


def _free_addresses(count: int) -> list[str]:
    with ExitStack() as held:
        places = [held.enter_context(socket.socket()) for _ in range(count)]
        for place in places:
            place.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{place.getsockname()[1]}" for place in places]


def _site(folder: Path, owner: int = OWNER) -> Path:
    """The demo site, with nothing at the other ends."""
    line, loop, reader, side, tunnel = _free_addresses(5)
    site = folder / "site"
    changes: dict[str, dict[str, str | int]] = {
        "hub": {"owner": owner},
        "plcs.main": {"address": line},
        "plcs.loop": {"address": loop},
        "scanners.top": {"url": str(folder / "no-such-port")},
        "scanners.side": {"url": f"tcp://{side}"},
        "scanners.tunnel": {"url": f"tcp://{tunnel}"},
        "readers.tunnel_side": {"address": reader},
    }
    copy_site(DEMO, site, changes, {})
    return site


class Program:
    """`sortctl run` as a child, with the test as its service supervisor."""

    def __init__(self, site: Path, state: Path, ear: socket.socket, watchdog_us: int) -> None:
        self._ear = ear
        environment = os.environ | {"NOTIFY_SOCKET": str(ear.getsockname()), "WATCHDOG_USEC": str(watchdog_us)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sortctl", "run", str(site), "--state", str(state)],
            env=environment,
            stderr=subprocess.PIPE,
        )

    def hear(self, wanted: str) -> None:
        """Wait until the program has told this."""
        while True:
            told = self._ear.recv(1_000).decode()
            if told.startswith(wanted):
                return

    def end(self, number: int) -> tuple[int, list[dict[str, object]]]:
        """Send a signal; exit code and log."""
        self.process.send_signal(number)
        _, log = self.process.communicate(timeout=START_S)
        return self.process.returncode, [json.loads(line) for line in log.splitlines()]


@contextmanager
def _program(site: Path, state: Path, watchdog_us: int = 0) -> Iterator[Program]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(site.parent / f"ear{watchdog_us}"))
        ear.settimeout(START_S)
        program = Program(site, state, ear, watchdog_us)
        try:
            program.hear("READY=1")
            yield program
        finally:
            (site.parent / f"ear{watchdog_us}").unlink()
            if program.process.poll() is None:
                program.process.kill()
                program.process.communicate()


def _run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sortctl", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )


@pytest.mark.slow
def test_the_program_starts_with_everything_off_answers_and_stops(tmp_path: Path) -> None:
    site, state = _site(tmp_path), tmp_path / "state"
    with _program(site, state) as program:
        status = ask(state, "status")["status"]
        assert status["about"]["process"] == program.process.pid
        assert [plc["linked"] for plc in status["controller"]["plcs"]] == [False, False]
        assert [line["kind"] for line in status["controller"]["lines"]] == ["line", "loop"]
        page = _run("status", "--state", state)
        assert page.returncode == 0
        assert "PLC main" in page.stdout
        assert "holds" in page.stdout
        code, log = program.end(signal.SIGTERM)
        program.hear("STOPPING=1")
    assert code == 0
    events = [line["event"] for line in log]
    assert events[0] == "started"
    assert "link_changed" in events
    assert events[-1] == "stopped"
    assert not [line for line in log if line["level"] in {"error", "critical"}]
    assert _run("journal", "verify", "--state", state).returncode == 0
    nobody = _run("status", "--state", state)
    assert nobody.returncode == 3
    assert "sortctl run SITE" in nobody.stderr
    tail = _run("tail", "--state", state, "--no-follow", "--json")
    assert tail.returncode == 0
    assert {json.loads(line)["outcome"]["type"] for line in tail.stdout.splitlines()} >= {"LinkChanged"}


@pytest.mark.slow
def test_a_killed_program_goes_on_where_its_journal_ends_and_time_does_too(tmp_path: Path) -> None:
    site, state = _site(tmp_path), tmp_path / "state"
    with _program(site, state, watchdog_us=200_000) as program:
        program.hear("WATCHDOG=1")
        program.hear("WATCHDOG=1")
        code, _ = program.end(signal.SIGKILL)
    assert code == -signal.SIGKILL
    with JournalReader(state / FILE_NAME) as reader:
        killed_at = reader.last()
    assert killed_at is not None
    with _program(site, state) as program:
        code, log = program.end(signal.SIGINT)
    assert code == 0
    assert "state_not_recovered" not in [line["event"] for line in log]
    with JournalReader(state / FILE_NAME) as reader:
        first = next(reader.rows(killed_at.seq))
    assert first.type == "ControllerStarted"
    assert first.seq == killed_at.seq + 1
    assert first.at_ns > killed_at.at_ns
    assert _run("journal", "verify", "--state", state).returncode == 0


@pytest.mark.slow
def test_a_second_program_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    site, other_owner = _site(tmp_path / "a"), _site(tmp_path / "b", owner=OWNER + 1)
    with _program(site, tmp_path / "state"):
        same_number = _run("run", site, "--state", tmp_path / "another")
        same_state = _run("run", other_owner, "--state", tmp_path / "state")
        assert "pong" in ask(tmp_path / "state", "ping")
    assert same_number.returncode == 4
    assert f"owner {OWNER}" in same_number.stderr
    assert same_state.returncode == 4
    assert "Traceback" not in same_number.stderr + same_state.stderr


def test_an_invalid_site_is_not_run(tmp_path: Path) -> None:
    site = _site(tmp_path)
    text = (site / "site.toml").read_text(encoding="utf-8").replace("cycle_ms = 10 ", "cycle_ms = 1 ")
    (site / "site.toml").write_text(text + "\n[nonsense]\n", encoding="utf-8")
    refused = _run("run", site, "--state", tmp_path / "state")
    assert refused.returncode == 5
    assert "cycle_ms" in refused.stderr
    assert "nonsense" in refused.stderr
    assert not (tmp_path / "state").exists()


def test_a_state_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    site = _site(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for state in (tmp_path / "file", tmp_path / "file" / "state"):
        refused = _run("run", site, "--state", state)
        assert refused.returncode == 4
        assert "cannot be made" in refused.stderr
        assert "internal error" not in refused.stderr
