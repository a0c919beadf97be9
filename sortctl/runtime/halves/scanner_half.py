"""Scanner half: our side of one scanner, without any port. Bytes in, facts out.

Comes in: bytes and moments. Goes out: reads, refused frames, signs of life. Joins the framer and the telegram of `inputs`
with what all heads have in common (`head_half.py`). Each connection begins with an empty frame.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sortctl.inputs.babble import babble_of_scanner
from sortctl.inputs.framing import Framed, Framer, FramingFault, excerpt
from sortctl.inputs.telegram import parse
from sortctl.runtime.halves.head_half import HeadHalf, Said
from sortctl.site.model import Limits, Scanner
from sortctl.words import facts
from sortctl.words.ids import ScannerId
from sortctl.words.units import NS_PER_MS, NS_PER_S

BITS_A_BYTE: Final = 12
"""Start bit, eight of data, parity, two stop bits: the most there are."""
BAUD_BEHIND_A_SERVER: Final = 9_600
"""Of the serial line behind a device server, which is not in the site file: the slowest that scanners are shipped with."""


class ScannerHalf(HeadHalf):
    """One scanner as the controller sees it."""

    def __init__(self, scanner_id: ScannerId, scanner: Scanner, limits: Limits, stale_ns: int) -> None:
        super().__init__(scanner_id, babble_of_scanner(scanner), scanner.silent_ms, stale_ns)
        self._scanner = scanner
        self._limits = limits
        self._framer = Framer(scanner.framing)
        self._byte_ns = BITS_A_BYTE * NS_PER_S // (scanner.line.baudrate if scanner.line else BAUD_BEHIND_A_SERVER)

    def begin(self) -> None:
        """An empty frame."""
        self._framer.reset()

    def take(self, data: bytes, at_ns: int, waited_ns: int) -> list[facts.Fact]:
        """Bytes came; they may have waited so long before they were taken."""
        self.note_wait(at_ns, waited_ns)
        told = self.over(at_ns)
        framed = self._framer.feed(data, at_ns)
        instead = self.disbelieve(len(data), len(framed), at_ns)
        return told + (self.told(self._said(framed, at_ns, waited_ns), at_ns) if instead is None else instead)

    def wake(self, at_ns: int) -> list[facts.Fact]:
        """As for all heads; and a pause may end a frame."""
        told = self.over(at_ns)
        late = self._framer.idle(at_ns)
        if not self.is_babbling:
            told += self.told(self._said(late, at_ns), at_ns)
        return told + self.silence(at_ns)

    def own_wake_ns(self) -> int | None:
        """When a pause ends a frame."""
        return self._framer.wake_ns()

    def _said(self, framed: Iterable[Framed], at_ns: int, waited_ns: int = 0) -> Iterator[Said]:
        for frame in framed:
            if isinstance(frame, FramingFault):
                yield facts.FrameRefused(at_ns, self.scanner_id, frame.cause, frame.excerpt)
            elif (took_ns := at_ns - waited_ns - frame.first_ns) > self.stale_ns + len(frame.data) * self._byte_ns:
                # Two telegrams became one because an end was lost: the first byte is that of another parcel's.
                cause = f"its bytes came within {took_ns // NS_PER_MS} ms: more than one telegram can be in it"
                yield facts.FrameRefused(at_ns, self.scanner_id, cause, excerpt(frame.data))
            else:
                yield parse(frame, self.scanner_id, self._scanner, self._limits)
