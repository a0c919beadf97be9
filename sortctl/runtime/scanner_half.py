"""Scanner half: our side of one scanner, without any port. Bytes in, facts out.

Comes in: bytes and moments. Goes out: reads, refused frames, signs of life. Joins the framer and the telegram of `inputs`.
Lives over connections; each one begins with an empty frame.
"""

from sortctl.inputs.framing import Framed, Framer, FramingFault
from sortctl.inputs.telegram import Heartbeat, parse
from sortctl.site.model import Limits, Scanner
from sortctl.words import facts
from sortctl.words.ids import ScannerId
from sortctl.words.units import NS_PER_MS


class ScannerHalf:
    """One scanner as the controller sees it."""

    def __init__(self, scanner_id: ScannerId, scanner: Scanner, limits: Limits) -> None:
        self.scanner_id = scanner_id
        self.is_linked = False
        self.is_silent = False
        self.cause = "not opened yet"
        self.reads = 0
        self.no_reads = 0
        self.heartbeats = 0
        self.refused = 0
        self._scanner = scanner
        self._limits = limits
        self._framer = Framer(scanner.framing)
        self._silent_ns = scanner.silent_ms * NS_PER_MS
        self._heard_ns = 0

    def opened(self, at_ns: int) -> list[facts.Fact]:
        """The port is open."""
        self._framer.reset()
        self.is_linked, self.cause, self._heard_ns = True, "", at_ns
        return [facts.ScannerLinked(at_ns, self.scanner_id)]

    def closed(self, cause: str, at_ns: int) -> list[facts.Fact]:
        """The port is gone, or could not be opened; told once for each cause."""
        told = self.is_linked or cause != self.cause
        self.is_linked, self.cause = False, cause
        self._framer.reset()
        return [facts.ScannerLost(at_ns, self.scanner_id, cause)] if told else []

    def take(self, data: bytes, at_ns: int) -> list[facts.Fact]:
        """Bytes came."""
        return self._facts(self._framer.feed(data, at_ns), at_ns)

    def wake(self, at_ns: int) -> list[facts.Fact]:
        """Time has passed: a pause may end a frame, silence may be an alarm."""
        told = self._facts(self._framer.idle(at_ns), at_ns)
        if self.is_linked and self._silent_ns and not self.is_silent and at_ns - self._heard_ns >= self._silent_ns:
            self.is_silent = True
            told.append(facts.ScannerSilent(at_ns, self.scanner_id, True))
        return told

    def next_wake_ns(self) -> int | None:
        """When `wake` has something to do."""
        frame_ns = self._framer.wake_ns()
        if not self._silent_ns or self.is_silent or not self.is_linked:
            return frame_ns
        silent_ns = self._heard_ns + self._silent_ns
        return silent_ns if frame_ns is None else min(frame_ns, silent_ns)

    def _facts(self, framed: list[Framed], at_ns: int) -> list[facts.Fact]:
        told: list[facts.Fact] = []
        for frame in framed:
            if isinstance(frame, FramingFault):
                self.refused += 1
                told.append(facts.FrameRefused(at_ns, self.scanner_id, frame.cause, frame.excerpt))
                continue
            said = parse(frame, self.scanner_id, self._scanner, self._limits)
            if isinstance(said, facts.FrameRefused):
                self.refused += 1
            else:
                told += self._alive(at_ns)
                if isinstance(said, Heartbeat):
                    self.heartbeats += 1
                    continue
                self.reads += 1
                self.no_reads += not said.codes
            told.append(said)
        return told

    def _alive(self, at_ns: int) -> list[facts.Fact]:
        self._heard_ns = at_ns
        if not self.is_silent:
            return []
        self.is_silent = False
        return [facts.ScannerSilent(at_ns, self.scanner_id, False)]
