"""sortctl pki: what people type, what they are told, and that each error names the next command."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from sortctl.commands import main
from sortctl.pki.certificate import read_certificate, thumbprint_of
from sortctl.pki.store import read_own, read_trust, reject
from tests.pki.made import AT, certificate, revocation_list, signer

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "config" / "demo"
SMALL = ("--host", "edge-1", "--bits", "2048")
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command in an empty folder; the state folder is found in ./var."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    def typed(*args: str, code: int = 0) -> Result:
        done = CliRunner().invoke(main, ["pki", *args])
        assert done.exit_code == code, done.output
        return done

    return typed


@pytest.fixture
def pki(run: Run, tmp_path: Path) -> Path:
    """The folder of a site with an own pair."""
    run("init", str(SITE), *SMALL)
    return tmp_path / "var" / "demo" / "pki"


def on_disk(tmp_path: Path, name: str, data: bytes) -> str:
    (tmp_path / name).write_bytes(data)
    return str(tmp_path / name)


# --------------------------------------------------------------------------------------------- own


def test_init_says_what_to_carry_to_the_plc(run: Run, tmp_path: Path) -> None:
    told = run("init", str(SITE), *SMALL, "--host", "10.1.2.3")
    own = read_own(tmp_path / "var" / "demo" / "pki")
    assert own.hosts == ("edge-1", "10.1.2.3")
    assert own.application_uri.startswith("urn:")
    assert own.application_uri.endswith(":sortctl:demo")
    assert f"thumbprint {own.thumbprint}" in told.output
    assert "var/demo/pki/own/cert.der" in told.output
    assert "PRIVATE" not in told.output


def test_init_twice_is_refused_and_changes_nothing(run: Run, pki: Path) -> None:
    own = read_own(pki)
    told = run("init", str(SITE), *SMALL, code=4)
    assert "sortctl pki renew" in told.output
    assert read_own(pki) == own
    run("init", str(SITE), *SMALL, "--anew", "--uri", "urn:other", "--role", "operator", "--days", "10")
    assert read_own(pki).application_uri == "urn:other"
    assert (pki / "own" / f"cert-{own.thumbprint}.der").read_bytes() == own.certificate


def test_init_as_json_in_a_folder_of_its_own(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("init", str(SITE), *SMALL, "--state", str(tmp_path / "s"), "--json").output)
    own = read_own(tmp_path / "s" / "pki")
    assert told["thumbprint"] == own.thumbprint
    assert told["certificate"] == str(tmp_path / "s" / "pki" / "own" / "cert.der")
    assert told["hosts"] == ["edge-1"]


def test_init_for_the_state_folder_of_a_unit(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "unit"))
    run("init", str(SITE), *SMALL)
    assert read_own(tmp_path / "unit" / "pki")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("nowhere",), 3, "folder that holds site.toml"),
        ((".",), 5, "sortctl check"),
        ((str(SITE), "--host", "edge 1"), 4, "as edge-1"),
        ((str(SITE), "--uri", "nonsense"), 4, "as urn:"),
        ((str(SITE), "--days", "0"), 4, "1 to"),
        ((str(SITE), "--bits", "512"), 4, "2048"),
        ((), 2, "Missing argument"),
    ],
)
def test_init_that_cannot_be(run: Run, args: tuple[str, ...], code: int, says: str) -> None:
    assert says in run("init", *args, code=code).output


def test_a_folder_that_cannot_be_written_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = run("init", str(SITE), *SMALL, "--state", str(tmp_path / "file"), code=4)
    assert "cannot be written" in told.output


def test_renew_keeps_the_pair_before(run: Run, pki: Path) -> None:
    old = read_own(pki)
    told = run("renew", "--days", "400")
    new = read_own(pki)
    assert new.thumbprint in told.output
    assert f"own/cert-{old.thumbprint}.der" in told.output
    assert new.key != old.key
    answer = json.loads(run("renew", "--same-key", "--json").output)
    assert answer["thumbprint"] == read_own(pki).thumbprint
    assert read_own(pki).key == new.key


def test_renew_without_a_pair(run: Run, tmp_path: Path) -> None:
    (tmp_path / "var" / "demo").mkdir(parents=True)
    assert "sortctl pki init SITE" in run("renew", code=3).output


# --------------------------------------------------------------------------------------------- show


def test_show_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "var" / "demo").mkdir(parents=True)
    told = run("show")
    assert "no own certificate" in told.output
    assert "sortctl pki init SITE" in told.output
    assert "nobody is trusted" in told.output


def test_show_without_a_state_folder(run: Run) -> None:
    run("show", code=3)


def test_show_everything(run: Run, pki: Path, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    root = signer("root", ends=(now - AT).days + 400)
    plc = certificate(ends=(now - AT).days + 400)
    run("trust", on_disk(tmp_path, "plc.der", plc))
    run("trust", on_disk(tmp_path, "ca.der", root.der), "--issuer")
    run("crl", on_disk(tmp_path, "ca.crl", revocation_list(root, plc, due=(now - AT).days + 200)))
    reject(pki, certificate("stranger"))
    told = run("show")
    for text in (
        "own",
        "trusted",
        "issuers",
        "rejected",
        "revocation lists",
        "CN=plc-a",
        "CN=root (CA)",
        "CN=stranger",
    ):
        assert text in told.output
    assert thumbprint_of(plc) in told.output
    answer = json.loads(run("show", "--json").output)
    assert [each["subject"] for each in answer["trusted"]] == ["CN=plc-a"]
    assert answer["trusted"][0]["uris"] == ["urn:plc-a:opcua"]
    assert answer["rejected"][0]["thumbprint"] == thumbprint_of(certificate_of(pki, "rejected"))
    assert answer["revocation_lists"][0]["revoked"] == 1
    assert answer["warnings"] == []


def certificate_of(pki: Path, place: str) -> bytes:
    (path,) = (pki / place / "certs").iterdir()
    return path.read_bytes()


def test_show_warns_thirty_days_ahead(run: Run, pki: Path) -> None:
    with time_machine.travel(read_own(pki).not_after - timedelta(days=29), tick=False):
        told = run("show", code=1)
    assert "own certificate" in told.output
    assert "runs out in 29 days" in told.output
    assert "sortctl pki renew" in told.output


def test_show_names_what_cannot_be_read(run: Run, pki: Path) -> None:
    folder = pki / "trusted" / "certs"
    folder.mkdir(parents=True)
    (folder / "bad\x1b.der").write_bytes(b"nonsense")
    told = run("show", code=1)
    assert "cannot be read" in told.output
    assert "\x1b" not in told.output
    assert json.loads(run("show", "--json", code=1).output)["unread"]


def test_show_says_when_the_key_is_missing(run: Run, pki: Path) -> None:
    for path in (pki / "own").glob("key*"):
        path.unlink()
    told = run("show", code=1)
    assert "no key here fits" in told.output
    assert "CN=sortctl on edge-1" in told.output


# --------------------------------------------------------------------------------------------- trust


@pytest.mark.parametrize("pem", [False, True])
def test_trust_a_file(run: Run, pki: Path, tmp_path: Path, pem: bool) -> None:
    der = certificate(ends=4_000)
    data = read_certificate(der).parsed.public_bytes(Encoding.PEM) if pem else der
    told = run("trust", on_disk(tmp_path, "plc", data))
    assert thumbprint_of(der) in told.output
    assert "urn:plc-a:opcua" in told.output
    assert [each.der for each in read_trust(pki).trusted] == [der]
    run("trust", str(tmp_path / "plc"))
    assert len(read_trust(pki).trusted) == 1


def test_trust_what_was_refused(run: Run, pki: Path) -> None:
    der = certificate()
    reject(pki, der)
    colons = ":".join(thumbprint_of(der)[place : place + 2] for place in range(0, 40, 2)).lower()
    run("trust", colons)
    assert [each.der for each in read_trust(pki).trusted] == [der]
    assert not list((pki / "rejected" / "certs").iterdir())


def test_trust_a_ca_asks_for_its_list(run: Run, pki: Path, tmp_path: Path) -> None:
    root = signer("root", ends=4_000)
    assert "sortctl pki crl FILE" in run("trust", on_disk(tmp_path, "ca.der", root.der)).output
    run("crl", on_disk(tmp_path, "ca.crl", revocation_list(root)))
    assert "sortctl pki crl FILE" not in run("trust", str(tmp_path / "ca.der")).output
    # less than trusted: only known
    run("trust", str(tmp_path / "ca.der"), "--issuer")
    found = read_trust(pki)
    assert (len(found.trusted), len(found.issuers)) == (0, 1)


@pytest.mark.parametrize(
    ("der", "says"),
    [
        (certificate(ends=-1), "it has run out"),
        (certificate(starts=40_000, ends=40_001), "valid only from"),
        (certificate("weak", bits=1024), "1024 bits"),
    ],
)
def test_trust_says_what_will_be_refused_all_the_same(
    run: Run, pki: Path, tmp_path: Path, der: bytes, says: str
) -> None:
    assert says in run("trust", on_disk(tmp_path, "plc.der", der)).output


def test_trust_that_cannot_be(run: Run, pki: Path, tmp_path: Path) -> None:
    assert "sortctl pki show" in run("trust", "nowhere.der", code=3).output
    assert "sortctl pki show" in run("trust", "A" * 40, code=3).output
    assert "cannot be read" in run("trust", on_disk(tmp_path, "x", b"nonsense"), code=4).output
    assert "is no CA" in run("trust", on_disk(tmp_path, "plc.der", certificate()), "--issuer", code=4).output
    two = read_certificate(certificate()).parsed.public_bytes(Encoding.PEM) * 2
    assert "one of 2" in run("trust", on_disk(tmp_path, "two.pem", two), code=4).output
    assert read_trust(pki).trusted == ()


def test_untrust_keeps_it_among_the_refused(run: Run, pki: Path, tmp_path: Path) -> None:
    der = certificate(ends=4_000)
    run("trust", on_disk(tmp_path, "plc.der", der))
    # put there by hand under another name as well
    shutil.copy(tmp_path / "plc.der", pki / "trusted" / "certs" / "by-hand.der")
    told = run("untrust", thumbprint_of(der))
    assert "No longer trusted" in told.output
    assert read_trust(pki).trusted == ()
    assert certificate_of(pki, "rejected") == der
    assert "sortctl pki show" in run("untrust", thumbprint_of(der), code=3).output
    assert "40 hexadecimal digits" in run("untrust", "plc.der", code=3).output
    run("trust", thumbprint_of(der), "--json")
    assert json.loads(run("untrust", read_certificate(der).fingerprint, "--json").output)["subject"] == "CN=plc-a"


# --------------------------------------------------------------------------------------------- revocation lists


def test_a_newer_list_replaces_the_older_and_not_the_other_way(run: Run, pki: Path, tmp_path: Path) -> None:
    root = signer("root")
    run("trust", on_disk(tmp_path, "ca.der", root.der))
    old = on_disk(tmp_path, "old.crl", revocation_list(root, made=-9))
    new = on_disk(tmp_path, "new.crl", revocation_list(root, certificate(), made=-1))
    run("crl", old)
    told = run("crl", new)
    assert "1 revoked" in told.output
    run("crl", new)
    assert len(list((pki / "trusted" / "crl").iterdir())) == 1
    assert "older than the one" in run("crl", old, code=4).output
    assert json.loads(run("crl", new, "--json").output) == {
        "issuer": "CN=root",
        "revoked": 1,
        "next_update": "2026-07-01 12:00 UTC",
    }


def test_a_list_that_is_not_taken_in(run: Run, pki: Path, tmp_path: Path) -> None:
    stranger = on_disk(tmp_path, "x.crl", revocation_list(signer("root")))
    assert "sortctl pki trust FILE" in run("crl", stranger, code=4).output
    assert "cannot be read" in run("crl", on_disk(tmp_path, "y.crl", b"nonsense"), code=4).output
    run("crl", "nowhere.crl", code=3)
    assert not (pki / "trusted" / "crl").exists()


@pytest.mark.parametrize("name", ["init", "show", "trust", "untrust", "renew", "crl"])
def test_every_help_has_an_example_and_exit_codes(name: str) -> None:
    shown = CliRunner().invoke(main, ["pki", name, "--help"])
    assert f"sortctl pki {name}" in shown.output
    assert "Exit codes" in shown.output
