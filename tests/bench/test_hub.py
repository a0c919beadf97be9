"""The full-size hub of the bench: what is fed and what is heard, without wires."""

from pathlib import Path
from time import monotonic_ns

from bench.hub.ear import HeardPlant
from bench.hub.feed import HubFeed
from bench.hub.site import LGG, measured
from sim.plant import Setup
from sim.sheets import Sheets
from sim.world.scanners import Habits
from sortctl.site.load import load_site
from sortctl.words.exchange import ORDERS_HEAD_WORDS, Op, orders_words
from sortctl.words.units import NS_PER_S

PARCELS, SECONDS = 60, 20.0


def test_only_tls_and_the_owner_are_other_than_in_the_site_file() -> None:
    text = LGG.joinpath("site.toml").read_text(encoding="utf-8")
    other = set(text.splitlines()) ^ set(measured(text, 20_123).splitlines())
    assert {line.partition("#")[0].strip() for line in other} <= {"owner = 1", "owner = 20123", "[plcs.line.tls]", ""}


def test_parcels_come_evenly_to_the_half_of_their_chute() -> None:
    loaded = load_site(LGG)
    sheets = Sheets(loaded.files)
    for machine in loaded.machines:
        sheet = sheets.of(machine)
        fed = HubFeed(machine, sheet, sheet.supply(0, 3), 7).plan(PARCELS, SECONDS)
        lengths = sum(one.parcel.length_um for one in fed) if machine.sorter.kind == "line" else 0
        way_um = machine.sorter.speed_mm_s * 1_000 * SECONDS
        assert 0.8 * way_um < sum(one.gap_um for one in fed) + lengths < 1.2 * way_um
        at_mm = {induct.number: induct.position_mm for induct in machine.sorter.inducts}
        chutes = {chute.number: chute.position_mm for chute in machine.chutes}
        if machine.sorter.kind == "loop":
            half_mm = machine.loop.length_mm // 2
            for one in fed:
                planned = sheet.chutes(one.parcel.waybill)
                assert (at_mm[one.induct] >= half_mm) == (chutes[planned[0]] >= half_mm)


def test_the_time_from_a_telegram_to_the_order_of_its_item_is_heard() -> None:
    loaded = load_site(Path(LGG))
    machine = next(machine for machine in loaded.machines if machine.sorter.kind == "loop")
    sheet = Sheets(loaded.files).of(machine)
    plant = HeardPlant(machine, 7, Setup(habits=Habits(no_read=0)))
    plant.listen(lambda: monotonic_ns() + NS_PER_S)
    plant.feed(HubFeed(machine, sheet, sheet.supply(0, 3), 7).plan(1, 1.0), plant.world.belt.um)
    telegrams, scans = 0, 0
    while not (telegrams and scans):
        plant.advance(plant.now_ns + machine.plc.scan_ms * 1_000_000)
        telegrams += len([one for one in plant.take_telegrams() if b"ALIVE" not in one.data])
        scans += len(plant.take_reader_scans())
    ((_, item),) = plant.items
    words = [0] * orders_words(machine.plc.order_slots)
    words[ORDERS_HEAD_WORDS - 1] = 1
    words[ORDERS_HEAD_WORDS : ORDERS_HEAD_WORDS + 6] = 0, 1, Op.DIVERT, 5, item >> 16, item & 0xFFFF
    plant.plc.write_orders(words, 0)
    plant.plc.write_orders(words, 0)
    heard, late = plant.forget()
    assert late == 0
    # Heard only if a scanner told it before the reader did; once, however often the order is written.
    assert len(heard) <= 1
    assert all(us >= NS_PER_S / 1_000 for us in heard)
