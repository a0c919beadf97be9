"""Orders: compare and fire, cancel, locks, lamps, inducts; and every way in which a DIVERT ends."""

import pytest

from sim.plc.contacts import Terminal
from sim.plc.program import ColdStart
from tests.sim.plc.bench import (
    BOOT,
    CANCEL,
    CHUTE_CHANGED,
    CLOSE,
    DIVERT,
    DIVERTED,
    LAMP,
    OPEN,
    ORDER_FAILED,
    RUN,
    SCAN_COUNTS,
    STATE,
    STOP,
    Bench,
    machine,
)

FULL, CLOSED, FAULT, LATE, CANCELLED, UNKNOWN = 1, 2, 3, 4, 6, 7


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.acquire()
    return bench


def test_a_divert_fires_when_the_belt_reaches_its_count(bench: Bench) -> None:
    bench.write(bench.order(DIVERT, 2, 77, bench.encoder + 3 * SCAN_COUNTS))
    bench.scans(2)
    assert bench.fired == []
    bench.scans(1)
    assert bench.fired == [2]
    assert bench.events(DIVERTED) == []
    bench.turn("stroke", 2, True)
    assert bench.events(DIVERTED) == [(DIVERTED, 2, 77, 0)]
    assert bench.events(ORDER_FAILED) == []


def test_the_count_wraps() -> None:
    bench = Bench(encoder=0xFFFF_FFF0)
    bench.acquire()
    bench.write(bench.order(DIVERT, 2, 77, 0x40))
    bench.scans(1)
    assert bench.fired == []
    bench.scans(1)
    assert bench.fired == [2]


def test_a_count_already_reached_is_too_late(bench: Bench) -> None:
    bench.write(bench.order(DIVERT, 2, 1, bench.encoder), bench.order(DIVERT, 3, 2, bench.encoder - 5))
    assert bench.events(ORDER_FAILED) == [(ORDER_FAILED, 2, 1, LATE), (ORDER_FAILED, 3, 2, LATE)]
    assert bench.fired == []


def test_diverts_fire_in_the_order_of_their_counts(bench: Bench) -> None:
    at = bench.encoder + SCAN_COUNTS
    bench.write(bench.order(DIVERT, 3, 1, at + 90), bench.order(DIVERT, 1, 2, at), bench.order(DIVERT, 2, 3, at + 1))
    bench.scans(4)
    assert bench.fired == [1, 2, 3]


def test_an_exit_without_actuator_is_taken_and_does_nothing(bench: Bench) -> None:
    bench.write(bench.order(DIVERT, 5, 77, bench.encoder + SCAN_COUNTS))
    bench.scans(1)
    assert bench.fired == []
    assert bench.events(DIVERTED) == [(DIVERTED, 5, 77, 0)]


def test_a_cancel_ends_the_divert_it_finds_and_is_silent_otherwise(bench: Bench) -> None:
    at = bench.encoder + 400
    bench.write(bench.order(DIVERT, 2, 1, at))
    bench.write(bench.order(CANCEL, 2, 1, at + 1), bench.order(CANCEL, 3, 1, at), bench.order(CANCEL, 2, 1, at))
    assert bench.events(ORDER_FAILED) == [(ORDER_FAILED, 2, 1, CANCELLED)]
    bench.scans(20)
    assert bench.fired == []
    assert bench.inputs()["orders_accepted"] == 4


def test_cancel_and_divert_in_one_block_change_a_divert(bench: Bench) -> None:
    at = bench.encoder + 400
    bench.write(bench.order(DIVERT, 2, 1, at))
    bench.write(bench.order(CANCEL, 2, 1, at), bench.order(DIVERT, 3, 1, at + 100))
    bench.scans(20)
    assert bench.fired == [3]


def test_two_diverts_with_the_same_chute_and_count_are_one(bench: Bench) -> None:
    at = bench.encoder + 400
    bench.write(bench.order(DIVERT, 2, 1, at), bench.order(DIVERT, 2, 1, at))
    bench.scans(20)
    assert bench.fired == [2]
    assert bench.inputs()["orders_accepted"] == 2


def test_a_repeat_is_a_no_op(bench: Bench) -> None:
    order = bench.order(DIVERT, 2, 1, bench.encoder + 200)
    for _ in range(3):
        assert bench.write(order) == 0
    bench.scans(30)
    bench.turn("stroke", 2, True)
    bench.write(order)
    bench.scans(2)
    assert bench.fired == [2]
    assert [event[0] for event in bench.events() if event[0] in (DIVERTED, ORDER_FAILED)] == [DIVERTED]


@pytest.mark.parametrize(
    "bad", [(9, 1, 0), (0, 1, 0), (DIVERT, 0, 0), (DIVERT, 4, 0), (CLOSE, 17, 0), (LAMP, 1, 9), (STOP, 3, 0)]
)
def test_an_unknown_op_chute_or_item_is_taken_and_answered(bench: Bench, bad: tuple[int, int, int]) -> None:
    op, chute, item = bad
    assert bench.write(bench.order(op, chute, item, bench.encoder + 400)) == 0
    assert bench.inputs()["orders_accepted"] == 1
    assert bench.events(ORDER_FAILED) == [(ORDER_FAILED, chute, 1, UNKNOWN)]


def test_the_table_holds_64_and_takes_nothing_more_while_it_is_full(bench: Bench) -> None:
    far = bench.encoder + 100_000
    for turn in range(64):
        assert bench.write(bench.order(DIVERT, 2, turn, far + turn)) == 0
    assert bench.write(bench.order(LAMP, 2, 1)) == 7
    assert bench.inputs()["orders_accepted"] == 64
    bench.encoder = far
    bench.scan()
    assert bench.write(bench.slot(65, LAMP, 2, 1)) == 0


@pytest.mark.parametrize(("terminal", "why"), [("full", FULL), ("panel", CLOSED), ("order", CLOSED)])
def test_a_chute_that_cannot_take_it_fails_the_divert(bench: Bench, terminal: str, why: int) -> None:
    bench.write(bench.order(DIVERT, 2, 1, bench.encoder + 400))
    if terminal == "full":
        bench.turn("full", 2, True)
    elif terminal == "panel":
        bench.plc.press_panel(2, closed=True)
    else:
        bench.write(bench.order(CLOSE, 2))
    bench.scans(20)
    assert bench.fired == []
    assert bench.events(ORDER_FAILED) == [(ORDER_FAILED, 2, 1, why)]


@pytest.mark.parametrize("fault_bit", [True, False])
def test_an_actuator_that_does_not_report_fails_the_divert(fault_bit: bool) -> None:
    bench = Bench(ColdStart(BOOT, fault_bit=fault_bit))
    bench.acquire()
    bench.write(bench.order(DIVERT, 2, 1, bench.encoder + 40))
    bench.scans(39)
    assert bench.events(ORDER_FAILED) == []
    bench.scans(5)
    assert bench.events(ORDER_FAILED) == [(ORDER_FAILED, 2, 1, FAULT)]
    assert bool(bench.plc.read_chutes()[1] & 1 << 8) is fault_bit
    bench.write(bench.order(DIVERT, 2, 2, bench.encoder + 40))
    bench.scans(2)
    assert bench.fired == ([2] if fault_bit else [2, 2])


def test_close_and_open_are_targets_and_show_in_the_chute_word(bench: Bench) -> None:
    bench.write(bench.order(CLOSE, 1), bench.order(CLOSE, 1))
    assert bench.plc.read_chutes() == [0x8010, 0x8000, 0x8000, 0, 0x8000]
    bench.write(bench.order(OPEN, 1))
    assert bench.plc.read_chutes()[0] == 0x8000
    assert bench.events(CHUTE_CHANGED) == [(CHUTE_CHANGED, 1, 0, 0x8010), (CHUTE_CHANGED, 1, 0, 0x8000)]


def test_what_an_order_set_stays_over_a_change_of_owner() -> None:
    bench = Bench()
    bench.acquire()
    bench.write(bench.order(CLOSE, 1), bench.order(LAMP, 2, 19), bench.order(STOP, 0), request=0)
    bench.write(bench.order(DIVERT, 3, 8, bench.encoder + 40 * 130))
    bench.scans(101)
    assert bench.inputs()["owner"] == 0
    assert bench.plc.read_chutes()[0] & 0x10
    assert bench.plc.exits.lamps == {2: 19}
    assert bench.inputs()["state"] == 11
    bench.scans(40)
    assert bench.fired == [3]


def test_a_stop_ends_by_run_only(bench: Bench) -> None:
    bench.write(bench.order(STOP, 1))
    assert bench.inputs()["state"] == 11
    assert not bench.plc.induct_runs(1)
    bench.write(bench.order(RUN, 0))
    assert bench.inputs()["state"] == 6
    assert bench.plc.induct_runs(1)
    assert bench.events(STATE) == [(STATE, 0, 0, 11), (STATE, 0, 0, 6)]


def test_one_of_two_inducts_may_be_stopped() -> None:
    bench = Bench(of=machine(inducts=2))
    bench.acquire()
    bench.write(bench.order(STOP, 2))
    assert bench.inputs()["state"] == 6
    assert (bench.plc.induct_runs(1), bench.plc.induct_runs(2)) == (True, False)


def test_every_accepted_divert_has_exactly_one_ending(bench: Bench) -> None:
    for turn in range(1, 31):
        chute = (1, 2, 3, 5)[turn % 4]
        bench.write(bench.order(DIVERT, chute, 1_000 + turn, bench.encoder + 40 * (turn % 7 - 1)))
        if turn % 5 == 0:
            bench.turn("full", 3, turn % 2 == 0)
        bench.scans(3)
        if bench.fired and turn % 2:
            bench.scan((Terminal("stroke", bench.fired[-1]), True))
    bench.scans(60)
    diverted = [item - 1_000 for _, _, item, _ in bench.events(DIVERTED)]
    failed = [item for _, _, item, _ in bench.events(ORDER_FAILED)]
    assert sorted(diverted + failed) == list(range(1, 31))
