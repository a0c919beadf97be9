"""The reading half of the exchange: the worked example word for word, torn and foreign reads, every event once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sortctl.inputs.exchange import EventStream, Image, Levels, Unreadable, decode, next_seq
from sortctl.words import facts
from sortctl.words.ids import PlcId
from sortctl.words.units import COUNT_MASK, NS_PER_MS

PLC = PlcId("plc1")


def words_of(text: str) -> list[int]:
    """16-bit words as the contract prints them."""
    raw = bytes.fromhex(text)
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]


EXAMPLE = words_of(
    "0100 5358 0100 AABB CCDD 0007 0006 0001 1170 0001 E240 0000 0003 0001 03B6 0000 002A 0000 0029 0000 0005 0000 "
    "0000 0000 002A 0003 000C 0000 03E9 0001 1166 0000 E230 0100"
)


def example() -> Image:
    image = decode(EXAMPLE, event_slots=1, low_first=False)
    assert isinstance(image, Image)
    return image


def test_the_worked_example_reads_as_the_contract_says() -> None:
    image = example()
    assert (image.stamp, image.boot_id, image.stamp_seen, image.state) == (0x100, 0xAABBCCDD, 7, 6)
    assert (image.encoder, image.plc_time_ms) == (70_000, 123_456)
    assert (image.granted_epoch, image.owner, image.lease_ms) == (3, 1, 950)
    assert (image.events_head, image.events_acked, image.orders_accepted) == (42, 41, 5)
    assert (image.reject, image.events_dropped) == (0, 0)
    [event] = image.events
    assert event == (42, 3, 12, 1001, 69_990, 0, 0xE230)


def test_low_word_first_swaps_every_long_value() -> None:
    words = list(EXAMPLE)
    for high in (3, 7, 9, 11, 15, 17, 19, 23, 27, 29):
        words[high], words[high + 1] = words[high + 1], words[high]
    assert decode(words, event_slots=1, low_first=True) == example()


@pytest.mark.parametrize(
    ("at", "value", "verdict"),
    [(-1, 0x101, Unreadable.TORN), (1, 0x5359, Unreadable.FOREIGN), (2, 0x0200, Unreadable.FOREIGN)],
)
def test_a_read_that_is_no_image_says_why(at: int, value: int, verdict: Unreadable) -> None:
    words = list(EXAMPLE)
    words[at] = value
    assert decode(words, event_slots=1, low_first=False) is verdict


def test_a_read_of_another_length_is_no_image() -> None:
    assert decode(EXAMPLE[:-1], event_slots=1, low_first=False) is Unreadable.LENGTH
    assert decode([], event_slots=1, low_first=False) is Unreadable.LENGTH


@given(st.lists(st.integers(0, 0xFFFF), min_size=34, max_size=34))
def test_no_words_can_break_the_decoder(words: list[int]) -> None:
    words[-1], words[1], words[2] = words[0], 0x5358, 0x0100
    image = decode(words, event_slots=1, low_first=False)
    assert isinstance(image, Image)
    stream = EventStream(PLC, image.boot_id, 0)
    assert all(isinstance(fact, facts.Fact) for fact in stream.take(image, 1))


def window(*seqs: int, acked: int, boot_id: int = 7, head: int | None = None) -> Image:
    event = example().events[0]
    return example()._replace(
        boot_id=boot_id,
        events=tuple(event._replace(seq=seq) for seq in seqs),
        events_acked=acked,
        events_head=max(seqs, default=acked) if head is None else head,
    )


def seqs(told: list[facts.Fact]) -> list[int]:
    return [fact.seq for fact in told if isinstance(fact, facts.PlcEvent)]


def test_an_event_is_taken_once_however_often_it_is_repeated() -> None:
    stream = EventStream(PLC, 7, 40)
    assert seqs(stream.take(window(41, 42, acked=40), 1)) == [41, 42]
    assert seqs(stream.take(window(41, 42, acked=40), 2)) == []
    assert seqs(stream.take(window(42, 43, acked=41), 3)) == [43]
    assert stream.is_complete


def test_events_beyond_the_window_keep_the_stream_incomplete() -> None:
    stream = EventStream(PLC, 7, 0)
    stream.take(window(1, 2, acked=0, head=5), 1)
    assert not stream.is_complete


def test_a_hole_is_told_and_the_rest_taken() -> None:
    stream = EventStream(PLC, 7, 40)
    hole, event = stream.take(window(43, acked=40), 1)
    assert hole == facts.EventsMissed(1, PLC, 7, 41, 42)
    assert isinstance(event, facts.ItemDiverted)


def test_events_that_another_controller_acknowledged_are_missed() -> None:
    stream = EventStream(PLC, 7, 40)
    assert stream.take(window(acked=45), 1) == [facts.EventsMissed(1, PLC, 7, 41, 45)]
    assert stream.is_complete


def test_a_restart_begins_the_numbers_anew() -> None:
    stream = EventStream(PLC, 7, 40)
    told = stream.take(window(1, acked=0, boot_id=8), 1)
    assert told[0] == facts.PlcRestarted(1, PLC, 8, 70_000)
    assert seqs(told) == [1]


def test_a_first_contact_is_no_restart_and_begins_behind_what_was_acknowledged() -> None:
    stream = EventStream(PLC, 0, 0)
    assert seqs(stream.take(window(31, acked=30), 1)) == [31]


def test_event_numbers_wrap_and_never_are_zero() -> None:
    assert next_seq(COUNT_MASK) == 1
    stream = EventStream(PLC, 7, COUNT_MASK - 1)
    image = window(COUNT_MASK, 1, acked=COUNT_MASK - 1, head=1)
    assert seqs(stream.take(image, 1)) == [COUNT_MASK, 1]
    assert stream.is_complete


def test_an_event_of_an_unknown_kind_is_taken_and_told() -> None:
    stream = EventStream(PLC, 7, 40)
    image = window(41, acked=40)
    [fact] = stream.take(image._replace(events=(image.events[0]._replace(kind=99),)), 1)
    assert isinstance(fact, facts.EventUnknown)
    assert fact.kind == 99


def test_a_plc_clock_that_stands_for_300_ms_is_a_dead_program() -> None:
    levels = Levels(PLC)
    image = example()
    assert not levels.is_dead(image, 0)
    assert not levels.is_dead(image, 300 * NS_PER_MS)
    assert levels.is_dead(image, 301 * NS_PER_MS)
    assert not levels.is_dead(image._replace(plc_time_ms=0), 400 * NS_PER_MS)


def test_levels_are_told_when_they_change_and_again_on_a_new_connection() -> None:
    levels = Levels(PLC)
    kinds = [type(fact) for fact in levels.take(example(), 3, 1)]
    assert kinds == [facts.OrdersTaken, facts.MachineTurned]
    assert levels.take(example(), 3, 2) == []
    assert levels.take(example()._replace(orders_accepted=6), 3, 3) == [facts.OrdersTaken(3, PLC, 3, 6)]
    levels.forget()
    assert len(levels.take(example(), 3, 4)) == 2


def test_orders_of_a_foreign_epoch_are_not_ours() -> None:
    assert facts.OrdersTaken not in {type(fact) for fact in Levels(PLC).take(example(), 2, 1)}
