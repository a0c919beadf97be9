"""Reader half: our side of one OPC UA AutoID reader, without any connection. Scan events in, facts out.

Comes in: events and moments. Goes out: reads, refused events. Joins `inputs/autoid.py` with what all heads have in common
(`head_half.py`). An event that came so late that its parcel may have moved on is refused, as one that waited here is. Never
here: nodes, subscriptions.
"""

from collections.abc import Sequence

from sortctl.inputs.autoid import Result, parse, size_of
from sortctl.inputs.babble import babble_of_reader
from sortctl.inputs.framing import excerpt
from sortctl.inputs.reader_clock import ReaderClock
from sortctl.runtime.halves.head_half import HeadHalf
from sortctl.site.model import Limits, Reader
from sortctl.words import facts
from sortctl.words.ids import ScannerId
from sortctl.words.units import NS_PER_MS


class ReaderHalf(HeadHalf):
    """One reader as the controller sees it."""

    kind = "reader"

    def __init__(self, scanner_id: ScannerId, reader: Reader, limits: Limits, stale_ns: int) -> None:
        super().__init__(scanner_id, babble_of_reader(limits), reader.silent_ms, stale_ns)
        self._limits = limits
        self._clock = ReaderClock(stale_ns)

    def begin(self) -> None:
        """Another connection may take another time."""
        self._clock.forget()

    def take(self, results: Sequence[Result], at_ns: int, waited_ns: int) -> list[facts.Fact]:
        """An event came; it may have waited so long before it was taken."""
        self.note_wait(at_ns, waited_ns)
        told = self.over(at_ns)
        instead = self.disbelieve(size_of(results), 1, at_ns)
        if instead is None:
            instead = self.told([self._said(results, at_ns)], at_ns)
        return told + instead

    def _said(self, results: Sequence[Result], at_ns: int) -> facts.CodesRead | facts.FrameRefused:
        made_ns = results[0].made_ns if results else 0
        late_ns = self._clock.lateness_ns(made_ns, at_ns) if made_ns else 0
        said = parse(results, self.scanner_id, self._limits, at_ns)
        if late_ns <= self.stale_ns or isinstance(said, facts.FrameRefused):
            return said
        cause = f"came {late_ns // NS_PER_MS} ms later than usual: nobody knows whose it is"
        texts = " ".join(code.text for code in said.codes)
        return facts.FrameRefused(at_ns, self.scanner_id, cause, excerpt(texts.encode()))
