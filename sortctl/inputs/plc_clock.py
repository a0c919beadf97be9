"""PLC clock: when the PLC took the image that has just been read. Pure.

Theory. An image carries the encoder and the PLC's own time of the same scan. When it reaches us says little: the network, or a
process that was held up, adds any delay. So the PLC's time is carried over to ours by the smallest difference between the
two seen so far (delays only add), let go slowly because two crystals never agree; and never outside what must be true: not
before the request left less one scan, not after the answer was here. A place on the belt is only as good as this moment.
"""

from sortctl.words.units import NS_PER_MS, signed_difference

DRIFT_PPM = 200
"""Two crystals of ordinary make differ by less."""


class PlcClock:
    """The clock of one PLC, carried over to ours."""

    def __init__(self, scan_ms: int) -> None:
        self._scan_ns = scan_ms * NS_PER_MS
        self.forget()

    def forget(self) -> None:
        """A restart of the PLC or a new connection: begin anew."""
        self._raw_ms: int | None = None
        self._plc_ns = 0
        self._ahead_ns = 0
        self._last_ns = 0

    def moment(self, plc_time_ms: int, sent_ns: int, at_ns: int) -> int:
        """When the scan was whose image was asked for at `sent_ns` and was here at `at_ns`; never before the one before."""
        if self._raw_ms is None:
            self._plc_ns, self._ahead_ns = 0, at_ns
        else:
            passed_ns = signed_difference(plc_time_ms, self._raw_ms) * NS_PER_MS
            self._plc_ns += passed_ns
            self._ahead_ns += abs(passed_ns) * DRIFT_PPM // 1_000_000
        self._raw_ms = plc_time_ms
        self._ahead_ns = min(self._ahead_ns, at_ns - self._plc_ns)
        earliest_ns = min(sent_ns, at_ns) - self._scan_ns
        if self._plc_ns + self._ahead_ns < earliest_ns:
            self._ahead_ns = earliest_ns - self._plc_ns
        self._last_ns = min(max(self._plc_ns + self._ahead_ns, self._last_ns + 1), at_ns)
        return self._last_ns
