"""The first day in the hub, typed as it stands on the page; what needs no machine."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from sortctl.commands import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tutorials" / "first-day-in-the-hub.md").read_text(encoding="utf-8")
TYPED = [line for line in re.findall(r"^    (\S.*)$", PAGE, re.MULTILINE) if not line.startswith("export ")]
NO = " || true"


def test_every_command_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "config" / "demo", tmp_path / "config" / "demo")
    monkeypatch.chdir(tmp_path)
    told: dict[str, str] = {}
    for line in TYPED:
        words = shlex.split(line.removesuffix(NO))
        if words[0] != "sortctl":
            subprocess.run(["sh", "-c", line], check=True)
            continue
        done = CliRunner().invoke(main, words[1:])
        assert (done.exit_code == 1) if line.endswith(NO) else (done.exit_code == 0), f"{line}: {done.output}"
        told[" ".join(words[1:3])] = told.get(" ".join(words[1:3]), "") + done.output
    for command, said in {
        "parcels import": "3,000 known already",
        "parcels show": "X-ray shows a battery",
        "parcels customs": "Customs says released",
        "plan explain": "sends it to BE-C",
        "plan diff": "BE-C",
        "plan history": "P. Lanner",
    }.items():
        assert said in told[command], told[command]
    assert "mistakes.csv:2 country" in told["parcels import"]
    assert "mistakes.csv:3 weight_g" in told["parcels import"]
    assert told["due var/first-day/site"].count("\n") > 5
