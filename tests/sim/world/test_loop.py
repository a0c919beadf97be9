"""The truth of a loop: carriers, laps, scan points, load sensors, discharge, and what hands and breakdowns do."""

import pytest

from sim.plant import Plant, Setup
from sim.plc.table import Carried
from sim.world.deeds import BeltFault, DirtyWindow, DoubleLoad, Lay, MissInduct, Remove, Slip, Stick, Swap
from sim.world.loop import Loop
from sim.world.parcel import Place
from sim.world.scanners import Habits
from tests.sim.loops import MM, MS, Desk, S, fed, load, loop_machine, loop_plant

SCAN = 10 * MS
ALL_READ = Habits(no_read=0)


def loop() -> Loop:
    world = Loop(loop_machine(), 1)
    world.belt._nominal_um_s = 2_000_000
    return world


def run(world: Loop, ms: int) -> None:
    until = world.belt.now_ns + ms * MS
    while world.belt.now_ns < until:
        world.advance(world.belt.now_ns + SCAN)


def test_carriers_follow_one_another_by_a_pitch() -> None:
    world = loop()
    for carrier in (1, 17, 40):
        behind = carrier % 40 + 1
        assert (world.middle_um(carrier) - world.middle_um(behind)) % world.length_um == 800 * MM
        assert world.carrier_at(world.middle_um(carrier) - 5 * MM) == (carrier, 5 * MM)
    run(world, 700)
    assert world.carrier_at(world.middle_um(40)) == (40, 0)


def test_a_load_is_seen_by_its_sensor_once_a_lap_for_its_length() -> None:
    world = loop()
    world.put(load(1, 400), 5)
    seen: list[tuple[int, int, int]] = []
    while world.belt.um < 64_000 * MM:
        world.advance(world.belt.now_ns + SCAN)
        seen += [
            (at.number, world.belt.um // MM, level) for at, level in world.eyes.take_changes() if at.kind == "load"
        ]
    blocked = [at_mm for point, at_mm, level in seen if point == 2 and level]
    assert world.on_belt[1].laps == 2
    assert len({at_mm // 16_000 for at_mm in blocked}) == 2
    first = next(at_mm for point, at_mm, level in seen if point == 2 and level)
    last = [at_mm for point, at_mm, level in seen if point == 2 and not level and at_mm < first + 1_000][-1]
    assert 360 <= last - first <= 440


def test_a_label_passes_each_scan_point_on_each_lap() -> None:
    world = loop()
    world.put(load(1), 5)
    passed = []
    while world.belt.um < 96_000 * MM:
        world.advance(world.belt.now_ns + SCAN)
        passed += world.passed
        world.passed.clear()
    assert [one.scan_point for one in passed].count(1) == 3
    assert [one.scan_point for one in passed].count(3) == 3


def test_two_on_one_carrier_pass_together() -> None:
    world = loop()
    world.put(load(1), 5)
    world.put(load(2), 5, 50 * MM)
    run(world, 16_000)
    assert {(one.parcel.number, tuple(p.number for p in one.beside)) for one in world.passed} == {(1, (2,))}


def test_only_the_carrier_at_the_firing_place_is_emptied() -> None:
    world = loop()
    for carrier in range(1, 41):
        world.put(load(carrier), carrier)
    fires_um = 14_000 * MM - 2_000 * 180
    carrier = world.carrier_at(fires_um)[0]
    world.fire(Carried(1, 1, 1, 1, 77, 0, 1), world.belt.now_ns)
    run(world, 1_000)
    assert [stroke.hit for stroke in world.strokes] == [(carrier,)]
    assert world.on_carrier(carrier) == []
    assert len(world.on_belt) == 39


def test_a_plc_that_goes_off_stops_belts_that_have_not_moved_anything() -> None:
    world = loop()
    world.put(load(1), world.carrier_at(14_000 * MM - 2_000 * 180)[0])
    world.fire(Carried(1, 1, 1, 1, 77, 0, 1), world.belt.now_ns)
    world.cut_outputs()
    run(world, 1_000)
    assert world.on_belt.keys() == {1}
    assert not any(at.kind == "stroke" for at, _ in world.eyes.take_changes())


# ------------------------------------------------------------------------------------------------- hands


def test_each_deed_is_done_and_remembered() -> None:
    deeds = (
        Remove(1, 9_000), Slip(2, 12_000), MissInduct(3, "next"), MissInduct(4, "floor"), DoubleLoad(5, load(100_001)),
        BeltFault(9 * S, 4, 2_000, "reports"), Lay(20 * S, load(100_002), 5_000), Swap(6, 13_500),
        DirtyWindow(5 * S, "top", 500),
    )  # fmt: skip
    desk = Desk(loop_plant(20, *deeds))
    desk.run(60)
    plant = desk.plant
    assert sorted(map(repr, plant.hands.done)) == sorted(map(repr, deeds))
    assert plant.parcels[1].place is Place.HAND
    assert plant.parcels[4].place is Place.FLOOR
    assert all(plant.parcels[number].touched for number in (1, 2, 3, 4, 5, 6, 7, 100_001, 100_002))
    assert not any(plant.parcels[number].touched for number in (8, 9, 10))
    assert plant.parcels[100_002].inducted is not None, "found at a check-point"
    assert plant.parcels[100_001].merged
    assert plant.parcels[100_001].inducted is None
    assert plant.parcels[5].carrier == plant.parcels[100_001].carrier
    assert plant.loop.faulty == {}


def test_a_deed_for_a_line_cannot_be_done_to_a_loop() -> None:
    with pytest.raises(TypeError, match="cannot be done to a loop"):
        loop_plant(1, Stick(0, 1, 1))


def test_a_double_load_leaves_together_by_one_stroke() -> None:
    extra = load(100_001)
    desk = Desk(loop_plant(3, DoubleLoad(2, extra)), chutes=(5,))
    desk.run(40)
    assert (extra.exit, desk.plant.parcels[2].exit) == (5, 5)
    assert (2, 100_001) in [stroke.hit for stroke in desk.plant.strokes]
    assert (2, 100_001) in desk.plant.items.values()


def test_a_telegram_names_every_label_on_the_carrier() -> None:
    plant = Plant(loop_machine(), 1, Setup(feed=fed(2), habits=ALL_READ, deeds=(DoubleLoad(2, load(100_001)),)))
    Desk(plant).run(25)
    assert b"W2;W100001\r" in {telegram.data for telegram in plant.take_telegrams()}
    assert ("W2", "W100001") in {scan.codes for scan in plant.take_reader_scans()}


def test_behind_a_dirty_window_nothing_is_read_by_that_head_alone() -> None:
    deeds = (DirtyWindow(0, "tunnel", 60_000),)
    plant = Plant(loop_machine(), 1, Setup(feed=fed(8), habits=ALL_READ, deeds=deeds))
    Desk(plant).run(40)
    scans, telegrams = plant.take_reader_scans(), plant.take_telegrams()
    assert len(scans) >= 8
    assert {scan.codes for scan in scans} == {()}
    assert len({telegram.data for telegram in telegrams}) == 8


def test_a_load_has_another_luck_at_each_lap() -> None:
    plant = Plant(loop_machine(), 1, Setup(feed=fed(1), habits=Habits(no_read=500)))
    Desk(plant).run(300)
    read = [bool(scan.codes) for scan in plant.take_reader_scans()]
    assert len(read) >= 15
    assert len(set(read)) == 2


def test_a_reader_sends_after_its_delay_oldest_first() -> None:
    plant = Plant(loop_machine(), 1, Setup(feed=fed(10), habits=ALL_READ))
    Desk(plant).run(40)
    scans = plant.take_reader_scans()
    assert [scan.at_ns for scan in scans] == sorted(scan.at_ns for scan in scans)
    assert {scan.reader for scan in scans} == {"tunnel"}


def test_a_deed_may_wait_for_a_later_lap() -> None:
    desk = Desk(loop_plant(2, Slip(1, 12_000), Remove(2, 12_000, after_laps=2)))
    desk.run(100)
    taken, slipped = desk.plant.parcels[2], desk.plant.parcels[1]
    assert (taken.place, taken.laps) == (Place.HAND, 2)
    assert slipped.place is Place.BELT
