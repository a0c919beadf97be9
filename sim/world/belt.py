"""Belt: how far the belt has run. Position in whole micrometres, time in ns; the speed drifts slowly about its nominal.

Comes in: time, a seeded chance, whether the drive runs. Goes out: position, and the moment of any position on the last
stretch. Never here: what lies on the belt, encoder counts.
"""

from random import Random

from sortctl.words.units import NS_PER_S

DRIFT_EVERY_NS = NS_PER_S
DRIFT_STEP_PPM = 1_500
DRIFT_MOST_PPM = 10_000


class Belt:
    """One drive. `um` only grows."""

    def __init__(self, speed_mm_s: int, chance: Random) -> None:
        self.um = 0
        self.now_ns = 0
        self.running = True
        self._nominal_um_s = speed_mm_s * 1_000
        self._chance = chance
        self._drift_ppm = 0
        self._drift_next_ns = DRIFT_EVERY_NS
        self._rest = 0
        self._before_um = 0
        self._before_ns = 0

    def advance(self, to_ns: int) -> None:
        """Run on to `to_ns`; within one call the speed is constant."""
        self._before_um, self._before_ns = self.um, self.now_ns
        if self.running:
            speed = self._nominal_um_s + self._nominal_um_s * self._drift_ppm // 1_000_000
            way = speed * (to_ns - self.now_ns) + self._rest
            self.um += way // NS_PER_S
            self._rest = way % NS_PER_S
        self.now_ns = to_ns
        if to_ns >= self._drift_next_ns:
            self._drift_next_ns += DRIFT_EVERY_NS
            drift = self._drift_ppm + self._chance.randint(-DRIFT_STEP_PPM, DRIFT_STEP_PPM)
            self._drift_ppm = max(-DRIFT_MOST_PPM, min(DRIFT_MOST_PPM, drift))

    def moment(self, um: int) -> int:
        """When the belt was at `um`, within the last stretch."""
        way = self.um - self._before_um
        if way <= 0:
            return self.now_ns
        into = max(min(um - self._before_um, way), 0)
        return self._before_ns + (self.now_ns - self._before_ns) * into // way

    def position(self, at_ns: int) -> int:
        """Where the belt was at `at_ns`, within the last stretch."""
        span = self.now_ns - self._before_ns
        if span <= 0:
            return self.um
        into = max(min(at_ns - self._before_ns, span), 0)
        return self._before_um + (self.um - self._before_um) * into // span
