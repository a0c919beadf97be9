"""The units: accepted by systemd, tight, and in step with what the program does."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sortctl.commands.options import Exit
from sortctl.journal.writer import CLOSE_DEADLINE_S
from sortctl.pki.store import KEY_CREDENTIAL
from sortctl.runtime.daemon import STOP_WAIT_S

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
UNIT = SYSTEMD / "sortctl@.service"
RULES = SYSTEMD / "70-sortctl-scanners.rules"
EXPOSURE_MAX = 2.0

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")


def _settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit as it would stand on a host where the program is installed."""
    program = tmp_path / "sortctl"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/sortctl/bin/sortctl", str(program)))
    return unit


@needs_systemd
def test_systemd_accepts_the_unit_without_a_word(installed: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", installed], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_the_unit_gives_the_program_little(installed: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(installed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    level = re.search(r"exposure level for .*: ([\d.]+)", done.stdout)
    if level is None:
        pytest.skip(f"this systemd cannot tell: {done.stderr.strip()}")
    assert float(level[1]) <= EXPOSURE_MAX


def test_only_ends_that_a_restart_cannot_mend_are_not_restarted() -> None:
    codes = {int(code) for code in _settings()["RestartPreventExitStatus"][0].split()}
    assert codes == {Exit.USAGE, Exit.NOT_FOUND, Exit.REFUSED, Exit.CONFIG, Exit.INTEGRITY}
    assert _settings()["Restart"] == ["always"]


def test_the_program_has_time_to_stop_in_order() -> None:
    assert int(_settings()["TimeoutStopSec"][0]) > STOP_WAIT_S + 2 * CLOSE_DEADLINE_S


def test_serial_ports_can_be_reached() -> None:
    settings = _settings()
    assert "PrivateDevices" not in settings
    assert {"char-ttyUSB rw", "char-ttyACM rw", "char-ttyS rw"} <= set(settings["DeviceAllow"])
    assert settings["SupplementaryGroups"] == ["dialout"]


def test_keys_and_passwords_come_as_credentials_only_where_they_are_there() -> None:
    """A unit that names a credential by its path does not start without it: the lines are there to be taken, not switched on."""
    shown = [line.lstrip("#") for line in UNIT.read_text(encoding="utf-8").splitlines() if "LoadCredential" in line]
    shown = [line for line in shown if line.startswith("LoadCredential")]
    assert any(line.startswith(f"LoadCredentialEncrypted={KEY_CREDENTIAL}:/") for line in shown)
    assert not {"LoadCredential", "LoadCredentialEncrypted", "SetCredential"} & set(_settings())
    names = [line.partition("=")[2].partition(":")[0] for line in shown]
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name) for name in names), names


def test_no_secret_comes_in_the_environment() -> None:
    assert not {"Environment", "EnvironmentFile", "PassEnvironment"} & set(_settings())


@needs_systemd
def test_the_unit_with_credentials_is_accepted_too(installed: Path) -> None:
    text = installed.read_text(encoding="utf-8")
    installed.write_text(re.sub("^#(LoadCredential)", r"\1", text, flags=re.MULTILINE))
    done = subprocess.run(["systemd-analyze", "verify", installed], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_each_rule_for_udev_is_one() -> None:
    term = r'(ACTION|SUBSYSTEM|KERNELS|DRIVER|ATTRS?\{\w+\}|ENV\{\w+\}|SYMLINK|GROUP|MODE)(==|=|\+=)"[^"]*"'
    rules = [line for line in RULES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert len(rules) >= 4
    for rule in rules:
        assert re.fullmatch(rf"{term}(, {term})*", rule), rule
