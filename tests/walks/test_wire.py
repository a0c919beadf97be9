"""Walks on the wire: the real daemon as a process, real sockets and pseudo terminals, the plant in real time.

Few and short; the same stories run by the hundred on the virtual rig.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sim.play import StoryUnfit
from sim.rigs.wire import play
from sim.stories import stories
from sortctl.commands import main
from sortctl.runtime.process.ask import NotRunning, ask

pytestmark = [pytest.mark.wire, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "config" / "demo"
PARCELS, PARCELS_SLOW = 30, 60


ABOUT = {
    "bag-close-in-flight": ("bags_changed_in_flight",),
    "chute-group-balance": ("spread",),
    "customs-hold-in-flight": ("kept", "recalled"),
    "customs-stale": ("kept",),
    "cut-off-passed": ("late",),
    "host-silent": ("silences",),
    "intercept": ("intercepted",),
    "plan-swap-in-flight": ("swapped_in_flight",),
    "unknown-parcel": ("unknown",),
}
"""Of each story of the hub the figures one of which is not 0 if what it is about took place."""


def took_place(name: str, figures: dict[str, Any]) -> bool:
    """What the story is about happened in this run."""
    return any(figures[figure] for figure in ABOUT.get(name, ("inducted",)))


def left_behind(place: Path) -> list[str]:
    """Processes whose command line names the folder of a run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = entry.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(place) in command:
                found.append(command)
    return found


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["customs-hold-in-flight", "plan-swap-in-flight"])
def test_a_story_holds_on_real_wires(name: str, seed: int, tmp_path: Path) -> None:
    verdict = play(DEMO, stories()[name], seed, PARCELS, "", tmp_path / "run")
    assert verdict.holds, verdict.figures["reasons"]
    assert verdict.figures["missorted"] == verdict.figures["unreleased_domestic"] == 0
    assert took_place(name, verdict.figures)
    assert not left_behind(tmp_path)
    assert not (tmp_path / "run" / "top").is_symlink()


def test_a_controller_dies_with_the_rig_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", "story", "steady", "--rig", "wire"]
    rig = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: any(tmp_path.glob("*/state/control.sock")))
        assert left_behind(tmp_path)
    finally:
        rig.kill()
        rig.wait()
    wait_until(lambda: not left_behind(tmp_path))


def wait_until(holds: Callable[[], object]) -> None:
    """Asked again and again; the timeout of the test is the deadline."""
    turn = threading.Event()
    while not holds():
        turn.wait(0.05)


def told(state: Path, *arguments: str) -> dict[str, Any]:
    """What a command of sortctl says of this state folder, as JSON."""
    result = CliRunner().invoke(main, [*arguments, "--state", str(state), "--json"])
    assert result.exit_code == 0, result.output
    said: dict[str, Any] = json.loads(result.stdout)
    return said


@pytest.mark.timeout(180)
def test_after_kills_the_journal_is_whole_replays_exactly_and_every_moment_was_in_balance(
    seed: int, tmp_path: Path
) -> None:
    """Asked again and again while it sorts and is killed; then verified, replayed, and every parcel traced."""
    state = tmp_path / "run" / "state"
    statuses = []
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(play, DEMO, stories()["controller-killed"], seed, PARCELS, "", tmp_path / "run")
        while not run.done():
            with contextlib.suppress(NotRunning):
                statuses.append(ask(state, "status")["status"]["controller"])
            wait([run], 0.05)
    assert run.result().holds
    lines = [line for status in statuses for line in status["lines"]]
    assert len(lines) > PARCELS
    assert all(line["holds"] for line in lines)
    assert told(state, "journal", "verify")["sound"]
    assert told(state, "replay")["same"]
    for passage in range(1, run.result().figures["inducted"] + 1):
        assert told(state, "trace", str(passage))["lives"]


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(stories()))
def test_every_story_holds_on_real_wires(name: str, seed: int) -> None:
    """SEEDS sets how many seeds, SEED the first one; `make wire`."""
    for turn in range(int(os.environ.get("SEEDS") or 1)):
        try:
            verdict = play(DEMO, stories()[name], seed + turn, PARCELS_SLOW)
        except StoryUnfit as unfit:
            pytest.skip(str(unfit))
        assert verdict.holds, (seed + turn, verdict.figures["reasons"])
        assert took_place(name, verdict.figures)


@pytest.mark.timeout(120)
def test_the_demonstration_shows_four_faults_and_ends_well(seed: int, tmp_path: Path) -> None:
    """Three processes joined by wires only; without a terminal, plain lines; nothing is left but what is to be kept."""
    kept = tmp_path / "kept"
    arguments = ["--parcels", "60", "--seed", str(seed), "--keep", str(kept)]
    done = subprocess.run(
        [sys.executable, "-m", "sim", "demo", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("fault: ") == 4
    assert "Every one of 60 parcels is accounted for" in done.stdout
    assert "told by sortctl trace" in done.stdout
    assert "\x1b" not in done.stdout
    assert kept.joinpath("state", "journal.db").is_file()
    assert not left_behind(kept)
