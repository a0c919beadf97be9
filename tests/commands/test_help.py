"""The commands as a whole: quick to help, each with an example, and never a page of traceback."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import sortctl
from sortctl.commands import COMMANDS, INTERNAL, main
from sortctl.commands.options import Exit

ROOT = Path(__file__).resolve().parents[2]
# What help may import: click, and the file of the commands itself.
HEAVY = ("asyncio", "msgspec", "pydantic", "pymodbus", "rich", "sqlite3", "structlog")


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_every_help_has_an_example(words: list[str]) -> None:
    shown = CliRunner().invoke(main, words)
    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"sortctl {words[0]}" in shown.output or words == ["--help"]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "journal"])
def test_every_command_says_its_exit_codes(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert "Exit code" in " ".join(shown.output.split()) or name == "schema"


def test_help_imports_nothing_that_takes_long() -> None:
    """Measured by what is imported, not by the clock of a busy machine: it stays below a tenth of a second."""
    look = "import sys; from sortctl.commands import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & set(HEAVY)


def test_a_wrong_command_is_a_wrong_use() -> None:
    shown = CliRunner().invoke(main, ["statsu"])
    assert shown.exit_code == Exit.USAGE
    assert "No such command" in shown.output


def test_a_mistake_of_ours_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise RuntimeError("two \x1b[31mred words")

    monkeypatch.setattr(importlib.import_module("sortctl.commands.status"), "command", broken)
    shown = CliRunner().invoke(main, ["status"])
    assert shown.exit_code == INTERNAL
    assert "RuntimeError" in shown.output
    assert "\x1b" not in shown.output
    assert "Traceback" not in shown.output


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert sortctl.__version__ == project["project"]["version"]
    shown = CliRunner().invoke(main, ["--version"])
    assert shown.output == f"sortctl {sortctl.__version__}\n"
