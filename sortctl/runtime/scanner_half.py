"""Scanner half: our side of one scanner, without any port. Bytes in, facts out.

Comes in: bytes and moments. Goes out: reads, refused frames, signs of life. Joins the framer and the telegram of `inputs`.
Lives over connections; each one begins with an empty frame. A read that may have waited for this process until its parcel
had moved on is refused: it would be tied to the parcel that is there now. While a scanner babbles nothing of it is believed.
"""

from sortctl.inputs.babble import Babble
from sortctl.inputs.framing import Framed, Framer, FramingFault, excerpt
from sortctl.inputs.telegram import Heartbeat, parse
from sortctl.site.model import Limits, Scanner
from sortctl.words import facts
from sortctl.words.ids import ScannerId
from sortctl.words.units import NS_PER_MS


class ScannerHalf:
    """One scanner as the controller sees it."""

    def __init__(self, scanner_id: ScannerId, scanner: Scanner, limits: Limits, stale_ns: int) -> None:
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
        self._babble = Babble(scanner)
        self._stale_ns = stale_ns
        self._waited_ns = 0
        self._doubtful = (0, -1)
        """From the first to the last moment, in one stretch, at which stale bytes were taken."""

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

    def take(self, data: bytes, at_ns: int, waited_ns: int) -> list[facts.Fact]:
        """Bytes came; they may have waited so long before they were taken."""
        if waited_ns > self._stale_ns:
            is_new = at_ns - waited_ns > self._doubtful[1]
            self._waited_ns = waited_ns if is_new else max(waited_ns, self._waited_ns)
            self._doubtful = (at_ns if is_new else self._doubtful[0], at_ns)
        told = self._over(at_ns)
        framed = self._framer.feed(data, at_ns)
        was_babbling = self._babble.until_ns > 0
        if not self._babble.hears(len(data), len(framed), at_ns):
            return told + self._facts(framed, at_ns)
        self.refused += len(framed)
        self._heard_ns = at_ns
        return told if was_babbling else [*told, facts.ScannerBabbles(at_ns, self.scanner_id, True)]

    def _over(self, at_ns: int) -> list[facts.Fact]:
        """The babbling has ended: what is half in the framer now belongs to it."""
        if not self._babble.is_over(at_ns):
            return []
        self._framer.reset()
        return [facts.ScannerBabbles(at_ns, self.scanner_id, False)]

    def wake(self, at_ns: int) -> list[facts.Fact]:
        """Time has passed: a pause may end a frame, silence may be an alarm."""
        told = self._over(at_ns)
        late = self._framer.idle(at_ns)
        if not self._babble.until_ns:
            told += self._facts(late, at_ns)
        if self.is_linked and self._silent_ns and not self.is_silent and at_ns - self._heard_ns >= self._silent_ns:
            self.is_silent = True
            told.append(facts.ScannerSilent(at_ns, self.scanner_id, True))
        return told

    def next_wake_ns(self) -> int | None:
        """When `wake` has something to do."""
        frame_ns = self._babble.until_ns or self._framer.wake_ns()
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
            elif isinstance(said, facts.CodesRead) and self._is_doubtful(said):
                told += self._alive(at_ns)
                self.refused += 1
                said = _stale(said, self._waited_ns)
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

    def _is_doubtful(self, read: facts.CodesRead) -> bool:
        first_ns, last_ns = self._doubtful
        return first_ns <= read.at_ns <= last_ns


def _stale(read: facts.CodesRead, waited_ns: int) -> facts.FrameRefused:
    cause = f"waited up to {waited_ns // NS_PER_MS} ms while the controller was held up: nobody knows whose it is"
    texts = " ".join(code.text for code in read.codes)
    return facts.FrameRefused(read.at_ns, read.scanner, cause, excerpt(texts.encode()))
