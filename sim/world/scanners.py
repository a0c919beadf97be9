"""Scanners: labels that pass a scan point become telegrams, as the site file says each scanner writes them.

Comes in: parcels whose middle passed, a seeded chance. Goes out: the bytes of a telegram and when its first byte leaves; of
an OPC UA reader, the codes of an event. One that cannot read says so or says nothing. Never here: ports, and what a code
means.
"""

from collections.abc import Mapping
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from sim.world.strokes import Passed
from sortctl.site.model import Reader, Scanner
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


class ReaderScan(NamedTuple):
    """One event of an OPC UA reader, sent at `at_ns`; no codes: it could read nothing."""

    at_ns: int
    reader: str
    codes: tuple[str, ...]


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
    """Everything that reads codes along a sorter, whatever its wire."""

    def __init__(self, heads: Mapping[str, Scanner | Reader], habits: Habits, seed: int) -> None:
        self.heads = [Head(name, head) for name, head in sorted(heads.items()) if isinstance(head, Scanner)]
        self.readers = [(name, head) for name, head in sorted(heads.items()) if isinstance(head, Reader)]
        self.blind: set[str] = set()
        """Heads with a dirty window: they see that something passes and read nothing."""
        self._habits = habits
        self._seed = seed
        self._coming: list[tuple[int, int, Telegram]] = []
        self._scans: list[tuple[int, int, ReaderScan]] = []
        self._serial = 0
        for head in self.heads:
            if head.heartbeat_ns:
                self._send(head.heartbeat_ns, head, head.framed(head.heartbeat))

    def see(self, passed: Passed) -> None:
        """A parcel's middle was under a scan point."""
        # Each parcel has its own luck: one that is taken away does not change that of the others.
        lap = f" {passed.parcel.laps}" if passed.parcel.laps else ""
        chance = Random(f"{self._seed} {passed.parcel.number} {passed.scan_point}{lap}")
        dirty = not passed.parcel.scannable or chance.randrange(1_000) < self._habits.dirty
        codes = () if dirty else passed.parcel.codes
        for other in passed.beside:
            codes += other.codes if other.scannable else ()
        for head in self.heads:
            if head.scan_point != passed.scan_point:
                continue
            reads, silent, at_ns = self._luck(chance, passed.at_ns + head.delay_ns, head.name)
            if codes and reads:
                _count(passed, dirty)
                self._send(at_ns, head, head.telegram(codes))
            elif not silent:
                self._send(at_ns, head, head.telegram(()))
        for name, reader in self.readers:
            if reader.scan_point != passed.scan_point:
                continue
            reads, silent, at_ns = self._luck(chance, passed.at_ns + reader.delay_ms * NS_PER_MS, name)
            if codes and reads:
                _count(passed, dirty)
            if (codes and reads) or not silent:
                self._serial += 1
                heappush(self._scans, (at_ns, self._serial, ReaderScan(at_ns, name, codes if reads else ())))

    def cover_window(self, name: str) -> None:
        """Dirt falls on the window of one head."""
        self.blind.add(name)

    def wipe_window(self, name: str) -> None:
        """Its window is clean again."""
        self.blind.discard(name)

    def _luck(self, chance: Random, expected_ns: int, name: str) -> tuple[bool, bool, int]:
        """Whether this head reads what can be read, whether it is silent if not, and when it sends."""
        fails = chance.randrange(1_000) < self._habits.no_read
        silent = chance.randrange(1_000) < self._habits.silent
        at_ns = expected_ns + chance.randint(-JITTER_NS, JITTER_NS)
        return not fails and name not in self.blind, silent, at_ns

    def due(self, to_ns: int) -> list[Telegram]:
        """Telegrams that begin by `to_ns`, oldest first."""
        taken: list[Telegram] = []
        while self._coming and self._coming[0][0] <= to_ns:
            telegram = heappop(self._coming)[2]
            taken.append(telegram)
            self._beat(telegram)
        return taken

    def reader_scans(self, to_ns: int) -> list[ReaderScan]:
        """Events of readers that are sent by `to_ns`, oldest first."""
        taken: list[ReaderScan] = []
        while self._scans and self._scans[0][0] <= to_ns:
            taken.append(heappop(self._scans)[2])
        return taken

    def _beat(self, telegram: Telegram) -> None:
        for head in self.heads:
            if head.name == telegram.scanner and head.heartbeat_ns and telegram.data == head.framed(head.heartbeat):
                self._send(telegram.at_ns + head.heartbeat_ns, head, telegram.data)

    def _send(self, at_ns: int, head: Head, data: bytes) -> None:
        self._serial += 1
        heappush(self._coming, (at_ns, self._serial, Telegram(at_ns, head.name, data)))


def _count(passed: Passed, dirty: bool) -> None:
    """For the truth: whose labels stand in what is sent now."""
    passed.parcel.read += not dirty
    for other in passed.beside:
        other.read += other.scannable
