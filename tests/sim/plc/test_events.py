"""Events: numbers without gaps, the window of the oldest, acknowledgement, counts of the first edge, full buffers."""

import pytest

from sim.plc.contacts import Terminal
from sim.plc.program import ColdStart
from tests.sim.plc.bench import (
    BOOT,
    BUTTON,
    CHUTE_CHANGED,
    CHUTE_EYE,
    EPOCH,
    EYE,
    INDUCTED,
    JAM,
    LAMP,
    SCAN_COUNTS,
    STATE,
    Bench,
    machine,
)


def test_an_inducted_parcel_has_the_count_of_its_front_and_its_length() -> None:
    bench = Bench()
    bench.turn("induct", 1, True, scans=0)
    front = bench.encoder
    bench.scans(9)
    bench.turn("induct", 1, False, scans=0)
    assert bench.events(INDUCTED) == []
    bench.scans(1)
    [event] = bench.window()
    assert (event["kind"], event["point"], event["item"], event["count"]) == (INDUCTED, 1, 0, front)
    assert event["value"] == 10 * SCAN_COUNTS // 2


def test_both_edges_of_eyes_are_told_with_the_count_of_the_first_scan() -> None:
    bench = Bench()
    for kind in ("eye", "chute"):
        for level in (True, False):
            bench.turn(kind, 1, level, scans=0)
            count = bench.encoder
            bench.scans(1)
            shown = bench.window()[-1]
            assert (shown["kind"], shown["value"]) == (EYE if kind == "eye" else CHUTE_EYE, int(level))
            assert shown["count"] == count
            assert shown["time_ms"] == (bench.inputs()["plc_time_ms"] - 10) & 0xFFFF


def test_a_level_that_does_not_stand_two_scans_is_no_edge() -> None:
    bench = Bench()
    eye = Terminal("eye", 1)
    bench.scan((eye, True))
    bench.scan((eye, False))
    bench.scans(3)
    bench.scan((eye, True), (eye, False))
    bench.scans(3)
    assert bench.events() == []


def test_a_level_at_the_first_scan_after_a_start_is_no_event() -> None:
    bench = Bench()
    plc = type(bench.plc)(bench.machine, ColdStart(BOOT))
    bench.plc = plc
    bench.scan((Terminal("eye", 1), True), (Terminal("full", 2), True), (Terminal("induct", 1), True))
    bench.scans(3)
    assert bench.events() == []
    assert plc.read_chutes()[1] == 0x8001
    bench.turn("eye", 1, False)
    assert [event[0] for event in bench.events()] == [EYE]


def test_a_parcel_whose_front_was_not_seen_makes_no_inducted() -> None:
    bench = Bench()
    bench.plc = type(bench.plc)(bench.machine, ColdStart(BOOT))
    bench.scan((Terminal("induct", 1), True))
    bench.scans(3)
    bench.turn("induct", 1, False)
    assert bench.events() == []


def test_the_window_shows_the_oldest_until_they_are_acknowledged() -> None:
    bench = Bench(of=machine(events=2))
    bench.acquire()
    for level in (True, False, True, False):
        bench.turn("eye", 1, level)
    assert [event["seq"] for event in bench.window()] == [1, 2]
    assert bench.inputs()["events_head"] == 5
    bench.write(ack=1)
    assert [event["seq"] for event in bench.window()] == [2, 3]
    bench.write(ack=4)
    assert [event["seq"] for event in bench.window()] == [5]
    assert bench.inputs()["events_acked"] == 4


@pytest.mark.parametrize("wrong", [{"ack": 2}, {"ack": 0xFFFF_FFFF}, {"ack": 1, "boot_low": 1}])
def test_an_acknowledgement_beyond_the_newest_or_of_another_boot_is_ignored(wrong: dict[str, int]) -> None:
    bench = Bench()
    bench.acquire()
    assert bench.write(**wrong) == 0
    assert bench.inputs()["events_acked"] == 0


def test_an_acknowledgement_never_goes_back() -> None:
    bench = Bench()
    bench.acquire()
    bench.turn("eye", 1, True)
    bench.write(ack=2)
    bench.write(ack=1)
    assert bench.inputs()["events_acked"] == 2


def test_induction_stops_while_a_thousand_events_wait_and_goes_on_by_itself() -> None:
    bench = Bench()
    bench.acquire()
    level = False
    while bench.inputs()["events_head"] < 1_000:
        level = not level
        bench.turn("eye", 1, level, scans=1)
        bench.write()
    assert bench.inputs()["state"] == 5
    assert not bench.plc.induct_runs(1)
    bench.write(ack=500)
    assert bench.inputs()["state"] == 6
    assert bench.events(STATE) == [(STATE, 0, 0, 5), (STATE, 0, 0, 6)]


def test_a_full_buffer_drops_new_events_and_gives_them_no_number() -> None:
    bench = Bench()
    level = False
    for _ in range(2_010):
        level = not level
        bench.turn("eye", 1, level, scans=1)
    seen = bench.inputs()
    assert seen["events_head"] == 2_000
    assert seen["events_dropped"] == 11, "ten edges and the change of state"
    bench.acquire()
    bench.write(ack=2_000)
    bench.turn("eye", 1, not level)
    assert [event["seq"] for event in bench.window()] == [2_001, 2_002]
    assert [event["kind"] for event in bench.window()] == [STATE, EYE]


def test_without_an_owner_induction_stops_after_the_hold_time_and_goes_on_by_itself() -> None:
    bench = Bench()
    bench.scans(998)
    assert bench.inputs()["state"] == 6
    bench.scans(1)
    assert bench.inputs()["state"] == 5
    assert not bench.plc.induct_runs(1)
    bench.acquire()
    assert bench.inputs()["state"] == 6
    assert bench.events() == [(STATE, 0, 0, 5), (EPOCH, 0, 1, 1), (STATE, 0, 0, 6)]


def test_a_chute_word_is_told_with_the_whole_word() -> None:
    bench = Bench()
    bench.turn("half", 3, True)
    bench.turn("full", 3, True)
    bench.turn("full", 3, False)
    assert [value for *_, value in bench.events(CHUTE_CHANGED)] == [0x8002, 0x8003, 0x8002]
    assert bench.plc.read_chutes()[2] == 0x8002


def test_time_wraps() -> None:
    bench = Bench(ColdStart(BOOT, plc_time_ms=0xFFFF_FFF0))
    assert bench.inputs()["plc_time_ms"] == 0xFFFF_FFFA
    bench.scans(1)
    assert bench.inputs()["plc_time_ms"] == 4


def test_an_edge_before_the_wrap_keeps_its_count() -> None:
    bench = Bench(encoder=0xFFFF_FFB0)
    bench.turn("induct", 1, True, scans=0)
    front = bench.encoder
    bench.scans(9)
    bench.turn("induct", 1, False)
    assert bench.window()[0]["count"] == front == 0xFFFF_FFD8
    assert bench.window()[0]["value"] == 200


@pytest.mark.parametrize("word_order", ["high_first", "low_first"])
def test_both_word_orders(word_order: str) -> None:
    bench = Bench(ColdStart(BOOT, retained_epoch=0x0001_0002), of=machine(word_order))
    bench.acquire()
    assert bench.inputs()["granted_epoch"] == 0x0001_0003
    bench.write(bench.order(1, 2, 0x0003_0004, bench.encoder + 400), bench.order(LAMP, 2, 1))
    bench.scans(11)
    bench.turn("stroke", 2, True)
    assert bench.window()[-1]["item"] == 0x0003_0004


def test_the_worked_example_of_the_contract() -> None:
    bench = Bench(ColdStart(BOOT, retained_epoch=2), of=machine(orders=1, events=1))
    words = [0x0007, 0x5358, 0x0100, 0, 3, 1, 0xCCDD, 0, 0, 0, 1, 0, 1, 1, 2, 0, 0x3E9, 0, 0x1000, 7]
    bench.acquire()
    bench.plc.write_orders(words)
    bench.scan()
    seen = bench.inputs()
    assert (seen["reject"], seen["orders_accepted"], seen["stamp_seen"]) == (0, 1, 7)
    words = bench.plc.read_inputs()
    assert len(words) == 34
    assert words[1:7] == [0x5358, 0x0100, 0xAABB, 0xCCDD, 7, 6]
    assert words[23:29] == [0, 1, EPOCH, 0, 0, 3]


def test_a_button_is_told_with_the_count_of_the_moment() -> None:
    bench = Bench()
    bench.scans(3)
    bench.plc.press_button(2, 1)
    bench.plc.press_button(1001, 4)
    bench.scans(1)
    shown = [(event["kind"], event["point"], event["item"], event["value"]) for event in bench.window()]
    assert shown == [(BUTTON, 2, 0, 1), (BUTTON, 1001, 0, 4)]
    assert {event["count"] for event in bench.window()} == {bench.encoder - SCAN_COUNTS}


def test_a_jam_begins_and_ends() -> None:
    bench = Bench()
    bench.plc.turn_jam(3, begins=True)
    bench.plc.turn_jam(3, begins=False)
    bench.scans(1)
    assert bench.events(JAM) == [(JAM, 3, 0, 1), (JAM, 3, 0, 0)]
