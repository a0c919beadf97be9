"""Certificate: the bytes of a certificate or of a revocation list, read once, whole and strictly.

Comes in: DER as a server sends it (one certificate, or the chain with its own first), PEM as people have it in files. Goes out:
frozen values that hold every field the judgement asks for. What cannot be read raises `CertificateRefused(UNREADABLE)` and
nothing else: the library reads fields only when they are asked for, so all are asked for here.
Never here: whether it is good (`judge.py`).
"""

from datetime import datetime
from hashlib import sha1, sha256
from typing import Final, NamedTuple, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from sortctl.pki.refusal import CertificateRefused, Refusal
from sortctl.pki.text import one_line

CERTIFICATE_BYTES_MAX: Final = 65_536
"""Bytes of one certificate or of a chain. Real ones have 1 to 3 KB; a server that sends more has nothing to say."""
CHAIN_MAX: Final = 8
LIST_BYTES_MAX: Final = 16 * 1024 * 1024
RSA_BITS_MIN: Final = 2048
"""What all three OPC UA policies in use ask for (Part 7), and TLS practice with it."""
EC_BITS_MIN: Final = 256

Kind = TypeVar("Kind", bound=x509.ExtensionType)
_UNDERSTOOD: Final = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage, x509.SubjectAlternativeName)
"""Extensions that may be marked critical: these are looked at. Any other critical one changes what the certificate means."""


class Certificate(NamedTuple):
    """One certificate. Names are for people; what is compared are the bytes."""

    der: bytes
    parsed: x509.Certificate
    subject: str
    thumbprint: str
    """SHA-1 over the DER, 40 hexadecimal digits: the name by which OPC UA and its tools call a certificate."""
    fingerprint: str
    """SHA-256 over the DER, 64 digits."""
    subject_name: bytes
    issuer_name: bytes
    public_key: bytes
    uris: tuple[str, ...]
    hosts: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    issues: bool
    """It may sign certificates: marked as CA, and its key usage does not forbid it."""
    signs_lists: bool
    path_length: int | None
    for_servers: bool
    strange: str
    """A critical extension that is not understood."""
    weak_key: str
    weak_signature: str

    @property
    def title(self) -> str:
        """How it is named in every text."""
        return f'certificate "{self.subject}" ({self.thumbprint})'

    @property
    def self_issued(self) -> bool:
        """Its issuer has its own name."""
        return self.subject_name == self.issuer_name


class RevocationList(NamedTuple):
    """One revocation list of one CA."""

    der: bytes
    parsed: x509.CertificateRevocationList
    issuer: str
    issuer_name: bytes
    last_update: datetime
    next_update: datetime | None
    strange: str

    @property
    def title(self) -> str:
        """How it is named in every text."""
        return f'revocation list of "{self.issuer}" of {self.last_update:%Y-%m-%d %H:%M}'


def thumbprint_of(der: bytes) -> str:
    """SHA-1 over the bytes, as OPC UA names certificates. A name, not a proof: trust compares all bytes."""
    return sha1(der, usedforsecurity=False).hexdigest().upper()


def read_certificate(der: bytes) -> Certificate:
    """One certificate in DER. Raises CertificateRefused(UNREADABLE)."""
    if len(der) > CERTIFICATE_BYTES_MAX:
        raise _unreadable(der, f"has {len(der):,} bytes")
    try:
        return _certificate(der)
    except Exception as error:  # noqa: BLE001 - malformed input raises ValueError, TypeError, OverflowError, the library's own
        raise _unreadable(der, f"cannot be read ({type(error).__name__})") from None


def read_chain(der: bytes) -> tuple[Certificate, ...]:
    """What a server sent: its certificate, then, if it sends them, those of its issuers. Raises CertificateRefused(UNREADABLE)."""
    if not der or len(der) > CERTIFICATE_BYTES_MAX:
        raise _unreadable(der, f"has {len(der):,} bytes")
    pieces: list[bytes] = []
    rest = der
    while rest:
        length = _element_length(rest)
        if length is None or length > len(rest) or len(pieces) == CHAIN_MAX:
            raise _unreadable(der, "is no certificate, or is cut short or lengthened")
        pieces.append(rest[:length])
        rest = rest[length:]
    return tuple(read_certificate(piece) for piece in pieces)


def read_file_bytes(data: bytes) -> Certificate:
    """One certificate out of a file, DER or PEM. Raises CertificateRefused(UNREADABLE)."""
    if b"-----BEGIN" not in data:
        return read_certificate(data)
    if len(data) > 2 * CERTIFICATE_BYTES_MAX:
        raise _unreadable(data, f"has {len(data):,} bytes")
    try:
        found = x509.load_pem_x509_certificates(data)
    except Exception as error:  # noqa: BLE001 - as above
        raise _unreadable(data, f"cannot be read ({type(error).__name__})") from None
    if len(found) != 1:
        raise _unreadable(data, f"is one of {len(found)} in one file")
    return read_certificate(found[0].public_bytes(Encoding.DER))


def read_list(data: bytes) -> RevocationList:
    """A revocation list out of a file, DER or PEM. Raises CertificateRefused(UNREADABLE)."""
    if len(data) > LIST_BYTES_MAX:
        raise _unreadable(data, f"has {len(data):,} bytes", "revocation list")
    try:
        pem = b"-----BEGIN" in data
        return _revocation_list(x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data))
    except Exception as error:  # noqa: BLE001 - as above
        raise _unreadable(data, f"cannot be read ({type(error).__name__})", "revocation list") from None


def _certificate(der: bytes) -> Certificate:
    parsed = x509.load_der_x509_certificate(der)
    extensions = parsed.extensions
    basic = _extension(extensions, x509.BasicConstraints)
    usage = _extension(extensions, x509.KeyUsage)
    extended = _extension(extensions, x509.ExtendedKeyUsage)
    uris, hosts = _names(_extension(extensions, x509.SubjectAlternativeName))
    return Certificate(
        der=der,
        parsed=parsed,
        subject=one_line(parsed.subject.rfc4514_string()) or "without a name",
        thumbprint=thumbprint_of(der),
        fingerprint=sha256(der).hexdigest().upper(),
        subject_name=parsed.subject.public_bytes(),
        issuer_name=parsed.issuer.public_bytes(),
        public_key=_key_bytes(parsed),
        uris=uris,
        hosts=hosts,
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        issues=basic is not None and basic.ca and (usage is None or usage.key_cert_sign),
        signs_lists=usage is None or usage.crl_sign,
        path_length=basic.path_length if basic is not None else None,
        for_servers=_for_servers(usage, extended),
        strange=_strange(extensions),
        weak_key=_weak_key(parsed),
        weak_signature=_weak_signature(parsed),
    )


def _revocation_list(parsed: x509.CertificateRevocationList) -> RevocationList:
    # Walks all entries once: one that is malformed must not come to light in the middle of a judgement.
    for entry in parsed:
        _ = entry.serial_number
    return RevocationList(
        der=parsed.public_bytes(Encoding.DER),
        parsed=parsed,
        issuer=one_line(parsed.issuer.rfc4514_string()),
        issuer_name=parsed.issuer.public_bytes(),
        last_update=parsed.last_update_utc,
        next_update=parsed.next_update_utc,
        # A critical extension narrows a list: to some reasons, to other issuers, to what has changed.
        strange=next((each.oid.dotted_string for each in parsed.extensions if each.critical), ""),
    )


def _extension(extensions: x509.Extensions, kind: type[Kind]) -> Kind | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _names(alternative: x509.SubjectAlternativeName | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if alternative is None:
        return (), ()
    uris = alternative.get_values_for_type(x509.UniformResourceIdentifier)
    addresses = alternative.get_values_for_type(x509.IPAddress)
    return tuple(uris), (*alternative.get_values_for_type(x509.DNSName), *(str(address) for address in addresses))


def _for_servers(usage: x509.KeyUsage | None, extended: x509.ExtendedKeyUsage | None) -> bool:
    if usage is not None and not usage.digital_signature:
        return False
    allowed = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return extended is None or any(each in allowed for each in extended)


def _strange(extensions: x509.Extensions) -> str:
    for each in extensions:
        if each.critical and not isinstance(each.value, _UNDERSTOOD):
            return str(each.oid.dotted_string)
    return ""


def _key_bytes(parsed: x509.Certificate) -> bytes:
    try:
        return parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except UnsupportedAlgorithm:
        return b""  # _weak_key says what it is


def _weak_key(parsed: x509.Certificate) -> str:
    try:
        key = parsed.public_key()
    except UnsupportedAlgorithm:
        return "a key of an unknown kind"
    if isinstance(key, rsa.RSAPublicKey):
        return (
            "" if key.key_size >= RSA_BITS_MIN else f"an RSA key of {key.key_size} bits, {RSA_BITS_MIN} are the least"
        )
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "" if key.key_size >= EC_BITS_MIN else f"an EC key of {key.key_size} bits, {EC_BITS_MIN} are the least"
    return "a key that is neither RSA nor elliptic curve"


def _weak_signature(parsed: x509.Certificate) -> str:
    try:
        used = parsed.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return f"signed by an unknown method ({parsed.signature_algorithm_oid.dotted_string})"
    strong = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
    return "" if isinstance(used, strong) else f"signed with {used.name.upper() if used else 'an unknown method'}"


def _element_length(data: bytes) -> int | None:
    """Bytes of the ASN.1 SEQUENCE at the beginning, with its head; None if there is none."""
    if len(data) < 2 or data[0] != 0x30:
        return None
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    if not 1 <= count <= 4 or len(data) < 2 + count:
        return None
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")


def _unreadable(data: bytes, why: str, kind: str = "certificate") -> CertificateRefused:
    what = f"{kind} ({thumbprint_of(data)}) {why}"
    mend = "see what answers at this address, or get the file anew, as DER or PEM"
    return CertificateRefused(Refusal.UNREADABLE, what, mend)
