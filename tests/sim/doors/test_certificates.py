"""Certificates that the simulator makes: each is wrong in what it says, and in nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sim.doors.certificates import Bearer, Flaw, authority, issued, new_key, revocation_list, self_signed

AT = datetime(2026, 3, 1, tzinfo=UTC)
BEARER = Bearer("urn:simulated:plc")


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return new_key()


@pytest.fixture(scope="module")
def other() -> RSAPrivateKey:
    return new_key()


def names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_a_good_one_names_its_bearer_and_signs_itself(key: RSAPrivateKey) -> None:
    certificate = self_signed(key, BEARER, at=AT).certificate
    certificate.verify_directly_issued_by(certificate)
    assert names(certificate).get_values_for_type(x509.UniformResourceIdentifier) == [BEARER.uri]
    assert names(certificate).get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names(certificate).get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert certificate.not_valid_before_utc < AT < certificate.not_valid_after_utc


@pytest.mark.parametrize(
    ("flaw", "valid", "uri", "host"),
    [
        (Flaw.EXPIRED, False, True, True),
        (Flaw.NOT_YET_VALID, False, True, True),
        (Flaw.WRONG_URI, True, False, True),
        (Flaw.WRONG_HOST, True, True, False),
    ],
)
def test_one_flaw_each(key: RSAPrivateKey, flaw: Flaw, valid: bool, uri: bool, host: bool) -> None:
    certificate = self_signed(key, BEARER, flaw, AT).certificate
    assert (certificate.not_valid_before_utc < AT < certificate.not_valid_after_utc) is valid
    assert (BEARER.uri in names(certificate).get_values_for_type(x509.UniformResourceIdentifier)) is uri
    assert ("localhost" in names(certificate).get_values_for_type(x509.DNSName)) is host


def test_an_authority_issues_and_revokes(key: RSAPrivateKey, other: RSAPrivateKey) -> None:
    issuer = authority(other, at=AT)
    good, revoked = issued(issuer, key, BEARER, at=AT), issued(issuer, key, BEARER, at=AT)
    good.certificate.verify_directly_issued_by(issuer.certificate)
    listed = x509.load_der_x509_crl(revocation_list(issuer, [revoked], AT))
    assert listed.is_signature_valid(other.public_key())
    assert listed.get_revoked_certificate_by_serial_number(revoked.certificate.serial_number) is not None
    assert listed.get_revoked_certificate_by_serial_number(good.certificate.serial_number) is None
    assert listed.next_update_utc is not None
    assert listed.next_update_utc > AT + timedelta(days=1)


def test_files_can_be_read_again(key: RSAPrivateKey, tmp_path: Path) -> None:
    pair = self_signed(key, BEARER, at=AT)
    certificate, pem = pair.save(tmp_path / "own", "plc")
    assert certificate.read_bytes() == pair.der
    assert pem.stat().st_mode & 0o777 == 0o600
    assert isinstance(load_pem_private_key(pem.read_bytes(), None), RSAPrivateKey)
    assert len(pair.thumbprint) == 40
