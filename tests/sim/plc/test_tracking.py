"""The tracking PLC of a loop: numbers, places, targets, check-points, carriers taken out; the machine is a whole plant."""

from itertools import pairwise
from typing import Literal

import pytest

from sim.plc.loop import LoopProgram
from sim.plc.program import ColdStart
from sim.world.deeds import BeltFault, Deed, Desert, MissInduct, Remove, Slip
from sim.world.parcel import Place
from tests.sim.loops import HOME_POINT, Desk, S, loop_machine, loop_plant
from tests.sim.plc.bench import BOOT, Bench

DIVERT, CANCEL, CLOSE, OPEN, OUT, IN = 1, 2, 3, 4, 8, 9
INDUCTED, AT_POINT, DIVERTED, CHUTE_EYE, ITEM_GONE, LAP, ORDER_FAILED = 1, 2, 3, 4, 5, 6, 12
FULL, CLOSED, FAULT, LATE, CANCELLED, UNKNOWN = 1, 2, 3, 4, 6, 7
LENGTH_MM = 32_000


def position_mm(point: int) -> int:
    loop = loop_machine().loop
    places = {scan.number: scan.position_mm for scan in loop.scan_points}
    return (places | {check.number: check.position_mm for check in loop.check_points})[point]


def program(desk: Desk) -> LoopProgram:
    found = desk.plant.plc.program
    assert isinstance(found, LoopProgram)
    return found


def failed(desk: Desk) -> list[tuple[int, int, int]]:
    return [(event["point"], event["item"], event["value"]) for event in desk.events(ORDER_FAILED)]


def test_an_item_is_where_its_first_count_says_at_every_point_of_every_lap() -> None:
    desk = Desk(loop_plant(12))
    desk.run(60)
    loop = desk.plant.machine.loop
    inducts = {induct.number: induct.position_mm for induct in loop.inducts}
    began = {event["item"]: event for event in desk.events(INDUCTED)}
    assert len(began) == 12
    passed = [event for event in desk.events(AT_POINT) if event["item"]]
    assert {event["point"] for event in passed} == {1, 2, 3, 4}
    for event in passed:
        first = began[event["item"]]
        way_mm = ((event["count"] - first["count"]) & 0xFFFF_FFFF) / 2
        off_mm = (way_mm - position_mm(event["point"]) + inducts[first["point"]]) % LENGTH_MM
        assert min(off_mm, LENGTH_MM - off_mm) <= 1


def test_carrier_one_is_told_once_a_lap_and_the_lap_of_each_item() -> None:
    desk = Desk(loop_plant(3))
    desk.run(70)
    homes = [event["count"] for event in desk.events(AT_POINT) if event["item"] == 0]
    assert {event["point"] for event in desk.events(AT_POINT) if event["item"] == 0} == {HOME_POINT}
    assert len(homes) >= 4
    assert {(after - before) & 0xFFFF_FFFF for before, after in pairwise(homes)} == {2 * LENGTH_MM}
    first = desk.events(INDUCTED)[0]["item"]
    assert [event["value"] for event in desk.events(LAP) if event["item"] == first] == [1, 2, 3, 4]
    assert all(event["point"] == 1 for event in desk.events(LAP))


def test_numbers_count_on_over_the_wrap_without_zero() -> None:
    desk = Desk(loop_plant(20))
    program(desk)._item = 0xFFFF_FFFB
    desk.run(40)
    assert [event["item"] for event in desk.events(INDUCTED)] == [*range(0xFFFF_FFFB, 0x1_0000_0000), *range(1, 16)]


def test_a_divert_goes_to_its_chute_and_only_its_carrier_moves() -> None:
    desk = Desk(loop_plant(30), chutes=range(1, 9))
    desk.run(60)
    plant = desk.plant
    assert {(e["item"], e["point"]) for e in desk.events(DIVERTED)} == {(item, c) for _, _, c, item in desk.sent}
    assert [stroke.hit for stroke in plant.strokes] == [plant.items[desk.boot, s.carried.item] for s in plant.strokes]
    assert all(parcel.exit == parcel.items[-1][1] % 8 + 1 for parcel in plant.parcels.values())
    assert {event["item"] for event in desk.events(CHUTE_EYE)} == {0}
    assert plant.at_rest


def test_the_newest_divert_replaces_the_older_which_ends_without_an_event() -> None:
    desk = Desk(loop_plant(1))
    item = desk.first_item()
    for chute in (1, 2, 7):
        desk.divert(item, chute)
    desk.run(30)
    assert desk.plant.parcels[1].exit == 7
    assert failed(desk) == []
    assert len(desk.events(DIVERTED)) == 1


def test_a_chute_already_passed_is_reached_on_the_next_lap() -> None:
    desk = Desk(loop_plant(1))
    item = desk.first_item()
    while not any(event["point"] == 4 for event in desk.seen if event["kind"] == AT_POINT):
        desk.run(0.1)
    desk.divert(item, 1)
    desk.run(30)
    assert desk.plant.parcels[1].exit == 1
    assert len([event for event in desk.events(LAP) if event["item"] == item]) >= 1


@pytest.mark.parametrize(("what", "why"), [("full", FULL), ("closed", CLOSED), ("fault", FAULT), ("silent", FAULT)])
def test_what_cannot_be_discharged_goes_on_without_a_target(what: str, why: int) -> None:
    deeds: list[Deed] = [Desert(S, 3)] if what == "full" else []
    if what in ("fault", "silent"):
        says: Literal["reports", "silent"] = "reports" if what == "fault" else "silent"
        deeds += [BeltFault(S, carrier, 0, says) for carrier in range(1, 41)]
    desk = Desk(loop_plant(1, *deeds))
    desk.run(3)
    if what == "closed":
        desk.order(CLOSE, 3)
    desk.divert(desk.first_item(), 3)
    desk.run(40)
    assert failed(desk) == [(3, desk.sent[0][1], why)]
    assert desk.plant.parcels[1].place is Place.BELT
    assert desk.events(DIVERTED) == []


def test_cancel_needs_only_the_item_and_is_silent_about_what_it_does_not_find() -> None:
    desk = Desk(loop_plant(1))
    item = desk.first_item()
    desk.divert(item, 3)
    desk.order(CANCEL, 0, item)
    desk.order(CANCEL, 0, item)
    desk.order(CANCEL, 0, item + 5)
    desk.run(30)
    assert failed(desk) == [(3, 1, CANCELLED)]
    assert desk.plant.parcels[1].place is Place.BELT


@pytest.mark.parametrize(
    ("op", "chute", "item"), [(DIVERT, 3, 0), (DIVERT, 3, 4_711), (OUT, 0, 41), (IN, 0, 0), (10, 1, 1)]
)
def test_an_unknown_item_carrier_or_op_is_answered(op: int, chute: int, item: int) -> None:
    desk = Desk(loop_plant(1))
    desk.run(25)
    desk.order(op, chute, item)
    desk.run(1)
    assert failed(desk) == [(chute, 1, UNKNOWN)]


def test_an_unknown_chute_is_answered() -> None:
    desk = Desk(loop_plant(1))
    desk.divert(desk.first_item(), 99)
    desk.run(1)
    assert failed(desk) == [(99, 1, UNKNOWN)]


def test_a_load_that_is_gone_is_missed_at_the_check_point_and_its_order_ends() -> None:
    desk = Desk(loop_plant(1, Remove(1, 9_000)))
    item = desk.first_item()
    desk.divert(item, 5)
    desk.run(25)
    [gone] = desk.events(ITEM_GONE)
    assert (gone["item"], gone["value"]) == (item, 1)
    assert gone["point"] in (2, 4)
    assert failed(desk) == [(5, 1, UNKNOWN)]
    assert desk.plant.strokes == []


def test_a_hand_that_says_so_is_told_at_once() -> None:
    desk = Desk(loop_plant(1, Remove(1, 20_000, known=True)))
    desk.run(50)
    assert [(event["point"], event["value"]) for event in desk.events(ITEM_GONE)] == [(3, 2)]


def test_a_slipped_load_is_one_gone_and_one_found() -> None:
    desk = Desk(loop_plant(1, Slip(1, 9_000)))
    desk.run(40)
    [gone] = desk.events(ITEM_GONE)
    first, found = desk.events(INDUCTED)
    assert gone["item"] == first["item"]
    assert (found["point"], found["value"]) == (0, 0)
    assert found["item"] != first["item"]
    after = desk.seen[desk.seen.index(found) + 1]
    assert (after["kind"], after["point"], after["item"], after["count"]) == (
        AT_POINT, gone["point"], found["item"], found["count"],
    )  # fmt: skip
    parcel = desk.plant.parcels[1]
    assert parcel.items == [(desk.boot, first["item"]), (desk.boot, found["item"])]
    assert parcel.inducted == (desk.boot, first["seq"])


def test_a_carrier_that_only_claims_to_have_discharged_is_found_loaded() -> None:
    deeds = tuple(BeltFault(S, carrier, 0, "claims") for carrier in range(1, 41))
    desk = Desk(loop_plant(1, *deeds), chutes=(3,))
    desk.run(60)
    assert len(desk.events(DIVERTED)) >= 2
    assert len({event["item"] for event in desk.events(DIVERTED)}) == len(desk.events(DIVERTED))
    assert {event["point"] for event in desk.events(INDUCTED)[1:]} == {0}
    assert all(stroke.stuck and not stroke.hit for stroke in desk.plant.strokes)


def test_nothing_is_put_on_a_carrier_that_is_out() -> None:
    desk = Desk(loop_plant(200, gap_mm=400), chutes=(1, 2))
    desk.run(1)
    while not [event for event in desk.events(AT_POINT) if event["item"] == 0]:
        desk.run(0.1)
    for carrier in range(1, 41):
        desk.order(OUT, 0, carrier)
    desk.order(IN, 0, 7)
    desk.run(3)
    still = [parcel for parcel in desk.plant.parcels.values() if parcel.front_at_induct_um is None]
    desk.run(50)
    assert {parcel.carrier for parcel in still if parcel.front_at_induct_um} == {7}


def test_a_missed_induct_books_an_empty_carrier() -> None:
    desk = Desk(loop_plant(2, MissInduct(1, "next"), MissInduct(2, "floor")))
    desk.run(40)
    one, other = (desk.plant.parcels[number] for number in (1, 2))
    assert one.place is Place.BELT
    assert other.place is Place.FLOOR
    assert len(desk.events(ITEM_GONE)) == 2
    assert [event["point"] for event in desk.events(INDUCTED)].count(0) == 1


def test_a_full_table_takes_no_further_order() -> None:
    machine = loop_machine(waiting=2)
    desk = Desk(loop_plant(6))
    desk.plant = type(desk.plant)(machine, 1, desk.plant._setup)
    desk.run(12)
    for event in desk.events(INDUCTED)[:2]:
        desk.divert(event["item"], 8)
    while desk.plant.plc._accepted < 2:
        desk.run(0.02)
    desk.order(CLOSE, 1)
    desk.run(0.05)
    assert desk.plant.plc._accepted == 2
    assert desk.bench.inputs()["reject"] == 7


def test_events_and_orders_wrap_without_zero() -> None:
    start = ColdStart(BOOT, events_before=0xFFFF_FFFE, orders_before=0xFFFF_FFFE)
    bench = Bench(start, of=loop_machine())
    bench.acquire()
    assert bench.inputs()["orders_accepted"] == 0xFFFF_FFFE
    assert bench.write(bench.order(CLOSE, 1), ack=0xFFFF_FFFF) == 0
    assert bench.write(bench.slot(1, OPEN, 1), bench.slot(2, CLOSE, 2)) == 0
    assert bench.inputs()["orders_accepted"] == 2
    assert [event["seq"] for event in bench.window()] == [1, 2, 3]
    bench.write(ack=2)
    assert [event["seq"] for event in bench.window()] == [3]


def test_nothing_is_inducted_before_a_carrier_was_seen_empty() -> None:
    desk = Desk(loop_plant(2))
    assert not program(desk).carriers.placed
    desk.run(2.5)
    checked = {cell.index for cell in program(desk).carriers.cells if cell.checked}
    assert 0 < len(checked) < 40
    desk.run(3)
    assert {program(desk).carriers.of_item[item["item"]].checked for item in desk.events(INDUCTED)} <= {True}
