"""Scanners: labels that pass a scan point become telegrams, as the site file says each scanner writes them.

Comes in: parcels whose middle passed, a seeded chance. Goes out: the bytes of a telegram and when its first byte leaves.
A scanner that cannot read says so or says nothing. Never here: ports, and what a code means.
"""

from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from sim.world.line import Passed
from sortctl.site.model import Scanner
from sortctl.words.units import NS_PER_MS

JITTER_NS = 6 * NS_PER_MS
HEARTBEATS_PER_SILENCE = 3
AIM_CODE_128 = "]C0"
_ENDS = {"": "", "CR": "\r", "LF": "\n", "CRLF": "\r\n", "ANY": "\r"}


class Telegram(NamedTuple):
    """Bytes of one scanner telegram; the first byte leaves the scanner at `at_ns`."""

    at_ns: int
    scanner: str
    data: bytes


class Habits(NamedTuple):
    """How well the scanners read, in thousandths."""

    no_read: int = 15
    """A scanner cannot read the label, each by itself."""
    dirty: int = 0
    """The label cannot be read by any scanner."""
    silent: int = 0
    """Of the no-reads: nothing is sent, not even a no-read telegram."""


class Head:
    """One scanner."""

    def __init__(self, name: str, scanner: Scanner) -> None:
        self.name = name
        self.scan_point = scanner.scan_point
        self.delay_ns = scanner.delay_ms * NS_PER_MS
        self.heartbeat_ns = scanner.silent_ms * NS_PER_MS // HEARTBEATS_PER_SILENCE if scanner.telegram.heartbeat else 0
        self.heartbeat = scanner.telegram.heartbeat.rstrip("*")
        self._scanner = scanner
        self._sequence = 0

    def telegram(self, codes: tuple[str, ...]) -> bytes:
        """What it sends for these codes; none: it could read nothing."""
        told = self._scanner.telegram
        self._sequence += 1
        body = told.no_read
        if codes:
            shown = [(AIM_CODE_128 if told.aim else "") + code for code in codes]
            body = told.code_separator.join(shown if told.code_separator else shown[:1])
        fields = {"sequence": str(self._sequence), "item": "0", "skip": "-", "codes": body}
        return self.framed(told.field_separator.join(fields[name] for name in told.fields))

    def framed(self, text: str) -> bytes:
        """The text between its marks."""
        framing = self._scanner.framing
        body = text.encode()
        digits = f"{len(body):0{framing.length_digits}d}".encode() if framing.length_digits else b""
        ends = bytes.fromhex(framing.end) + _ENDS[framing.terminator].encode()
        return bytes.fromhex(framing.start) + digits + body + ends


class Scanners:
    """All scanners of a line."""

    def __init__(self, scanners: dict[str, Scanner], habits: Habits, seed: int) -> None:
        self.heads = [Head(name, scanner) for name, scanner in sorted(scanners.items())]
        self._habits = habits
        self._seed = seed
        self._coming: list[tuple[int, int, Telegram]] = []
        self._serial = 0
        for head in self.heads:
            if head.heartbeat_ns:
                self._send(head.heartbeat_ns, head, head.framed(head.heartbeat))

    def see(self, passed: Passed) -> None:
        """A parcel's middle was under a scan point."""
        # Each parcel has its own luck: one that is taken away does not change that of the others.
        chance = Random(f"{self._seed} {passed.parcel.number} {passed.scan_point}")
        dirty = not passed.parcel.scannable or chance.randrange(1_000) < self._habits.dirty
        for head in self.heads:
            if head.scan_point != passed.scan_point:
                continue
            fails = chance.randrange(1_000) < self._habits.no_read
            silent = chance.randrange(1_000) < self._habits.silent
            at_ns = passed.at_ns + head.delay_ns + chance.randint(-JITTER_NS, JITTER_NS)
            if not (dirty or fails):
                self._send(at_ns, head, head.telegram(passed.parcel.codes))
            elif not silent:
                self._send(at_ns, head, head.telegram(()))

    def due(self, to_ns: int) -> list[Telegram]:
        """Telegrams that begin by `to_ns`, oldest first."""
        taken: list[Telegram] = []
        while self._coming and self._coming[0][0] <= to_ns:
            telegram = heappop(self._coming)[2]
            taken.append(telegram)
            self._beat(telegram)
        return taken

    def _beat(self, telegram: Telegram) -> None:
        for head in self.heads:
            if head.name == telegram.scanner and head.heartbeat_ns and telegram.data == head.framed(head.heartbeat):
                self._send(telegram.at_ns + head.heartbeat_ns, head, telegram.data)

    def _send(self, at_ns: int, head: Head, data: bytes) -> None:
        self._serial += 1
        heappush(self._coming, (at_ns, self._serial, Telegram(at_ns, head.name, data)))
