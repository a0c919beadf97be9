"""Logbook: where the belt stands, what time it is, and every event written with that count and that time.

Comes in: the encoder, once a scan; events as they happen. Goes out: events in the buffer. `total` is the way of the belt
in counts since the start, without a wrap. Never here: what an event means for the machine.
"""

from sim.plc.events import EventBuffer
from sim.plc.image import Event, Image
from sim.plc.start import ColdStart
from sortctl.words.exchange import Kind
from sortctl.words.units import COUNT_MASK


class Logbook:
    """Belt count, clock and events of one PLC."""

    def __init__(self, image: Image, start: ColdStart, scan_ms: int) -> None:
        self.boot_id = start.boot_id
        self.events = EventBuffer(image, start.events_before)
        self.inducted: list[Event] = []
        """INDUCTED events that got a number; the plant takes them out."""
        self.scans = 0
        self.encoder = 0
        self.total = 0
        self.way = 0
        """Counts since the scan before."""
        self.time_ms = start.plc_time_ms
        self._scan_ms = scan_ms

    @property
    def running_ms(self) -> int:
        """Time since the start."""
        return self.scans * self._scan_ms

    def turn_page(self, encoder: int) -> bool:
        """A scan begins with the encoder at this count; True if it is the first of this start."""
        self.scans += 1
        self.time_ms = (self.time_ms + self._scan_ms) & COUNT_MASK
        if self.scans > 1:
            self.way = (encoder - self.encoder) & COUNT_MASK
            self.total += self.way
        self.encoder = encoder
        return self.scans == 1

    def tell(
        self, kind: Kind, point: int, item: int, value: int, total: int | None = None, time_ms: int | None = None
    ) -> Event:
        """Write an event of now, or of when the belt stood at `total`; it comes back with its number, 0 if dropped."""
        count = self.encoder if total is None else (self.encoder - (self.total - total)) & COUNT_MASK
        event = Event(0, kind, point, item, count, value, self.time_ms if time_ms is None else time_ms)
        event = event._replace(seq=self.events.write(event))
        if event.seq and kind == Kind.INDUCTED:
            self.inducted.append(event)
        return event
