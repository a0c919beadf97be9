"""Certificates made for tests: good ones, and each with one thing wrong. Keys are made once per session, as RSA keys are slow."""

from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sortctl.pki.certificate import read_certificate, read_list
from sortctl.pki.judge import Expected, Trust

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
URI = "urn:plc-a:opcua"
HOST = "plc-a"
EXPECTED = Expected(HOST, URI)


def key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key per name and size."""
    return _key(name, bits)


@cache
def _key(name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


class Signer(NamedTuple):
    """A CA, or whoever signs."""

    der: bytes
    subject: x509.Name
    key: rsa.RSAPrivateKey


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def signer(name: str, issuer: Signer | None = None, **change: Any) -> Signer:
    der = certificate(name, issuer, ca=True, **change)
    return Signer(der, named(name), key(change.get("key_name", name)))


def certificate(name: str = "plc-a", issuer: Signer | None = None, **change: Any) -> bytes:
    """DER of a certificate that is good but for what is changed."""
    own = key(change.get("key_name", name), change.get("bits", 2048))
    is_ca = change.get("ca", False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(change.get("issuer_name", issuer.subject if issuer else named(name)))
        .public_key(own.public_key())
        .serial_number(change.get("serial", x509.random_serial_number()))
        .not_valid_before(AT + timedelta(days=change.get("starts", -10)))
        .not_valid_after(AT + timedelta(days=change.get("ends", 365)))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=change.get("path_length")), critical=True)
        .add_extension(usage(is_ca, signs=change.get("signs", is_ca)), critical=True)
    )
    if not is_ca:
        uses = change.get("uses", [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        if change.get("san", True):
            builder = builder.add_extension(alternative(change), critical=False)
    for extension in change.get("more", ()):
        builder = builder.add_extension(extension, critical=True)
    signed = builder.sign(issuer.key if issuer else own, change.get("hash", hashes.SHA256()))
    return signed.public_bytes(Encoding.DER)


def alternative(change: dict[str, Any]) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in change.get("uris", (URI,))]
    names += [x509.DNSName(host) for host in change.get("hosts", (HOST,))]
    names += [x509.IPAddress(ip_address(host)) for host in change.get("addresses", ("10.1.2.3",))]
    return x509.SubjectAlternativeName(names)


def usage(is_ca: bool, *, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=not is_ca,
        key_encipherment=not is_ca,
        data_encipherment=not is_ca,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def revocation_list(
    issuer: Signer, *revoked: bytes, made: float = -1, due: float = 30, more: tuple[x509.ExtensionType, ...] = ()
) -> bytes:
    """DER of a list of this CA that names these certificates. `made`, `due`: days from AT."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
    builder = builder.last_update(AT + timedelta(days=made)).next_update(AT + timedelta(days=due))
    for der in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(x509.load_der_x509_certificate(der).serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(AT - timedelta(days=2)).build())
    for extension in more:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def trust(*trusted: bytes, issuers: tuple[bytes, ...] = (), lists: tuple[bytes, ...] = ()) -> Trust:
    return Trust(
        tuple(map(read_certificate, trusted)), tuple(map(read_certificate, issuers)), tuple(map(read_list, lists))
    )
