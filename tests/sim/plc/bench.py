"""A PLC on the bench: words put in by hand, scans run one at a time. Packing is done here once more, by hand."""

from sim.plc.contacts import Terminal
from sim.plc.program import ColdStart, Plc
from sortctl.site.model import Chute, Eye, Framing, Induct, LineSorter, Machine, Scanner, ScanPoint
from sortctl.site.model import ModbusPlc as PlcSettings

BOOT = 0xAABB_CCDD
OWNER = 1
DIVERT, CANCEL, CLOSE, OPEN, LAMP, STOP, RUN = range(1, 8)
INDUCTED, DIVERTED, CHUTE_EYE, CHUTE_CHANGED, STATE, EYE, ORDER_FAILED, EPOCH = 1, 3, 4, 7, 9, 10, 12, 13
JAM, BUTTON = 8, 11
SCAN_COUNTS = 40


def machine(word_order: str = "high_first", orders: int = 13, events: int = 10, inducts: int = 1) -> Machine:
    """Three pushers and an end; one count is half a millimetre."""
    pushers = tuple(
        Chute(number=n, name=f"c{n}", position_mm=2_000 + 1_000 * n, actuator=True, lead_ms=60, travel_ms=240,
              slide_ms=400, capacity=20)
        for n in (1, 2, 3)
    )  # fmt: skip
    end = Chute(
        number=5, name="end", position_mm=6_500, actuator=False, lead_ms=0, travel_ms=0, slide_ms=400, capacity=50
    )
    return Machine(
        sorter_id="line", plc_id="plc", chutes=(*pushers, end),
        sorter=LineSorter(
            kind="line", tracking="controller", plc="plc", counts_per_metre=2_000, speed_mm_s=2_000, chutes="c.csv",
            end_chute=5, length_min_mm=100, length_max_mm=600, gap_min_mm=200, window_mm=60, late_mm=250,
            length_tolerance_mm=60, bounce_mm=20, confirm_ms=600,
            inducts=tuple(Induct(number=n, position_mm=0) for n in range(1, inducts + 1)),
            scan_points=(ScanPoint(number=1, position_mm=1_000),), eyes=(Eye(number=1, position_mm=2_000),),
        ),
        plc=PlcSettings(wire="modbus", address="x:502", unit=1, scan_ms=10, order_slots=orders, event_slots=events,
                        word_order=word_order),  # type: ignore[arg-type]
        scanners={"top": Scanner(sorter="line", scan_point=1, url="tcp://x:1", framing=Framing(terminator="CR"),
                                 window_mm=250, delay_ms=60)},
    )  # fmt: skip


class Bench:
    """One PLC, its belt and its contacts."""

    def __init__(self, start: ColdStart = ColdStart(BOOT), of: Machine | None = None, encoder: int = 1_000) -> None:
        self.machine = of or machine()
        self.low_first = self.machine.plc.word_order == "low_first"
        self.plc = Plc(self.machine, start)
        self.encoder = encoder
        self.stamp = 0
        self.epoch = 0
        self.seq = 0
        self.fired: list[int] = []
        self.scan()

    # ------------------------------------------------------------------------------------------- time

    def scan(self, *changes: tuple[Terminal, bool]) -> list[int]:
        """One scan with these contacts changed."""
        fired = self.plc.scan(self.encoder, list(changes))
        self.fired += fired
        return fired

    def scans(self, how_many: int, counts: int = SCAN_COUNTS) -> None:
        """Let the belt run."""
        for _ in range(how_many):
            self.encoder = (self.encoder + counts) & 0xFFFF_FFFF
            self.scan()

    def turn(self, kind: str, number: int, level: bool, scans: int = 2) -> None:
        """A contact changes and stands."""
        self.encoder = (self.encoder + SCAN_COUNTS) & 0xFFFF_FFFF
        self.scan((Terminal(kind, number), level))
        self.scans(scans)

    # ------------------------------------------------------------------------------------------- orders

    def two(self, value: int) -> list[int]:
        """A 32-bit value in two words."""
        high, low = value >> 16 & 0xFFFF, value & 0xFFFF
        return [low, high] if self.low_first else [high, low]

    def order(self, op: int, chute: int, item: int = 0, at: int = 0) -> list[int]:
        """The next order."""
        self.seq += 1
        return self.slot(self.seq, op, chute, item, at)

    def slot(self, seq: int, op: int, chute: int, item: int = 0, at: int = 0) -> list[int]:
        """An order slot."""
        return [*self.two(seq), op, chute, *self.two(item), *self.two(at & 0xFFFF_FFFF)]

    def block(self, *slots: list[int], **other: int) -> list[int]:
        """A whole orders block with the next stamp, ours and right but for what is said otherwise."""
        self.stamp = other.get("stamp", (self.stamp + 1) & 0xFFFF)
        words = [
            self.stamp, other.get("magic", 0x5358), other.get("version", 0x0100),
            *self.two(other.get("epoch", self.epoch)), other.get("owner", OWNER),
            other.get("boot_low", self.plc.boot_id & 0xFFFF), *self.two(other.get("ack", 0)),
            other.get("request", 0), other.get("count", len(slots)),
        ]  # fmt: skip
        for slot in slots:
            words += slot
        size = 12 + 8 * self.machine.plc.order_slots
        words += [0] * (size - 1 - len(words))
        return [*words, other.get("tail", self.stamp)]

    def write(self, *slots: list[int], **other: int) -> int:
        """Write a block, run one scan; the reject code."""
        self.plc.write_orders(self.block(*slots, **other))
        self.scan()
        return self.inputs()["reject"]

    def acquire(self, owner: int = OWNER) -> int:
        """Ask for the epoch and, if it is granted, go on in it."""
        reject = self.write(request=1, epoch=0, owner=owner)
        seen = self.inputs()
        if seen["owner"] == OWNER:
            self.epoch, self.seq = seen["granted_epoch"], seen["orders_accepted"]
        return reject

    # ------------------------------------------------------------------------------------------- what is told

    def joined(self, words: list[int]) -> int:
        """Two words to a 32-bit value."""
        return words[1] << 16 | words[0] if self.low_first else words[0] << 16 | words[1]

    def inputs(self) -> dict[str, int]:
        """The head of the inputs area."""
        words = self.plc.read_inputs()
        assert words[0] == words[-1]
        assert len(words) == 24 + 10 * self.machine.plc.event_slots
        names = ("stamp_seen", "state"), ("owner", "lease_ms"), ("reject", "events_dropped")
        told = {"stamp": words[0], "magic": words[1], "version": words[2], "boot_id": self.joined(words[3:5])}
        told |= dict(zip(names[0], words[5:7], strict=True)) | dict(zip(names[1], words[13:15], strict=True))
        told |= dict(zip(names[2], words[21:23], strict=True))
        for at, name in ((7, "encoder"), (9, "plc_time_ms"), (11, "granted_epoch"), (15, "events_head"),
                         (17, "events_acked"), (19, "orders_accepted")):  # fmt: skip
            told[name] = self.joined(words[at : at + 2])
        return told

    def window(self) -> list[dict[str, int]]:
        """The events that the window shows."""
        words, shown = self.plc.read_inputs(), []
        for slot in range(self.machine.plc.event_slots):
            at = 23 + 10 * slot
            if seq := self.joined(words[at : at + 2]):
                shown.append({
                    "seq": seq, "kind": words[at + 2], "point": words[at + 3],
                    "item": self.joined(words[at + 4 : at + 6]), "count": self.joined(words[at + 6 : at + 8]),
                    "value": words[at + 8], "time_ms": words[at + 9],
                })  # fmt: skip
        return shown

    def events(self, kind: int | None = None) -> list[tuple[int, int, int, int]]:
        """Every event since the start, in order, whatever was acknowledged: (kind, point, item, value)."""
        words = [slot for _, slot in self.plc.events._waiting]
        found = [(w[2], w[3], self.joined(list(w[4:6])), w[8]) for w in words]
        return [event for event in found if kind is None or event[0] == kind]
