"""Plant: one simulated line, its world, its PLC and its scanners wired together; time goes on only by `advance`.

Comes in: a `Machine` of the site, a seed, what is to be fed; words written to `plant.plc`; hands (`plant.line`).
Goes out: words read from `plant.plc`, telegrams of the scanners, and the truth for the referee.
Never here: sockets, clocks, the controller. Times are ns since the plant began, and a scan is `plc.scan_ms`.

For doors: between two scans call `plant.plc.write_orders(words)` (whole area or, with `at`, a part of it),
`read_orders()`, `read_inputs()`, `read_chutes()`, each as often as requests come; what is written is seen by the next
scan, what is read is the image of the last one. While `plant.plc_up` is False (a restart) nothing answers: the server is
down too. `plant.plc` is another object after a restart. `take_telegrams()` gives what the scanners have begun to send up
to now, oldest first.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from sim.plc.image import Event
from sim.plc.program import Carried, ColdStart, Plc
from sim.world.feeder import Fed, Feeder
from sim.world.hands import Deed, Hands
from sim.world.line import Line
from sim.world.parcel import Parcel
from sim.world.scanners import Habits, Scanners, Telegram
from sortctl.site.model import Machine
from sortctl.words.units import COUNT_MASK, NS_PER_MS, signed_difference

FIRST_PARCEL_UM = 4_000_000
"""Belt that runs before the first parcel: time for the controller to connect and to be granted an epoch."""
NEAR_WRAP_COUNTS = 400_000
SAME_BODY_UM = 60_000
"""An INDUCTED count is so near to the front of its parcel: one or two scans of belt."""
ODDS_NEAR_WRAP = 3

__all__ = ["Plant", "Setup", "Telegram"]


class Setup(NamedTuple):
    """How a plant is set up for a run."""

    feed: Sequence[Fed] = ()
    habits: Habits = Habits()
    deeds: tuple[Deed, ...] = ()
    fault_bit: bool = True
    operators_s: tuple[int, int] = (10, 40)
    """How soon a chute that is half full is emptied."""


class Plant:
    """One line. `plc` answers the doors, `line` is for the hands of a story."""

    def __init__(self, machine: Machine, seed: int, setup: Setup = Setup()) -> None:
        self.machine = machine
        self.now_ns = 0
        self.parcels: dict[int, Parcel] = {}
        """The truth: every parcel that was or will be fed or added."""
        self.lost_events: list[tuple[int, int, int]] = []
        """(boot_id, first, last) of events that a restart wiped out unacknowledged."""
        self.off_ns: dict[int, int] = {}
        """When each boot of the PLC that is over ended."""
        self.carried: list[Carried] = []
        self.boots: list[int] = []
        self._scan_ns = machine.plc.scan_ms * NS_PER_MS
        # One stream of chance for each part: a fault in one leaves the others as they were.
        self.line = Line(machine, seed)
        self.line.chutes.comes_after_s = setup.operators_s
        self.scanners = Scanners(dict(machine.scanners), setup.habits, seed)
        self.feeder = Feeder(self.line, setup.feed, FIRST_PARCEL_UM)
        for fed in setup.feed:
            self.parcels[fed.parcel.number] = fed.parcel
        self.hands = Hands(self.line, self.parcels, setup.deeds)
        self._setup = setup
        self._chance = Random(f"{seed} plc")
        self._offset = 0
        self._telegrams: list[Telegram] = []
        self._back_ns: int | None = None
        self._fresh = True
        """The next scan is the first of its PLC: it is given every level that is on."""
        self.plc = self._boot(self._chance.choice((0, 1, COUNT_MASK - 1, self._chance.randrange(COUNT_MASK))))

    @property
    def plc_up(self) -> bool:
        """The PLC is on and its server answers."""
        return self._back_ns is None

    # ------------------------------------------------------------------------------------------- time

    def advance(self, to_ns: int) -> None:
        """Run every scan up to and including the one at `to_ns`."""
        while self.now_ns + self._scan_ns <= to_ns:
            self._scan(self.now_ns + self._scan_ns)

    def _scan(self, at_ns: int) -> None:
        self.now_ns = at_ns
        line = self.line
        line.advance(at_ns)
        self.hands.act(at_ns)
        if self._back_ns is not None and at_ns >= self._back_ns:
            self._come_back()
        if self._back_ns is None:
            self._run_plc(at_ns)
            runs = self.plc.induct_runs(1)
        else:
            runs = False
        if runs:
            self.feeder.feed()
        else:
            self.feeder.hold()
        for passed in line.passed:
            self.scanners.see(passed)
        line.passed.clear()
        self._telegrams += self.scanners.due(at_ns)

    def _run_plc(self, at_ns: int) -> None:
        plc, eyes = self.plc, self.line.eyes
        plc.scan(self._encoder(), eyes.levels_on() if self._fresh else eyes.take_changes())
        self._fresh = False
        if plc.carried:
            for carried in plc.carried:
                self.line.fire(carried, at_ns)
            self.carried += plc.carried
            plc.carried.clear()
        if plc.inducted:
            for event in plc.inducted:
                self._attribute(event)
            plc.inducted.clear()

    def _encoder(self) -> int:
        return (self._offset + self.line.belt.um * self.machine.sorter.counts_per_metre // 1_000_000) & COUNT_MASK

    def take_telegrams(self) -> list[Telegram]:
        """Telegrams begun since the last call, oldest first."""
        taken, self._telegrams = self._telegrams, []
        return taken

    # ------------------------------------------------------------------------------------------- truth

    def _attribute(self, event: Event) -> None:
        """Which parcel the PLC has just inducted: the one whose front was at the eye at the event's count."""
        per_metre = self.machine.sorter.counts_per_metre
        ago = signed_difference(self._encoder(), event.edge_count)
        front_um = self.line.belt.um - ago * 1_000_000 // per_metre
        tail_um = front_um + event.value * 1_000
        found = False
        for parcel in self.line.at_induct:
            at_um = parcel.front_at_induct_um or 0
            if at_um < front_um - SAME_BODY_UM:
                parcel.unheard = True
            elif at_um <= tail_um:
                parcel.merged = found
                parcel.inducted = None if found else (self.plc.boot_id, event.seq)
                found = True
        self.line.at_induct = [p for p in self.line.at_induct if (p.front_at_induct_um or 0) > tail_um]

    # ------------------------------------------------------------------------------------------- power

    def restart_plc(self, down_ms: int, *, belt_stops: bool = False) -> None:
        """The PLC goes off now and comes back after `down_ms`: new boot_id, empty buffers, any encoder value.

        The belt's drive has its own supply and runs on, or stops with the PLC.
        """
        if self._back_ns is not None:
            return
        self._back_ns = self.now_ns + down_ms * NS_PER_MS
        self.line.belt.running = not belt_stops
        self.line.cut_outputs()
        events, boot_id = self.plc.events, self.plc.boot_id
        self.off_ns[boot_id] = self.now_ns
        self.lost_events.append((boot_id, events.acked + 1, events.head))

    def _come_back(self) -> None:
        self._back_ns = None
        for parcel in self.line.at_induct:
            parcel.unheard = True
        self.line.at_induct.clear()
        self.line.belt.running = True
        self.plc = self._boot(self.plc.fence.epoch)

    def _boot(self, retained_epoch: int) -> Plc:
        chance = self._chance
        near_wrap = COUNT_MASK - chance.randrange(NEAR_WRAP_COUNTS)
        self._offset = near_wrap if chance.randrange(ODDS_NEAR_WRAP) == 0 else chance.randrange(COUNT_MASK)
        start = ColdStart(
            boot_id=chance.randrange(1, COUNT_MASK),
            retained_epoch=retained_epoch,
            plc_time_ms=COUNT_MASK - chance.randrange(60_000) if chance.randrange(2) else chance.randrange(COUNT_MASK),
            stamp=chance.randrange(0x10000),
            fault_bit=self._setup.fault_bit,
        )
        self.boots.append(start.boot_id)
        self._fresh = True
        return Plc(self.machine, start)
