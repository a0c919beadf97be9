"""A short loop with loads on it, for the tests of the loop's PLC and world."""

from collections.abc import Iterable

from sim.plant import Plant, Setup
from sim.world.deeds import Deed
from sim.world.feeder import Fed
from sim.world.parcel import Parcel
from sortctl.site.model import (
    CheckPoint,
    Chute,
    Framing,
    Induct,
    LoopSorter,
    Machine,
    ModbusPlc,
    Reader,
    Scanner,
    ScanPoint,
    Security,
    Telegram,
)
from tests.sim.plc.bench import Bench

MM = 1_000
MS = 1_000_000
S = 1_000_000_000
HOME_POINT = 9
SCAN_MS = 10


def loop_machine(carriers: int = 40, waiting: int = 64, inducts: int = 2) -> Machine:
    """40 carriers of 0.8 m: 32 m, 16 s a lap; chutes in pairs that face each other; one count is half a millimetre."""
    length_mm = carriers * 800
    chutes = tuple(
        Chute(number=n, name=f"c{n}", position_mm=14_000 + (n - 1) // 2 * 1_500, side=("left", "right")[n % 2],
              lead_ms=60, travel_ms=240, slide_ms=400, capacity=1_000)
        for n in range(1, 9)
    )  # fmt: skip
    places = (1_000, length_mm // 2 + 7_000, 2_000, length_mm - 4_000)
    return Machine(
        sorter_id="loop", plc_id="plc", chutes=chutes,
        sorter=LoopSorter(
            kind="loop", tracking="plc", plc="plc", counts_per_metre=2_000, speed_mm_s=2_000, chutes="c.csv",
            length_min_mm=100, length_max_mm=600, window_mm=200, confirm_ms=1_500, carriers=carriers, pitch_mm=800,
            home_point=HOME_POINT, home_mm=300, overflow=(8,),
            inducts=tuple(Induct(number=n, position_mm=places[n - 1]) for n in range(1, inducts + 1)),
            scan_points=(ScanPoint(number=1, position_mm=8_000), ScanPoint(number=3, position_mm=11_000)),
            check_points=(CheckPoint(number=2, position_mm=10_000), CheckPoint(number=4, position_mm=length_mm - 5_000)),
        ),
        plc=ModbusPlc(wire="modbus", address="x:502", unit=1, scan_ms=SCAN_MS, waiting_diverts=waiting),
        scanners={"top": Scanner(sorter="loop", scan_point=1, url="tcp://x:1", framing=Framing(terminator="CR"),
                                 telegram=Telegram(code_separator=";"), window_mm=250, delay_ms=60)},
        readers={"tunnel": Reader(sorter="loop", scan_point=3, address="x:4840", device="s=Reader", namespace="urn:r",
                                  security=Security(policy="none"), window_mm=250, delay_ms=40)},
    )  # fmt: skip


def load(number: int, length_mm: int = 300) -> Parcel:
    return Parcel(number, f"W{number}", (f"W{number}",), length_mm * MM)


def fed(count: int, gap_mm: int = 900, inducts: int = 2) -> tuple[Fed, ...]:
    return tuple(Fed(load(n, 180 + 37 * n % 380), gap_mm * MM, n % inducts + 1) for n in range(1, count + 1))


def loop_plant(count: int = 0, *deeds: Deed, seed: int = 1, gap_mm: int = 900) -> Plant:
    return Plant(loop_machine(), seed, Setup(feed=fed(count, gap_mm), deeds=deeds, operators_s=(1, 3)))


class Desk:
    """A naive controller: holds the epoch, acknowledges everything, diverts by a rule; keeps what it saw."""

    def __init__(self, plant: Plant, chutes: Iterable[int] = ()) -> None:
        self.plant = plant
        self.chutes = tuple(chutes)
        self.bench = Bench()
        self.bench.machine = plant.machine
        self.seen: list[dict[str, int]] = []
        self.told = 0
        self.boot = 0
        self.orders: list[list[int]] = []
        self.sent: list[tuple[int, int, int, int]] = []
        """(epoch, seq, chute, item) of every DIVERT that was accepted."""

    def run(self, seconds: float) -> None:
        until = self.plant.now_ns + int(seconds * S)
        while self.plant.now_ns < until:
            self.plant.advance(self.plant.now_ns + SCAN_MS * MS)
            if self.plant.plc_up:
                self.turn()

    def turn(self) -> None:
        bench = self.bench
        bench.plc = self.plant.plc
        now = bench.inputs()
        if now["boot_id"] != self.boot:
            self.boot, self.told = now["boot_id"], 0
        if not now["owner"]:
            self.plant.plc.write_orders(bench.block(request=1, epoch=0))
            self.orders.clear()
            return
        if bench.epoch != now["granted_epoch"]:
            bench.epoch, bench.seq = now["granted_epoch"], 0
        for event in bench.window():
            if event["seq"] > self.told:
                self.told = event["seq"]
                self.seen.append(event | {"boot": self.boot})
                if event["kind"] == 1 and self.chutes:
                    self.divert(event["item"], self.chutes[event["item"] % len(self.chutes)])
        slots = self.orders[:13]
        self.orders = [slot for slot in self.orders if bench.joined(slot[:2]) > now["orders_accepted"]]
        slots = self.orders[:13]
        self.plant.plc.write_orders(bench.block(*slots, ack=self.told))

    def first_item(self) -> int:
        """Run until the first load is on its carrier; its number."""
        until = self.plant.now_ns + 60 * S
        while not self.events(1) and self.plant.now_ns < until:
            self.run(0.05)
        return self.events(1)[0]["item"]

    def divert(self, item: int, chute: int) -> None:
        self.orders.append(self.bench.order(1, chute, item))
        self.sent.append((self.bench.epoch, self.bench.seq, chute, item))

    def order(self, op: int, chute: int = 0, item: int = 0) -> None:
        self.orders.append(self.bench.order(op, chute, item))

    def events(self, kind: int) -> list[dict[str, int]]:
        return [event for event in self.seen if event["kind"] == kind]
