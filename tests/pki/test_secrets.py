from pathlib import Path

import pytest

from sortctl.pki.refusal import KeysMissing, KeysUnusable
from sortctl.pki.secrets import SECRET_BYTES_MAX, read_secret


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def put(path: Path, data: bytes, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


@pytest.mark.parametrize(
    ("data", "secret"), [(b"abc", b"abc"), (b"abc\n", b"abc"), (b"a c \r\n", b"a c "), (b"a\n\n", b"a\n")]
)
def test_a_secret_without_the_line_end_of_the_editor(tmp_path: Path, data: bytes, secret: bytes) -> None:
    put(tmp_path / "plc-a.password", data)
    assert read_secret("plc-a.password", tmp_path) == secret


def test_a_credential_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "secrets" / "p", b"from the file")
    put(tmp_path / "given" / "p", b"from systemd", 0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "given"))
    assert read_secret("p", tmp_path / "secrets") == b"from systemd"
    put(tmp_path / "secrets" / "q", b"only here")
    assert read_secret("q", tmp_path / "secrets") == b"only here"


def test_one_that_others_can_read_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "p", b"abc", 0o644)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        read_secret("p", tmp_path)


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"systemd credential p$"):
        read_secret("p", tmp_path)


@pytest.mark.parametrize("data", [b"", b"\n", b"x" * (SECRET_BYTES_MAX + 1)])
def test_one_that_is_none(tmp_path: Path, data: bytes) -> None:
    put(tmp_path / "p", data)
    with pytest.raises(KeysUnusable):
        read_secret("p", tmp_path)


@pytest.mark.parametrize("name", ["", ".hidden", "../p", "a/b", "/etc/passwd", "a\0b", "x" * 65])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeysUnusable, match="is no name of a secret"):
        read_secret(name, tmp_path)


def test_no_error_holds_the_secret(tmp_path: Path) -> None:
    put(tmp_path / "p", b"hunter2" * 1_000)
    with pytest.raises(KeysUnusable) as told:
        read_secret("p", tmp_path)
    assert "hunter2" not in str(told.value)
