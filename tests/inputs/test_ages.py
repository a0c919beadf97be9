"""Certificates that will soon be out of date: told when that changes, taken back when they were renewed."""

from sortctl.inputs.ages import Ages
from sortctl.words.facts import CertificateAged

OWN = ("own certificate", "AA", 30)


def test_each_is_told_once_a_day_and_taken_back_when_it_is_gone() -> None:
    ages = Ages()
    assert ages.take([OWN], 1) == [CertificateAged(1, "own certificate", "AA", 30)]
    assert ages.take([OWN], 2) == []
    assert ages.take([("own certificate", "AA", 29)], 3) == [CertificateAged(3, "own certificate", "AA", 29)]
    assert ages.take([], 4) == [CertificateAged(4, "own certificate", "AA", None)]
    assert ages.take([], 5) == []


def test_two_of_one_name_are_two() -> None:
    ages = Ages()
    ages.take([("trusted", "AA", 3), ("trusted", "BB", 9)], 1)
    assert ages.take([("trusted", "BB", 9)], 2) == [CertificateAged(2, "trusted", "AA", None)]


def test_what_was_told_before_a_restart_is_taken_back_after_it() -> None:
    before, after = Ages(), Ages()
    for fact in before.take([OWN, ("trusted", "BB", -1)], 1):
        assert isinstance(fact, CertificateAged)
        after.note(fact)
    assert after.take([("trusted", "BB", -1)], 2) == [CertificateAged(2, "own certificate", "AA", None)]
