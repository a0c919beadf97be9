"""Events: the buffer of what the controller has not yet acknowledged.

Comes in: events as they happen, acknowledgements. Goes out: the window of the oldest. An event keeps its number and its
content until it is acknowledged; when the buffer is full a new one is dropped and gets no number.
"""

from collections import deque
from itertools import islice

from sim.plc.image import Event, Image
from sortctl.words.exchange import EVENTS_RESERVE_MIN, EVENTS_WAITING_MAX
from sortctl.words.units import COUNT_MASK, WORD_MASK, signed_difference

CAPACITY = EVENTS_WAITING_MAX + EVENTS_RESERVE_MIN


class EventBuffer:
    """Events in order, from the number after `before` (0 by the contract); no event has number 0."""

    def __init__(self, image: Image, before: int = 0) -> None:
        self._image = image
        self._waiting: deque[tuple[int, tuple[int, ...]]] = deque()
        self.head = before
        self.acked = before
        self.dropped = 0

    def write(self, event: Event) -> int:
        """Number the event and keep it; 0 if there is no room. `event.seq` is not looked at."""
        if len(self._waiting) >= CAPACITY:
            self.dropped = min(self.dropped + 1, WORD_MASK)
            return 0
        self.head = ((self.head + 1) & COUNT_MASK) or 1
        self._waiting.append((self.head, self._image.event_words(event._replace(seq=self.head))))
        return self.head

    def acknowledge(self, upto: int) -> None:
        """Everything up to `upto` is safe with the controller; beyond the newest event it says nothing."""
        if not (signed_difference(upto, self.acked) > 0 and signed_difference(self.head, upto) >= 0):
            return
        self.acked = upto
        while self._waiting and signed_difference(self._waiting[0][0], upto) <= 0:
            self._waiting.popleft()

    def window(self) -> list[tuple[int, ...]]:
        """Words of the oldest unacknowledged events."""
        if not self._waiting:
            return []
        return [words for _, words in islice(self._waiting, self._image.event_slots)]

    @property
    def waiting(self) -> int:
        """Events not yet acknowledged."""
        return len(self._waiting)
