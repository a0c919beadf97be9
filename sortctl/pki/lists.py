"""Lists: what people do with the trust list. Add, remove, take in a revocation list.

Comes in: the folder, a file or a thumbprint. Goes out: the files in their places, and what was added or removed. Each change is
one rename or one removal, so that a connection that reads the list meanwhile sees it before or after.
Never here: deciding whether a server is good (`judge.py`).
"""

from datetime import datetime
from pathlib import Path

from sortctl.pki.certificate import (
    CERTIFICATE_BYTES_MAX,
    LIST_BYTES_MAX,
    Certificate,
    RevocationList,
    read_file_bytes,
    read_list,
    thumbprint_of,
)
from sortctl.pki.files import PUBLIC, files_in, read_bounded, sync_folder, write_file
from sortctl.pki.judge import list_is_of
from sortctl.pki.refusal import CertificateRefused, KeysMissing, KeysRefused, KeysUnusable
from sortctl.pki.store import CERTIFICATE_ENDINGS, LIST_ENDINGS, read_rejected, read_trust, reject
from sortctl.pki.text import normal_thumbprint, one_line


def trust(folder: Path, named: str, *, issuer: bool) -> Certificate:
    """Believe a certificate: the one in the file, or the refused one of this thumbprint. Raises KeysUnusable, CertificateRefused, OSError."""
    certificate = _named(folder, named)
    if issuer and not certificate.issues:
        raise KeysRefused(f"{certificate.title} is no CA", "leave out --issuer to trust it itself")
    place, other = ("issuers", "trusted") if issuer else ("trusted", "issuers")
    write_file(folder / place / "certs" / f"{certificate.thumbprint}.der", certificate.der, PUBLIC)
    # Trusted is more than known, so what is trusted must not stay known only; and the other way round less must not stay more.
    _remove(folder / other / "certs", certificate)
    _remove(folder / "rejected" / "certs", certificate)
    return certificate


def untrust(folder: Path, named: str) -> Certificate:
    """Believe it no longer; it is kept among the refused. Raises KeysUnusable, OSError."""
    thumbprint = _thumbprint(named)
    found = read_trust(folder)
    for certificate in (*found.trusted, *found.issuers):
        if thumbprint in {certificate.thumbprint, certificate.fingerprint}:
            reject(folder, certificate.der)
            _remove(folder / "trusted" / "certs", certificate)
            _remove(folder / "issuers" / "certs", certificate)
            return certificate
    raise KeysMissing(f"no trusted certificate has the thumbprint {thumbprint}", "sortctl pki show lists them")


def take_list(folder: Path, file: Path) -> RevocationList:
    """Put a revocation list in the place of its CA's older one. Raises KeysUnusable, CertificateRefused, OSError."""
    taken = read_list(read_bounded(file, LIST_BYTES_MAX))
    found = read_trust(folder)
    if taken.strange:
        what = f"{taken.title} is a partial one, or made by a CA for others (critical extension {taken.strange})"
        raise KeysRefused(what, "ask the CA for its complete list")
    for place, certificates in (("trusted", found.trusted), ("issuers", found.issuers)):
        for issuer in certificates:
            if list_is_of(taken, issuer):
                _put_list(folder, folder / place / "crl", taken, issuer)
                return taken
    mend = "first import the certificate of that CA: sortctl pki trust FILE, or with --issuer"
    raise KeysRefused(f"{taken.title} is signed by no CA that is trusted or known here", mend)


def has_list(folder: Path, issuer: Certificate) -> bool:
    """Whether a revocation list of this CA is here. Raises KeysUnusable."""
    return any(list_is_of(each, issuer) for each in read_trust(folder).lists)


def doubts(certificate: Certificate, at: datetime) -> list[str]:
    """Why a certificate that was just trusted will be refused all the same."""
    found = []
    if at > certificate.not_after:
        found.append(f"it has run out on {certificate.not_after:%Y-%m-%d}")
    if at < certificate.not_before:
        found.append(f"it is valid only from {certificate.not_before:%Y-%m-%d %H:%M} UTC on")
    if certificate.weak_key:
        found.append(f"it has {certificate.weak_key}")
    if certificate.weak_signature and not certificate.issues:
        found.append(f"it is {certificate.weak_signature}")
    if certificate.strange:
        found.append(f"it has a critical extension that is not understood ({certificate.strange})")
    return found


def _put_list(folder: Path, place: Path, taken: RevocationList, issuer: Certificate) -> None:
    older = []
    places = (folder / "trusted" / "crl", folder / "issuers" / "crl")
    for path in (path for each in places for path in files_in(each, *LIST_ENDINGS)):
        try:
            each = read_list(read_bounded(path, LIST_BYTES_MAX))
        except (CertificateRefused, KeysUnusable):
            continue  # show names it
        if list_is_of(each, issuer):
            older.append((path, each))
    newest = max((each for _, each in older), key=lambda each: each.last_update, default=None)
    if newest is not None and newest.last_update > taken.last_update:
        raise KeysRefused(
            f"{taken.title} is older than the one that is here, of {newest.last_update:%Y-%m-%d %H:%M}",
            "get the current one",
        )
    new = place / f"{issuer.thumbprint}-{thumbprint_of(taken.der)[:8]}.crl"
    write_file(new, taken.der, PUBLIC)
    # The older go only after the new one lies there: at no moment is there none.
    for path, _ in older:
        if path != new:
            path.unlink(missing_ok=True)
            sync_folder(path.parent)


def _named(folder: Path, named: str) -> Certificate:
    path = Path(named)
    thumbprint = normal_thumbprint(named)
    if not thumbprint or path.is_file():
        try:
            return read_file_bytes(read_bounded(path, 2 * CERTIFICATE_BYTES_MAX))
        except KeysMissing:
            mend = "name a file, or the whole thumbprint (40 digits) of one that was refused: sortctl pki show"
            raise KeysMissing(f"there is no file {one_line(named)}", mend) from None
    for certificate in (*read_rejected(folder), *read_trust(folder).trusted, *read_trust(folder).issuers):
        if thumbprint in {certificate.thumbprint, certificate.fingerprint}:
            return certificate
    mend = "sortctl pki show lists what was refused; a server is listed after it was tried once"
    raise KeysMissing(f"no refused certificate has the thumbprint {thumbprint}", mend)


def _thumbprint(named: str) -> str:
    thumbprint = normal_thumbprint(named)
    if not thumbprint:
        raise KeysMissing(
            f'"{one_line(named)}" is no thumbprint', "40 hexadecimal digits, as sortctl pki show shows them"
        )
    return thumbprint


def _remove(place: Path, certificate: Certificate) -> None:
    """Every file in the folder that holds this certificate, whatever its name."""
    gone = False
    for path in files_in(place, *CERTIFICATE_ENDINGS):
        try:
            same = read_file_bytes(read_bounded(path, 2 * CERTIFICATE_BYTES_MAX)).der == certificate.der
        except (CertificateRefused, KeysUnusable):
            continue
        if same:
            path.unlink(missing_ok=True)
            gone = True
    if gone:
        sync_folder(place)
