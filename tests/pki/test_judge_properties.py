"""Whatever bytes a server shows: refused with a reason, or exactly what is trusted. Never another error."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from sortctl.pki.certificate import read_list
from sortctl.pki.judge import CertificateRefused, Refusal, judge
from tests.pki.made import AT, EXPECTED, certificate, revocation_list, signer, trust

GOOD = certificate()
ROOT = signer("root")
ISSUED = certificate("plc-b", ROOT)
LIST = revocation_list(ROOT, GOOD)
BY = trust(GOOD, ROOT.der, lists=(LIST,))


def verdict(der: bytes) -> Refusal | None:
    try:
        judge(der, BY, EXPECTED, AT)
    except CertificateRefused as refused:
        told = refused
    else:
        return None
    assert str(told).isprintable()
    return told.refusal


@given(st.binary(max_size=3_000))
def test_random_bytes(der: bytes) -> None:
    assert verdict(der) is Refusal.UNREADABLE


@given(st.sampled_from([GOOD, ISSUED]), st.data())
def test_a_flipped_bit_is_never_accepted(good: bytes, data: st.DataObject) -> None:
    assert verdict(good) is None
    place = data.draw(st.integers(0, len(good) * 8 - 1))
    bad = bytearray(good)
    bad[place // 8] ^= 1 << place % 8
    assert verdict(bytes(bad)) is not None


@given(st.sampled_from([GOOD, ISSUED]), st.data())
def test_bytes_put_in_left_out_or_written_over_are_never_accepted(good: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(good)))
    to = data.draw(st.integers(at, min(len(good), at + 40)))
    bad = good[:at] + data.draw(st.binary(max_size=40)) + good[to:]
    assert verdict(bad) is None if bad == good else verdict(bad) is not None


@given(st.lists(st.sampled_from([GOOD, ISSUED, ROOT.der, b"\x30\x00", b"\x05\x00"]), max_size=10))
def test_whatever_follows_the_first_does_not_make_it_better(pieces: list[bytes]) -> None:
    """A chain is as good as its first; with what is no certificate in it, or with too many, it is unreadable."""
    first = pieces[0] if pieces else b""
    whole = len(pieces) <= 8 and all(len(piece) > 2 for piece in pieces)
    assert (verdict(b"".join(pieces)) is None) == (whole and first in {GOOD, ISSUED})


@given(st.data())
def test_a_bitten_revocation_list_is_read_or_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(LIST) * 8 - 1))
    bad = bytearray(LIST)
    bad[place // 8] ^= 1 << place % 8
    with suppress(CertificateRefused):
        read_list(bytes(bad))
