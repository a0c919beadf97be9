"""Reader clock: how much later than usual a scan event came. Pure.

Theory. A reader says by its own clock when it made an event; when that reaches us, network, publishing interval and queues have
added any delay. A read that came late would be given to the next parcel, so its lateness must be known: it is the difference
between the two clocks less the smallest one seen (delays only add), let go slowly because two crystals never agree. What is
constant, the clocks' own difference above all, cannot be told apart from it; that part is the site's `delay_ms`. A reader whose
clock was set looks late for ever, but always by the same: after so many events that agree, the new difference is believed.
"""

from collections import deque
from typing import Final

DRIFT_PPM: Final = 200
"""Two crystals of ordinary make differ by less."""
AGREEING: Final = 20
"""Late events that must agree before they count as in time: queues that run late do not agree."""
AGREE_DIVISOR: Final = 4
"""They agree within this part of what counts as late."""


class ReaderClock:
    """Of one reader."""

    def __init__(self, late_ns: int) -> None:
        self._late_ns = late_ns
        self._late: deque[int] = deque(maxlen=AGREEING)
        self.forget()

    def forget(self) -> None:
        """A new connection: begin anew."""
        self._usual_ns: int | None = None
        self._at_ns = 0
        self._late.clear()

    def lateness_ns(self, made_ns: int, at_ns: int) -> int:
        """How much later than usual the event came that the reader made at `made_ns`, and that was here at `at_ns`."""
        took_ns = at_ns - made_ns
        if self._usual_ns is None:
            self._usual_ns = took_ns
        else:
            self._usual_ns += max(0, at_ns - self._at_ns) * DRIFT_PPM // 1_000_000
        self._at_ns = at_ns
        self._usual_ns = min(self._usual_ns, took_ns)
        late_ns = took_ns - self._usual_ns
        if late_ns <= self._late_ns:
            self._late.clear()
            return late_ns
        self._late.append(took_ns)
        first = min(self._late)
        if len(self._late) == AGREEING and max(self._late) - first <= self._late_ns // AGREE_DIVISOR:
            self._usual_ns = first
            self._late.clear()
            return took_ns - first
        return late_ns
