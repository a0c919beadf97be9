"""The folder of keys: what is read, what is kept, and what never happens to a pair."""

import os
import ssl
import stat
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from sortctl.pki import files, make, store
from sortctl.pki.certificate import read_certificate, thumbprint_of
from sortctl.pki.judge import Expected, judge
from sortctl.pki.make import Extra, make_own, renew
from sortctl.pki.refusal import KeysMissing, KeysRefused, KeysUnusable
from sortctl.pki.store import REJECTED_MAX, check_key, loaded_key, pem_file, read_own, read_rejected, read_trust, reject
from tests.pki.made import AT, certificate, key, revocation_list, signer, trust

URI = "urn:edge-1:sortctl:liege"
HOSTS = ("edge-1", "10.1.2.3", "fd00::3")
SMALL = Extra("Hub", "operator", 2048)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an own pair in it."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    make_own(tmp_path / "pki", URI, HOSTS, 365, AT, SMALL)
    return tmp_path / "pki"


def pem_of(name: str = "thief", password: bytes = b"") -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def put(path: Path, data: bytes, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)
    return path


# --------------------------------------------------------------------------------------------- the pair


def test_what_is_made_is_what_opc_ua_and_modbus_security_ask_for(folder: Path) -> None:
    own = read_own(folder)
    parsed = x509.load_der_x509_certificate(own.certificate)
    get = parsed.extensions.get_extension_for_class
    usage = get(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert usage.key_encipherment
    assert usage.data_encipherment
    assert {each.dotted_string[-1] for each in get(x509.ExtendedKeyUsage).value} == {"1", "2"}
    assert not get(x509.BasicConstraints).value.ca
    names = get(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [URI]
    assert own.application_uri == URI
    assert own.hosts == HOSTS
    assert own.not_after == AT + timedelta(days=365)
    role = parsed.extensions.get_extension_for_oid(x509.ObjectIdentifier("1.3.6.1.4.1.50316.802.1"))
    assert role.value.public_bytes() == b"\x0c\x08operator"
    assert parsed.subject.rfc4514_string() == "CN=sortctl on edge-1,O=Hub"


def test_our_own_judgement_takes_it(folder: Path) -> None:
    own = read_own(folder)
    for host in HOSTS:
        judge(own.certificate, trust(own.certificate), Expected(host, URI, own.thumbprint), AT)


def test_tls_takes_the_pair(folder: Path) -> None:
    own = read_own(folder)
    with pem_file(own) as path:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(path)
    assert not Path(path).exists()


def test_the_key_is_for_its_owner_only_and_never_shown(folder: Path) -> None:
    old = os.umask(0)
    try:
        renew(folder, 365, AT, new_key=True)
    finally:
        os.umask(old)
    for path in (folder / "own").glob("key*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    own = read_own(folder)
    assert "PRIVATE" not in repr(own)
    assert not list((folder / "own").glob(".*")), "nothing half written is left"


def test_a_key_that_others_can_read_is_no_key(folder: Path) -> None:
    for path in (folder / "own").glob("key*.pem"):
        path.chmod(0o640)
    with pytest.raises(KeysUnusable, match=r"can be read by others \(mode 640\); chmod 600"):
        read_own(folder)


def test_no_pair_yet(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match="sortctl pki init SITE"):
        read_own(tmp_path)


def test_a_key_of_another_certificate(folder: Path) -> None:
    for path in (folder / "own").glob("key*.pem"):
        put(path, pem_of(), 0o600)
    with pytest.raises(KeysUnusable, match="no key here fits"):
        read_own(folder)


def test_the_loop_does_not_stand_still_while_the_pair_is_read(folder: Path) -> None:
    """Examining a key takes as long as 200 ms; reading it for a connection must not."""
    started = time.process_time()
    for _ in range(10):
        loaded_key(read_own(folder))
    assert time.process_time() - started < 0.1


def test_a_damaged_key_is_told_to_people(folder: Path) -> None:
    own = read_own(folder)
    check_key(own)
    numbers = loaded_key(own).private_numbers()
    bad = rsa.RSAPrivateNumbers(
        numbers.p, numbers.q, numbers.d + 2, numbers.dmp1, numbers.dmq1, numbers.iqmp, numbers.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    with pytest.raises(KeysUnusable, match="is damaged"):
        check_key(own._replace(key=bad.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())))


@pytest.mark.parametrize("kind", ["nonsense", "password", "ec", "empty", "huge"])
def test_a_file_that_is_no_usable_key(folder: Path, kind: str) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    data = {
        "nonsense": b"-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n",
        "password": pem_of(password=b"x"),
        "ec": curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "empty": b"",
        "huge": b"x" * 100_000,
    }[kind]
    for path in (folder / "own").glob("key*.pem"):
        put(path, data, 0o600)
    with pytest.raises(KeysUnusable):
        read_own(folder)


def test_an_own_certificate_that_is_none(folder: Path) -> None:
    put(folder / "own" / "cert.der", b"nonsense")
    with pytest.raises(KeysUnusable, match="cannot be read"):
        read_own(folder)


def test_the_key_may_come_as_a_credential(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "credentials"
    # systemd gives it in the mode 440, to a unit with a user of its own
    put(given / store.KEY_CREDENTIAL, read_own(folder).key, 0o440)
    for path in (folder / "own").glob("key*.pem"):
        path.unlink()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    assert read_own(folder).key_path == given / store.KEY_CREDENTIAL
    with pytest.raises(KeysRefused, match="--same-key"):
        renew(folder, 365, AT, new_key=True)
    assert renew(folder, 30, AT, new_key=False).not_after == AT + timedelta(days=30)
    # what is written is the certificate alone: the key stays where it was
    assert not list((folder / "own").glob("key*.pem"))


@pytest.mark.parametrize(
    ("uri", "hosts", "days", "extra"),
    [
        ("no uri", HOSTS, 365, SMALL),
        ("urn:ä", HOSTS, 365, SMALL),
        (URI, (), 365, SMALL),
        (URI, ("edge 1",), 365, SMALL),
        (URI, ("-x",), 365, SMALL),
        (URI, ("a" * 300,), 365, SMALL),
        (URI, HOSTS, 0, SMALL),
        (URI, HOSTS, 100_000, SMALL),
        (URI, HOSTS, 365, SMALL._replace(bits=1024)),
        (URI, HOSTS, 365, SMALL._replace(bits=16_384)),
        (URI, HOSTS, 365, SMALL._replace(role="two words")),
    ],
)
def test_names_that_cannot_be(tmp_path: Path, uri: str, hosts: tuple[str, ...], days: int, extra: Extra) -> None:
    with pytest.raises(KeysRefused):
        make_own(tmp_path / "pki", uri, hosts, days, AT, extra)
    assert not (tmp_path / "pki").exists()


# --------------------------------------------------------------------------------------------- renewal


@pytest.mark.parametrize("new_key", [True, False])
def test_a_renewal_keeps_the_names_and_the_pair_before(folder: Path, new_key: bool) -> None:
    old = read_own(folder)
    new = renew(folder, 700, AT + timedelta(days=300), new_key=new_key)
    assert (new.application_uri, new.hosts) == (old.application_uri, old.hosts)
    assert (new.key == old.key) is not new_key
    assert new.not_after == AT + timedelta(days=1_000)
    assert read_own(folder) == new
    assert b"operator" in new.certificate
    assert (folder / "own" / f"cert-{old.thumbprint}.der").read_bytes() == old.certificate
    assert (folder / "own" / f"key-{old.thumbprint}.pem").read_bytes() == old.key
    # and back again by hand, with the one name that counts
    (folder / "own" / "cert.der").write_bytes(old.certificate)
    assert read_own(folder)[:2] == old[:2]


@pytest.mark.parametrize("new_key", [True, False])
def test_there_is_a_usable_pair_before_and_after_every_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch, new_key: bool
) -> None:
    """Also one that is cut off at each write leaves a usable pair: looked at before and after every change of a name."""
    seen = []

    def watched(path: Path, data: bytes, mode: int) -> None:
        seen.append(read_own(folder).thumbprint)
        files.write_file(path, data, mode)
        seen.append(read_own(folder).thumbprint)

    monkeypatch.setattr(make, "write_file", watched)
    old = read_own(folder).thumbprint
    new = renew(folder, 365, AT, new_key=new_key).thumbprint
    assert set(seen) == {old, new}
    assert seen == sorted(seen, key=(old, new).index), "never back to the old one"


def test_a_renewal_that_fails_leaves_the_pair(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = read_own(folder)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        renew(folder, 365, AT, new_key=True)
    monkeypatch.undo()
    assert read_own(folder) == old
    assert not list((folder / "own").glob(".*"))


def test_one_from_a_ca_is_renewed_by_that_ca(folder: Path) -> None:
    root = signer("root")
    der = certificate("own", root, key_name="own")
    put(folder / "own" / "cert.der", der)
    put(folder / "own" / "key.pem", pem_of("own"), 0o600)
    assert read_own(folder).certificate == der
    with pytest.raises(KeysRefused, match="ask that CA"):
        renew(folder, 365, AT, new_key=True)


def test_made_by_root_it_belongs_to_whom_the_state_folder_belongs(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, 12_345, 12_346)
    make_own(state / "pki", URI, HOSTS, 365, AT, SMALL)
    for path in (state / "pki").rglob("*"):
        assert (path.stat().st_uid, path.stat().st_gid) == (12_345, 12_346), path


def test_two_processes_at_once_leave_a_pair_that_fits(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime; from sortctl.pki.make import renew\n"
        "for _ in range(3): renew(Path(sys.argv[1]), 365, datetime(2026, 6, 1, tzinfo=UTC), new_key=False)"
    )
    both = [subprocess.Popen([sys.executable, "-c", program, str(folder)]) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]
    read_own(folder)


# --------------------------------------------------------------------------------------------- trust list


def test_no_folder_trusts_nobody(tmp_path: Path) -> None:
    assert read_trust(tmp_path / "pki") == ((), (), (), ())


def test_der_pem_and_what_is_none(tmp_path: Path) -> None:
    root, plc = signer("root"), certificate()
    put(tmp_path / "trusted" / "certs" / "a.der", plc)
    put(tmp_path / "trusted" / "certs" / "b.pem", read_certificate(root.der).parsed.public_bytes(Encoding.PEM))
    put(tmp_path / "trusted" / "certs" / "twice.crt", plc)
    put(tmp_path / "trusted" / "certs" / "c.der", b"nonsense")
    put(tmp_path / "trusted" / "certs" / "d.pem", b"-----BEGIN CERTIFICATE-----\n")
    put(tmp_path / "trusted" / "certs" / "notes.txt", b"kept by people")
    put(tmp_path / "issuers" / "crl" / "root.crl", revocation_list(root))
    put(tmp_path / "trusted" / "crl" / "e.crl", b"nonsense")
    os.mkfifo(tmp_path / "trusted" / "certs" / "pipe.der")
    found = read_trust(tmp_path)
    assert {each.der for each in found.trusted} == {plc, root.der}
    assert [each.issuer for each in found.lists] == ["CN=root"]
    assert sorted(line.split(": ")[0].rsplit("/")[-1] for line in found.unread) == [
        "c.der",
        "d.pem",
        "e.crl",
        "pipe.der",
    ]


def test_a_folder_with_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILES_MAX", 2)
    for number in range(3):
        put(tmp_path / "trusted" / "certs" / f"{number}.der", b"x")
    with pytest.raises(KeysUnusable, match="holds 3 files"):
        read_trust(tmp_path)


# --------------------------------------------------------------------------------------------- refused ones


def test_a_refused_certificate_is_kept_under_its_thumbprint(tmp_path: Path) -> None:
    der, root = certificate(), signer("root")
    path = reject(tmp_path, der + root.der)
    assert path == tmp_path / "rejected" / "certs" / f"{thumbprint_of(der)}.der"
    assert path.read_bytes() == der
    assert reject(tmp_path, der) == path
    assert [each.der for each in read_rejected(tmp_path)] == [der]


def test_what_could_never_be_trusted_is_not_kept(tmp_path: Path) -> None:
    assert reject(tmp_path, b"nonsense") is None
    assert not list(tmp_path.iterdir())


def test_a_server_that_shows_a_new_one_each_time_does_not_fill_the_disk(tmp_path: Path) -> None:
    for serial in range(1, REJECTED_MAX + 6):
        path = reject(tmp_path, certificate(serial=serial))
        assert path is not None
        os.utime(path, ns=(serial, serial))
    kept = {each.parsed.serial_number for each in read_rejected(tmp_path)}
    assert kept == set(range(6, REJECTED_MAX + 6))


def test_a_disk_that_takes_nothing_harms_no_link(tmp_path: Path) -> None:
    put(tmp_path / "rejected", b"a file where a folder should be")
    assert reject(tmp_path, certificate()) is None
