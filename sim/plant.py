"""Plant: one simulated sorter, its world, its PLC and its scanners wired together; time goes on only by `advance`.

Comes in: a `Machine` of the site (a line or a loop), a seed, what is to be fed; words written to `plant.plc`; hands.
Goes out: words read from `plant.plc`, telegrams of the scanners, events of the readers, and the truth for the referee.
Never here: sockets, clocks, the controller. Times are ns since the plant began, and a scan is `plc.scan_ms`.

For doors: between two scans call `plant.plc.write_orders(words)` (whole area or, with `at`, a part of it),
`read_orders()`, `read_inputs()`, `read_chutes()`, each as often as requests come; what is written is seen by the next
scan, what is read is the image of the last one. While `plant.plc_up` is False (a restart) nothing answers: the server is
down too. `plant.plc` is another object after a restart. `take_telegrams()` gives what the scanners have begun to send up
to now, `take_reader_scans()` what the OPC UA readers have sent, both oldest first.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from sim.hub.calls import History
from sim.plc.program import Carried, ColdStart, Plc
from sim.truth import LineTruth, LoopTruth, Truth
from sim.world.deeds import Deed
from sim.world.feeder import Fed, Feeder, LoopFeeder
from sim.world.hands import Hands
from sim.world.line import Line
from sim.world.loop import Loop
from sim.world.loop_hands import LoopHands
from sim.world.parcel import Parcel
from sim.world.scanners import Habits, ReaderScan, Scanners, Telegram
from sim.world.strokes import Stroke
from sortctl.site.model import LoopSorter, Machine
from sortctl.words.units import COUNT_MASK, NS_PER_MS

FIRST_PARCEL_UM = 4_000_000
"""Belt that runs before the first parcel: time for the controller to connect and to be granted an epoch."""
NEAR_WRAP_COUNTS = 400_000
NEAR_WRAP_ITEMS = 100
ODDS_NEAR_WRAP = 3

__all__ = ["Plant", "ReaderScan", "Setup", "Telegram"]


class Setup(NamedTuple):
    """How a plant is set up for a run."""

    feed: Sequence[Fed] = ()
    habits: Habits = Habits()
    deeds: tuple[Deed, ...] = ()
    fault_bit: bool = True
    operators_s: tuple[int, int] = (10, 40)
    """How soon a chute that is half full is emptied."""


class Plant:
    """One sorter. `plc` answers the doors; `line` or `loop` is for those who look closer."""

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
        self.history = History()
        """What people, customs and the host did meanwhile; kept by the rig."""
        self._scan_ns = machine.plc.scan_ms * NS_PER_MS
        # One stream of chance for each part: a fault in one leaves the others as they were.
        self.scanners = Scanners(machine.heads, setup.habits, seed)
        self.world: Line | Loop
        self.feeder: Feeder | LoopFeeder
        self.hands: Hands | LoopHands
        self._truth: Truth
        if isinstance(machine.sorter, LoopSorter):
            self.world = loop = Loop(machine, seed)
            self.hands = LoopHands(loop, self.scanners, self.parcels, setup.deeds)
            self._truth = LoopTruth(loop)
        else:
            self.world = line = Line(machine, seed)
            self.hands = Hands(line, self.scanners, self.parcels, setup.deeds)
            self._truth = LineTruth(line)
        self.world.chutes.comes_after_s = setup.operators_s
        self._seed = seed
        self.feed(setup.feed, FIRST_PARCEL_UM)
        self._setup = setup
        self._chance = Random(f"{seed} plc")
        self._offset = 0
        self._telegrams: list[Telegram] = []
        self._reader_scans: list[ReaderScan] = []
        self._back_ns: int | None = None
        self._fresh = True
        """The next scan is the first of its PLC: it is given every level that is on."""
        self.plc = self._boot(self._chance.choice((0, 1, COUNT_MASK - 1, self._chance.randrange(COUNT_MASK))))

    def feed(self, feed: Sequence[Fed], first_at_um: int) -> None:
        """Feed these, and nothing that was to be fed before; the first when the belt has run so far."""
        world = self.world
        self.parcels.update((fed.parcel.number, fed.parcel) for fed in feed)
        if isinstance(world, Loop):
            self.feeder = LoopFeeder(world.belt, world.eyes, Random(f"{self._seed} lengths"), feed, first_at_um)
        else:
            self.feeder = Feeder(world, feed, first_at_um)

    # ------------------------------------------------------------------------------------------- what stands here

    @property
    def line(self) -> Line:
        """The world, which is a line. TypeError: it is none."""
        if isinstance(self.world, Line):
            return self.world
        raise TypeError(f"{self.machine.sorter_id} is no line")

    @property
    def loop(self) -> Loop:
        """The world, which is a loop. TypeError: it is none."""
        if isinstance(self.world, Loop):
            return self.world
        raise TypeError(f"{self.machine.sorter_id} is no loop")

    @property
    def items(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """Of a loop: (boot_id, item) to the parcels that this number was given for; empty of a line."""
        return self._truth.items if isinstance(self._truth, LoopTruth) else {}

    @property
    def belt_um(self) -> int:
        """How far the belt or the loop has run."""
        return self.world.belt.um

    @property
    def strokes(self) -> list[Stroke]:
        """Every time that something was switched on to discharge."""
        return self.world.strokes

    @property
    def at_rest(self) -> bool:
        """Nothing is on the sorter, on its way onto it, or on a slide."""
        return self.world.at_rest

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
        world = self.world
        world.advance(at_ns)
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
        for passed in world.passed:
            self.scanners.see(passed)
        world.passed.clear()
        self._telegrams += self.scanners.due(at_ns)
        self._reader_scans += self.scanners.reader_scans(at_ns)

    def _run_plc(self, at_ns: int) -> None:
        plc, eyes = self.plc, self.world.eyes
        plc.scan(self._encoder(), eyes.levels_on() if self._fresh else eyes.take_changes())
        self._fresh = False
        if plc.carried:
            for carried in plc.carried:
                self.world.fire(carried, at_ns)
            self.carried += plc.carried
            plc.carried.clear()
        if plc.program.released:
            self._release(plc.program.released)
        self._truth.attribute(plc, at_ns)

    def _release(self, inducts: list[int]) -> None:
        assert isinstance(self.feeder, LoopFeeder)
        for induct in inducts:
            parcel = self.feeder.release(induct)
            if parcel is not None:
                self.loop.bring(parcel, induct)
        inducts.clear()

    def _encoder(self) -> int:
        return (self._offset + self.world.belt.um * self.machine.sorter.counts_per_metre // 1_000_000) & COUNT_MASK

    def take_telegrams(self) -> list[Telegram]:
        """Telegrams begun since the last call, oldest first."""
        taken, self._telegrams = self._telegrams, []
        return taken

    def take_reader_scans(self) -> list[ReaderScan]:
        """Events of readers sent since the last call, oldest first."""
        taken, self._reader_scans = self._reader_scans, []
        return taken

    def press_button(self, panel: int, button: int) -> bool:
        """Somebody presses a button at a chute or a panel. False: the PLC is off, nothing came of it."""
        if self.plc_up:
            self.plc.press_button(panel, button)
        return self.plc_up

    # ------------------------------------------------------------------------------------------- power

    def restart_plc(self, down_ms: int, *, belt_stops: bool = False) -> None:
        """The PLC goes off now and comes back after `down_ms`: new boot_id, empty buffers, any encoder value.

        The belt's drive has its own supply and runs on, or stops with the PLC.
        """
        if self._back_ns is not None:
            return
        self._back_ns = self.now_ns + down_ms * NS_PER_MS
        self.world.belt.running = not belt_stops
        self.world.cut_outputs()
        events, boot_id = self.plc.events, self.plc.boot_id
        self.off_ns[boot_id] = self.now_ns
        self.lost_events.append((boot_id, events.acked + 1, events.head))

    def _come_back(self) -> None:
        self._back_ns = None
        self._truth.forget()
        self.world.belt.running = True
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
        if isinstance(self.world, Loop):
            near_end = COUNT_MASK - chance.randrange(NEAR_WRAP_ITEMS)
            first = near_end if chance.randrange(ODDS_NEAR_WRAP) == 0 else chance.randrange(1, COUNT_MASK)
            start = start._replace(first_item=first)
        self.boots.append(start.boot_id)
        self._fresh = True
        return Plc(self.machine, start)
