from types import UnionType

import msgspec
import pytest

from sortctl.journal.row import Row, row_of, thing_of
from sortctl.words import facts, orders, outcomes
from sortctl.words.ids import ChuteNumber, PlcId, ScannerId
from tests.journal.made import LINE, ride


def test_every_row_reads_back_as_what_it_was() -> None:
    """And makes the same bytes again: replay rests on this."""
    for line in ride(1, 4, "RR1NL"):
        again = row_of(line.seq, line.at_ns, line.wall_ns, thing_of(line))
        assert again == line


def test_kinds_types_and_what_a_trace_looks_for() -> None:
    assert [(line.kind, line.type, line.passage, line.code) for line in ride(1, 4, "RR1NL")] == [
        ("fact", "CodesRead", 0, "RR1NL"),
        ("outcome", "PassageOpened", 4, ""),
        ("outcome", "ReadTied", 4, "RR1NL"),
        ("outcome", "ReadClassed", 4, "RR1NL"),
        ("outcome", "Decided", 4, "RR1NL"),
        ("order", "Divert", 4, ""),
        ("outcome", "DivertTold", 4, ""),
        ("outcome", "DivertTold", 4, ""),
        ("outcome", "PassageClosed", 4, "RR1NL"),
    ]


def test_a_no_read_and_an_order_without_a_parcel_have_no_keys() -> None:
    nothing = row_of(1, 0, 0, facts.CodesRead(0, ScannerId("top"), ()))
    lamp = row_of(2, 0, 0, orders.ShowLamp(PlcId("main"), 1, 1, "full", ChuteNumber(1), 3))
    orphan = row_of(3, 0, 0, outcomes.ReadOrphaned(0, LINE, ScannerId("top"), ("RR1NL",), "nothing there"))
    assert [(line.passage, line.code) for line in (nothing, lamp, orphan)] == [(0, ""), (0, ""), (0, "RR1NL")]


def test_a_body_of_a_later_version_is_an_error_that_can_be_told() -> None:
    with pytest.raises(msgspec.DecodeError):
        thing_of(Row(1, 0, 0, "fact", "Teleported", 0, "", b'{"type":"Teleported","at_ns":1}'))


@pytest.mark.parametrize(
    ("union", "top"),
    [(facts.AnyFact, facts.Fact), (orders.AnyOrder, orders.Order), (outcomes.AnyOutcome, outcomes.Outcome)],
)
def test_every_word_is_in_its_union(union: UnionType, top: type) -> None:
    """A word that is missing there could be written and never read again."""
    leaves: set[type] = set()
    seen = [top]
    while seen:
        below: list[type] = seen.pop().__subclasses__()
        seen.extend(below)
        leaves |= {word for word in below if not word.__subclasses__()}
    assert leaves == set(union.__args__)


def test_an_order_for_an_item_of_a_loop_is_about_the_passage_that_its_giver_names() -> None:
    divert = orders.Divert(PlcId("loop"), 1, 1, "be-eco", ChuteNumber(5), 901, 0)
    assert row_of(1, 0, 0, divert).passage == 901, "on a line the item is the passage"
    assert row_of(1, 0, 0, divert, 7).passage == 7
    assert row_of(1, 0, 0, divert, 0).passage == 0
    assert row_of(1, 0, 0, divert, 7).body == row_of(1, 0, 0, divert).body
