"""`sortctl chute`, `bag`, `wave` and `purge` against a real controller without wires; and the page about them, each command run."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from click.testing import CliRunner, Result

from sortctl.app import virtual_controller
from sortctl.commands import main
from sortctl.commands.options import Exit
from sortctl.runtime.controller import Controller, Start, Told
from sortctl.runtime.engine import Engine
from sortctl.runtime.process.place import SOCKET_FILE
from sortctl.runtime.process.told import Untellable, fact_of, tell
from sortctl.runtime.status import Status
from sortctl.site.load import load_site

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "chutes-and-bags.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (sortctl \S.*)$", PAGE, re.MULTILINE)


class Hub:
    """A controller behind a control socket; what an engine does for one that is told something."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller

    def forbids(self, fact: Told) -> str:
        return self.controller.forbids(fact)

    def told(self, fact: Told) -> list[Any]:
        return self.controller.told(fact, 2)

    def status(self) -> Status:
        return self.controller.status(2)

    def answer(self, line: bytes) -> bytes:
        request = json.loads(line)
        if request["ask"] == "tell":
            return tell(cast(Engine, self), json.dumps(request["fact"]).encode())
        return msgspec.json.encode({"status": {"controller": self.status()}})


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only state folder of a hub that runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    site = Path(shutil.copytree(ROOT / "config" / "demo", tmp_path / "site"))
    hub = Hub(virtual_controller(load_site(site), Start(1, 1)))
    with socket.socket(socket.AF_UNIX) as place:
        place.bind(str(folder / SOCKET_FILE))
        place.listen()

        def serve() -> None:
            while True:
                client, _ = place.accept()
                with client, client.makefile("rb") as lines:
                    line = lines.readline()
                    if not line:
                        return
                    client.sendall(hub.answer(line) + b"\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield folder
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(folder / SOCKET_FILE))
        thread.join()


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_chute_is_locked_and_unlocked_by_the_user_of_the_system(state: Path) -> None:
    done = run("chute", "lock", 3, "--why", "flap \x1b[1mbroken", "--sorter", "line1", "--json")
    assert done.exit_code == 4, "what cannot be printed is refused"
    told = json.loads(run("chute", "lock", 3, "--why", "flap broken", "--sorter", "line1", "--json").output)
    chute = next(one for one in told["sorters"][0]["chutes"] if one["chute"] == 3)
    assert [(lock["lock"], lock["why"]) for lock in chute["locks"]] == [("operator", "flap broken")]
    assert chute["locks"][0]["by"]
    assert "unlocked (operator)" in run("chute", "unlock", 3, "--sorter", "line1").output


def test_a_bag_hangs_is_asked_for_and_shown(state: Path) -> None:
    assert run("bag", "show").exit_code == 1
    refused = run("bag", "close", 3, "--sorter", "line1")
    assert (refused.exit_code, "no bag hangs at chute 3" in refused.output) == (4, True)
    assert "bag B-1 hangs at chute 3" in run("bag", "bind", 3, "B-1", "--sorter", "line1").output
    assert "B-1: 0 parcels" in run("bag", "show").output
    assert "B-1" in run("chute", "list").output
    assert run("bag", "close", 3, "--sorter", "line1").exit_code == 0


def test_bags_are_hung_up_with_a_hand_scanner(state: Path) -> None:
    scans = "BAG-9\r\nline1/3\n\n\x1b[2J\nloop1/2\nBAG-8\nBAG-9\nloop1/2"
    done = CliRunner().invoke(main, ["bag", "scan"], input=scans)
    assert done.exit_code == 0
    assert [line.split(";")[0] for line in done.output.splitlines()] == [
        "bag BAG-9: now the label of its chute",
        "bag BAG-9 hangs at chute 3 of line1",
        "that is no code: scan again",
        "chute 2 of loop1: now the tag of its bag",
        "bag BAG-8 hangs at chute 2 of loop1",
        "bag BAG-9: now the label of its chute",
        "bag BAG-9 hangs at chute 2 of loop1",
    ]
    assert "line1 chute 3" not in run("bag", "show").output, "a tag hangs at one chute only"


def test_a_sorter_that_is_not_there_is_refused_and_one_of_several_must_be_named(state: Path) -> None:
    assert run("chute", "lock", 3, "--sorter", "nowhere").exit_code == 4
    assert run("chute", "lock", 999, "--sorter", "line1").exit_code == 4
    several = run("chute", "lock", 1)
    assert (several.exit_code, "choose one" in several.output) == (2, True)
    assert run("chute", "list", "--sorter", "nowhere").exit_code == 3


def test_a_wave_ends_and_sorters_are_purged(state: Path) -> None:
    assert "wave day: 0 in = 0 sorted" in run("wave", "end", "day", "--purge").output
    assert run("purge", "--sorter", "line1", "--back").output.startswith("line1: ")
    assert "is purged by" in run("purge", "--chute", 3, "--sorter", "line1").output


def test_without_a_controller_each_says_so(tmp_path: Path) -> None:
    for words in (
        ("chute", "list"),
        ("bag", "close", 1, "--sorter", "x"),
        ("wave", "end", "w"),
        ("purge", "--sorter", "x"),
    ):
        assert run(*words, "--state", tmp_path).exit_code == 3


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"{",
        b'{"type":"Inducted"}',
        b'{"type":"WaveEnded","wave":"","by":"a"}',
        b'{"type":"WaveEnded","wave":"w","by":"a","at_ns":5}',
        b'{"type":"WaveEnded","wave":"w","by":"a","more":1}',
        b'{"type":"BagBound","sorter":"l","chute":"3","bag":"b","by":"a"}',
        b'{"type":"BagBound","sorter":"l","chute":3,"bag":"b\\u001b","by":"a"}',
    ],
)
def test_nonsense_is_told_to_nobody(raw: bytes) -> None:
    with pytest.raises(Untellable):
        fact_of(raw)


def test_every_command_on_the_page(state: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert {" ".join(command.split()[1:3]) for command in COMMANDS} >= {
        "chute list", "chute lock", "chute unlock", "bag bind", "bag show", "bag close", "purge --chute", "wave end",
    }  # fmt: skip
    for command in COMMANDS:
        typed = command if "--sorter" in command or "wave" in command else f"{command} --sorter line1"
        done = subprocess.run(
            ["sh", "-c", typed], cwd=state.parents[1], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("words", [("chute", "lock", "A03"), ("bag", "close", "0"), ("purge", "--chute", "x")])
def test_a_chute_that_is_no_number_is_told_where_numbers_are(words: tuple[str, ...], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*words, "--state", str(tmp_path)])
    assert done.exit_code == Exit.USAGE
    assert "is no number of a chute: `sortctl chute list` shows them" in " ".join(done.output.split())
