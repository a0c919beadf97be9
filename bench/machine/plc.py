"""PLC: one line's PLC as lean as it can be: belt, events, orders, epoch, all by the clock and worked out when asked.

Comes in: orders blocks as bytes, the moment. Goes out: the inputs area as bytes. A scan happens when the first request
after its time comes: it evaluates the block that stood there, tells the events that the belt has reached, and makes the
image. Packed once per scan. Only what a fault-free line needs; the strict PLC is `sim/plc`.
"""

from collections import deque
from heapq import heappop, heappush
from itertools import islice
from struct import Struct
from typing import Final

from bench.fast_lines import CHUTES, EVENT_SLOTS, EYE_MM, LEAD_MS, SLIDE_MS, SPEED_MM_S, TRAVEL_MS
from bench.machine.judge import Judge, Parcel
from sortctl.words.exchange import MAGIC, VERSION, ChuteBit, Kind, Op, PackML, Request, inputs_words
from sortctl.words.units import COUNT_MASK, NS_PER_MS, WORD_MASK, signed_difference

_HEAD: Final = Struct(">HHHIHHIIIHHIIIHH")
_EVENT: Final = Struct(">IHHIIHH")
_TAIL: Final = Struct(">H")
_BLOCK: Final = Struct(">HHHIHHIHH")
_SLOT: Final = Struct(">IHHII")
_BODY_BYTES: Final = 2 * inputs_words(EVENT_SLOTS) - 2
LEASE_MS: Final = 1000
STROKE: Final = SPEED_MM_S * (LEAD_MS + TRAVEL_MS) // 1000
ENTRY: Final = STROKE + SPEED_MM_S * SLIDE_MS // 1000
START_COUNT: Final = COUNT_MASK - 20_000
"""The encoder wraps four seconds after the start, in every run."""


class Plc:
    """One line. `belt` counts on from 0 and never wraps; the encoder is that plus an offset, in 32 bits."""

    def __init__(self, line: int, scan_ms: int, start_ns: int, judge: Judge) -> None:
        self.owner = 0
        self.orders_failed = 0
        self._line = line
        self._judge = judge
        self._scan_ms = scan_ms
        self._start_ns = start_ns
        self._scan = -1
        self._belt = 0
        self._epoch = 0
        self._renewed_ns = 0
        self._accepted = self._seen = self._heard = 0
        self._head = self._acked = 0
        self._block: bytes | None = None
        self._coming: list[tuple[int, int, int, int, int, int]] = []
        """(belt when it is told, kind, point, item, belt of its edge, value)"""
        self._window: deque[bytes] = deque()
        self._image = b""
        word = 1 << ChuteBit.EXISTS
        self.chutes = word.to_bytes(2, "big") * (CHUTES + 1)

    # ------------------------------------------------------------------------------------------- the belt

    def belt_at(self, at_ns: int) -> int:
        """Where the belt stands."""
        return (at_ns - self._start_ns) * SPEED_MM_S // (1000 * NS_PER_MS)

    def feed(self, parcel: Parcel) -> None:
        """What the eyes will see of a parcel that is to come."""
        front, tail = parcel.front, parcel.front + parcel.length
        heappush(self._coming, (tail, Kind.INDUCTED, 1, 0, front, parcel.length))
        heappush(self._coming, (front + EYE_MM, Kind.EYE, 1, 0, front + EYE_MM, 1))
        heappush(self._coming, (tail + EYE_MM, Kind.EYE, 1, 0, tail + EYE_MM, 0))

    def _tell(self, kind: int, point: int, item: int, belt: int, value: int) -> None:
        self._head += 1
        self._window.append(_EVENT.pack(self._head, kind, point, item, _raw(belt), value, 0))

    # ------------------------------------------------------------------------------------------- the server's side

    def write(self, block: bytes, at_ns: int) -> None:
        """A block is complete; orders in it that were never heard before are judged by this moment."""
        self.look(at_ns)
        count = _BLOCK.unpack_from(block)[8]
        for at in range(_BLOCK.size, _BLOCK.size + count * _SLOT.size, _SLOT.size):
            seq, op, chute, _, at_count = _SLOT.unpack_from(block, at)
            if seq > self._heard:
                self._heard = seq
                if op == Op.DIVERT:
                    self._judge.divert(
                        self._line, chute, self._belt + signed_difference(at_count, _raw(self._belt)), at_ns
                    )
        self._block = block

    def read(self, at_ns: int) -> bytes:
        """The inputs area as of the last scan."""
        self.look(at_ns)
        return self._image

    # ------------------------------------------------------------------------------------------- the scan

    def look(self, at_ns: int) -> None:
        """Scan, if a scan is due."""
        scan = (at_ns - self._start_ns) // (self._scan_ms * NS_PER_MS)
        if scan == self._scan:
            return
        self._scan = scan
        self._belt = scan * self._scan_ms * SPEED_MM_S // 1000
        block, self._block = self._block, None
        if block is not None:
            self._evaluate(block, at_ns)
        if self.owner and at_ns - self._renewed_ns > LEASE_MS * NS_PER_MS:
            self._own(0)
        coming = self._coming
        while coming and coming[0][0] <= self._belt:
            _, kind, point, item, belt, value = heappop(coming)
            self._tell(kind, point, item, belt, value)
        self._show(at_ns)

    def _evaluate(self, block: bytes, at_ns: int) -> None:
        stamp, _, _, epoch, owner, _, ack, request, count = _BLOCK.unpack_from(block)
        if stamp == self._seen:
            return
        self._seen = stamp
        if request == Request.ACQUIRE and epoch == 0 and not self.owner:
            self._epoch += 1
            self._accepted = self._heard = 0
            self._renewed_ns = at_ns
            self._own(owner)
        if epoch != self._epoch or owner != self.owner:
            return
        self._renewed_ns = at_ns
        for at in range(_BLOCK.size, _BLOCK.size + count * _SLOT.size, _SLOT.size):
            self._take(*_SLOT.unpack_from(block, at))
        while self._acked < min(ack, self._head):
            self._acked += 1
            self._window.popleft()
        if request == Request.RELEASE:
            self._own(0)

    def _own(self, owner: int) -> None:
        self.owner = owner
        self._tell(Kind.EPOCH, 0, self._epoch, self._belt, owner)

    def _take(self, seq: int, op: int, chute: int, item: int, at_count: int) -> None:
        if seq != self._accepted + 1:
            return
        self._accepted = seq
        fire = self._belt + signed_difference(at_count, _raw(self._belt))
        if op != Op.DIVERT or fire <= self._belt:
            self.orders_failed += 1
            return
        heappush(self._coming, (fire + STROKE, Kind.DIVERTED, chute, item, fire + STROKE, 0))
        heappush(self._coming, (fire + ENTRY, Kind.CHUTE_EYE, chute, 0, fire + ENTRY, 1))
        heappush(self._coming, (fire + ENTRY + 50, Kind.CHUTE_EYE, chute, 0, fire + ENTRY + 50, 0))

    def _show(self, at_ns: int) -> None:
        stamp = self._scan & WORD_MASK
        left_ms = LEASE_MS - (at_ns - self._renewed_ns) // NS_PER_MS if self.owner else 0
        head = _HEAD.pack(
            stamp, MAGIC, VERSION, 1 + self._line, self._seen, PackML.EXECUTE, _raw(self._belt),
            (self._scan * self._scan_ms) & COUNT_MASK, self._epoch, self.owner, left_ms,
            self._head, self._acked, self._accepted, 0, 0,
        )  # fmt: skip
        body = head + b"".join(islice(self._window, EVENT_SLOTS))
        self._image = body.ljust(_BODY_BYTES, b"\0") + _TAIL.pack(stamp)


def _raw(belt: int) -> int:
    return (START_COUNT + belt) & COUNT_MASK
