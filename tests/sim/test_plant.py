"""The plant as a whole: what the PLC says about parcels is what the world knows, and one seed is one run."""

from sim.plant import Plant, Setup
from sim.world.hands import Add, Remove, Swap
from tests.sim.lines import S, body, fed, plant, run
from tests.sim.plc.bench import Bench, machine


def events(line: Plant) -> list[tuple[int, ...]]:
    """(kind, point, value) of everything the PLC has written."""
    return [(words[2], words[3], words[8]) for _, words in line.plc.events._waiting]


def test_every_fed_parcel_is_inducted_and_known_by_its_event() -> None:
    line = plant(300, 500, 150, 600)
    run(line, 20)
    lengths = {parcel.inducted: parcel.length_um // 1_000 for parcel in line.parcels.values()}
    told = [(seq, words[8]) for seq, words in line.plc.events._waiting if words[2] == 1]
    assert len(told) == 4
    for seq, length in told:
        assert abs(length - lengths[line.plc.boot_id, seq]) <= 30
    assert all(parcel.exit == 5 for parcel in line.parcels.values())


def test_an_undiverted_parcel_passes_the_eye_and_the_end() -> None:
    line = plant(300)
    run(line, 20)
    kinds = [kind for kind in events(line) if kind[0] in (10, 4)]
    assert kinds == [(10, 1, 1), (10, 1, 0), (4, 5, 1), (4, 5, 0)]


def test_one_seed_is_one_run() -> None:
    runs = []
    for seed in (7, 7, 8):
        line = plant(300, 200, 400, seed=seed)
        run(line, 15)
        runs.append((line.plc.read_inputs(), line.take_telegrams(), line.parcels[3].exit_ns))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_scanners_send_after_their_delay() -> None:
    line = plant(300, 300)
    run(line, 10)
    telegrams = line.take_telegrams()
    assert [telegram.data for telegram in telegrams] in (
        [b"W1\r", b"W2\r"],
        [b"W1\r", b"NOREAD\r"],
        [b"NOREAD\r", b"W2\r"],
    )
    first = telegrams[0].at_ns / S
    assert abs(first - (4.1 + 1.0 + 0.15) / 2 - 0.06) < 0.06


def test_while_the_induct_stands_nothing_is_fed_and_nothing_is_lost() -> None:
    line = plant(300, 300, 300)
    line.plc._stopped = {1}
    run(line, 4)
    assert line.feeder.fed == 0
    line.plc._stopped = set()
    run(line, 15)
    assert [parcel.exit for parcel in line.parcels.values()] == [5, 5, 5]


def test_a_restart_brings_another_boot_and_forgets_all_but_the_epoch() -> None:
    line = plant(300, 300, 300, 300)
    line.plc.fence.epoch = 41
    before = line.plc
    run(line, 4)
    waiting = before.events.head
    line.restart_plc(500)
    run(line, 0.3)
    up = [line.plc_up]
    run(line, 0.3)
    up.append(line.plc_up)
    assert up == [False, True]
    assert line.plc is not before
    assert line.plc.boot_id != before.boot_id
    assert (line.plc.fence.epoch, line.plc.fence.owner) == (41, 0)
    assert line.lost_events == [(before.boot_id, 1, waiting)]
    run(line, 20)
    assert all(parcel.exit for parcel in line.parcels.values())


def test_the_belt_may_stop_with_the_plc() -> None:
    line = plant(300)
    run(line, 4)
    line.restart_plc(1_000, belt_stops=True)
    before = line.line.belt.um
    run(line, 0.9)
    assert line.line.belt.um == before
    run(line, 0.3)
    assert line.line.belt.um > before


def test_hands_find_their_parcels() -> None:
    extra = body(100_001, 200)
    deeds = (Remove(1, 1_500), Swap(2, 900), Add(extra, 4, 1_000))
    line = Plant(machine(), 1, Setup(feed=fed(300, 200, 400, 300, 300, gap_mm=800), deeds=deeds))
    run(line, 25)
    exits = {number: parcel.exit for number, parcel in line.parcels.items()}
    assert exits == {1: 0, 2: 5, 3: 5, 4: 5, 5: 5, 100_001: 5}
    assert line.parcels[3].exit_ns < line.parcels[2].exit_ns
    assert line.parcels[4].exit_ns < extra.exit_ns < line.parcels[5].exit_ns
    assert extra.inducted is None
    assert len(line.hands.done) == 3


def test_a_naive_controller_sorts_by_truth() -> None:
    """Orders computed from the INDUCTED events alone, by hand: the machine does what it is told."""
    line = plant(*[200 + 20 * turn for turn in range(12)])
    desk = Bench()
    told = 0
    while line.now_ns < 20 * S:
        line.advance(line.now_ns + 10_000_000)
        desk.plc, desk.machine = line.plc, line.machine
        seen = desk.inputs()
        if not seen["owner"]:
            line.plc.write_orders(desk.block(request=1, epoch=0))
            desk.seq = 0
            continue
        desk.epoch = seen["granted_epoch"]
        orders = []
        fresh = [event for event in desk.window() if event["seq"] > told]
        for event in fresh:
            told = event["seq"]
            if event["kind"] == 1:
                chute = desk.seq % 3 + 1
                lead = 4 * (60 + 120)
                orders.append(
                    desk.order(
                        1, chute, event["seq"], event["count"] + 2 * (2_000 + 1_000 * chute) + event["value"] - lead
                    )
                )
        line.plc.write_orders(desk.block(*orders, ack=told))
    assert [parcel.exit for parcel in line.parcels.values()] == [1, 2, 3] * 4
    assert [kind for kind in events(line) if kind[0] == 12] == []
