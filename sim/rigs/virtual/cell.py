"""Cell: one machine on the virtual rig: its plant, the network to its PLC with one connection, the lines of its scanners.

Comes in: a machine of the site, its script, a seed; the controller at every call, for it may be another one or none. Goes
out: what the controller hears and the PLC is written, each scan at the machine's own pace, and the upsets of its script.
Each cell has a chance of its own: what befalls one changes no draw of another.
Never here: the disk, the life of the controller, other machines.
"""

from heapq import heappop, heappush
from random import Random
from typing import Any, Final, NamedTuple

from sim.plant import Plant
from sim.scenario import (
    BusyPlc,
    FreezeExchange,
    FullSessions,
    Garbage,
    KillController,
    RestartPlc,
    Script,
    UnplugScanner,
    Upset,
)
from sortctl.app import Reading
from sortctl.site.model import Machine
from sortctl.words.units import NS_PER_MS, NS_PER_S

RECONNECT_MS: Final = (50, 250)
REFUSED_MAX_NS: Final = NS_PER_S
PIECES_IN_TEN: Final = 4
CYCLES_LATE_IN_HUNDRED: Final = 5
"""A loop or a network that is busy for a moment: the cycle comes a scan later."""
TELEGRAM_NS: Final = 3 * NS_PER_MS


class Scanned(NamedTuple):
    """One code of a reader's event."""

    data: str
    symbology: str = ""
    made_ns: int = 0
    """When the reader made it, by its own clock; 0: it does not say."""


class Cell:
    """One machine and everything between it and the controller."""

    def __init__(self, machine: Machine, script: Script, seed: int) -> None:
        self.name = machine.sorter_id
        self.script = script
        self.chance = Random(f"{seed} rig")
        self.plant = Plant(machine, seed, script.setup)
        self.upsets = sorted(script.upsets, key=lambda upset: upset.at_ns)
        self.scan_ns = machine.plc.scan_ms * NS_PER_MS
        self._plc = machine.plc
        self._plc_id = machine.plc_id
        self._head_names = sorted(machine.heads)
        self._coming: list[tuple[int, int, str, bytes | tuple[Scanned, ...]]] = []
        self._serial = 0
        self._link = Link()
        self._unplugged: dict[str, int] = {}

    @property
    def due_ns(self) -> int:
        """When the next scan is."""
        return self.plant.now_ns + self.scan_ns

    @property
    def is_done(self) -> bool:
        """Nothing is left to happen here."""
        return self.plant.feeder.empty and self.plant.at_rest and not self.upsets

    # ------------------------------------------------------------------------------------------- the controller's life

    def welcome(self, controller: Any, now_ns: int) -> None:
        """A new controller looks for its PLC and its scanners."""
        self._link.hang_up(now_ns)
        for head in self._head_names:
            if head not in self._unplugged:
                controller.scanner_up(head, now_ns)

    def forsake(self) -> None:
        """The controller is gone, and what it had not heard yet with it."""
        self._coming.clear()

    # ------------------------------------------------------------------------------------------- each scan

    def turn(self, now_ns: int) -> list[Upset]:
        """The world and the PLC go on by one scan; the upsets that begin now."""
        self.plant.advance(now_ns)
        begin = 0
        while begin < len(self.upsets) and self.upsets[begin].at_ns <= now_ns:
            begin += 1
        begun, self.upsets = self.upsets[:begin], self.upsets[begin:]
        return begun

    def settle(self, controller: Any, now_ns: int) -> None:
        """What an upset held back comes again: scanners, a block that the network kept."""
        for scanner, until_ns in list(self._unplugged.items()):
            if now_ns >= until_ns:
                del self._unplugged[scanner]
                if controller is not None:
                    controller.scanner_up(scanner, now_ns)
        held = self._link.thawed(now_ns)
        if held is not None and self.plant.plc_up:
            self.plant.plc.write_orders(held)

    def send_reads(self, *, heard: bool) -> None:
        """What scanners and readers have begun to send is on its way, if somebody listens."""
        for telegram in self.plant.take_telegrams():
            if heard:
                self._send(telegram.at_ns, telegram.scanner, telegram.data)
        for scan in self.plant.take_reader_scans():
            if heard:
                self._come(scan.at_ns, scan.reader, tuple(Scanned(code) for code in scan.codes))

    def deliver(self, controller: Any, told_ns: int, now_ns: int) -> None:
        """What has come by now; the controller's time does not go back behind `told_ns`."""
        while self._coming and self._coming[0][0] <= now_ns:
            at_ns, _, head, what = heappop(self._coming)
            at_ns = min(max(at_ns, told_ns + 1), now_ns)
            if head in self._unplugged:
                continue
            if isinstance(what, bytes):
                controller.scanner_bytes(head, what, at_ns)
            else:
                controller.reader_scan(head, what, at_ns)

    def _send(self, at_ns: int, scanner: str, data: bytes) -> None:
        """Bytes on the line of a scanner, sometimes in two pieces."""
        cut = len(data)
        if len(data) > 1 and self.chance.randrange(10) < PIECES_IN_TEN:
            cut = self.chance.randrange(1, len(data))
        for delay_ns, piece in ((0, data[:cut]), (TELEGRAM_NS, data[cut:])):
            if piece:
                self._come(at_ns + delay_ns, scanner, piece)

    def _come(self, at_ns: int, head: str, what: bytes | tuple[Scanned, ...]) -> None:
        self._serial += 1
        heappush(self._coming, (at_ns, self._serial, head, what))

    # ------------------------------------------------------------------------------------------- the exchange

    def exchange(self, controller: Any, now_ns: int) -> None:
        """One cycle with the PLC, or what comes instead of one."""
        link, plant = self._link, self.plant
        if not link.is_open:
            if now_ns >= link.again_ns:
                self._connect(controller, now_ns)
            return
        if link.silent_ns:
            if now_ns - link.silent_ns >= self._plc.request_timeout_ms * NS_PER_MS:
                self._drop(controller, "no answer in time", now_ns)
            return
        if not plant.plc_up:
            self._drop(controller, "connection reset by peer", now_ns)
            return
        if self.chance.randrange(100) < CYCLES_LATE_IN_HUNDRED:
            return
        block = controller.plc_block(self._plc_id, now_ns)
        if now_ns < link.frozen_until_ns:
            self._go_silent(block, now_ns)
        elif now_ns < link.busy_until_ns:
            self._refuse(controller, now_ns)
        else:
            link.refused_ns = 0
            if block is not None:
                plant.plc.write_orders(block)
            self._read(controller, now_ns)

    def _connect(self, controller: Any, now_ns: int) -> None:
        link = self._link
        if not self.plant.plc_up or now_ns < link.frozen_until_ns:
            self._drop(controller, "connection refused", now_ns)
        elif now_ns < link.full_until_ns:
            self._drop(controller, "the server has no session left", now_ns)
        else:
            link.is_open = True
            controller.plc_opened(self._plc_id, now_ns)

    def _read(self, controller: Any, now_ns: int) -> None:
        plc = self.plant.plc
        reading = controller.plc_inputs(self._plc_id, plc.read_inputs(), now_ns)
        if reading is Reading.DEAD:
            self._drop(controller, controller.plc_cause(self._plc_id), now_ns)
        elif controller.wants_chutes(self._plc_id):
            controller.plc_chutes(self._plc_id, plc.read_chutes(), now_ns)

    def _go_silent(self, block: list[int] | None, now_ns: int) -> None:
        link = self._link
        link.silent_ns = now_ns
        if block is not None and link.fate == "now":
            self.plant.plc.write_orders(block)
        elif block is not None and link.fate == "late":
            link.held = block

    def _refuse(self, controller: Any, now_ns: int) -> None:
        link = self._link
        link.refused_ns = link.refused_ns or now_ns
        if now_ns - link.refused_ns >= REFUSED_MAX_NS:
            self._drop(controller, "the PLC refuses every request", now_ns)

    def _drop(self, controller: Any, cause: str, now_ns: int) -> None:
        self._link.hang_up(now_ns + self.chance.randint(*RECONNECT_MS) * NS_PER_MS)
        controller.plc_down(self._plc_id, cause, now_ns)

    # ------------------------------------------------------------------------------------------- upsets

    def upset(self, upset: Upset, controller: Any, now_ns: int) -> None:
        """One upset of this machine begins. The controller's end is the rig's affair."""
        link = self._link
        match upset:
            case RestartPlc():
                link.held = None
                self.plant.restart_plc(upset.ms, belt_stops=upset.belt_stops)
            case FreezeExchange():
                link.frozen_until_ns, link.fate = now_ns + upset.ms * NS_PER_MS, upset.fate
            case BusyPlc():
                link.busy_until_ns = now_ns + upset.ms * NS_PER_MS
            case FullSessions():
                link.full_until_ns = now_ns + upset.ms * NS_PER_MS
            case UnplugScanner():
                if upset.scanner not in self._unplugged and controller is not None:
                    controller.scanner_down(upset.scanner, "device gone", now_ns)
                self._unplugged[upset.scanner] = now_ns + upset.ms * NS_PER_MS
            case Garbage():
                self._send(now_ns, upset.scanner, upset.data)
            case KillController():
                raise TypeError("a cell has no controller to kill")


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
        self.full_until_ns = 0
        """Until then the server gives nobody a session; one that stands goes on."""
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
