"""Make: our own pair of certificate and key, the first one and each that follows.

Comes in: names, a number of days, the moment. Goes out: the files in `own`, the pair before kept beside them. At no moment, not
after a power cut either, is there no usable pair: the new key lies on disk under its own name before the certificate that needs
it takes its place by one rename. Never here: signing for others; a CA is not our business.
"""

import ipaddress
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sortctl.pki.certificate import RSA_BITS_MIN, thumbprint_of
from sortctl.pki.files import PRIVATE, PUBLIC, make_folder, sync_folder, write_file
from sortctl.pki.refusal import KeysRefused
from sortctl.pki.store import Own, loaded_key, read_own, read_own_certificate
from sortctl.pki.text import one_line

BITS: Final = 3_072
"""Bits of a new key: good for 128 bits of strength, which 2,048 are not. All three OPC UA policies take up to 4,096."""
BITS_MAX: Final = 4_096
DAYS: Final = 1_825
"""Five years: someone has to carry the certificate to every PLC, and is told 30 days ahead."""
DAYS_MAX: Final = 7_300
HOSTS_MAX: Final = 16
# The certificate is valid a day before it was made: clocks of PLCs are seldom right.
_EARLIER: Final = timedelta(days=1)
_COMMON_NAME_MAX: Final = 64
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,190}")
_HOST: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9_-]{0,62}))*")
_ROLE: Final = re.compile(r"[!-~]{1,100}")
_ROLE_OID: Final = x509.ObjectIdentifier("1.3.6.1.4.1.50316.802.1")
"""Modbus/TCP Security, section on roles: the client's role as a UTF8String."""


class Extra(NamedTuple):
    """What a certificate may say besides."""

    organisation: str = ""
    role: str = ""
    """Role of the client in Modbus TCP Security; "" for PLCs that know no roles."""
    bits: int = BITS


_PLAIN: Final = Extra()


def make_own(
    folder: Path, application_uri: str, hosts: tuple[str, ...], days: int, at: datetime, extra: Extra = _PLAIN
) -> Own:
    """The own pair, new, self-signed; the one before is kept. Raises KeysUnusable (KeysRefused: names that cannot be), OSError."""
    _check(application_uri, hosts, days, extra)
    key = rsa.generate_private_key(public_exponent=65_537, key_size=extra.bits)
    builder = x509.CertificateBuilder().add_extension(_san(application_uri, hosts), critical=False)
    if extra.role:
        builder = builder.add_extension(x509.UnrecognizedExtension(_ROLE_OID, _utf8_string(extra.role)), critical=False)
    return _put(folder, key, _signed(builder, _subject(hosts, extra), key, (at, days)))


def renew(folder: Path, days: int, at: datetime, *, new_key: bool) -> Own:
    """A new certificate with the same names, for a new key or the same one. Raises KeysUnusable, OSError."""
    _check_days(days)
    old = read_own_certificate(folder)
    own = read_own(folder)
    if not old.self_issued:
        raise KeysRefused(
            f"our own {old.title} was issued by a CA", "ask that CA for the new one, and put it into own/cert.der"
        )
    elsewhere = own.key_path.parent != folder / "own"
    if new_key and elsewhere:
        mend = "make the new pair where the key is kept and give it to the unit, or renew with --same-key"
        raise KeysRefused(f"the key comes from {own.key_path}, where no new one can be written", mend)
    key = loaded_key(own)
    if new_key:
        key = rsa.generate_private_key(public_exponent=65_537, key_size=max(key.key_size, RSA_BITS_MIN))
    builder = x509.CertificateBuilder()
    for extension in old.parsed.extensions:
        if extension.oid in {x509.SubjectAlternativeName.oid, _ROLE_OID}:
            builder = builder.add_extension(extension.value, extension.critical)
    signed = _signed(builder, old.parsed.subject, key, (at, days))
    return _put(folder, None if elsewhere else key, signed)


def _signed(
    builder: x509.CertificateBuilder, subject: x509.Name, key: rsa.RSAPrivateKey, valid: tuple[datetime, int]
) -> x509.Certificate:
    """Self-signed, with the uses that OPC UA Part 6 (6.2.2) asks of an application, as client and as server."""
    public = key.public_key()
    at, days = valid
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,  # called nonRepudiation there
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,  # Part 6 asks for it in what is self-signed, and OpenSSL takes it for self-signed only so
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return (
        builder.subject_name(subject)
        .issuer_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before((at - _EARLIER).replace(microsecond=0))
        .not_valid_after((at + timedelta(days=days)).replace(microsecond=0))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(authority, critical=False)
        .sign(key, hashes.SHA256())
    )


def _put(folder: Path, key: rsa.RSAPrivateKey | None, certificate: x509.Certificate) -> Own:
    """The pair takes its place. No `key`: it is kept elsewhere, and must not come to lie here."""
    own = folder / "own"
    make_folder(own)
    der = certificate.public_bytes(Encoding.DER)
    pem = b"" if key is None else key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with _alone(own):
        _keep(own)
        if pem:
            write_file(own / f"key-{thumbprint_of(der)}.pem", pem, PRIVATE)
        write_file(own / "cert.der", der, PUBLIC)  # from here on the new pair is in use
        if pem:
            write_file(own / "key.pem", pem, PRIVATE)
        return read_own(folder)


@contextmanager
def _alone(own: Path) -> Iterator[None]:
    """No other process changes the pair meanwhile. The lock is the folder's, and goes with the process."""
    descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _keep(own: Path) -> None:
    """The pair in use lies under its thumbprint too, before anything takes its place."""
    try:
        in_use = thumbprint_of((own / "cert.der").read_bytes())
    except FileNotFoundError:
        return
    for name, kept in (("cert.der", f"cert-{in_use}.der"), ("key.pem", f"key-{in_use}.pem")):
        if (own / name).exists() and not (own / kept).exists():
            os.link(own / name, own / kept)
    sync_folder(own)


def _check(application_uri: str, hosts: tuple[str, ...], days: int, extra: Extra) -> None:
    _check_days(days)
    if not _URI.fullmatch(application_uri):
        raise KeysRefused(
            f'"{one_line(application_uri)}" is no URI', "as urn:edge-1:sortctl:liege, in ASCII, without spaces"
        )
    if not 1 <= len(hosts) <= HOSTS_MAX:
        raise KeysRefused(f"{len(hosts)} hosts are named", f"name 1 to {HOSTS_MAX} with --host")
    for host in hosts:
        if not (_is_address(host) or _HOST.fullmatch(host)):
            raise KeysRefused(
                f'"{one_line(host)}" is no host name or address', "as edge-1, edge-1.plant.example or 10.1.2.3"
            )
    if not RSA_BITS_MIN <= extra.bits <= BITS_MAX:
        raise KeysRefused(f"a key of {extra.bits} bits", f"{RSA_BITS_MIN} to {BITS_MAX} are taken everywhere")
    if extra.role and not _ROLE.fullmatch(extra.role):
        raise KeysRefused(f'"{one_line(extra.role)}" is no role', "1 to 100 ASCII signs without spaces")


def _check_days(days: int) -> None:
    if not 1 <= days <= DAYS_MAX:
        raise KeysRefused(f"{days} days", f"1 to {DAYS_MAX} are allowed")


def _subject(hosts: tuple[str, ...], extra: Extra) -> x509.Name:
    names = []
    organisation = one_line(extra.organisation.strip(), _COMMON_NAME_MAX)
    if organisation:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    names.append(x509.NameAttribute(NameOID.COMMON_NAME, f"sortctl on {hosts[0]}"[:_COMMON_NAME_MAX]))
    return x509.Name(names)


def _san(application_uri: str, hosts: tuple[str, ...]) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(application_uri)]
    for host in hosts:
        names.append(x509.IPAddress(ipaddress.ip_address(host)) if _is_address(host) else x509.DNSName(host))
    return x509.SubjectAlternativeName(names)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _utf8_string(text: str) -> bytes:
    data = text.encode("utf-8")
    return bytes((0x0C, len(data))) + data
