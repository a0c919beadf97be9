from datetime import timedelta
from pathlib import Path

from sortctl.pki.ages import Age, ages
from sortctl.pki.certificate import thumbprint_of
from sortctl.pki.judge import Trust
from sortctl.pki.store import Own
from tests.pki.made import AT, certificate, revocation_list, signer, trust


def own(days: float) -> Own:
    return Own(b"", b"", "", (), AT + timedelta(days=days), "AB", Path("key.pem"))


def test_nothing_to_tell() -> None:
    assert ages(None, Trust(), AT) == []
    assert ages(own(31.5), trust(certificate()), AT) == []


def test_thirty_days_ahead_and_afterwards() -> None:
    assert ages(own(30.5), Trust(), AT) == [Age("own certificate", "AB", 30)]
    assert [each.days_left for days in (1, 0.5, -0.5, -3) for each in ages(own(days), Trust(), AT)] == [1, 0, -1, -3]


def test_the_soonest_first() -> None:
    soon, over, issuer = certificate("soon", ends=9), certificate("over", ends=-2), signer("root", ends=20).der
    told = ages(own(15), trust(soon, over, certificate(), issuers=(issuer,)), AT)
    assert [(each.name, each.days_left) for each in told] == [
        ('trusted certificate "CN=over"', -2),
        ('trusted certificate "CN=soon"', 9),
        ("own certificate", 15),
        ('certificate of issuer "CN=root"', 20),
    ]
    assert told[0].thumbprint == thumbprint_of(over)


def test_a_list_is_told_in_the_last_quarter_of_its_life() -> None:
    root = signer("root")
    assert ages(None, trust(lists=(revocation_list(root, made=-1, due=7),)), AT) == []
    assert len(ages(None, trust(lists=(revocation_list(root, made=-6, due=2),)), AT)) == 1
    assert ages(None, trust(lists=(revocation_list(root, made=-300, due=31.5),)), AT) == []
    assert len(ages(None, trust(lists=(revocation_list(root, made=-300, due=30.5),)), AT)) == 1


def test_the_text_says_it() -> None:
    texts = [ages(own(days), Trust(), AT)[0].text for days in (12.5, 0.5, -0.5)]
    assert texts == [
        "own certificate (AB) runs out in 12 days",
        "own certificate (AB) runs out within a day",
        "own certificate (AB) has run out",
    ]
