"""Certificates: keys and certificates for the simulator's doors and for what knocks at them, good ones and bad ones.

Comes in: a key, who it is for, when. Goes out: certificates, revocation lists, files. A test tool that shares nothing with
the rooms that judge certificates: what is wrong here is wrong by intent. A key takes a tenth of a second or more to make:
make few and pass them in. Never here: which door shows what.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PUBLIC_EXPONENT: Final = 65_537
KEY_BITS: Final = 2_048
VALID_DAYS: Final = 365


class Bearer(NamedTuple):
    """Whom a certificate names (OPC 10000-6, 6.2.2: application URI and hosts in the alternative names)."""

    uri: str
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    name: str = "simulated"


class Pair(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def thumbprint(self) -> str:
        """SHA-1 in hex, as OPC UA tools show it."""
        return self.certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303 defined so

    def save(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Writes name.der and name.pem (the key); says where."""
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = folder / f"{name}.der", folder / f"{name}.pem"
        certificate.write_bytes(self.der)
        key.touch(mode=0o600)
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, key


class Flaw(Enum):
    """What can be wrong with a certificate that is otherwise as it should be."""

    NONE = "good"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    WRONG_URI = "wrong URI"
    WRONG_HOST = "wrong host"


def new_key(bits: int = KEY_BITS) -> RSAPrivateKey:
    return generate_private_key(PUBLIC_EXPONENT, bits)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def self_signed(key: RSAPrivateKey, bearer: Bearer, flaw: Flaw = Flaw.NONE, at: datetime | None = None) -> Pair:
    """A certificate that vouches for itself; unknown to whoever does not hold a copy."""
    return Pair(_signed(key, _subject(bearer.name), key, bearer, _Plan(flaw, at or now())), key)


def authority(key: RSAPrivateKey, name: str = "simulated authority", at: datetime | None = None) -> Pair:
    """One that issues others."""
    plan = _Plan(Flaw.NONE, at or now(), issues=True)
    return Pair(_signed(key, _subject(name), key, Bearer("", (), name), plan), key)


def issued(
    issuer: Pair, key: RSAPrivateKey, bearer: Bearer, flaw: Flaw = Flaw.NONE, at: datetime | None = None
) -> Pair:
    """A certificate that an authority vouches for."""
    certificate = _signed(issuer.key, issuer.certificate.subject, key, bearer, _Plan(flaw, at or now()))
    return Pair(certificate, key)


def revocation_list(issuer: Pair, revoked: Sequence[Pair] = (), at: datetime | None = None, days: int = 30) -> bytes:
    """DER of the issuer's list; valid for so many days from `at`."""
    at = at or now()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at - timedelta(hours=1))
        .next_update(at + timedelta(days=days))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for pair in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(pair.certificate.serial_number)
            .revocation_date(at - timedelta(hours=1))
            .build()
        )
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class _Plan(NamedTuple):
    flaw: Flaw
    at: datetime
    issues: bool = False

    @property
    def valid(self) -> tuple[datetime, datetime]:
        year, day = timedelta(days=VALID_DAYS), timedelta(days=1)
        if self.flaw is Flaw.EXPIRED:
            return self.at - year, self.at - day
        if self.flaw is Flaw.NOT_YET_VALID:
            return self.at + day, self.at + year
        return self.at - day, self.at + year


def _signed(
    signer: RSAPrivateKey, issuer: x509.Name, key: RSAPrivateKey, bearer: Bearer, plan: _Plan
) -> x509.Certificate:
    begins, ends = plan.valid
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(bearer.name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=plan.issues, path_length=0 if plan.issues else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(signs=signer is key, issues=plan.issues), critical=True)
    )
    if not plan.issues:
        purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        builder = builder.add_extension(_names(bearer, plan.flaw), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _usage(*, signs: bool, issues: bool) -> x509.KeyUsage:
    # OPC 10000-6, 6.2.2, table 43; a self-signed one also signs certificates: itself.
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=not issues,
        key_encipherment=not issues,
        data_encipherment=not issues,
        key_agreement=False,
        key_cert_sign=issues or signs,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


def _names(bearer: Bearer, flaw: Flaw) -> x509.SubjectAlternativeName:
    uri = "urn:somebody:else" if flaw is Flaw.WRONG_URI else bearer.uri
    hosts = ("elsewhere.invalid",) if flaw is Flaw.WRONG_HOST else bearer.hosts
    return x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), *map(_host, hosts)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "simulator"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
