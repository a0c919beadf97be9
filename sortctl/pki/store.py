"""Store: the folder `pki` of a state folder. Own pair, trust list, refused certificates.

    own/cert.der, own/key.pem         the pair in use; the key is of mode 600. After a renewal key-<thumbprint>.pem beside it
    own/cert-<thumbprint>.der         pairs that were in use before
    trusted/certs, issuers/certs      certificates as .der (or .pem): believed, or only known
    trusted/crl, issuers/crl          revocation lists as .crl
    rejected/certs                    what servers showed and was refused, by thumbprint

Comes in: the folder. Goes out: `Own`, `Trust`. Read anew for each connection, so a change needs no restart.
Never here: making a pair (`make.py`), the judgement (`judge.py`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sortctl.pki.certificate import (
    CERTIFICATE_BYTES_MAX,
    LIST_BYTES_MAX,
    Certificate,
    RevocationList,
    read_certificate,
    read_chain,
    read_file_bytes,
    read_list,
    thumbprint_of,
)
from sortctl.pki.files import PUBLIC, files_in, read_bounded, read_private, write_file
from sortctl.pki.judge import Trust
from sortctl.pki.refusal import CertificateRefused, KeysMissing, KeysUnusable
from sortctl.pki.secrets import credential

KEY_CREDENTIAL: Final = "sortctl-key.pem"
"""Name of the systemd credential that holds the key, if it is not in the folder."""
KEY_BYTES_MAX: Final = 32_768
REJECTED_MAX: Final = 50
"""Refused certificates kept; the oldest goes first. More than servers in any plant."""
CERTIFICATE_ENDINGS: Final = (".der", ".pem", ".crt", ".cer")
LIST_ENDINGS: Final = (".crl", ".der", ".pem")


class Own(NamedTuple):
    """The pair in use. The key is for the drivers; it is never shown."""

    certificate: bytes
    """DER"""
    key: bytes
    """PEM, PKCS #8, not encrypted"""
    application_uri: str
    hosts: tuple[str, ...]
    not_after: datetime
    thumbprint: str
    key_path: Path

    def __repr__(self) -> str:
        return f"Own({self.thumbprint}, {self.application_uri})"


def pki_folder(state: Path) -> Path:
    """Where certificates and keys lie in a state folder."""
    return state / "pki"


def read_own(folder: Path) -> Own:
    """The own pair. Raises KeysMissing (there is none yet), KeysUnusable."""
    certificate = read_own_certificate(folder)
    for path in _key_places(folder, certificate.thumbprint):
        key = _key(path, certificate)
        if key is not None:
            uri = certificate.uris[0] if certificate.uris else ""
            return Own(
                certificate.der, key, uri, certificate.hosts, certificate.not_after, certificate.thumbprint, path
            )
    what = f"no key here fits our own {certificate.title}"
    raise KeysUnusable(
        what, f"put its key into {folder / 'own' / 'key.pem'}, or make a new pair: sortctl pki init SITE --anew"
    )


def read_own_certificate(folder: Path) -> Certificate:
    """Only the certificate: enough to show it. Raises KeysMissing, KeysUnusable."""
    path = folder / "own" / "cert.der"
    try:
        return read_certificate(read_bounded(path, CERTIFICATE_BYTES_MAX))
    except KeysMissing:
        raise KeysMissing(f"there is no own certificate in {folder}", "make one: sortctl pki init SITE") from None
    except CertificateRefused as refused:
        raise KeysUnusable(f"{path}: {refused.what}", "make a new pair: sortctl pki init SITE --anew") from None


def loaded_key(own: Own) -> RSAPrivateKey:
    """The key for a library that wants it loaded. Not examined for being sound: that takes 200 ms for 3,072 bits, in which a
    loop that sorts parcels would stand still. `check_key` does it, for people; OpenSSL looks at each result by itself.
    """
    key = load_pem_private_key(own.key, password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)  # read_own has looked
    return key


def check_key(own: Own) -> None:
    """Examine the key as a whole. Slow. Raises KeysUnusable."""
    try:
        load_pem_private_key(own.key, password=None)
    except Exception:  # noqa: BLE001 - as in `_key`
        what = f"the key in {own.key_path} is damaged"
        raise KeysUnusable(what, "put back a copy of it, or make a new pair: sortctl pki init SITE --anew") from None


@contextmanager
def pem_file(own: Own) -> Iterator[str]:
    """Certificate and key in one PEM file, as `ssl.SSLContext.load_cert_chain` wants it. In memory; gone at the end of the block."""
    fd = os.memfd_create("sortctl-pair", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(fd), "wb") as file:
            file.write(own.key + read_certificate(own.certificate).parsed.public_bytes(Encoding.PEM))
        yield f"/proc/self/fd/{fd}"
    finally:
        os.close(fd)


def read_trust(folder: Path) -> Trust:
    """The trust list; an empty one trusts nobody. A file that cannot be read is left out and named. Raises KeysUnusable."""
    unread: list[str] = []
    return Trust(
        trusted=_certificates(folder / "trusted" / "certs", unread),
        issuers=_certificates(folder / "issuers" / "certs", unread),
        lists=(*_lists(folder / "trusted" / "crl", unread), *_lists(folder / "issuers" / "crl", unread)),
        unread=tuple(unread),
    )


def read_rejected(folder: Path) -> tuple[Certificate, ...]:
    """What was refused and kept. Raises KeysUnusable."""
    return _certificates(folder / "rejected" / "certs", [])


def reject(folder: Path, der: bytes) -> Path | None:
    """Keep a refused certificate, so that `sortctl pki trust THUMBPRINT` finds it. None if it cannot be kept: that harms nobody."""
    try:
        der = read_chain(der)[0].der
    except CertificateRefused:
        return None  # nothing that could ever be trusted
    path = folder / "rejected" / "certs" / f"{thumbprint_of(der)}.der"
    try:
        if not path.exists():
            _make_room(path.parent)
            write_file(path, der, PUBLIC)
    except (OSError, KeysUnusable):
        return None
    return path


def _make_room(rejected: Path) -> None:
    kept = sorted(files_in(rejected, ".der"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[: max(0, len(kept) - REJECTED_MAX + 1)]:
        path.unlink(missing_ok=True)


def _key_places(folder: Path, thumbprint: str) -> Iterator[Path]:
    given = credential(KEY_CREDENTIAL)
    if given is not None:
        yield given
    # The first is for the moment in which a renewal has put the certificate in its place and not yet the key.
    yield folder / "own" / f"key-{thumbprint}.pem"
    yield folder / "own" / "key.pem"


def _key(path: Path, certificate: Certificate) -> bytes | None:
    """The key in this file if it is that of the certificate. A key that others can read is no key."""
    try:
        given = credential(KEY_CREDENTIAL)
        # systemd gives credentials to this unit alone, in a mode of its own.
        data = read_bounded(path, KEY_BYTES_MAX) if path == given else read_private(path, KEY_BYTES_MAX)
    except KeysMissing:
        return None
    try:
        key = load_pem_private_key(data, password=None, unsafe_skip_rsa_key_validation=True)  # why: `loaded_key`
    except Exception as error:  # noqa: BLE001 - the library raises many kinds for what is no key, or one with a password
        what = f"{path} is no key that can be used ({type(error).__name__})"
        raise KeysUnusable(
            what, "it must be PEM and without a password; make a new pair: sortctl pki init SITE --anew"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise KeysUnusable(f"{path} is no RSA key", "OPC UA's policies ask for one: sortctl pki init SITE --anew")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return data if public == certificate.public_key else None


def _certificates(folder: Path, unread: list[str]) -> tuple[Certificate, ...]:
    found: dict[bytes, Certificate] = {}
    for path in files_in(folder, *CERTIFICATE_ENDINGS):
        try:
            certificate = read_file_bytes(read_bounded(path, 2 * CERTIFICATE_BYTES_MAX))
        except (CertificateRefused, KeysUnusable) as error:
            unread.append(f"{path}: {error.what}")
        else:
            found[certificate.der] = certificate
    return tuple(found.values())


def _lists(folder: Path, unread: list[str]) -> tuple[RevocationList, ...]:
    found: dict[bytes, RevocationList] = {}
    for path in files_in(folder, *LIST_ENDINGS):
        try:
            each = read_list(read_bounded(path, LIST_BYTES_MAX))
        except (CertificateRefused, KeysUnusable) as error:
            unread.append(f"{path}: {error.what}")
        else:
            found[each.der] = each
    return tuple(found.values())
