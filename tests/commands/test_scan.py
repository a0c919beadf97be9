"""A hand scanner: which of two codes is the chute, what is still to be scanned, and what is forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.commands.floor.scan import Bound, Pairing, chutes_in

LINES = [
    {"sorter": "line1", "chutes": [{"chute": 1, "name": "Reject"}, {"chute": 2, "name": "BE north"}]},
    {"sorter": "loop1", "chutes": [{"chute": 1, "name": "Reject"}, {"chute": 12, "name": "1A006R"}]},
]


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def pairing(sorter: str | None = None, clock: Clock | None = None) -> Pairing:
    return Pairing(chutes_in(LINES, sorter), clock or Clock())


def test_tag_and_chute_in_either_order() -> None:
    scan = pairing()
    assert scan.take("BAG-1\r\n") == "bag BAG-1: now the label of its chute"
    assert scan.take("LOOP1/12\n") == Bound("loop1", 12, "BAG-1")
    assert scan.take("be north") == "chute 2 of line1: now the tag of its bag"
    assert scan.take("BAG-2") == Bound("line1", 2, "BAG-2")


def test_the_newest_of_two_tags_or_two_chutes_is_meant() -> None:
    scan = pairing()
    taken = [scan.take(code) for code in ("BAG-1", "BAG-2", "1A006R")]
    assert taken[-1] == Bound("loop1", 12, "BAG-2")


def test_a_name_that_two_chutes_have_is_none_of_them() -> None:
    assert pairing().take("Reject") == "bag Reject: now the label of its chute"
    assert pairing("line1").take("Reject") == "chute 1 of line1: now the tag of its bag"


def test_a_tag_of_a_minute_ago_is_forgotten() -> None:
    clock = Clock()
    scan = pairing(clock=clock)
    scan.take("BAG-1")
    clock.now_s += 61
    assert scan.take("loop1/12") == "chute 12 of loop1: now the tag of its bag"


@given(st.lists(st.text(max_size=300), max_size=20))
def test_whatever_is_scanned_nothing_hangs_without_a_chute(codes: list[str]) -> None:
    scan = pairing()
    for code in codes:
        taken = scan.take(code)
        assert isinstance(taken, str) or code.strip().lower() in {
            "line1/1",
            "line1/2",
            "loop1/1",
            "loop1/12",
            "be north",
            "1a006r",
        }
