"""Reader half: our side of one OPC UA AutoID reader, without any connection. Scan events in, facts out.

Comes in: events and moments. Goes out: reads, refused events. Joins `inputs/autoid.py` with what all heads have in common
(`head_half.py`). Never here: nodes, subscriptions.
"""

from collections.abc import Sequence

from sortctl.inputs.autoid import Result, parse, size_of
from sortctl.inputs.babble import babble_of_reader
from sortctl.runtime.halves.head_half import HeadHalf
from sortctl.site.model import Limits, Reader
from sortctl.words import facts
from sortctl.words.ids import ScannerId


class ReaderHalf(HeadHalf):
    """One reader as the controller sees it."""

    kind = "reader"

    def __init__(self, scanner_id: ScannerId, reader: Reader, limits: Limits, stale_ns: int) -> None:
        super().__init__(scanner_id, babble_of_reader(limits), reader.silent_ms, stale_ns)
        self._limits = limits

    def take(self, results: Sequence[Result], at_ns: int, waited_ns: int) -> list[facts.Fact]:
        """An event came; it may have waited so long before it was taken."""
        self.note_wait(at_ns, waited_ns)
        told = self.over(at_ns)
        instead = self.disbelieve(size_of(results), 1, at_ns)
        if instead is None:
            instead = self.told([parse(results, self.scanner_id, self._limits, at_ns)], at_ns)
        return told + instead
