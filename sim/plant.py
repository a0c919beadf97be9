"""Plant: one simulated line, its world, its PLC and its scanners wired together; time goes on only by `advance`.

Comes in: a `Machine` of the site, a seed, what is to be fed; words written to `plant.plc`; hands (`plant.world`).
Goes out: words read from `plant.plc`, telegrams of the scanners, and the truth for the referee.
Never here: sockets, clocks, the controller. Times are ns since the plant began, and a scan is `plc.scan_ms`.

For doors: between two scans call `plant.plc.write_orders(words)` (whole area or, with `at`, a part of it),
`read_orders()`, `read_inputs()`, `read_chutes()`, each as often as requests come; what is written is seen by the next
scan, what is read is the image of the last one. While `plant.plc_up` is False (a restart) nothing answers: the server is
down too. `plant.plc` is another object after a restart. `take_telegrams()` gives what the scanners have begun to send up
to now, oldest first.
"""

from typing import NamedTuple

from sim.plc.program import Plc
from sortctl.site.model import Machine


class Telegram(NamedTuple):
    """Bytes of one scanner telegram; the first byte leaves the scanner at `at_ns`."""

    at_ns: int
    scanner: str
    data: bytes


class Plant:
    """One line. `plc` answers the doors, `world` is for the hands of a story."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self.machine = machine
        self.now_ns = 0
        self.plc = Plc(machine)
        self.plc_up = True
        self._seed = seed
        self._telegrams: list[Telegram] = []

    def advance(self, to_ns: int) -> None:
        """Run every scan up to and including the one at `to_ns`."""
        while self.now_ns + self.machine.plc.scan_ms * 1_000_000 <= to_ns:
            self.now_ns += self.machine.plc.scan_ms * 1_000_000

    def take_telegrams(self) -> list[Telegram]:
        """Telegrams begun since the last call, oldest first."""
        taken, self._telegrams = self._telegrams, []
        return taken

    def restart_plc(self, down_ms: int) -> None:
        """The PLC goes off now and comes back after `down_ms`: new boot_id, empty buffers, any encoder value."""
