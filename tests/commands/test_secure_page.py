"""The page on securing links: every command on it is run, in its order, and does what the page says."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sortctl.pki.certificate import thumbprint_of
from sortctl.pki.refusal import Refusal
from sortctl.pki.secrets import read_secret
from sortctl.pki.store import read_own, read_trust, reject
from sortctl.site.wires import OpcUaPlc, Security, Tls, User
from tests.pki.made import AT, certificate, revocation_list, signer

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "secure-the-plc-links.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (\S.*)$", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL), re.MULTILINE)
DAYS = (datetime.now(UTC) - AT).days + 400


def test_every_command_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    shutil.copytree(ROOT / "config" / "demo", tmp_path / "config" / "demo")
    pki = tmp_path / "var" / "demo" / "pki"
    refused = certificate("plc-b", ends=DAYS)
    _files_of_a_plant(tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in COMMANDS:
        typed = command.replace("THUMBPRINT", thumbprint_of(refused))
        done = subprocess.run(
            ["sh", "-c", typed], cwd=tmp_path, env={**os.environ, "PATH": path}, input="hunter2\n",
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        if command.startswith("sortctl pki init"):
            # as the controller does when the server was tried
            reject(pki, refused)
    assert read_own(pki).hosts == ("edge-1",)
    found = read_trust(pki)
    assert {each.subject for each in found.trusted} == {"CN=plc-a", "CN=plant-ca"}
    assert {each.subject for each in found.issuers} == {"CN=line-ca"}
    assert len(found.lists) == 2
    assert read_secret("plc-a.password", tmp_path / "var" / "demo" / "secrets") == b"hunter2"


def _files_of_a_plant(folder: Path) -> None:
    plant = signer("plant-ca", ends=DAYS)
    line = signer("line-ca", plant, ends=DAYS)
    (folder / "plc-a.der").write_bytes(certificate(ends=DAYS))
    for name, each in (("plant-ca", plant), ("line-ca", line)):
        (folder / f"{name}.der").write_bytes(each.der)
        (folder / f"{name}.crl").write_bytes(revocation_list(each, due=DAYS))


def test_the_page_has_every_command_of_the_room() -> None:
    for name in ("init", "show", "trust", "untrust", "renew", "crl"):
        assert any(command.startswith(f"sortctl pki {name}") for command in COMMANDS)


def test_the_tables_on_the_page_are_of_the_site_file() -> None:
    opcua, modbus = (tomllib.loads(block)["plcs"] for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
    Security.model_validate(opcua["loop"]["security"])
    User.model_validate(opcua["loop"]["user"])
    assert set(opcua["loop"]) <= set(OpcUaPlc.model_fields)
    Tls.model_validate(modbus["line"]["tls"])


def test_every_refusal_is_in_the_table() -> None:
    table = PAGE.partition("## When a certificate is refused")[2]
    assert not {each.value for each in Refusal if f"`{each.value}`" not in table}
