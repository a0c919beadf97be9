"""Ownership: who may give orders, and every reason for which a block is refused, in the order of the contract."""

import pytest

from sim.plc.line import LineProgram
from sim.plc.program import ColdStart
from tests.sim.plc.bench import BOOT, DIVERT, EPOCH, LAMP, OWNER, Bench

TAKEN, TORN, MAGIC, STALE, NOT_OWNER, GAP, NO_ROOM = 0, 1, 2, 3, 4, 5, 7
LEASE_SCANS = 100


def held() -> Bench:
    bench = Bench()
    assert bench.acquire() == TAKEN
    return bench


def test_an_acquire_is_granted_while_nobody_owns() -> None:
    bench = Bench(ColdStart(BOOT, retained_epoch=6))
    assert bench.acquire() == TAKEN
    seen = bench.inputs()
    assert (seen["granted_epoch"], seen["owner"], seen["lease_ms"], seen["orders_accepted"]) == (7, OWNER, 1_000, 0)
    assert bench.events(EPOCH) == [(EPOCH, 0, 7, OWNER)]


def test_the_epoch_skips_zero_when_it_wraps() -> None:
    bench = Bench(ColdStart(BOOT, retained_epoch=0xFFFF_FFFF))
    bench.acquire()
    assert bench.inputs()["granted_epoch"] == 1


def test_an_acquire_during_a_lease_changes_nothing() -> None:
    bench = held()
    before = bench.inputs()
    assert bench.write(request=1, epoch=0, owner=9) == NOT_OWNER
    assert bench.write(request=1, epoch=0) == STALE
    after = bench.inputs()
    assert (after["granted_epoch"], after["owner"]) == (before["granted_epoch"], OWNER)
    assert after["lease_ms"] == before["lease_ms"] - 20


def test_owner_zero_is_never_valid() -> None:
    assert Bench().write(request=1, epoch=0, owner=0) == NOT_OWNER
    bench = held()
    assert bench.write(owner=0) == NOT_OWNER
    bench.write(request=2)
    assert bench.write(owner=0) == NOT_OWNER


def test_an_acquire_with_an_epoch_is_an_ordinary_block() -> None:
    bench = held()
    assert bench.write(bench.order(LAMP, 1, 1), request=1) == TAKEN
    assert bench.inputs()["orders_accepted"] == 1
    assert bench.inputs()["lease_ms"] == 1_000


def test_an_acquire_carries_no_acknowledgement_and_no_orders() -> None:
    bench = Bench()
    bench.acquire()
    bench.scans(LEASE_SCANS + 1)
    bench.write(bench.slot(1, LAMP, 1, 1), request=1, epoch=0, ack=1)
    assert bench.inputs()["events_acked"] == 0
    assert bench.inputs()["orders_accepted"] == 0


@pytest.mark.parametrize(
    ("wrong", "reject"),
    [
        ({"tail": 9, "magic": 0, "epoch": 9, "owner": 9}, TORN),
        ({"magic": 0x5359, "epoch": 9, "owner": 9}, MAGIC),
        ({"version": 0x0101, "epoch": 9}, MAGIC),
        ({"epoch": 9, "owner": 9}, STALE),
        ({"owner": 9}, NOT_OWNER),
    ],
)
def test_what_is_wrong_is_checked_in_order_and_changes_nothing(wrong: dict[str, int], reject: int) -> None:
    bench = held()
    bench.scans(10)
    lease = bench.inputs()["lease_ms"]
    assert bench.write(bench.slot(1, LAMP, 1, 1), ack=1, **wrong) == reject
    seen = bench.inputs()
    assert seen["stamp_seen"] == bench.stamp
    assert (seen["lease_ms"], seen["events_acked"], seen["orders_accepted"]) == (lease - 10, 0, 0)
    assert bench.plc.exits.lamps == {}


def test_the_reject_stands_until_the_next_evaluation() -> None:
    bench = held()
    bench.write(owner=9)
    bench.scans(3)
    assert bench.inputs()["reject"] == NOT_OWNER
    assert bench.write() == TAKEN


def test_a_gap_is_refused_behind_the_orders_before_it() -> None:
    bench = held()
    first, third = bench.slot(1, LAMP, 1, 1), bench.slot(3, LAMP, 3, 3)
    lease = bench.inputs()["lease_ms"]
    assert bench.write(first, third, ack=1) == GAP
    seen = bench.inputs()
    assert seen["orders_accepted"] == 1
    assert bench.plc.exits.lamps == {1: 1}
    assert (seen["lease_ms"], seen["events_acked"]) == (lease - 10, 0)


def test_more_slots_than_there_are_count_as_a_gap() -> None:
    bench = held()
    assert bench.write(bench.slot(1, LAMP, 1, 1), count=14) == GAP


def test_every_taken_block_renews_the_lease_and_an_old_one_does_not() -> None:
    bench = held()
    bench.scans(50)
    assert bench.inputs()["lease_ms"] == 500
    bench.write()
    assert bench.inputs()["lease_ms"] == 1_000
    words = bench.block(stamp=bench.stamp)
    bench.scans(10)
    bench.plc.write_orders(words)
    bench.scan()
    assert bench.inputs()["lease_ms"] == 890


def test_when_the_lease_runs_out_only_an_acquire_is_taken() -> None:
    bench = held()
    bench.scans(LEASE_SCANS - 1)
    assert bench.inputs()["owner"] == OWNER
    bench.scans(1)
    seen = bench.inputs()
    assert (seen["owner"], seen["lease_ms"], seen["granted_epoch"]) == (0, 0, 1)
    assert bench.events(EPOCH)[-1] == (EPOCH, 0, 1, 0)
    assert bench.write(bench.slot(1, LAMP, 1, 1)) == NOT_OWNER
    assert bench.acquire() == TAKEN
    assert bench.epoch == 2


def test_orders_count_anew_in_each_epoch() -> None:
    bench = held()
    bench.write(bench.order(LAMP, 1, 1), bench.order(LAMP, 1, 2), request=2)
    bench.acquire()
    assert bench.inputs()["orders_accepted"] == 0
    assert bench.write(bench.slot(1, LAMP, 1, 3)) == TAKEN
    assert bench.plc.exits.lamps == {1: 3}


def test_a_release_takes_orders_and_acknowledgement_first() -> None:
    bench = held()
    assert bench.write(bench.order(LAMP, 2, 1), request=2, ack=1) == TAKEN
    seen = bench.inputs()
    assert (seen["owner"], seen["lease_ms"], seen["orders_accepted"], seen["events_acked"]) == (0, 0, 1, 1)
    assert bench.events(EPOCH) == [(EPOCH, 0, 1, 0)]
    assert bench.plc.exits.lamps == {2: 1}


def test_an_epoch_survives_a_start_and_its_owner_does_not() -> None:
    bench = held()
    again = Bench(ColdStart(BOOT + 1, retained_epoch=bench.plc.fence.epoch))
    seen = again.inputs()
    assert (seen["granted_epoch"], seen["owner"], seen["boot_id"], seen["stamp_seen"]) == (1, 0, BOOT + 1, 0)
    assert again.write(epoch=1) == NOT_OWNER


def test_a_block_is_evaluated_once_for_each_new_stamp() -> None:
    bench = held()
    words = bench.block(bench.order(DIVERT, 1, 7, bench.encoder + 400))
    for _ in range(3):
        bench.plc.write_orders(words)
        bench.scan()
    assert isinstance(program := bench.plc.program, LineProgram)
    assert len(program.table) == 1


def test_stamps_wrap() -> None:
    bench = held()
    bench.stamp = 0xFFFE
    for seq in (1, 2, 3):
        assert bench.write(bench.order(LAMP, 1, seq)) == TAKEN
    assert bench.stamp == 1
    assert bench.inputs()["orders_accepted"] == 3


def test_our_stamp_wraps() -> None:
    bench = Bench(ColdStart(BOOT, stamp=0xFFFE))
    stamps = []
    for _ in range(3):
        stamps.append(bench.inputs()["stamp"])
        bench.scan()
    assert stamps == [0xFFFF, 0, 1]


def test_a_block_written_in_two_pieces_is_torn_in_between() -> None:
    bench = held()
    words = bench.block(bench.order(LAMP, 1, 1))
    bench.plc.write_orders(words[:20])
    bench.scan()
    assert bench.inputs()["reject"] == TORN
    bench.plc.write_orders(words[20:], 20)
    bench.scan()
    assert bench.inputs()["orders_accepted"] == 0
    assert bench.plc.read_orders() == words
    assert bench.write(bench.slot(1, LAMP, 1, 1)) == TAKEN


def test_effects_show_one_scan_after_the_write() -> None:
    bench = held()
    bench.plc.write_orders(bench.block(bench.order(LAMP, 1, 1)))
    assert bench.inputs()["stamp_seen"] != bench.stamp
    bench.scan()
    assert bench.inputs()["stamp_seen"] == bench.stamp
