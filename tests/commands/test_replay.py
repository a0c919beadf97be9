import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sortctl.commands import replay
from sortctl.journal.pen import SiteFiles
from sortctl.words.facts import ControllerStarted
from sortctl.words.ids import PlcId
from sortctl.words.outcomes import MachineChanged
from tests.journal.made import FILES, LINE, MS, SITE, beat, row, started, write


class Told:
    """A logic that says after every start that the machine is in state 6."""

    def __init__(self, files: dict[str, bytes]) -> None:
        assert files == FILES

    def step(self, fact: Any) -> Sequence[Any]:
        is_start = isinstance(fact, ControllerStarted)
        return [MachineChanged(fact.at_ns, LINE, PlcId("main"), 6)] if is_start else []

    def plan_in(self, snapshot: bytes) -> str:
        return ""

    def begin_with(self, files: dict[str, bytes]) -> None:
        raise NotImplementedError

    def apply_plan(self, files: dict[str, bytes]) -> None:
        raise NotImplementedError

    def restore(self, snapshot: bytes) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _logic(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ModuleType("sortctl.app")
    app.replay_logic = Told  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sortctl.app", app)


def run(path: Path, *args: str) -> Result:
    return CliRunner().invoke(replay.command, ["--state", str(path), *args])


def journal(tmp_path: Path, state: int) -> Path:
    told = MachineChanged(MS, LINE, PlcId("main"), state)
    write(tmp_path / "journal.db", [SiteFiles(SITE, FILES), started(1), row(2, told), beat(3)])
    return tmp_path


def test_the_same_is_exit_0(tmp_path: Path) -> None:
    told = run(journal(tmp_path, 6))
    assert told.exit_code == 0
    assert "the same, bit for bit" in told.output
    assert "rows 1 to 3: 2 facts stepped, 0 orders and 1 outcomes compared" in told.output
    assert json.loads(run(tmp_path, "--json").output)["same"] is True


def test_a_difference_is_exit_1_with_both_sides(tmp_path: Path) -> None:
    told = run(journal(tmp_path, 9))
    assert told.exit_code == 1
    assert "different at row 2" in told.output
    assert '"state":9' in told.output
    assert '"state":6' in told.output
    assert json.loads(run(tmp_path, "--json").output)["divergence"]["seq"] == 2
    assert run(tmp_path, "--until", "1").exit_code == 0


def test_no_journal_is_exit_3_and_no_configuration_exit_6(tmp_path: Path) -> None:
    assert run(tmp_path).exit_code == 3
    write(tmp_path / "journal.db", [started(1)])
    told = run(tmp_path)
    assert told.exit_code == 6
    assert "does not hold the configuration" in told.output


def test_nothing_to_step_is_a_negative_answer(tmp_path: Path) -> None:
    write(tmp_path / "journal.db", [beat(5)])
    told = run(tmp_path)
    assert told.exit_code == 1
    assert "nothing could be stepped" in told.output
