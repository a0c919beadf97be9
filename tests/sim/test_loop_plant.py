"""The plant of a loop as a whole: one seed is one run; restarts at any scan; every order ends once; nothing vanishes."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.plant import Plant, Setup
from sim.world.deeds import BeltFault, Deed, Desert, DoubleLoad, Lay, MissInduct, Remove, Slip
from sim.world.parcel import Place
from tests.sim.lines import plant as line_plant
from tests.sim.loops import MS, Desk, S, fed, load, loop_machine, loop_plant

INDUCTED, DIVERTED, ORDER_FAILED = 1, 3, 12


def mischief(chance: Random, parcels: int) -> tuple[Deed, ...]:
    """Some of everything that can be done to a loop."""
    numbers = chance.sample(range(1, parcels + 1), 8)
    return (
        Remove(numbers[0], chance.randrange(32_000)), Remove(numbers[1], chance.randrange(32_000), known=True),
        Slip(numbers[2], chance.randrange(32_000)), Slip(numbers[3], chance.randrange(32_000)),
        MissInduct(numbers[4], "next"), MissInduct(numbers[5], "floor"), DoubleLoad(numbers[6], load(100_001)),
        Lay(chance.randrange(8, 30) * S, load(100_002), chance.randrange(32_000)),
        Desert(chance.randrange(8, 30) * S, chance.randint(1, 8)),
        *(BeltFault(chance.randrange(8, 30) * S, carrier, chance.choice((0, 9_000)), says)  # type: ignore[arg-type]
          for carrier, says in zip(chance.sample(range(1, 41), 3), ("reports", "claims", "silent"), strict=True)),
    )  # fmt: skip


class Restless(Desk):
    """A controller that changes its mind: new targets, cancels, carriers out, now and then."""

    def __init__(self, plant: Plant, seed: int) -> None:
        super().__init__(plant, range(1, 9))
        self.chance = Random(f"{seed} desk")

    def turn(self) -> None:
        super().turn()
        if not self.plant.plc.fence.owner or self.chance.randrange(20):
            return
        items = [event["item"] for event in self.events(INDUCTED)[-12:] if event["boot"] == self.boot]
        if items:
            item = self.chance.choice(items)
            if self.chance.randrange(4):
                self.divert(item, self.chance.randint(1, 8))
            else:
                self.order(2, 0, item)


def assert_every_divert_ends_once(desk: Desk) -> None:
    """No order ends twice; the newest of each item has ended, or its item still rides with it."""
    for boot in {event["boot"] for event in desk.seen}:
        seen = [event for event in desk.seen if event["boot"] == boot]
        failed = Counter(event["item"] for event in seen if event["kind"] == ORDER_FAILED)
        assert max(failed.values(), default=0) <= 1
        done = Counter(event["item"] for event in seen if event["kind"] == DIVERTED)
        assert max(done.values(), default=0) <= 1, "an item that was discharged is gone"
        if boot != desk.plant.plc.boot_id:
            continue
        orders = [(seq, chute, item) for epoch, seq, chute, item in desk.sent
                  if epoch == desk.bench.epoch and seq <= desk.plant.plc._accepted]  # fmt: skip
        waiting = desk.plant.plc.program.targets._of  # type: ignore[attr-defined]
        carried = {stroke.order_seq: stroke.item for stroke in desk.plant.carried if stroke.boot_id == boot}
        for item in {item for *_, item in orders}:
            mine = [seq for seq, _, of in orders if of == item]
            open_now = [seq for seq in mine if not failed[seq] and not (seq in carried and done[item])]
            replaced = set(mine[:-1]) - carried.keys()
            still = [seq for seq in open_now if seq not in replaced]
            assert still == ([waiting[item].order_seq] if item in waiting else [])


def assert_nothing_vanished(plant: Plant) -> None:
    """Each parcel is at one place, and each place knows it."""
    for parcel in plant.parcels.values():
        carriers = [number for number in range(1, 41) if parcel in plant.loop.on_carrier(number)]
        assert carriers == ([parcel.carrier] if parcel.place is Place.BELT else [])
        assert (parcel.place is Place.BELT) == (parcel.number in plant.loop.on_belt)
        assert (parcel.exit > 0) == (parcel.place in (Place.SLIDE, Place.CHUTE))
        if parcel.place in (Place.SLIDE, Place.CHUTE):
            assert len(parcel.pushed) == 1
    hit = Counter(number for stroke in plant.strokes for number in stroke.hit)
    assert max(hit.values(), default=0) <= 1
    assert sum(hit.values()) == sum(parcel.exit > 0 for parcel in plant.parcels.values())


def assert_items_are_unique(desk: Desk) -> None:
    given_out = Counter((event["boot"], event["item"]) for event in desk.events(INDUCTED))
    assert set(given_out.values()) == {1}
    assert all(item for _, item in given_out)


def test_one_seed_is_one_run() -> None:
    runs = []
    for seed in (7, 7, 8):
        plant = loop_plant(20, seed=seed)
        desk = Desk(plant, (1, 2, 3))
        desk.run(30)
        runs.append((plant.plc.read_inputs(), plant.take_telegrams(), plant.take_reader_scans(), desk.seen))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_either_kind_answers_the_same_questions() -> None:
    line, loop = line_plant(300), loop_plant(1)
    assert line.line.machine.sorter.kind == "line"
    assert loop.loop.machine.sorter.kind == "loop"
    with pytest.raises(TypeError, match="is no loop"):
        _ = line.loop
    with pytest.raises(TypeError, match="is no line"):
        _ = loop.line
    for plant in (line, loop):
        assert plant.at_rest
        assert not plant.feeder.empty
        assert plant.strokes == []
    Desk(loop, (1,)).run(60)
    assert loop.at_rest
    assert loop.feeder.empty


def test_without_a_controller_loads_ride_on_and_induction_stops() -> None:
    plant = loop_plant(60, gap_mm=1_600)
    plant.advance(30 * S)
    assert plant.plc.state == 5
    fed_then = plant.feeder.fed
    plant.advance(60 * S)
    assert plant.feeder.fed == fed_then
    assert 0 < fed_then == len(plant.loop.on_belt)
    assert plant.strokes == []


@pytest.mark.parametrize("belt_stops", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_after_a_restart_at_any_scan_every_load_is_found_once(seed: int, *, belt_stops: bool) -> None:
    plant = loop_plant(40, seed=seed)
    desk = Desk(plant)
    chance = Random(seed)
    desk.run(10)
    plant.advance(plant.now_ns + chance.randrange(1_200) * 10 * MS)
    plant.restart_plc(chance.randint(10, 3_000), belt_stops=belt_stops)
    booked = dict(plant.plc.program.carriers.of_item)  # type: ignore[attr-defined]
    assert booked
    desk.run(4)
    on = {number: parcel.items[-1:] for number, parcel in plant.loop.on_belt.items()}
    assert not [event for event in desk.seen if event["boot"] == plant.plc.boot_id and event["kind"] == DIVERTED]
    desk.run(20)
    for number in on:
        parcel = plant.parcels[number]
        assert [boot for boot, _ in parcel.items].count(plant.plc.boot_id) == 1
        assert plant.items[parcel.items[-1]] == (number,), "nothing was put onto a load that had not been found yet"
    assert_items_are_unique(desk)
    desk.chutes = (1, 2, 3)
    for event in desk.events(INDUCTED):
        if event["boot"] == plant.plc.boot_id:
            desk.divert(event["item"], 1)
    desk.run(90)
    assert plant.at_rest
    assert plant.feeder.empty
    assert_nothing_vanished(plant)


@pytest.mark.parametrize("seed", range(6))
def test_with_all_mischief_orders_end_once_and_nothing_vanishes(seed: int) -> None:
    chance = Random(seed)
    setup = Setup(feed=fed(60), deeds=mischief(chance, 60), operators_s=(1, 3))
    plant = Plant(loop_machine(), seed, setup)
    desk = Restless(plant, seed)
    desk.run(chance.uniform(20, 40))
    plant.restart_plc(chance.randint(10, 2_000), belt_stops=bool(seed % 2))
    desk.run(60)
    assert_items_are_unique(desk)
    assert_every_divert_ends_once(desk)
    assert_nothing_vanished(plant)
    assert max(len(stroke.hit) for stroke in plant.strokes) <= 3


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1_000_000))
def test_any_seed_without_a_hand_on_it_goes_where_it_was_told(seed: int) -> None:
    plant = loop_plant(15, seed=seed)
    desk = Desk(plant, range(1, 9))
    desk.run(45)
    assert plant.at_rest
    assert all(stroke.hit == plant.items[stroke.carried.boot_id, stroke.carried.item] for stroke in plant.strokes)
    assert {parcel.exit for parcel in plant.parcels.values()} == {item % 8 + 1 for _, item in plant.items}
    assert_every_divert_ends_once(desk)
