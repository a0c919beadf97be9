"""The writing half of the exchange: the worked example word for word, and the numbering that nothing may disturb."""

from hypothesis import given
from hypothesis import strategies as st

from sortctl.outputs.orders_block import OrdersBlock
from sortctl.words.exchange import ORDER_SLOT_WORDS, ORDERS_HEAD_WORDS, Request
from sortctl.words.ids import ChuteNumber, PlcId
from sortctl.words.orders import Cancel, CloseChute, Divert, OpenChute, RunInduct, ShowLamp, StopInduct

PLC = PlcId("plc1")


def words_of(text: str) -> list[int]:
    """16-bit words as the contract prints them."""
    raw = bytes.fromhex(text)
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]


EXAMPLE = words_of(
    "0007 5358 0100 0000 0003 0001 CCDD 0000 0029 0000 0001 0000 0005 0001 000C 0000 03E9 0000 0000 0007"
)


def divert(seq: int, chute: int = 12, item: int = 1001, at_count: int = 0) -> Divert:
    return Divert(PLC, 3, seq, "as planned", ChuteNumber(chute), item, at_count)


def block(slots: int = 1, low_first: bool = False) -> OrdersBlock:
    made = OrdersBlock(1, slots, low_first)
    made.restart_stamp(6)
    return made


def build(made: OrdersBlock) -> list[int]:
    return made.build(3, 0xAABBCCDD, 41, Request.NONE, with_orders=True)


def ready(made: OrdersBlock) -> bool:
    return made.is_ready


def numbers(words: list[int]) -> list[int]:
    return [
        (words[at] << 16) | words[at + 1]
        for at in (ORDERS_HEAD_WORDS + slot * ORDER_SLOT_WORDS for slot in range(words[10]))
    ]


def test_the_worked_example_is_built_as_the_contract_says() -> None:
    made = block()
    made.add(1, divert(5))
    made.release(1)
    assert build(made) == EXAMPLE


def test_an_order_waits_for_its_row_and_stays_until_it_is_taken() -> None:
    made = block(slots=2)
    for row, seq in ((10, 1), (11, 2), (12, 3)):
        made.add(row, divert(seq))
    assert numbers(build(made)) == []
    made.release(11)
    assert ready(made)
    assert numbers(build(made)) == [1, 2]
    assert not ready(made), "both have been written; hurrying again would gain nothing"
    made.release(12)
    made.taken(1)
    assert ready(made)
    assert numbers(build(made)) == [2, 3]
    made.taken(3)
    assert numbers(build(made)) == []


def test_a_new_connection_writes_again_what_was_not_taken() -> None:
    made = block(slots=2)
    made.add(1, divert(1))
    made.release(1)
    build(made)
    made.restart_stamp(99)
    assert ready(made)
    assert build(made)[0] == 100


def test_an_epoch_that_goes_on_sends_again_what_was_not_accepted() -> None:
    made = block(slots=13)
    made.begin(3, 1, [divert(1), divert(2), divert(3)])
    assert numbers(build(made)) == [2, 3]
    made.drop()
    assert numbers(build(made)) == []


def test_the_stamp_wraps() -> None:
    made = block()
    made.restart_stamp(0xFFFF)
    words = build(made)
    assert (words[0], words[-1]) == (0, 0)


def test_every_order_has_its_code_and_fields() -> None:
    made = block(slots=6)
    chute = ChuteNumber(9)
    made.begin(
        3,
        0,
        [
            Cancel(PLC, 3, 1, "", chute, 5, 0x12345678),
            CloseChute(PLC, 3, 2, "", chute),
            OpenChute(PLC, 3, 3, "", chute),
            ShowLamp(PLC, 3, 4, "", chute, 19),
            StopInduct(PLC, 3, 5, "", 0),  # type: ignore[arg-type]
            RunInduct(PLC, 3, 6, "", 2),  # type: ignore[arg-type]
        ],
    )
    words = build(made)
    slots = [words[11 + 8 * i + 2 : 11 + 8 * i + 8] for i in range(6)]
    assert slots == [
        [2, 9, 0, 5, 0x1234, 0x5678],
        [3, 9, 0, 0, 0, 0],
        [4, 9, 0, 0, 0, 0],
        [5, 9, 0, 19, 0, 0],
        [6, 0, 0, 0, 0, 0],
        [7, 2, 0, 0, 0, 0],
    ]


def test_low_word_first_swaps_every_long_value() -> None:
    made = block(low_first=True)
    made.begin(3, 0, [divert(5, at_count=0x12345678)])
    words = build(made)
    assert words[3:5] == [3, 0]
    assert words[11:13] == [5, 0]
    assert words[17:19] == [0x5678, 0x1234]


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 13))
def test_numbers_in_a_block_never_have_a_gap(steps: list[int], slots: int) -> None:
    """However commits and acceptances interleave, a block carries the oldest untaken orders in their order."""
    made, added, accepted = block(slots=slots), 0, 0
    for step in steps:
        if step < 15:
            added += 1
            made.add(added, divert(added))
        elif step < 25:
            made.release(max(0, added - step % 3))
        else:
            carried = numbers(build(made))
            accepted = carried[-1] if carried else accepted
            made.taken(accepted)
        carried = numbers(build(made))
        assert carried == list(range(accepted + 1, accepted + 1 + len(carried)))
        assert len(carried) <= slots
