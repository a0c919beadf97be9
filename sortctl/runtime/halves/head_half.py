"""Head half: our side of anything that reads codes, whatever its wire. What scanners and readers have in common.

Comes in: that a link came or went, what was taken and how long it had waited, moments. Goes out: facts: linked, lost, silent,
babbling, and each read that can be believed. A read that may have waited for this process until its parcel had moved on is
refused: it would be tied to the parcel that is there now. While a head babbles nothing of it is believed. Never here: bytes
(`scanner_half.py`), results of a reader (`reader_half.py`).
"""

from collections.abc import Iterable

from sortctl.inputs.babble import Babble
from sortctl.inputs.framing import excerpt
from sortctl.inputs.telegram import Heartbeat
from sortctl.words import facts
from sortctl.words.ids import ScannerId
from sortctl.words.units import NS_PER_MS

Said = facts.CodesRead | facts.FrameRefused | Heartbeat
"""What one telegram or event amounts to."""


class HeadHalf:
    """One scanner or reader as the controller sees it. Lives over connections."""

    kind = "scanner"

    def __init__(self, scanner_id: ScannerId, babble: Babble, silent_ms: int, stale_ns: int) -> None:
        self.scanner_id = scanner_id
        self.is_linked = False
        self.is_silent = False
        self.cause = "not opened yet"
        self.reads = 0
        self.no_reads = 0
        self.heartbeats = 0
        self.refused = 0
        self._silent_ns = silent_ms * NS_PER_MS
        self._heard_ns = 0
        self._babble = babble
        self.stale_ns = stale_ns
        self._waited_ns = 0
        self._doubtful = (0, -1)
        """From the first to the last moment, in one stretch, at which stale bytes were taken."""

    def begin(self) -> None:
        """What is half taken now belongs to nothing that comes."""

    # ------------------------------------------------------------------------------------------- the link

    def opened(self, at_ns: int) -> list[facts.Fact]:
        """The link stands."""
        self.begin()
        self.is_linked, self.cause, self._heard_ns = True, "", at_ns
        return [facts.ScannerLinked(at_ns, self.scanner_id)]

    def closed(self, cause: str, at_ns: int) -> list[facts.Fact]:
        """The link is gone, or could not be made; told once for each cause."""
        told = self.is_linked or cause != self.cause
        self.is_linked, self.cause = False, cause
        self.begin()
        return [facts.ScannerLost(at_ns, self.scanner_id, cause)] if told else []

    # ------------------------------------------------------------------------------------------- what it says

    def note_wait(self, at_ns: int, waited_ns: int) -> None:
        """What is taken now may have waited so long."""
        if waited_ns > self.stale_ns:
            is_new = at_ns - waited_ns > self._doubtful[1]
            self._waited_ns = waited_ns if is_new else max(waited_ns, self._waited_ns)
            self._doubtful = (at_ns if is_new else self._doubtful[0], at_ns)

    def over(self, at_ns: int) -> list[facts.Fact]:
        """Whether babbling has ended: what is half taken now belongs to it."""
        if not self._babble.is_over(at_ns):
            return []
        self.begin()
        return [facts.ScannerBabbles(at_ns, self.scanner_id, False)]

    def disbelieve(self, size: int, count: int, at_ns: int) -> list[facts.Fact] | None:
        """So much was taken: None if it can be believed, else what is to be told instead of it."""
        was_babbling = self.is_babbling
        if not self._babble.hears(size, count, at_ns):
            return None
        self.refused += count
        self._heard_ns = at_ns
        return [] if was_babbling else [facts.ScannerBabbles(at_ns, self.scanner_id, True)]

    @property
    def is_babbling(self) -> bool:
        """Nothing of it is believed now."""
        return self._babble.until_ns > 0

    def told(self, said: Iterable[Said], at_ns: int) -> list[facts.Fact]:
        """The facts of what was said, in order."""
        facts_told: list[facts.Fact] = []
        for one in said:
            if isinstance(one, facts.FrameRefused):
                self.refused += 1
                facts_told.append(one)
                continue
            facts_told += self._alive(at_ns)
            if isinstance(one, Heartbeat):
                self.heartbeats += 1
            elif self._is_doubtful(one):
                self.refused += 1
                facts_told.append(_stale(one, self._waited_ns))
            else:
                self.reads += 1
                self.no_reads += not one.codes
                facts_told.append(one)
        return facts_told

    def _alive(self, at_ns: int) -> list[facts.Fact]:
        self._heard_ns = at_ns
        if not self.is_silent:
            return []
        self.is_silent = False
        return [facts.ScannerSilent(at_ns, self.scanner_id, False)]

    def _is_doubtful(self, read: facts.CodesRead) -> bool:
        first_ns, last_ns = self._doubtful
        return first_ns <= read.at_ns <= last_ns

    # ------------------------------------------------------------------------------------------- time

    def wake(self, at_ns: int) -> list[facts.Fact]:
        """Time has passed: babbling may be over, silence may be an alarm."""
        return self.over(at_ns) + self.silence(at_ns)

    def silence(self, at_ns: int) -> list[facts.Fact]:
        """Whether it is silent for too long, told once."""
        if self.is_linked and self._silent_ns and not self.is_silent and at_ns - self._heard_ns >= self._silent_ns:
            self.is_silent = True
            return [facts.ScannerSilent(at_ns, self.scanner_id, True)]
        return []

    def next_wake_ns(self) -> int | None:
        """When `wake` has something to do."""
        own_ns = self._babble.until_ns or self.own_wake_ns()
        if not self._silent_ns or self.is_silent or not self.is_linked:
            return own_ns
        silent_ns = self._heard_ns + self._silent_ns
        return silent_ns if own_ns is None else min(own_ns, silent_ns)

    def own_wake_ns(self) -> int | None:
        """When something that only this kind of head knows is due."""
        return None


def _stale(read: facts.CodesRead, waited_ns: int) -> facts.FrameRefused:
    cause = f"waited up to {waited_ns // NS_PER_MS} ms while the controller was held up: nobody knows whose it is"
    texts = " ".join(code.text for code in read.codes)
    return facts.FrameRefused(read.at_ns, read.scanner, cause, excerpt(texts.encode()))
