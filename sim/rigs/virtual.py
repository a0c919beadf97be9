"""Virtual rig: the whole controller against the whole line in one process and virtual time; nothing real is waited for.

Comes in: a loaded site, a script, a seed. Goes out: the plant with its truth and the journal's rows. Per PLC scan: the world
moves, scanners' bytes come in pieces, one exchange cycle runs or fails, rows are stored and committed at once or a scan
later. It plays the upsets of the script; a killed controller loses what was not committed and is rebuilt from the rest.
Never here: judging (`sim/referee.py`).
"""

from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

import msgspec

from sim.claims import read_claims
from sim.plant import Plant
from sim.play import play as play_story
from sim.referee import Referee, Verdict
from sim.scenario import (
    REST_S,
    BusyPlc,
    FreezeExchange,
    Garbage,
    KillController,
    RestartPlc,
    Script,
    Story,
    UnplugScanner,
    Upset,
)
from sim.sheets import Sheets
from sortctl.app import Reading, Start, virtual_controller
from sortctl.site.load import LoadedSite, load_site
from sortctl.words.facts import AnyFact
from sortctl.words.units import NS_PER_MS, NS_PER_S

WALL_NS: Final = 1_800_000_000 * NS_PER_S
RECONNECT_MS: Final = (50, 250)
REFUSED_MAX_NS: Final = NS_PER_S
PIECES_IN_TEN: Final = 4
SNAPSHOT_EVERY_NS: Final = 10 * NS_PER_S
LATE_COMMITS_IN_TEN: Final = 2
CYCLES_LATE_IN_HUNDRED: Final = 5
"""A loop or a network that is busy for a moment: the cycle comes a scan later."""
TELEGRAM_NS: Final = 3 * NS_PER_MS
HOLD_LONGEST_S: Final = 900
"""A run that does not come to its end has a line that stands."""
_DECODE: Final = msgspec.json.Decoder(AnyFact).decode


def play(site: Path, story: Story, seed: int, parcels: int) -> Verdict:
    """One story with one seed."""
    loaded = load_site(site)

    def judged(script: Script, without_faults: dict[int, int] | None) -> Verdict:
        rig = VirtualRig(loaded, script, seed)
        rig.run()
        referee = Referee(rig.plant, read_claims(rig.disk.rows), script, Sheets(loaded.files))
        return referee.judge(without_faults)

    return play_story(loaded, story, seed, parcels, judged)


class Row(Protocol):
    """A journal row as the controller makes it."""

    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def body(self) -> bytes: ...


class Disk:
    """The journal: what is on it, and what a crash would lose."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.coming: list[Row] = []
        self.snapshot: tuple[int, bytes] | None = None

    def commit(self) -> int:
        """Everything handed over is on disk now; the last row."""
        self.rows += self.coming
        self.coming = []
        return self.rows[-1].seq if self.rows else 0

    def crash(self, chance: Random) -> None:
        """Of what was not committed a part from the front may have reached the disk."""
        self.rows += self.coming[: chance.randint(0, len(self.coming))]
        self.coming = []


class VirtualRig:
    """One run."""

    def __init__(self, loaded: LoadedSite, script: Script, seed: int) -> None:
        self._loaded = loaded
        self._script = script
        self._chance = Random(f"{seed} rig")
        machine = loaded.machines[0]
        self._plc_id = machine.plc_id
        self._plc = machine.plc
        self._scan_ns = machine.plc.scan_ms * NS_PER_MS
        self._scanner_names = sorted(machine.scanners)
        self.plant = Plant(machine, seed, script.setup)
        self.disk = Disk()
        self._controller: Any = None
        self._upsets = sorted(script.upsets, key=lambda upset: upset.at_ns)
        self._bytes: list[tuple[int, int, str, bytes]] = []
        self._serial = 0
        self._link = Link()
        self._back_ns = 0
        self._unplugged: dict[str, int] = {}
        self._snapshot_ns = SNAPSHOT_EVERY_NS

    def run(self) -> None:
        """Until the line has run empty and every wait has ended."""
        feeder, line = self.plant.feeder, self.plant.line
        self._start(0)
        rest_ns = REST_S * NS_PER_S
        ends_ns = HOLD_LONGEST_S * NS_PER_S + 4 * sum(fed.gap_um for fed in self._script.setup.feed) * 1_000
        while rest_ns > 0 and self.plant.now_ns < ends_ns:
            self._turn()
            if feeder.empty and not line.on_belt and not self._upsets and self._controller is not None:
                rest_ns -= self._scan_ns

    def _turn(self) -> None:
        plant = self.plant
        now_ns = plant.now_ns + self._scan_ns
        plant.advance(now_ns)
        while self._upsets and self._upsets[0].at_ns <= now_ns:
            self._upset(self._upsets.pop(0), now_ns)
        self._replug(now_ns)
        held = self._link.thawed(now_ns)
        if held is not None and plant.plc_up:
            plant.plc.write_orders(held)
        if self._controller is None and now_ns >= self._back_ns:
            self._start(now_ns)
        telegrams = plant.take_telegrams()
        if self._controller is not None:
            for telegram in telegrams:
                self._send(telegram.at_ns, telegram.scanner, telegram.data)
            self._drive(now_ns)

    def _drive(self, now_ns: int) -> None:
        controller = self._controller
        while self._bytes and self._bytes[0][0] <= now_ns:
            at_ns, _, scanner, data = heappop(self._bytes)
            if scanner not in self._unplugged:
                controller.scanner_bytes(scanner, data, max(at_ns, now_ns - self._scan_ns + 1))
        self._store()
        self._exchange(now_ns)
        wake_ns = controller.next_wake_ns()
        if wake_ns is not None and wake_ns <= now_ns:
            controller.wake(now_ns)
        self._store()
        if now_ns >= self._snapshot_ns:
            self._snapshot_ns = now_ns + SNAPSHOT_EVERY_NS
            self._commit()
            self.disk.snapshot = (controller.last_row, controller.snapshot())

    # ------------------------------------------------------------------------------------------- the disk

    def _store(self) -> None:
        rows = self._controller.take_rows()
        self.disk.coming += rows
        if self.disk.coming and (not rows or self._chance.randrange(10) >= LATE_COMMITS_IN_TEN):
            self._commit()

    def _commit(self) -> None:
        self._controller.committed(self.disk.commit(), self.plant.now_ns)

    def _start(self, now_ns: int) -> None:
        disk = self.disk
        at, snapshot = disk.snapshot or (0, None)
        facts = tuple(_DECODE(row.body) for row in self._since(at) if row.kind == "fact")
        last = disk.rows[-1].seq if disk.rows else 0
        start = Start(now_ns, WALL_NS + now_ns, "virtual", last, snapshot, facts)
        self._controller = virtual_controller(self._loaded, start)
        self._link.hang_up(now_ns)
        for scanner in self._scanner_names:
            if scanner not in self._unplugged:
                self._controller.scanner_up(scanner, now_ns)

    def _since(self, row: int) -> list[Row]:
        rows = self.disk.rows
        return rows[row - rows[0].seq + 1 :] if row and rows else rows

    # ------------------------------------------------------------------------------------------- the exchange

    def _exchange(self, now_ns: int) -> None:
        link, plant = self._link, self.plant
        if not link.is_open:
            if now_ns >= link.again_ns:
                self._connect(now_ns)
            return
        if link.silent_ns:
            if now_ns - link.silent_ns >= self._plc.request_timeout_ms * NS_PER_MS:
                self._drop("no answer in time", now_ns)
            return
        if not plant.plc_up:
            self._drop("connection reset by peer", now_ns)
            return
        if self._chance.randrange(100) < CYCLES_LATE_IN_HUNDRED:
            return
        block = self._controller.plc_block(self._plc_id, now_ns)
        if now_ns < link.frozen_until_ns:
            self._go_silent(block, now_ns)
        elif now_ns < link.busy_until_ns:
            self._refuse(now_ns)
        else:
            link.refused_ns = 0
            if block is not None:
                plant.plc.write_orders(block)
            self._read(now_ns)

    def _connect(self, now_ns: int) -> None:
        link = self._link
        if not self.plant.plc_up or now_ns < link.frozen_until_ns:
            self._drop("connection refused", now_ns)
            return
        link.is_open = True
        self._controller.plc_opened(self._plc_id, now_ns)

    def _read(self, now_ns: int) -> None:
        controller, plc = self._controller, self.plant.plc
        reading = controller.plc_inputs(self._plc_id, plc.read_inputs(), now_ns)
        if reading is Reading.DEAD:
            self._drop(controller.plc_cause(self._plc_id), now_ns)
        elif controller.wants_chutes(self._plc_id):
            controller.plc_chutes(self._plc_id, plc.read_chutes(), now_ns)

    def _go_silent(self, block: list[int] | None, now_ns: int) -> None:
        link = self._link
        link.silent_ns = now_ns
        if block is not None and link.fate == "now":
            self.plant.plc.write_orders(block)
        elif block is not None and link.fate == "late":
            link.held = block

    def _refuse(self, now_ns: int) -> None:
        link = self._link
        link.refused_ns = link.refused_ns or now_ns
        if now_ns - link.refused_ns >= REFUSED_MAX_NS:
            self._drop("the PLC refuses every request", now_ns)

    def _drop(self, cause: str, now_ns: int) -> None:
        link = self._link
        link.hang_up(now_ns + self._chance.randint(*RECONNECT_MS) * NS_PER_MS)
        self._controller.plc_down(self._plc_id, cause, now_ns)

    # ------------------------------------------------------------------------------------------- scanners

    def _send(self, at_ns: int, scanner: str, data: bytes) -> None:
        """Bytes on the line of a scanner, sometimes in two pieces."""
        cut = len(data)
        if len(data) > 1 and self._chance.randrange(10) < PIECES_IN_TEN:
            cut = self._chance.randrange(1, len(data))
        for delay_ns, piece in ((0, data[:cut]), (TELEGRAM_NS, data[cut:])):
            if piece:
                self._serial += 1
                heappush(self._bytes, (at_ns + delay_ns, self._serial, scanner, piece))

    def _replug(self, now_ns: int) -> None:
        for scanner, until_ns in list(self._unplugged.items()):
            if now_ns >= until_ns:
                del self._unplugged[scanner]
                if self._controller is not None:
                    self._controller.scanner_up(scanner, now_ns)

    # ------------------------------------------------------------------------------------------- upsets

    def _upset(self, upset: Upset, now_ns: int) -> None:
        link = self._link
        match upset:
            case RestartPlc():
                link.held = None
                self.plant.restart_plc(upset.ms, belt_stops=upset.belt_stops)
            case FreezeExchange():
                link.frozen_until_ns, link.fate = now_ns + upset.ms * NS_PER_MS, upset.fate
            case BusyPlc():
                link.busy_until_ns = now_ns + upset.ms * NS_PER_MS
            case UnplugScanner():
                if upset.scanner not in self._unplugged and self._controller is not None:
                    self._controller.scanner_down(upset.scanner, "device gone", now_ns)
                self._unplugged[upset.scanner] = now_ns + upset.ms * NS_PER_MS
            case Garbage():
                self._send(now_ns, upset.scanner, upset.data)
            case KillController():
                self._kill(now_ns, upset.ms)

    def _kill(self, now_ns: int, ms: int) -> None:
        if self._controller is None:
            return
        self.disk.coming += self._controller.take_rows()
        self.disk.crash(self._chance)
        self._controller = None
        self._bytes.clear()
        self._back_ns = now_ns + ms * NS_PER_MS


class Link:
    """The network to the PLC and the one connection over it."""

    def __init__(self) -> None:
        self.is_open = False
        self.again_ns = 0
        self.silent_ns = 0
        """Since when a request has had no answer."""
        self.refused_ns = 0
        self.frozen_until_ns = 0
        self.fate = ""
        self.busy_until_ns = 0
        self.held: list[int] | None = None
        """A block that the PLC's server will carry out after the thaw."""

    def hang_up(self, again_ns: int) -> None:
        """The connection is gone; the next attempt is at `again_ns`."""
        self.is_open, self.silent_ns, self.refused_ns, self.again_ns = False, 0, 0, again_ns

    def thawed(self, now_ns: int) -> list[int] | None:
        """The block that was held, once, after the thaw."""
        if self.held is None or now_ns < self.frozen_until_ns:
            return None
        held, self.held = self.held, None
        return held
