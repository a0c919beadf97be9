"""Quiet: keeps other programs out of a measurement, as far as that can be done from here.

Comes in: one round of a measurement, and the processes that belong to it. Goes out: its result; a round in which other
programs took more than a share of a core is thrown away and repeated, a bounded number of times. Also: which CPU is whose,
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
"""Of one core: below this, medians of repeated rounds were the same within 5 %."""
PAUSE_S: Final = 0.5

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Noise:
    """What the rounds of one run had to put up with. `repeats_left` bounds what is thrown away in all."""

    def __init__(self, repeats: int) -> None:
        self.repeats_left = repeats
        self.repeated = 0
        self.kept = 0
        """Rounds that count although other programs disturbed them."""

    def quiet(self, measure: Callable[[], T], cost: int = 1) -> T:
        """The result of a round that was not disturbed, or of the last one."""
        while True:
            before = _Watch()
            result = measure()
            if before.foreign() <= FOREIGN_MAX:
                return result
            if self.repeats_left < cost:
                self.kept += 1
                return result
            self.repeats_left -= cost
            self.repeated += 1
            time.sleep(PAUSE_S)

    def told(self) -> str:
        """For the note below a table."""
        return f"{self.repeated} disturbed rounds repeated, {self.kept} kept"


class _Watch:
    """CPU time of everybody else since it was made. Processes that we start and end meanwhile count as ours."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._all = _busy_ticks()
        self._ours = _our_ticks()

    def foreign(self) -> float:
        wall_s = max(time.monotonic() - self._began_s, 0.05)
        others = (_busy_ticks() - self._all) - (_our_ticks() - self._ours)
        return max(0.0, others / _TICKS_PER_S / wall_s)


def _busy_ticks() -> int:
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, fields[1:9])
    return user + nice + system + irq + softirq + steal


def _our_ticks() -> int:
    # Children are counted when they have been waited for: each round starts and ends its own.
    return sum(map(int, _fields("self")[11:15]))


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
