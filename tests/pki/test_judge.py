"""Each way in which a certificate can be bad is refused by its own name, and the text says which one and what to do."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from sortctl.pki.certificate import read_certificate, thumbprint_of
from sortctl.pki.judge import CertificateRefused, Expected, Refusal, Trust, judge
from tests.pki.made import AT, EXPECTED, HOST, URI, Signer, certificate, key, named, revocation_list, signer, trust

GOOD = certificate()
ROOT = signer("root")
MIDDLE = signer("middle", ROOT)
ISSUED = certificate("plc-b", ROOT)
BELOW_MIDDLE = certificate("plc-b", MIDDLE)
ROOT_LIST = revocation_list(ROOT)
MIDDLE_LIST = revocation_list(MIDDLE)


def refused(der: bytes, by: Trust, expected: Expected = EXPECTED, days: float = 0) -> CertificateRefused:
    with pytest.raises(CertificateRefused) as told:
        judge(der, by, expected, AT + timedelta(days=days))
    text = str(told.value)
    assert text == f"refused as {told.value.refusal.value}: {told.value.what}; {told.value.mend}"
    assert text.isprintable()
    assert told.value.mend
    return told.value


# --------------------------------------------------------------------------------------------- accepted


def test_one_that_is_in_the_trust_list_is_accepted() -> None:
    judge(GOOD, trust(GOOD), EXPECTED, AT)
    judge(GOOD, trust(GOOD), Expected("10.1.2.3", ""), AT)
    judge(GOOD, trust(GOOD), Expected("PLC-A.", URI, thumbprint_of(GOOD).lower()), AT)


def test_one_whose_ca_is_trusted_is_accepted() -> None:
    judge(ISSUED, trust(ROOT.der, lists=(ROOT_LIST,)), EXPECTED, AT)


def test_a_ca_between_may_be_known_here_or_sent_along() -> None:
    lists = (ROOT_LIST, MIDDLE_LIST)
    judge(BELOW_MIDDLE, trust(ROOT.der, issuers=(MIDDLE.der,), lists=lists), EXPECTED, AT)
    judge(BELOW_MIDDLE + MIDDLE.der, trust(ROOT.der, lists=lists), EXPECTED, AT)
    # the one between trusted, its root not even known
    judge(BELOW_MIDDLE, trust(MIDDLE.der, lists=(MIDDLE_LIST,)), EXPECTED, AT)


def test_a_renewed_ca_is_found_beside_its_old_certificate() -> None:
    old = signer("root", ends=-1)
    judge(ISSUED, trust(old.der, ROOT.der, lists=(ROOT_LIST,)), EXPECTED, AT)


# --------------------------------------------------------------------------------------------- not trusted


def test_self_signed_and_unknown() -> None:
    told = refused(GOOD, trust(certificate("another")))
    assert told.refusal is Refusal.SELF_SIGNED_UNKNOWN
    assert f"sortctl pki trust {thumbprint_of(GOOD)}" in told.mend
    assert '"CN=plc-a"' in told.what
    assert thumbprint_of(GOOD) in told.what


def test_an_empty_trust_list_trusts_nobody() -> None:
    assert refused(GOOD, Trust()).refusal is Refusal.SELF_SIGNED_UNKNOWN


def test_issued_by_somebody_unknown() -> None:
    told = refused(ISSUED, trust(GOOD))
    assert told.refusal is Refusal.UNTRUSTED
    assert '"CN=root"' in told.what
    assert "sortctl pki trust" in told.mend


def test_an_issuer_that_is_only_known_ends_no_path() -> None:
    assert refused(ISSUED, trust(issuers=(ROOT.der,), lists=(ROOT_LIST,))).refusal is Refusal.UNTRUSTED


def test_a_chain_that_a_server_brings_with_it_is_not_trusted_for_that() -> None:
    assert refused(ISSUED + ROOT.der, trust(GOOD)).refusal is Refusal.UNTRUSTED
    assert refused(BELOW_MIDDLE + MIDDLE.der + ROOT.der, Trust()).refusal is Refusal.UNTRUSTED


def test_a_twin_of_a_trusted_one_is_another() -> None:
    twin = certificate(key_name="thief")
    assert refused(twin, trust(GOOD)).refusal is Refusal.SELF_SIGNED_UNKNOWN


def test_the_name_of_a_known_ca_without_its_signature() -> None:
    thief = Signer(ROOT.der, ROOT.subject, key("thief"))
    told = refused(certificate("plc-b", thief), trust(ROOT.der, lists=(ROOT_LIST,)))
    assert told.refusal is Refusal.FORGED


def test_issued_by_what_is_no_ca() -> None:
    plain = Signer(certificate("plain"), named("plain"), key("plain"))
    told = refused(certificate("plc-b", plain), trust(plain.der))
    assert told.refusal is Refusal.NOT_A_CA


def test_a_ca_that_may_not_sign_certificates() -> None:
    barred = signer("barred", signs=False)
    assert refused(certificate("plc-b", barred), trust(barred.der)).refusal is Refusal.NOT_A_CA


def test_a_ca_with_too_many_below_it() -> None:
    narrow = signer("narrow", path_length=0)
    under = signer("under", narrow)
    lists = (revocation_list(narrow), revocation_list(under))
    by = trust(narrow.der, issuers=(under.der,), lists=lists)
    assert refused(certificate("plc-b", under), by).refusal is Refusal.NOT_A_CA
    judge(certificate("plc-b", narrow), by, EXPECTED, AT)


def test_a_chain_that_goes_round_ends() -> None:
    one = signer("one", Signer(b"", named("two"), key("two")))
    two = signer("two", Signer(b"", named("one"), key("one")))
    assert refused(certificate("plc-b", one), trust(issuers=(one.der, two.der))).refusal is Refusal.UNTRUSTED


def test_a_crowd_of_cas_of_one_name_costs_little() -> None:
    crowd = tuple(signer("root", key_name="thief", serial=number).der for number in range(1, 120))
    assert refused(ISSUED, trust(issuers=crowd)).refusal in {Refusal.UNTRUSTED, Refusal.FORGED}


# --------------------------------------------------------------------------------------------- trusted and still refused


def test_swapped_for_another_trusted_one() -> None:
    other = certificate("plc-c")
    told = refused(GOOD, trust(GOOD, other), EXPECTED._replace(thumbprint=thumbprint_of(other)))
    assert told.refusal is Refusal.SWAPPED
    assert f'thumbprint = "{thumbprint_of(GOOD)}"' in told.mend


def test_a_pin_that_is_none_pins_nothing_that_exists() -> None:
    assert refused(GOOD, trust(GOOD), EXPECTED._replace(thumbprint="nonsense")).refusal is Refusal.SWAPPED


def test_nobody_is_asked_to_trust_what_is_not_the_pinned_one() -> None:
    told = refused(GOOD, Trust(), EXPECTED._replace(thumbprint="A" * 40))
    assert "sortctl pki trust" not in told.mend


def test_expired() -> None:
    told = refused(GOOD, trust(GOOD), days=366)
    assert told.refusal is Refusal.EXPIRED
    assert "2027-06-01" in told.what


def test_not_yet_valid() -> None:
    assert refused(GOOD, trust(GOOD), days=-11).refusal is Refusal.NOT_YET_VALID


def test_an_expired_ca() -> None:
    old = signer("root", ends=-1)
    told = refused(ISSUED, trust(old.der, lists=(ROOT_LIST,)))
    assert told.refusal is Refusal.EXPIRED
    assert '"CN=root"' in told.what


@pytest.mark.parametrize("host", ["plc-b", "10.1.2.4", "plc-a.elsewhere", "", "2001:db8::1"])
def test_wrong_host(host: str) -> None:
    told = refused(GOOD, trust(GOOD), Expected(host, URI))
    assert told.refusal is Refusal.WRONG_HOST
    assert '"plc-a"' in told.what


def test_no_wildcards() -> None:
    wide = certificate(hosts=("*",), addresses=())
    assert refused(wide, trust(wide)).refusal is Refusal.WRONG_HOST


def test_without_any_name_of_a_host() -> None:
    bare = certificate(san=False)
    told = refused(bare, trust(bare))
    assert told.refusal is Refusal.WRONG_HOST
    assert "nobody" in told.what


def test_wrong_uri() -> None:
    told = refused(GOOD, trust(GOOD), Expected(HOST, "urn:plc-b:opcua"))
    assert told.refusal is Refusal.WRONG_URI
    assert URI in told.what


def test_not_for_servers() -> None:
    client = certificate(uses=[ExtendedKeyUsageOID.CLIENT_AUTH])
    assert refused(client, trust(client)).refusal is Refusal.WRONG_USE


def test_a_weak_key() -> None:
    weak = certificate("weak", bits=1024)
    told = refused(weak, trust(weak))
    assert told.refusal is Refusal.WEAK_KEY
    assert "1024" in told.what


def test_a_weak_key_of_a_ca() -> None:
    weak = Signer(certificate("weak", bits=1024, ca=True), named("weak"), key("weak", 1024))
    told = refused(certificate("plc-b", weak), trust(weak.der, lists=(revocation_list(weak),)))
    assert told.refusal is Refusal.WEAK_KEY


def test_a_weak_signature() -> None:
    # SHA-1, which is meant, can no longer be made here
    sha224 = certificate(hash=hashes.SHA224())
    told = refused(sha224, trust(sha224))
    assert told.refusal is Refusal.WEAK_SIGNATURE
    assert "SHA224" in told.what


def test_a_critical_extension_that_is_not_understood() -> None:
    strange = certificate(more=[x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")])
    told = refused(strange, trust(strange))
    assert told.refusal is Refusal.UNKNOWN_EXTENSION
    assert "1.2.3.4" in told.what


def test_a_ca_with_limits_that_are_not_understood() -> None:
    names = x509.NameConstraints([x509.DNSName("elsewhere.example")], None)
    limited = signer("limited", more=[names])
    by = trust(limited.der, lists=(revocation_list(limited),))
    assert refused(certificate("plc-b", limited), by).refusal is Refusal.NOT_A_CA


# --------------------------------------------------------------------------------------------- revocation


def test_revoked() -> None:
    told = refused(ISSUED, trust(ROOT.der, lists=(revocation_list(ROOT, ISSUED),)))
    assert told.refusal is Refusal.REVOKED
    assert "2026-05-30" in told.what


def test_an_outdated_list_that_names_it_still_counts() -> None:
    old = revocation_list(ROOT, ISSUED, made=-9, due=-5)
    assert refused(ISSUED, trust(ROOT.der, lists=(old,))).refusal is Refusal.REVOKED
    assert refused(ISSUED, trust(ROOT.der, lists=(old, ROOT_LIST))).refusal is Refusal.REVOKED


def test_a_revoked_ca_between() -> None:
    by = trust(ROOT.der, issuers=(MIDDLE.der,), lists=(revocation_list(ROOT, MIDDLE.der), MIDDLE_LIST))
    told = refused(BELOW_MIDDLE, by)
    assert told.refusal is Refusal.REVOKED
    assert '"CN=middle"' in told.what


@pytest.mark.parametrize("lists", [(), (MIDDLE_LIST,), (ROOT_LIST,)])
def test_every_ca_on_the_path_needs_its_list(lists: tuple[bytes, ...]) -> None:
    told = refused(BELOW_MIDDLE, trust(ROOT.der, issuers=(MIDDLE.der,), lists=lists))
    assert told.refusal is Refusal.NO_REVOCATION_LIST
    assert "sortctl pki crl FILE" in told.mend


def test_a_list_that_another_signed_is_none() -> None:
    thief = Signer(ROOT.der, ROOT.subject, key("thief"))
    assert refused(ISSUED, trust(ROOT.der, lists=(revocation_list(thief),))).refusal is Refusal.NO_REVOCATION_LIST


def test_a_partial_list_is_none() -> None:
    partial = revocation_list(ROOT, more=(x509.DeltaCRLIndicator(1),))
    assert refused(ISSUED, trust(ROOT.der, lists=(partial,))).refusal is Refusal.NO_REVOCATION_LIST


@pytest.mark.parametrize(("made", "due"), [(-9, -1), (5, 30)])
def test_a_list_out_of_its_time(made: float, due: float) -> None:
    by = trust(ROOT.der, lists=(revocation_list(ROOT, made=made, due=due),))
    assert refused(ISSUED, by).refusal is Refusal.REVOCATION_LIST_OUTDATED


def test_what_is_trusted_itself_needs_no_list_but_heeds_one() -> None:
    judge(ISSUED, trust(ISSUED), EXPECTED, AT)
    judge(ISSUED, trust(ISSUED, issuers=(ROOT.der,)), EXPECTED, AT)
    by = trust(ISSUED, issuers=(ROOT.der,), lists=(revocation_list(ROOT, ISSUED),))
    assert refused(ISSUED, by).refusal is Refusal.REVOKED


# --------------------------------------------------------------------------------------------- texts


def test_what_a_certificate_calls_itself_steers_nothing() -> None:
    evil = certificate("x\x1b[31m\r\nred\u202e" + "y" * 40, uris=("urn:a",))
    told = refused(evil, Trust())
    assert "\x1b" not in str(told)
    assert "\\x1b" in told.what or "\\1B" in told.what.upper()


def test_every_refusal_has_a_word_of_its_own() -> None:
    assert len({each.value for each in Refusal}) == len(Refusal)


@pytest.mark.parametrize(
    "der", [b"", b"\x30", GOOD[:-1], GOOD + b"\x00", GOOD + GOOD[:50], b"\x30\x80" + GOOD, GOOD * 9, b"\x30" * 70_000]
)
def test_unreadable(der: bytes) -> None:
    assert refused(der, trust(GOOD)).refusal is Refusal.UNREADABLE


def test_a_certificate_in_pem_is_not_what_a_server_sends() -> None:
    pem = read_certificate(GOOD).parsed.public_bytes(Encoding.PEM)
    assert refused(pem, trust(GOOD)).refusal is Refusal.UNREADABLE
