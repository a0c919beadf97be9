"""Judge: is this the server that the site file means? Pure.

Comes in: what the server showed (DER, or its chain with its own certificate first), the trust list, what is expected, the moment.
Goes out: nothing, or `CertificateRefused` with one reason and its mend. The theory:

A certificate is trusted if exactly it lies in trusted/certs, or if a path of signatures leads from it to a CA that does; CAs in
issuers/certs and those that the server sends along may stand between, but end no path. Every CA on the path must be allowed to
issue, and must have a revocation list here that it signed, that is in date and that does not name what it issued. What lies in
trusted/certs itself needs no such list; if there is one that names it, it is refused all the same.
Never here: files, a clock, what happens to the connection.
"""

import ipaddress
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

from sortctl.pki.certificate import Certificate, RevocationList, read_chain
from sortctl.pki.refusal import CertificateRefused, Refusal
from sortctl.pki.text import normal_thumbprint, one_line

__all__ = ["CertificateRefused", "Expected", "Refusal", "Trust", "judge"]

ISSUERS_MAX: Final = 5
"""CAs on one path. A plant has a root and one below it."""
SIGNATURES_MAX: Final = 64
"""Signatures verified in one judgement: many CAs of one name must not keep the loop busy (some 50 us each)."""


class Trust(NamedTuple):
    """The trust list as it lay on disk."""

    trusted: tuple[Certificate, ...] = ()
    issuers: tuple[Certificate, ...] = ()
    lists: tuple[RevocationList, ...] = ()
    unread: tuple[str, ...] = ()
    """Files in the folders that could not be read: path and why."""


class Expected(NamedTuple):
    """Who should answer."""

    host: str
    """Name or address out of the site file; must stand in the certificate."""
    application_uri: str
    """OPC UA: must stand in the certificate. "": not checked (Modbus TCP Security has none)."""
    thumbprint: str = ""
    """The one certificate that the site file pins for this server. "": any that is trusted."""


def judge(certificate: bytes, trust: Trust, expected: Expected, at: datetime) -> None:
    """Accept the certificate by returning. Raises CertificateRefused, nothing else. `at` has a zone."""
    leaf, *sent = read_chain(certificate)
    _fit_for_use(leaf)
    _trusted(leaf, sent, trust, expected, at)
    _pinned(leaf, expected)
    _meant(leaf, expected)


def _fit_for_use(leaf: Certificate) -> None:
    if leaf.strange:
        what = f"{leaf.title} has a critical extension that is not understood ({leaf.strange})"
        raise CertificateRefused(Refusal.UNKNOWN_EXTENSION, what, _NEW_FROM_SERVER)
    if leaf.weak_key:
        raise CertificateRefused(Refusal.WEAK_KEY, f"{leaf.title} has {leaf.weak_key}", _NEW_FROM_SERVER)
    if leaf.weak_signature:
        what = f"{leaf.title} is {leaf.weak_signature}; SHA-256 is the least"
        raise CertificateRefused(Refusal.WEAK_SIGNATURE, what, _NEW_FROM_SERVER)


def _trusted(leaf: Certificate, sent: list[Certificate], trust: Trust, expected: Expected, at: datetime) -> None:
    """One good path is enough: a CA that was renewed has two certificates. Without one, the first bad path is told."""
    first: CertificateRefused | None = None
    for path in _paths(leaf, sent, trust):
        try:
            _sound_path(path, trust, at)
        except CertificateRefused as refused:
            first = first or refused
        else:
            return
    raise first or _unknown(leaf, trust, expected)


class _Search:
    """The paths from one certificate to trusted ones, and how much may still be verified."""

    def __init__(self, sent: list[Certificate], trust: Trust) -> None:
        self._ends = {each.der for each in trust.trusted}
        known = {each.der: each for each in (*trust.trusted, *trust.issuers, *sent)}
        self._issuers = tuple(known.values())
        self._left = SIGNATURES_MAX

    def paths(self, path: tuple[Certificate, ...]) -> Iterator[tuple[Certificate, ...]]:
        last = path[-1]
        if last.der in self._ends:
            yield path
            return
        if len(path) > ISSUERS_MAX:
            return
        for issuer in self._issuers:
            if issuer.subject_name != last.issuer_name or issuer in path:
                continue
            if self._left <= 0:
                return
            self._left -= 1
            if _signed(last, issuer):
                yield from self.paths((*path, issuer))


def _paths(leaf: Certificate, sent: list[Certificate], trust: Trust) -> Iterator[tuple[Certificate, ...]]:
    return _Search(sent, trust).paths((leaf,))


def _sound_path(path: tuple[Certificate, ...], trust: Trust, at: datetime) -> None:
    for place, certificate in enumerate(path):
        if place:
            _may_issue(certificate, place, is_end=place == len(path) - 1)
        _in_time(certificate, at)
    for certificate, issuer in pairwise(path):
        _not_revoked(certificate, issuer, trust, at)
    _end_not_revoked(path[-1], trust)


def _may_issue(issuer: Certificate, below: int, *, is_end: bool) -> None:
    """`below`: certificates between it and the end of the path, the server's own counted."""
    if not issuer.issues or issuer.strange:
        what = f"{issuer.title} is no CA, or one whose limits are not understood, but issued what the server shows"
        raise CertificateRefused(
            Refusal.NOT_A_CA, what, f"sortctl pki untrust {issuer.thumbprint}, if it was meant as one"
        )
    if issuer.path_length is not None and below - 1 > issuer.path_length:
        what = f"{issuer.title} allows {issuer.path_length} CAs below it, and {below - 1} are there"
        raise CertificateRefused(Refusal.NOT_A_CA, what, _NEW_FROM_CA)
    if issuer.weak_key:
        raise CertificateRefused(Refusal.WEAK_KEY, f"{issuer.title} has {issuer.weak_key}", _NEW_FROM_CA)
    # The end of the path is believed because it lies in our folder, not because of a signature.
    if issuer.weak_signature and not is_end:
        raise CertificateRefused(Refusal.WEAK_SIGNATURE, f"{issuer.title} is {issuer.weak_signature}", _NEW_FROM_CA)


def _in_time(certificate: Certificate, at: datetime) -> None:
    if at < certificate.not_before:
        what = f"{certificate.title} is valid only from {_moment(certificate.not_before)} on; here it is {_moment(at)}"
        mend = "set the clock of the host, and that of the server where the certificate was made"
        raise CertificateRefused(Refusal.NOT_YET_VALID, what, mend)
    if at > certificate.not_after:
        what = f"{certificate.title} was valid until {_moment(certificate.not_after)}; here it is {_moment(at)}"
        mend = "renew it at the server, then sortctl pki trust FILE; or set the clock of this host"
        raise CertificateRefused(Refusal.EXPIRED, what, mend)


def _not_revoked(certificate: Certificate, issuer: Certificate, trust: Trust, at: datetime) -> None:
    """Asks for a list, and for one in date. One that names the certificate counts however old it is."""
    found = _lists_of(issuer, trust)
    _not_listed(certificate, found)
    if not found:
        what = f"there is no revocation list of {issuer.title}, which issued {certificate.title}"
        raise CertificateRefused(Refusal.NO_REVOCATION_LIST, what, _IMPORT_LIST)
    newest = max(found, key=lambda each: each.last_update)
    if newest.next_update is not None and at > newest.next_update:
        what = f"{newest.title} was good until {_moment(newest.next_update)}; it is needed for {certificate.title}"
        raise CertificateRefused(Refusal.REVOCATION_LIST_OUTDATED, what, _IMPORT_LIST)
    if at < newest.last_update:
        what = f"{newest.title} is from the future; here it is {_moment(at)}"
        raise CertificateRefused(Refusal.REVOCATION_LIST_OUTDATED, what, "set the clock of the host")


def _end_not_revoked(end: Certificate, trust: Trust) -> None:
    for issuer in (*trust.trusted, *trust.issuers):
        if issuer.der != end.der and issuer.subject_name == end.issuer_name and _signed(end, issuer):
            _not_listed(end, _lists_of(issuer, trust))


def _lists_of(issuer: Certificate, trust: Trust) -> list[RevocationList]:
    return [each for each in trust.lists if list_is_of(each, issuer)]


def _not_listed(certificate: Certificate, lists: list[RevocationList]) -> None:
    for each in lists:
        entry = each.parsed.get_revoked_certificate_by_serial_number(certificate.parsed.serial_number)
        if entry is not None:
            what = f"{certificate.title} was revoked by its CA on {_moment(entry.revocation_date_utc)}"
            mend = "do not use this server before its CA has told why; then it needs a new certificate"
            raise CertificateRefused(Refusal.REVOKED, what, mend)


def _unknown(leaf: Certificate, trust: Trust, expected: Expected) -> CertificateRefused:
    """Why there is no path at all."""
    trust_it = f"compare the thumbprint with the one shown at the server, then sortctl pki trust {leaf.thumbprint}"
    pin = normal_thumbprint(expected.thumbprint)
    if pin and pin != leaf.thumbprint:
        trust_it = f"the site file pins {pin} for this server: find out first why it shows another"
    if leaf.self_issued:
        what = f"{leaf.title} is self-signed and not in the trust list"
        return CertificateRefused(Refusal.SELF_SIGNED_UNKNOWN, what, trust_it)
    named = [each for each in (*trust.trusted, *trust.issuers) if each.subject_name == leaf.issuer_name]
    # Signed by one that is here: then only a CA above it is missing.
    if named and not any(_signed(leaf, each) for each in named):
        what = f"{leaf.title} names a known CA as its issuer, but that CA did not sign it"
        mend = "find out who made it; if the CA has a new key, import its new certificate with sortctl pki trust FILE"
        return CertificateRefused(Refusal.FORGED, what, mend)
    issuer = one_line(leaf.parsed.issuer.rfc4514_string())
    what = f'{leaf.title}, issued by "{issuer}", is not in the trust list, nor is a CA that leads to it'
    return CertificateRefused(Refusal.UNTRUSTED, what, f"{trust_it}; or trust its CA: sortctl pki trust CA-FILE")


def _pinned(leaf: Certificate, expected: Expected) -> None:
    pin = normal_thumbprint(expected.thumbprint)
    if not expected.thumbprint or pin in {leaf.thumbprint, leaf.fingerprint}:
        return
    what = f"{leaf.title} is trusted, but the site file pins {one_line(expected.thumbprint)} for this server"
    mend = f'find out why it shows another; if it was renewed on purpose, set thumbprint = "{leaf.thumbprint}" in site.toml'
    raise CertificateRefused(Refusal.SWAPPED, what, mend)


def _meant(leaf: Certificate, expected: Expected) -> None:
    """The certificate says that it is for this host, this application, this use."""
    if not any(_same_host(expected.host, each) for each in leaf.hosts):
        what = f'{leaf.title} is for {_named(leaf.hosts)}, not for "{one_line(expected.host)}"'
        mend = "renew it at the server with this host name or address in it, or set the address in site.toml to one that it names"
        raise CertificateRefused(Refusal.WRONG_HOST, what, mend)
    if expected.application_uri and expected.application_uri not in leaf.uris:
        what = f'{leaf.title} is of application {_named(leaf.uris)}, not of "{one_line(expected.application_uri)}"'
        mend = "set server_uri in site.toml to the application URI of this server, if it is the right one"
        raise CertificateRefused(Refusal.WRONG_URI, what, mend)
    if not leaf.for_servers:
        raise CertificateRefused(Refusal.WRONG_USE, f"{leaf.title} is not for servers", _NEW_FROM_SERVER)


def _same_host(host: str, named: str) -> bool:
    """Names without regard to case or a final dot, addresses by value. No wildcards: a PLC has a name."""
    try:
        return ipaddress.ip_address(host.strip("[]")) == ipaddress.ip_address(named)
    except ValueError:
        return bool(host) and host.rstrip(".").lower() == named.rstrip(".").lower()


def _signed(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.parsed.verify_directly_issued_by(issuer.parsed)
    except Exception:  # noqa: BLE001 - the library has no one class for "no": a signature, a key or an algorithm that does not fit
        return False
    return True


def list_is_of(found: RevocationList, issuer: Certificate) -> bool:
    """Whether this CA signed this revocation list, and may."""
    if found.issuer_name != issuer.subject_name or found.strange or not issuer.signs_lists:
        return False
    try:
        return found.parsed.is_signature_valid(issuer.parsed.public_key())  # type: ignore[arg-type]  # a wrong kind raises
    except Exception:  # noqa: BLE001 - as above
        return False


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{one_line(each)}"' for each in names[:4]) or "nobody"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


_NEW_FROM_SERVER: Final = (
    "make a new certificate at the server (RSA 2048 or more, SHA-256, for servers), then sortctl pki trust FILE"
)
_NEW_FROM_CA: Final = "ask who runs this CA for a new certificate of it, then sortctl pki trust FILE"
_IMPORT_LIST: Final = "get its current revocation list from who runs this CA, then sortctl pki crl FILE"
