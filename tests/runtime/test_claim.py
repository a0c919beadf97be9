"""One owner number towards a PLC, one process."""

import pytest

from sortctl.runtime.process.claim import NumberTaken, claim


def test_an_owner_number_towards_a_plc_belongs_to_one_process() -> None:
    held = claim(64_003, ["127.0.0.1:1", "plc-2:502"])
    with pytest.raises(NumberTaken, match="owner 64003 of the PLC at plc-2:502"):
        claim(64_003, ["PLC-2:502"])
    claim(64_003, ["127.0.0.1:3"]).release()
    claim(64_004, ["127.0.0.1:1"]).release()
    held.release()


def test_a_claim_that_was_refused_holds_nothing() -> None:
    held = claim(64_005, ["127.0.0.1:2"])
    with pytest.raises(NumberTaken):
        claim(64_005, ["127.0.0.1:1", "127.0.0.1:2"])
    claim(64_005, ["127.0.0.1:1"]).release()
    held.release()
    claim(64_005, ["127.0.0.1:2"]).release()


def test_several_images_in_one_plc_are_one_claim() -> None:
    held = claim(64_006, ["127.0.0.1:4840", "127.0.0.1:4840"])
    with pytest.raises(NumberTaken):
        claim(64_006, ["127.0.0.1:4840"])
    held.release()


def test_a_host_name_may_be_long() -> None:
    one, other = (claim(64_007, [f"{'plc-' * 50}{number}.example:4840"]) for number in (1, 2))
    one.release()
    other.release()
