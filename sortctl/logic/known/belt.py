"""Belt: where the belt stands, now and at any moment of the last seconds.

Theory. The PLC's encoder is a 32-bit number that wraps and starts anywhere. Here it is unwrapped into an odometer that only
grows, also over a PLC restart (positions booked before are void then, but the number line goes on). Samples of
(time, odometer) come with `BeltMoved`; between two samples the belt is taken as even, after the newest it is taken to go on
as it went. A scanner's telegram knows only a time: this is where it becomes a place, or, in a gap in which the belt may have
stood, two places between which it was. All integer, all from facts.
"""

from collections.abc import Sequence

from msgspec import Struct

from sortctl.words.units import NS_PER_MS, NS_PER_S, signed_difference, wrap32

SPACING_NS = 50 * NS_PER_MS
"""Of the samples that come closer together than this only the newest is kept: 100 mm at 2 m/s, the beat of `BeltMoved`."""
SAMPLES_MAX = 256
"""Any three of them take more than the spacing: 6.4 s at least. The slowest scanner that a site may name takes 5 s."""
FASTER_PERCENT = 103
"""In a gap the belt may have run so much faster than it did on the whole: the slip of a motor under changing load."""
FRESH_NS = 100 * NS_PER_MS
"""How far beyond the newest sample a place may be told; at 2 m/s and 5 % speed change that is 10 mm."""
SPEED_BASE_NS = 40 * NS_PER_MS
"""Two samples at least so far apart give a speed: one PLC scan of doubt in 40 ms."""


class Sample(Struct, array_like=True):
    """The belt stood at `odo` at `at_ns`."""

    at_ns: int
    odo: int


class Belt(Struct):
    """Odometer and samples of one encoder."""

    raw: int = 0
    odo: int = 0
    """Odometer at raw count `raw`."""
    samples: list[Sample] = []

    def start(self, raw: int) -> None:
        """The encoder now counts from `raw`: a first contact, or a PLC restart."""
        self.raw = raw
        self.samples = []

    def at_count(self, raw: int) -> int:
        """Odometer of a raw count not further than 2**31 from the newest."""
        return self.odo + signed_difference(raw, self.raw)

    def to_raw(self, odo: int) -> int:
        """The raw count that the PLC shows at `odo`."""
        return wrap32(self.raw + odo - self.odo)

    def move(self, raw: int, at_ns: int) -> None:
        """A sample: the belt stands at raw count `raw`."""
        ahead = signed_difference(raw, self.raw)
        if ahead > 0:
            self.raw, self.odo = raw, self.odo + ahead
        if self.samples and at_ns <= self.samples[-1].at_ns:
            self.samples[-1].odo = self.odo
            return
        if len(self.samples) > 1 and at_ns - self.samples[-2].at_ns <= SPACING_NS:
            del self.samples[-1]
        self.samples.append(Sample(at_ns, self.odo))
        if len(self.samples) > SAMPLES_MAX:
            del self.samples[0]

    def is_fresh(self, at_ns: int) -> bool:
        """A place at this moment can be told."""
        return bool(self.samples) and at_ns - self.samples[-1].at_ns <= FRESH_NS

    def at_time(self, at_ns: int) -> int:
        """Odometer at this moment; the newest known if there is nothing to go by."""
        samples, index = self.samples, self._before(at_ns)
        if index is None:
            return samples[0].odo if samples else self.odo
        if index == len(samples) - 1:
            return self._ahead(samples, at_ns)
        return _between(samples[index], samples[index + 1], at_ns)

    def within(self, at_ns: int, counts_per_s: int) -> tuple[int, int] | None:
        """Between which places the belt was at this moment, at this nominal speed; None: nobody remembers."""
        index = self._before(at_ns)
        if index is None:
            return None
        if index == len(self.samples) - 1:
            return self.at_time(at_ns), self.at_time(at_ns)
        first, second = self.samples[index], self.samples[index + 1]
        span = second.at_ns - first.at_ns
        most = max(counts_per_s * span // NS_PER_S, second.odo - first.odo) * FASTER_PERCENT // 100
        low = second.odo - most * (second.at_ns - at_ns) // span
        high = first.odo + most * (at_ns - first.at_ns) // span
        return max(first.odo, low), min(second.odo, high)

    def _before(self, at_ns: int) -> int | None:
        """Which sample is the newest that is not after this moment."""
        for index in range(len(self.samples) - 1, -1, -1):
            if self.samples[index].at_ns <= at_ns:
                return index
        return None

    @staticmethod
    def _ahead(samples: Sequence[Sample], at_ns: int) -> int:
        newest = samples[-1]
        for older in reversed(samples):
            if newest.at_ns - older.at_ns >= SPEED_BASE_NS:
                return _between(older, newest, at_ns)
        return newest.odo


def _between(first: Sample, second: Sample, at_ns: int) -> int:
    span = second.at_ns - first.at_ns
    return first.odo + (second.odo - first.odo) * (at_ns - first.at_ns) // span if span else second.odo
