"""Framing: a scanner's bytes become telegrams. Pure; one `Framer` per connection, `reset()` for the next.

Comes in: bytes as they arrive, cut anywhere, with their time. Goes out: `Frame` and `FramingFault`, in order of arrival.
Never here: sockets, clocks, what stands in a telegram (`inputs/telegram.py`).

The theory. Outside a frame, CR and LF are nothing; with a start byte, or with digits of a length, everything else out
there is garbage: dropped, reported once a run. Inside, all 256 bytes are data (GS, RS and EOT carry GS1 and ISO 15434)
but for the mark that ends the frame: the length, else the end byte, else the terminator. CR takes a following LF with
it, LF a preceding CR; in CRLF a lone CR or LF is data. A start byte below 20 hex inside a frame begins a new one: an
end was lost, and two codes must never be glued into one. A pause of `idle_ms` ends a frame only where nothing else
does; anywhere else it drops the beginning that was never finished, for half a code can be the code of another parcel.
Without `idle_ms` a second of silence inside a telegram does the same. A frame longer than `bytes_max` is reported once
and dropped up to the next end. Memory is bounded by `bytes_max`.
"""

import re
from enum import Enum, auto
from typing import Final

from msgspec import Struct

from sortctl.site.model import Framing
from sortctl.words.units import NS_PER_MS

EXCERPT_CHARACTERS: Final = 40
FAULTS_PER_READ_MAX: Final = 8
"""A line full of noise must not fill the journal: further faults of one read are only counted."""
PRINTABLE_FIRST: Final = 0x20
PRINTABLE_LAST: Final = 0x7E
SILENCE_MS: Final = 1_000
"""No scanner pauses so long inside a telegram: at 300 baud a byte takes 37 ms."""
LINE_ENDS: Final = b"\r\n"
DIGITS: Final = b"0123456789"
NOT_A_LINE_END: Final = re.compile(rb"[^\r\n]")
NOT_A_DIGIT: Final = re.compile(rb"[^0-9]")
NEVER: Final = re.compile(rb"(?!)")
TERMINATORS: Final = {"": b"", "CR": b"\r", "LF": b"\n", "CRLF": b"\n", "ANY": b"\r\n"}
"""The bytes at which a frame may end."""


class Frame(Struct, frozen=True, gc=False):
    """One telegram without its start and end. `first_ns` is when its first byte came, the start byte included."""

    data: bytes
    first_ns: int


class FramingFault(Struct, frozen=True, gc=False):
    """Bytes that are no frame were dropped. `excerpt` is printable, at most 40 characters."""

    cause: str
    excerpt: str


Framed = Frame | FramingFault


def excerpt(data: bytes) -> str:
    """The beginning of `data` for people; what cannot be printed is written in hex."""
    shown = (
        chr(byte) if PRINTABLE_FIRST <= byte <= PRINTABLE_LAST else f"\\x{byte:02x}"
        for byte in data[:EXCERPT_CHARACTERS]
    )
    return "".join(shown)[:EXCERPT_CHARACTERS]


class _Place(Enum):
    OUTSIDE = auto()
    INSIDE = auto()
    BODY = auto()  # inside, behind the digits of the length
    END_DUE = auto()  # the length is used up, the end byte must follow
    LOST = auto()  # dropping up to the next end


class Framer:
    """Cuts one connection's bytes into frames. `feed` and `idle` never raise, whatever comes."""

    def __init__(self, framing: Framing) -> None:
        self._start = bytes.fromhex(framing.start)
        self._end = bytes.fromhex(framing.end)
        self._terminator = "" if self._end else framing.terminator
        self._digits = framing.length_digits
        self._pause_ns = (framing.idle_ms or SILENCE_MS) * NS_PER_MS
        self._bytes_max = framing.bytes_max
        # CR and LF of a terminator stand in the buffer until the frame is whole.
        self._room = framing.bytes_max + (1 if self._terminator in {"LF", "CRLF"} else 0)
        self._restarts = self._start if self._start and self._start[0] < PRINTABLE_FIRST else b""
        ends = self._end or TERMINATORS[self._terminator]
        self._marks = _any_of(ends + self._restarts) or NEVER
        self._ends = ends
        self._begins = _any_of(self._start or (DIGITS if self._digits else b"")) or NOT_A_LINE_END
        self._waits = bool(ends or self._restarts or framing.idle_ms or not self._digits)
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new connection begins."""
        self._place = _Place.OUTSIDE
        self._buffer = bytearray()
        self._garbage = bytearray()
        self._garbage_bytes = 0
        self._body_bytes = 0
        self._first_ns = 0
        self._last_ns = 0
        self._out: list[Framed] = []
        self._faults = 0

    def feed(self, data: bytes, at_ns: int) -> list[Framed]:
        """Take the bytes that came at `at_ns`."""
        if self._is_idle(at_ns):
            self._pause()
        at = 0
        while at < len(data):
            at = self._step(data, at, at_ns)
        self._last_ns = at_ns
        return self._take()

    def idle(self, at_ns: int) -> list[Framed]:
        """Nothing came until `at_ns`: end or drop what was begun, if the pause is long enough."""
        if self._is_idle(at_ns):
            self._pause()
        return self._take()

    def wake_ns(self) -> int | None:
        """When `idle` has something to do if nothing comes until then."""
        begun = self._place is not _Place.OUTSIDE or self._garbage_bytes > 0
        return self._last_ns + self._pause_ns if begun else None

    # ------------------------------------------------------------------------------------------- one piece of the data

    def _step(self, data: bytes, at: int, at_ns: int) -> int:
        match self._place:
            case _Place.OUTSIDE:
                return self._outside(data, at, at_ns)
            case _Place.BODY:
                return self._body(data, at)
            case _Place.END_DUE:
                return self._end_due(data, at)
            case _Place.INSIDE if self._digits:
                return self._length(data, at)
            case _:
                return self._inside(data, at, at_ns)

    def _outside(self, data: bytes, at: int, at_ns: int) -> int:
        begin = self._begins.search(data, at)
        stop = begin.start() if begin else len(data)
        self._litter(data[at:stop])
        if begin is None:
            return stop
        self._report_garbage()
        self._begin(at_ns)
        return stop + len(self._start)

    def _inside(self, data: bytes, at: int, at_ns: int) -> int:
        mark = self._marks.search(data, at)
        stop = mark.start() if mark else len(data)
        self._keep(data[at:stop])
        if mark is None:
            return stop
        if data[stop] not in self._ends:
            self._restart(at_ns)
        elif self._terminator == "CRLF" and not self._buffer.endswith(b"\r"):
            self._keep(b"\n")
        else:
            self._finish()
        return stop + 1

    def _length(self, data: bytes, at: int) -> int:
        stop = min(at + self._digits - len(self._buffer), len(data))
        if wrong := NOT_A_DIGIT.search(data, at, stop):
            # Not eaten: it may be the start of the next frame.
            self._lose("no length where a length should stand")
            return wrong.start()
        self._buffer += data[at:stop]
        if len(self._buffer) == self._digits:
            self._announced(int(self._buffer))
        return stop

    def _announced(self, count: int) -> None:
        if count > self._bytes_max:
            self._lose(f"announces {count} bytes, more than {self._bytes_max}")
            return
        self._body_bytes = count
        self._buffer.clear()
        self._place = _Place.BODY
        self._body(b"", 0)

    def _body(self, data: bytes, at: int) -> int:
        stop = at + self._body_bytes - len(self._buffer)
        self._buffer += data[at:stop]
        if len(self._buffer) < self._body_bytes:
            return len(data)
        if self._end:
            self._place = _Place.END_DUE
        else:
            self._emit()
        return stop

    def _end_due(self, data: bytes, at: int) -> int:
        if data[at] != self._end[0]:
            self._lose("the end is not where the length says")
            return at
        self._emit()
        return at + 1

    # ------------------------------------------------------------------------------------------- the frame in the making

    def _begin(self, at_ns: int) -> None:
        self._place = _Place.INSIDE
        self._buffer.clear()
        self._first_ns = at_ns

    def _restart(self, at_ns: int) -> None:
        if self._buffer and self._place is _Place.INSIDE and (self._ends or self._digits):
            self._fault("a new start before the end")
        elif self._place is _Place.INSIDE:
            self._emit()
        self._begin(at_ns)

    def _keep(self, piece: bytes) -> None:
        if self._place is _Place.INSIDE and len(self._buffer) + len(piece) <= self._room:
            self._buffer += piece
            return
        if self._place is _Place.INSIDE:
            self._buffer += piece[:EXCERPT_CHARACTERS]
            self._lose(f"longer than {self._bytes_max} bytes")
        # While lost, only the last byte counts: it may be the CR before an LF.
        self._buffer[:] = (self._buffer + piece)[-1:]

    def _finish(self) -> None:
        if self._terminator in {"LF", "CRLF"} and self._buffer.endswith(b"\r"):
            self._buffer.pop()
        if self._place is _Place.INSIDE and len(self._buffer) > self._bytes_max:
            self._fault(f"longer than {self._bytes_max} bytes")
            self._place = _Place.LOST
        if self._place is _Place.LOST:
            self._place = _Place.OUTSIDE
            self._buffer.clear()
        else:
            self._emit()

    def _emit(self) -> None:
        if self._buffer:
            self._out.append(Frame(bytes(self._buffer), self._first_ns))
        self._place = _Place.OUTSIDE
        self._buffer.clear()

    def _lose(self, cause: str) -> None:
        """Report the frame; drop up to the next end, or start anew if there is no mark to wait for."""
        self._fault(cause)
        self._buffer.clear()
        self._place = _Place.LOST if self._waits else _Place.OUTSIDE

    # ------------------------------------------------------------------------------------------- pauses and reports

    def _is_idle(self, at_ns: int) -> bool:
        wake_ns = self.wake_ns()
        return wake_ns is not None and at_ns >= wake_ns

    def _pause(self) -> None:
        self._report_garbage()
        if self._place is _Place.LOST:
            self._place = _Place.OUTSIDE
        elif self._place is not _Place.OUTSIDE and (self._ends or self._digits):
            self._fault("broken off by a pause")
            self._place = _Place.OUTSIDE
        elif self._place is not _Place.OUTSIDE:
            self._emit()
        self._buffer.clear()

    def _litter(self, piece: bytes) -> None:
        litter = piece.strip(LINE_ENDS)
        if not litter or self._garbage_bytes > self._bytes_max:
            return
        self._garbage += litter[: EXCERPT_CHARACTERS - len(self._garbage)]
        self._garbage_bytes += len(litter)
        if self._garbage_bytes > self._bytes_max:
            # A line that is all noise has no end to wait for: say so now, once.
            self._say("bytes between telegrams", bytes(self._garbage))

    def _report_garbage(self) -> None:
        if 0 < self._garbage_bytes <= self._bytes_max:
            self._say("bytes between telegrams", bytes(self._garbage))
        self._garbage.clear()
        self._garbage_bytes = 0

    def _fault(self, cause: str) -> None:
        self._say(cause, bytes(self._buffer[:EXCERPT_CHARACTERS]))

    def _say(self, cause: str, about: bytes) -> None:
        self._faults += 1
        if self._faults <= FAULTS_PER_READ_MAX:
            self._out.append(FramingFault(cause, excerpt(about)))

    def _take(self) -> list[Framed]:
        out, self._out = self._out, []
        if self._faults > FAULTS_PER_READ_MAX:
            out.append(FramingFault(f"{self._faults - FAULTS_PER_READ_MAX} more faults in the same read", ""))
        self._faults = 0
        return out


def _any_of(marks: bytes) -> re.Pattern[bytes] | None:
    return re.compile(b"[" + re.escape(marks) + b"]") if marks else None
