"""`sortctl parcels`: the page on it command by command, exit codes, and what is told."""

import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sortctl.commands import main
from sortctl.commands.options import Exit
from sortctl.commands.parcels import taking
from sortctl.parcels.records import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "bring-in-parcel-data.md").read_text(encoding="utf-8")
TYPED = re.findall(r"^    (\S.*)$", PAGE, re.MULTILINE)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def parcels(state: Path, *words: str, told: str = "") -> Result:
    return CliRunner().invoke(main, ["parcels", *words, "--state", str(state)], input=told)


def listed(folder: Path, text: str, name: str = "list.csv") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_every_command_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "config" / "demo").mkdir(parents=True)
    known = "waybill,country,customs,customs_at\nLP390768049CN,FR,lodged,2026-02-01T00:00:00Z\n"
    listed(tmp_path / "config" / "demo", known, "parcels.csv")
    listed(tmp_path, '{"waybill": "X1", "country": "BE"}\n', "night.jsonl")
    listed(tmp_path, "waybill,country\nX2,XX\nX3,BE\n", "returns.csv")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {name: value for name, value in os.environ.items() if name != "STATE_DIRECTORY"} | {"PATH": path}
    for typed in TYPED:
        done = subprocess.run(
            ["sh", "-c", typed], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{typed}: {done.stdout}{done.stderr}"
    assert (tmp_path / "refused.csv").read_text(encoding="utf-8") == "waybill,country\nX2,XX\n"


def test_the_page_has_every_command_and_every_column() -> None:
    for name in ("import", "show", "hold", "release", "intercept", "customs", "purge", "count"):
        assert any(f"sortctl parcels {name}" in typed for typed in TYPED)
    assert not {name for name in COLUMNS if f"`{name}`" not in PAGE}


def test_the_list_of_the_demonstration_is_taken_whole(state: Path) -> None:
    done = parcels(state, "import", str(ROOT / "config" / "demo" / "parcels.csv"), "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["refused"], told["problems"], told["mended"]) == (Exit.OK, 0, [], [])


def test_partial_success_is_told_with_line_numbers(tmp_path: Path, state: Path) -> None:
    done = parcels(state, "import", listed(tmp_path, "waybill,country,weight_g\nX1,be,5\nX2,XX,5\nX3,NL,heavy\n"))
    assert done.exit_code == Exit.NEGATIVE
    assert "1 parcels taken" in done.output
    assert "2 lines refused" in done.output
    assert "list.csv:3 country" in done.output
    assert "list.csv:4 weight_g" in done.output
    assert "small letters" in done.output


def test_json_says_the_same(tmp_path: Path, state: Path) -> None:
    file = listed(tmp_path, "waybill,country\nX1,BE\nX2,XX\n")
    done = CliRunner().invoke(main, ["parcels", "import", file, "--state", str(state), "--json"])
    told = json.loads(done.stdout)
    assert (told["taken"], told["new"], told["refused"]) == (1, 1, 1)
    assert told["problems"][0]["line"] == 3
    shown = json.loads(parcels(state, "show", "X1", "--json").stdout)
    assert shown["record"]["country"] == "BE"
    assert shown["changes"][0]["what"] == "import"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", Exit.CONFIG), ("colour\nred\n", Exit.CONFIG), ("waybill\nX1\n", Exit.OK), ("waybil\nX\n", Exit.CONFIG)],
)
def test_a_list_as_a_whole(tmp_path: Path, state: Path, text: str, code: Exit) -> None:
    assert parcels(state, "import", listed(tmp_path, text)).exit_code == code


def test_a_pipe_of_json_is_recognised(state: Path) -> None:
    done = parcels(state, "import", "-", told='{"waybill": "X1"}\n')
    assert done.exit_code == Exit.OK, done.output
    assert parcels(state, "show", "X1").exit_code == Exit.OK


def test_a_file_that_is_not_there(state: Path) -> None:
    assert parcels(state, "import", "nowhere.csv").exit_code == Exit.NOT_FOUND


def test_what_is_not_there_has_its_own_exit_code(tmp_path: Path) -> None:
    assert parcels(tmp_path / "none", "show", "X1").exit_code == Exit.NOT_FOUND
    assert parcels(tmp_path, "count").exit_code == Exit.NOT_FOUND
    assert parcels(tmp_path, "hold", "X1", "battery").exit_code == Exit.OK
    assert parcels(tmp_path, "show", "X2").exit_code == Exit.NEGATIVE
    assert parcels(tmp_path, "release", "X2", "--by", "A. Lambert").exit_code == Exit.NEGATIVE
    assert parcels(tmp_path, "release", "X1").exit_code == Exit.USAGE
    assert parcels(tmp_path, "release", "X1", "--by", " ").exit_code == Exit.USAGE
    assert parcels(tmp_path, "release", "X1", "--by", "A. Lambert").exit_code == Exit.OK
    assert parcels(tmp_path, "release", "X1", "--by", "A. Lambert").exit_code == Exit.REFUSED
    assert parcels(tmp_path, "hold", "X\x1b1", "why").exit_code == Exit.USAGE


def test_a_message_that_is_not_believed_says_so(tmp_path: Path) -> None:
    done = parcels(tmp_path, "customs", "X1", "RELEASE")
    assert done.exit_code == Exit.NEGATIVE
    assert "no procedure" in done.output
    assert parcels(tmp_path, "customs", "X1", "SEIZE", "--at", "today").exit_code == Exit.USAGE


def test_a_damaged_store_is_an_integrity_fault(tmp_path: Path) -> None:
    (tmp_path / "parcels.db").write_bytes(b"not a store at all, not at all")
    for words in (("count",), ("show", "X1"), ("hold", "X1", "why")):
        done = parcels(tmp_path, *words)
        assert done.exit_code == Exit.INTEGRITY
        assert "Traceback" not in done.output


def test_hostile_data_does_not_steer_the_terminal(tmp_path: Path, state: Path) -> None:
    done = parcels(state, "import", listed(tmp_path, "waybill,tenant\nX1,\x1b[31mred\n"))
    assert "\x1b" not in done.output
    assert done.exit_code == Exit.NEGATIVE


def test_old_ones_go(tmp_path: Path) -> None:
    parcels(tmp_path, "hold", "X1", "why")
    done = parcels(tmp_path, "purge", "--older-than", "1", "--json")
    assert json.loads(done.stdout) == {"gone": 0, "kept_held": 0, "left": 1}


def test_a_disk_that_fails_in_the_middle_is_told_with_its_line(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[int]:
        yield 100_000
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(taking, "take_list", broken)
    done = parcels(state, "import", listed(tmp_path, "waybill\nX1\n"))
    assert done.exit_code == Exit.REFUSED
    assert "cannot be read after line 0: Input/output error" in done.output


def test_who_interrupts_a_list_is_told_how_far_it_came(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Iterator[int]:
        yield 100_000
        raise KeyboardInterrupt

    monkeypatch.setattr(taking, "take_list", interrupted)
    done = parcels(state, "import", listed(tmp_path, "waybill\nX1\n"))
    assert done.exit_code == Exit.NEGATIVE
    assert "give the list again" in done.output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_under_the_refused_lines_is_told(tmp_path: Path, state: Path) -> None:
    done = parcels(state, "import", listed(tmp_path, "waybill,country\nX2,XX\n"), "--refused", "/dev/full")
    assert done.exit_code == Exit.REFUSED, done.output
    assert "No space left" in done.output
