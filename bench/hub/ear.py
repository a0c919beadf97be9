"""Ear: hears what a simulated loop sends and what it is told, and how much time lies between.

Comes in: a plant. Goes out: for each parcel, the time from the first telegram with its label to the write that carries the
first DIVERT of its item. Only parcels that a scanner told before any reader: a reader's server keeps its event until its
publishing interval ends, and that is nobody's doing. Never here: whether the order was right (the referee says that).
"""

import re
from collections.abc import Callable, Sequence
from time import monotonic_ns
from typing import Final

from sim.plant import Plant, ReaderScan, Setup, Telegram
from sortctl.site.model import Machine
from sortctl.words.exchange import ORDER_SLOT_WORDS, ORDERS_HEAD_WORDS, Op
from sortctl.words.units import NS_PER_S

CODE: Final = re.compile(rb"[0-9A-Z]{6,}")
COUNT_AT: Final = ORDERS_HEAD_WORDS - 1
PASS_NS: Final = 5 * NS_PER_S
"""A tunnel is passed in less, and the next one comes later."""


class HeardPlant(Plant):
    """A plant that is listened to."""

    def __init__(self, machine: Machine, seed: int, setup: Setup) -> None:
        super().__init__(machine, seed, setup)
        self.latencies_us: list[float] = []
        self.late = 0
        """Parcels that had their first order at a later tunnel only, or when a chute took it again."""
        self._named: dict[bytes, int] = {}
        self._passes: dict[int, tuple[int, int]] = {}
        """Parcel -> when its label was told first in this pass of a tunnel, and when by a scanner (0: by a reader)."""
        self._again: set[int] = set()
        self._ordered: set[int] = set()
        self._newest = 0
        self._inner = self.plc.write_orders
        self._came_ns: Callable[[], int] = monotonic_ns

    def listen(self, came_ns: Callable[[], int]) -> None:
        """From now on; `came_ns` says when the request that is carried out came."""
        self._came_ns = came_ns
        self._inner = self.plc.write_orders
        self.plc.write_orders = self._hear  # type: ignore[method-assign]

    def forget(self) -> tuple[list[float], int]:
        """Times and late ones since the last time."""
        heard, self.latencies_us, late, self.late = self.latencies_us, [], self.late, 0
        return heard, late

    def take_telegrams(self) -> list[Telegram]:
        taken = super().take_telegrams()
        for telegram in taken:
            for code in CODE.findall(telegram.data):
                self._note(code, monotonic_ns())
        return taken

    def take_reader_scans(self) -> list[ReaderScan]:
        taken = super().take_reader_scans()
        for scan in taken:
            for code in scan.codes:
                self._note(code.encode(), 0)
        return taken

    def _note(self, code: bytes, at_ns: int) -> None:
        """`at_ns` 0: it was not a scanner that told it."""
        if len(self._named) != len(self.parcels):
            self._named = {parcel.waybill.encode(): parcel.number for parcel in self.parcels.values()}
        number = self._named.get(code)
        if number is None or number in self._ordered:
            return
        now_ns = monotonic_ns()
        began_ns, _ = self._passes.get(number, (0, 0))
        if now_ns - began_ns > PASS_NS:
            self._passes[number] = now_ns, at_ns
            if began_ns:
                self._again.add(number)

    def _hear(self, words: Sequence[int], at: int = 0) -> None:
        now_ns = self._came_ns()
        for slot in range(words[COUNT_AT]):
            first = ORDERS_HEAD_WORDS + slot * ORDER_SLOT_WORDS
            seq = words[first] << 16 | words[first + 1]
            if seq > self._newest:
                self._newest = seq
                if words[first + 2] == Op.DIVERT:
                    self._divert(words[first + 4] << 16 | words[first + 5], now_ns)
        self._inner(words, at)

    def _divert(self, item: int, now_ns: int) -> None:
        for number in self.items.get((self.plc.boot_id, item), ()):
            if number not in self._ordered:
                self._ordered.add(number)
                began_ns, sent_ns = self._passes.get(number, (now_ns, 0))
                if number in self._again or now_ns - began_ns > PASS_NS:
                    self.late += 1
                elif sent_ns:
                    self.latencies_us.append((now_ns - sent_ns) / 1000)
