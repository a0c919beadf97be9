"""Quiet: keeps other programs out of a measurement, as far as that can be done from here.

Comes in: one round of a measurement. Goes out: its result. A round begins when the machine is ours; one in which other programs
took more than a share of a core is thrown away and repeated; both within bounds. Also: which CPU is whose,
and what the kernel says of a process. Never here: what is measured.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

CANDIDATE_CPU: Final = 0
"""The program that is measured; nothing else of ours runs there."""
MACHINE_CPU: Final = 1
FOREIGN_MAX: Final = 0.15
"""Of one core: what the system itself and a shell take."""
LOOK_S: Final = 0.5

ours: Final[set[int]] = set()
"""Processes of the measurement that run now; whoever starts one puts it in, and takes it out when it has ended."""

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Noise:
    """What the rounds of one run had to put up with. `patience_s` bounds the waiting, `repeats` what is thrown away, in all."""

    def __init__(self, patience_s: float, repeats: int) -> None:
        self._patience_s = patience_s
        self._repeats = repeats
        self.repeated = 0
        self.kept = 0
        """Rounds that count although other programs disturbed them."""

    def quiet(self, measure: Callable[[], T]) -> T:
        """The result of a round that was not disturbed, or of the last one."""
        while True:
            self._wait()
            before = Watch()
            result = measure()
            if before.foreign() <= FOREIGN_MAX:
                return result
            if self.repeated >= self._repeats:
                self.kept += 1
                return result
            self.repeated += 1

    def _wait(self) -> None:
        """Until the machine is ours, as far as patience goes."""
        while self._patience_s > 0:
            now = Watch()
            time.sleep(LOOK_S)
            if now.foreign() <= FOREIGN_MAX:
                return
            self._patience_s -= LOOK_S

    def told(self) -> str:
        """For the note below a table."""
        return f"{self.repeated} disturbed rounds repeated, {self.kept} kept"


class Watch:
    """CPU time of everybody else since it was made."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._all = _busy_ticks()
        self._ours = _our_ticks()

    def foreign(self) -> float:
        """Of one core."""
        wall_s = max(time.monotonic() - self._began_s, 0.05)
        others = (_busy_ticks() - self._all) - (_our_ticks() - self._ours)
        return max(0.0, others / _TICKS_PER_S / wall_s)


def _busy_ticks() -> int:
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, fields[1:9])
    return user + nice + system + irq + softirq + steal


def _our_ticks() -> int:
    pids: list[int | str] = ["self", *ours]
    # A child that has ended counts with us.
    return sum(sum(map(int, _fields(pid)[11:15])) for pid in pids)


def _fields(pid: int | str) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text[text.rindex(")") + 2 :].split()


def cpu_s(pid: int) -> float:
    """CPU seconds that the threads of a process have used, by the scheduler's own clock: ticks miss what runs between them."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int(thread.joinpath("schedstat").read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def rss_mb(pid: int) -> float:
    """Resident memory of a process, in MB."""
    return int(_fields(pid)[21]) * _PAGE / 1e6


def pin(cpu: int, pid: int = 0) -> None:
    """Keep a process (0: this one) on one CPU; on a machine with a single one there is nothing to choose."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {cpu})
