"""Loop: the program of a PLC that tracks: a table of carriers moved by the encoder, item numbers, a target for each item.

Comes in: DIVERT, CANCEL and carriers taken out; flags of carriers, load sensors at check-points, parcels that wait at
their induct, what a carrier's belt reports. Goes out: inducts to release, chutes to fire, events. Every event about an
item has the count at which the middle of its carrier was at the place. Never here: what a label says.

- A load may only be put on a carrier that passed a check-point since the start, or was emptied by us, and is not booked.
- At a check-point the load sensor is looked at from a quarter of a pitch before the middle to a quarter after it, so a
  load that lies askew is seen and its neighbours are not.
- A command to a carrier's belt carries the item number, and the carrier's answer repeats it.
- A DIVERT whose item is found to be gone ends in ORDER_FAILED 7; one for an item that is just being discharged, in
  ORDER_FAILED 4 when the carrier reports that it is done.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Final, NamedTuple

from sim.plc.carriers import Carriers, Cell
from sim.plc.contacts import Edge, Terminal
from sim.plc.exits import Exits
from sim.plc.image import Event, Slot
from sim.plc.logbook import Logbook
from sim.plc.start import ColdStart
from sim.plc.table import STROKE_GRACE_MS, Carried, Divert, Stroke
from sim.plc.targets import Targets
from sortctl.site.model import Chute, Machine
from sortctl.words.exchange import Kind, Op, OrderFailure
from sortctl.words.units import COUNT_MASK, WORD_MASK

REACH_MM: Final = 500
"""A load is released so far before its carrier comes to the induct."""
LOOP_NUMBER: Final = 1
GONE_LOST, GONE_BY_HAND = 1, 2


class Spot(NamedTuple):
    """A place at which the PLC looks at each carrier. Kinds: `scan`, `check`, `offer` (a load to an induct), `seam`."""

    kind: str
    number: int
    place_um: int


class Coming(NamedTuple):
    """A load on its way from an induct to its carrier, whose middle is at the induct when the belt is at `due_um`."""

    cell: Cell
    due_um: int
    length_mm: int


class Sensor(NamedTuple):
    """The load sensor of a check-point: blocked now, and where the belt was when it was blocked last."""

    blocked: bool
    last_um: int


class LoopProgram:
    """Tracks carriers and discharges them at their chutes."""

    debounced = frozenset(("chute",))

    def __init__(
        self, machine: Machine, start: ColdStart, log: Logbook, exits: Exits, runs: Callable[[int], bool]
    ) -> None:
        loop = machine.loop
        self._machine = machine
        self._log = log
        self._exits = exits
        self._runs = runs
        self.carriers = Carriers(loop)
        self.targets = Targets(machine.plc.waiting_diverts)
        self.carried: list[Carried] = []
        self.released: list[int] = []
        self.found: list[tuple[Event, int]] = []
        """Loads found at a check-point: the INDUCTED event and the check-point; the plant takes them out."""
        self._item = start.first_item
        self._fires_um = {chute.number: _fires_um(chute, loop.speed_mm_s) for chute in machine.chutes}
        self._inducts = {induct.number: induct.position_mm * 1_000 for induct in loop.inducts}
        self._ready: dict[int, int] = {}
        self._coming: dict[int, deque[Coming]] = {number: deque() for number in self._inducts}
        self._sensors = {point.number: Sensor(blocked=False, last_um=-loop.length_mm * 1_000)
                         for point in loop.check_points}  # fmt: skip
        self._spots: list[tuple[int, int, Spot]] = []
        self._strokes: dict[int, Stroke] = {}

    @property
    def full(self) -> bool:
        """No further order is taken."""
        return self.targets.full

    # ------------------------------------------------------------------------------------------- orders

    def knows(self, slot: Slot) -> bool:
        """The item, the chute or the carrier is there."""
        if slot.op == Op.DIVERT:
            return slot.item in self.carriers.of_item and self._exits.exists(slot.chute)
        if slot.op in (Op.CARRIER_OUT, Op.CARRIER_IN):
            return self.carriers.numbered_cell(slot.item) is not None
        return slot.op == Op.CANCEL

    def carry_out(self, slot: Slot, epoch: int, granted: int) -> None:
        """A DIVERT, a CANCEL, or a carrier taken out or in."""
        if slot.op == Op.DIVERT:
            cell = self.carriers.of_item[slot.item]
            due_um = self.carriers.next_of(cell, self._fires_um[slot.chute], self._belt_um)
            self.targets.aim(Divert(due_um, 0, epoch, slot.order_seq, slot.chute, slot.item, slot.at_count, granted))
        elif slot.op == Op.CANCEL:
            self._end_target(slot.item, OrderFailure.CANCELLED)
        elif slot.op == Op.CARRIER_OUT:
            self.carriers.carried_out.add(slot.item)
        else:
            self.carriers.carried_out.discard(slot.item)

    # ------------------------------------------------------------------------------------------- sensors

    def preset(self, terminal: Terminal, level: int) -> None:
        """What stands at the first scan: loads under sensors, parcels at inducts."""
        if terminal.kind in ("load", "ready"):
            self.sense(terminal, level)

    def sense(self, terminal: Terminal, level: int) -> None:
        """A sensor of the loop. `ready` is the length of the parcel that waits at an induct in mm, 0: none waits."""
        kind, number = terminal
        if kind == "load":
            self._sensors[number] = Sensor(bool(level), self._belt_um)
        elif kind == "ready":
            self._ready[number] = level
        elif kind == "flag":
            self._flag()
        elif kind == "home":
            self._home()
        elif kind == "loaded":
            self._loaded(number)
        elif kind == "stroke":
            self._discharged(number)
        elif kind == "fault":
            self._failed(number)
        elif kind == "taken":
            self._taken(number)

    def see(self, edge: Edge) -> None:
        """A loop has no eyes but those of the chutes."""

    def _flag(self) -> None:
        if not self.carriers.placed:
            # The flag came somewhere within the last scan.
            self.carriers.flag(self._um(self._log.total - self._log.way // 2))
            self._lay_out()

    def _home(self) -> None:
        point = self._machine.loop.home_point
        if point and self.carriers.placed:
            self._log.tell(Kind.AT_POINT, point, 0, 0, self._total(self.carriers.flag_first(self._belt_um)))

    def _taken(self, carrier: int) -> None:
        cell = self.carriers.numbered_cell(carrier)
        if cell is not None and cell.item:
            self._gone(cell, cell.last_point, GONE_BY_HAND)

    # ------------------------------------------------------------------------------------------- each scan

    def act(self) -> list[int]:
        """Look at every carrier that came to a spot, fire what is due; the chutes fired."""
        belt_um, spots = self._belt_um, self._spots
        while spots and spots[0][0] <= belt_um:
            _, turn, spot = heappop(spots)
            self._look(spot, turn)
            self._watch(spot, turn + 1)
        fired = [divert.chute for divert in self.targets.due(belt_um) if self._fires(divert)]
        if self._strokes:
            self._supervise()
        for number, coming in self._coming.items():
            if coming and coming[0].due_um + self.carriers.pitch_um < belt_um:
                self._missed(number)
        return fired

    def _lay_out(self) -> None:
        loop = self._machine.loop
        spots = [Spot("scan", point.number, point.position_mm * 1_000) for point in loop.scan_points]
        spots += [Spot("check", point.number, point.position_mm * 1_000) for point in loop.check_points]
        spots += [Spot("offer", number, place_um - REACH_MM * 1_000) for number, place_um in self._inducts.items()]
        spots.append(Spot("seam", LOOP_NUMBER, 0))
        for spot in spots:
            self._watch(spot, self.carriers.next_at(spot.place_um, self._belt_um))

    def _watch(self, spot: Spot, turn: int) -> None:
        due_um = self.carriers.due(spot.place_um, turn)
        if spot.kind == "check":
            due_um += self.carriers.pitch_um // 4
        heappush(self._spots, (due_um, turn, spot))

    def _look(self, spot: Spot, turn: int) -> None:
        cell, middle_um = self.carriers.cell(turn), self.carriers.due(spot.place_um, turn)
        if spot.kind == "offer":
            self._offer(cell, spot.number, middle_um + REACH_MM * 1_000)
        elif spot.kind == "check":
            self._check(cell, spot.number, middle_um)
        elif cell.item and spot.kind == "scan":
            cell.last_point = spot.number
            self._log.tell(Kind.AT_POINT, spot.number, cell.item, 0, self._total(middle_um))
        elif cell.item:
            cell.laps += 1
            self._log.tell(Kind.LAP, LOOP_NUMBER, cell.item, min(cell.laps, WORD_MASK), self._total(middle_um))

    def _check(self, cell: Cell, point: int, middle_um: int) -> None:
        sensor = self._sensors[point]
        occupied = sensor.blocked or sensor.last_um >= middle_um - self.carriers.pitch_um // 4
        if cell.item in self._strokes:
            return
        cell.checked = True
        cell.last_point = point
        total = self._total(middle_um)
        if occupied and not cell.item:
            self.carriers.book(cell, self._next_item())
            event = self._log.tell(Kind.INDUCTED, 0, cell.item, 0, total)
            if event.seq:
                self.found.append((event, point))
        if occupied:
            self._log.tell(Kind.AT_POINT, point, cell.item, 0, total)
        elif cell.item:
            self._gone(cell, point, GONE_LOST, total)

    def _gone(self, cell: Cell, point: int, how: int, total: int | None = None) -> None:
        item = cell.item
        self._log.tell(Kind.ITEM_GONE, point, item, how, total)
        self.carriers.clear(cell)
        self._end_target(item, OrderFailure.UNKNOWN)

    # ------------------------------------------------------------------------------------------- inducts

    def _offer(self, cell: Cell, induct: int, due_um: int) -> None:
        length_mm = self._ready.get(induct, 0)
        if length_mm and self._runs(induct) and self.carriers.is_free(cell):
            cell.reserved = induct
            self._ready[induct] = 0
            self._coming[induct].append(Coming(cell, due_um, length_mm))
            self.released.append(induct)

    def _loaded(self, induct: int) -> None:
        if not self._coming[induct]:
            return
        cell, due_um, length_mm = self._coming[induct].popleft()
        if cell.item:
            self._gone(cell, cell.last_point, GONE_LOST)
        self.carriers.book(cell, self._next_item())
        self._log.tell(Kind.INDUCTED, induct, cell.item, min(length_mm, WORD_MASK), self._total(due_um))

    def _missed(self, induct: int) -> None:
        cell = self._coming[induct].popleft().cell
        cell.reserved, cell.checked = 0, False

    def _next_item(self) -> int:
        item = self._item
        self._item = ((item + 1) & COUNT_MASK) or 1
        return item

    # ------------------------------------------------------------------------------------------- discharge

    def _fires(self, divert: Divert) -> bool:
        obstacle = self._exits.obstacle(divert.chute)
        if divert.item in self._strokes:
            obstacle = OrderFailure.TOO_LATE
        if obstacle is not None:
            self._fail(divert, obstacle)
            return False
        chute = self._machine.chute(divert.chute)
        deadline_ms = self._log.running_ms + chute.lead_ms + chute.travel_ms + STROKE_GRACE_MS
        self._strokes[divert.item] = Stroke(divert, deadline_ms)
        self.carried.append(divert.carried(self._log.boot_id))
        return True

    def _discharged(self, item: int) -> None:
        stroke = self._strokes.pop(item, None)
        if stroke is None:
            return
        self._log.tell(Kind.DIVERTED, stroke.divert.chute, item, 0)
        cell = self.carriers.of_item.get(item)
        if cell is not None:
            self.carriers.clear(cell)
            self._end_target(item, OrderFailure.TOO_LATE)

    def _failed(self, item: int) -> None:
        stroke = self._strokes.pop(item, None)
        if stroke is not None:
            self._fail(stroke.divert, OrderFailure.ACTUATOR_FAULT)

    def _supervise(self) -> None:
        now_ms = self._log.running_ms
        for item in [item for item, stroke in self._strokes.items() if stroke.deadline_ms < now_ms]:
            self._failed(item)

    def _end_target(self, item: int, why: OrderFailure) -> None:
        divert = self.targets.withdraw(item)
        if divert is not None:
            self._fail(divert, why)

    def _fail(self, divert: Divert, why: OrderFailure) -> None:
        self._log.tell(Kind.ORDER_FAILED, divert.chute, divert.order_seq, why)

    # ------------------------------------------------------------------------------------------- counts and places

    @property
    def _belt_um(self) -> int:
        return self._um(self._log.total)

    def _um(self, total: int) -> int:
        return total * 1_000_000 // self._machine.sorter.counts_per_metre

    def _total(self, belt_um: int) -> int:
        return belt_um * self._machine.sorter.counts_per_metre // 1_000_000


def _fires_um(chute: Chute, speed_mm_s: int) -> int:
    """Where the middle of the carrier is when its belt is switched on: half of the stroke is done at the chute."""
    return chute.position_mm * 1_000 - speed_mm_s * (chute.lead_ms + chute.travel_ms // 2)
